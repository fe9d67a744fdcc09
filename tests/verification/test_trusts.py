"""Who is trusted: declared, or resolved at run time."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import AuthError, AuthUnavailable, ConfigurationError, Freshness, InvalidToken, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.verification.trusts import Resolver, Trust, Trusts
from jwt_middleware.waiting import run

Finish = Callable[[Any], Any]
KEYS = static(secret="0123456789" * 4)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def of(issuer: Any, **arguments: Any) -> TrustedIssuer:
    return TrustedIssuer(issuer, **{"audience": "orders", "keys": KEYS, **arguments})


class Tenants:
    """A resolver that knows some issuers, and what it was asked."""

    def __init__(self, *known: str) -> None:
        self.known = {issuer: of(issuer) for issuer in known}
        self.asked: list[str] = []

    def __call__(self, issuer: str) -> TrustedIssuer | None:
        self.asked.append(issuer)
        return self.known.get(issuer)


class Wiring:
    """How often keys were wired."""

    def __init__(self) -> None:
        self.wired: list[str] = []

    def __call__(self, trusted: TrustedIssuer) -> KeyCache:
        self.wired.append(trusted.issuer)
        assert trusted.keys is not None
        return KeyCache(trusted.keys)


def trusts(*declared: TrustedIssuer, resolver: Resolver | None = None, **arguments: Any) -> Trusts:
    return Trusts(declared, resolver, **{"keys_of": Wiring(), "clock": Clock(), **arguments})


@pytest.fixture(params=[run, asyncio.run], ids=["run", "awaited"])
def finish(request: pytest.FixtureRequest) -> Finish:
    found: Finish = request.param
    return found


def reason(finish: Finish, subject: Trusts, issuer: object) -> str:
    with pytest.raises(AuthError) as refused:
        finish(subject.named(issuer))
    return refused.value.reason


def test_every_spelling_leads_to_its_issuer(finish: Finish) -> None:
    subject = trusts(of({"a": "a", "https://a": "a"}), of({None: "accounts"}))
    assert finish(subject.named("a")) is finish(subject.named("https://a"))
    assert finish(subject.named(None)).issuer.issuer == "accounts"
    for stranger in ("b", "", 7, ["a"], True):
        assert reason(finish, subject, stranger) == "issuer_untrusted"
    assert reason(finish, trusts(of("a")), None) == "issuer_untrusted"


def test_one_issuer_alone_needs_no_look_up_unless_there_is_a_resolver() -> None:
    assert trusts(of("a")).only is not None
    assert trusts(of("a"), of("b")).only is None
    assert trusts(of("a"), resolver=Tenants()).only is None


def test_tokens_are_as_large_as_the_most_generous_issuer_takes_them() -> None:
    assert trusts(of("a", max_size=1000), of("b", max_size=2000)).max_size == 2000
    assert trusts(of("a", max_size=1000), resolver=Tenants()).max_size == 16_384
    assert trusts(resolver=Tenants()).max_size == 16_384


def test_a_resolver_is_asked_about_strangers_only_and_its_yes_holds_for_a_minute(finish: Finish) -> None:
    tenants, clock = Tenants("t1"), Clock()
    subject = trusts(of("a"), resolver=tenants, clock=clock)
    finish(subject.named("a"))
    assert tenants.asked == []
    first: Trust = finish(subject.named("t1"))
    assert first.issuer is tenants.known["t1"]
    clock.now += 59
    assert finish(subject.named("t1")) is first
    assert tenants.asked == ["t1"]
    clock.now += 1
    assert finish(subject.named("t1")).keys is first.keys
    assert tenants.asked == ["t1", "t1"]


def test_what_has_no_issuer_is_never_resolved(finish: Finish) -> None:
    tenants = Tenants()
    for nameless in (None, "", 7):
        assert reason(finish, trusts(resolver=tenants), nameless) == "issuer_untrusted"
    assert tenants.asked == []


def test_nothing_is_wired_or_kept_without_a_yes(finish: Finish) -> None:
    wiring = Wiring()
    subject = trusts(resolver=Tenants(), keys_of=wiring)
    assert reason(finish, subject, "stranger") == "issuer_untrusted"
    assert wiring.wired == []
    assert subject._resolved == {}


def test_an_answer_about_another_issuer_is_no_yes(finish: Finish) -> None:
    wiring = Wiring()
    assert reason(finish, trusts(resolver=lambda _: of("t2"), keys_of=wiring), "t1") == "issuer_untrusted"
    assert wiring.wired == []


def test_a_tenant_that_left_is_forgotten_at_the_next_question(finish: Finish) -> None:
    tenants, clock = Tenants("t1"), Clock()
    subject = trusts(resolver=tenants, clock=clock)
    finish(subject.named("t1"))
    tenants.known.clear()
    clock.now += 60
    assert reason(finish, subject, "t1") == "issuer_untrusted"
    assert subject._resolved == {}


def test_other_rules_are_taken_over_and_other_keys_as_well(finish: Finish) -> None:
    tenants, clock = Tenants("t1"), Clock()
    subject = trusts(resolver=tenants, clock=clock)
    first: Trust = finish(subject.named("t1"))
    tenants.known["t1"] = of("t1", audience="billing")
    clock.now += 60
    second: Trust = finish(subject.named("t1"))
    assert second.issuer.rules.audience == {"billing"}
    assert second.keys is first.keys
    tenants.known["t1"] = of("t1", freshness=Freshness(max_stale=60))
    clock.now += 60
    third: Trust = finish(subject.named("t1"))
    assert third.keys is not first.keys
    tenants.known["t1"] = of("t1", keys=static(secret="abcdefghij" * 4), freshness=Freshness(max_stale=60))
    clock.now += 60
    assert finish(subject.named("t1")).keys is not third.keys


def test_only_so_many_are_kept_and_the_last_used_stay(finish: Finish) -> None:
    tenants = Tenants("t1", "t2", "t3")
    subject = trusts(resolver=tenants, max_resolved=2)
    for issuer in ("t1", "t2", "t1", "t3"):
        finish(subject.named(issuer))
    assert list(subject._resolved) == ["t1", "t3"]
    assert tenants.asked == ["t1", "t2", "t3"]


def test_more_issuers_than_are_kept_cannot_make_us_fetch_with_every_request(finish: Finish) -> None:
    wiring, clock = Wiring(), Clock()
    subject = trusts(resolver=lambda issuer: of(issuer), max_resolved=10, keys_of=wiring, clock=clock)

    def admitted(count: int) -> int:
        found = 0
        for number in range(count):
            try:
                finish(subject.named(f"t{number}"))
            except AuthUnavailable as refused:
                assert (refused.reason, refused.retry_after) == ("issuers_unavailable", 6)
                assert "max_resolved" in str(refused.__cause__)
            else:
                found += 1
        return found

    assert admitted(100) == 20
    assert len(wiring.wired) == 20
    assert finish(subject.named("t19")).issuer.issuer == "t19"  # whoever is known stays so
    assert finish(subject.named("t10")).issuer.issuer == "t10"
    clock.now += 30
    admitted(100)
    assert len(wiring.wired) == 25
    clock.now += 3600
    admitted(100)
    assert len(wiring.wired) == 45


def test_a_resolver_out_of_reach_is_an_outage(finish: Finish) -> None:
    def down(_: str) -> None:
        raise OSError("down")

    def refuses(_: str) -> None:
        raise InvalidToken("issuer_untrusted")

    with pytest.raises(AuthUnavailable) as refused:
        finish(trusts(resolver=down).named("t1"))
    assert refused.value.reason == "issuers_unavailable"
    assert isinstance(refused.value.__cause__, OSError)
    assert reason(finish, trusts(resolver=refuses), "t1") == "issuer_untrusted"


def test_what_a_resolver_must_not_answer_is_the_developers_mistake(finish: Finish) -> None:
    wrong: Any = lambda _: "https://issuer.example"  # noqa: E731  # a resolver of one line
    with pytest.raises(ConfigurationError, match="a TrustedIssuer or None"):
        finish(trusts(resolver=wrong).named("t1"))


async def resolves(issuer: str) -> TrustedIssuer | None:
    await asyncio.sleep(0)
    return of(issuer) if issuer == "t1" else None


def test_a_resolver_may_wait_behind_an_async_door() -> None:
    assert asyncio.run(trusts(resolver=resolves).named("t1")).issuer.issuer == "t1"
    assert reason(asyncio.run, trusts(resolver=resolves), "t2") == "issuer_untrusted"


class Promise:
    """Something to await that is no coroutine."""

    def __init__(self, _: str) -> None:
        pass

    def __await__(self) -> Any:
        yield


@pytest.mark.parametrize("waits", [resolves, Promise])
def test_a_resolver_that_waits_is_a_mistake_behind_a_sync_door(waits: Any) -> None:
    with pytest.raises(ConfigurationError, match="a plain function"):
        run(trusts(resolver=waits).named("t1"))


def test_the_leeway_of_an_issuer_is_found_wherever_it_came_from(finish: Finish) -> None:
    subject = trusts(of("a", leeway=5), resolver=lambda issuer: of(issuer, leeway=7))
    finish(subject.named("t1"))
    assert (subject.leeway("a"), subject.leeway("t1"), subject.leeway("t2")) == (5.0, 7.0, 0.0)


def test_two_who_ask_at_once_share_their_keys() -> None:
    async def both() -> tuple[Trust, Trust]:
        subject = trusts(resolver=resolves)
        return await asyncio.gather(subject.named("t1"), subject.named("t1"))

    first, second = asyncio.run(both())
    assert first.keys is second.keys


def test_two_threads_that_ask_at_once_share_their_keys() -> None:
    """The second one comes, and is served, while the first one wires."""
    seconds: list[Trust] = []

    def wires(trusted: TrustedIssuer) -> KeyCache:
        if not seconds:
            seconds.append(None)  # type: ignore[arg-type]  # until it is there
            seconds[0] = run(subject.named("t1"))
        return KeyCache(KEYS)

    subject = trusts(resolver=lambda issuer: of(issuer), keys_of=wires)
    first = run(subject.named("t1"))
    assert first.keys is seconds[0].keys
