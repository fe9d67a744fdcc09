"""A caller, carried to work elsewhere: by a real queue to a worker, and by nobody else."""

import asyncio
import base64
import hmac
import json
import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import (
    ANONYMOUS,
    ConfigurationError,
    Forbidden,
    Guard,
    InvalidToken,
    MissingToken,
    Principal,
    RequestInfo,
    acting_for,
    called_by,
    claim,
    current_principal,
    role,
    scope,
)
from jwt_middleware.access.current import Passage, current_token, demand_here, enter, leave
from jwt_middleware.client import forward_token
from jwt_middleware.errors import TokenUnavailable
from jwt_middleware.hand_over import HandOver
from jwt_middleware.testing import LocalIssuer
from jwt_middleware.waiting import run

SECRET, OLDER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
LOCAL = LocalIssuer(audience="orders")
GUARD = Guard(LOCAL.trusted, observers=[])


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hand_over(clock: Clock) -> HandOver:
    return HandOver(GUARD, SECRET, clock=clock)


def calling(work: Callable[[], Any], token: str | None = None) -> Any:
    """What ``work`` gives while somebody calls."""
    header = [f"Bearer {token or LOCAL.token('ann', scopes=['read'], roles=['clerk'], tenant='acme')}"]
    info = RequestInfo(header=lambda name: header if name == "authorization" else [])
    entered = enter(Passage(run(GUARD.admit(info)).principal, GUARD, None, lambda _: info))
    try:
        return work()
    finally:
        leave(entered)


def opened(hand_over: HandOver, packed: str, work: str = "invoice") -> Principal:
    with hand_over.received(packed, work) as principal:
        return principal


def test_a_worker_sees_who_gave_the_work_and_nobody_after_it(hand_over: HandOver) -> None:
    jobs: queue.Queue[str | None] = queue.Queue()
    seen: list[object] = []

    def worker() -> None:
        while (packed := jobs.get()) is not None:
            with hand_over.received(packed, "invoice"):
                demand_here(scope("read") & role("clerk") & claim("tenant", "acme"), None)
                with pytest.raises(Forbidden):
                    demand_here(role("manager"), None)
                seen.append(current_principal())
            seen.append(current_principal())

    thread = threading.Thread(target=worker)
    thread.start()

    def request() -> Principal:
        jobs.put(hand_over.pack("invoice"))
        return current_principal()

    expected = calling(request)
    jobs.put(
        calling(lambda: hand_over.pack("invoice"), LOCAL.token("bob", scopes=["read"], roles=["clerk"], tenant="acme"))
    )
    jobs.put(None)
    thread.join(20)
    assert seen[0] == expected
    assert [getattr(each, "subject", None) for each in seen] == ["ann", "", "bob", ""]


def test_tasks_that_work_at_the_same_time_see_each_their_own(hand_over: HandOver) -> None:
    async def all_of_them() -> list[tuple[str, str]]:
        jobs: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        for number in range(20):
            name = f"caller{number}"
            jobs.put_nowait((name, calling(lambda: hand_over.pack("invoice"), LOCAL.token(name))))

        async def worker() -> tuple[str, str]:
            name, packed = await jobs.get()
            with hand_over.received(packed, "invoice"):
                await asyncio.sleep(0)
                return name, current_principal().subject

        return await asyncio.gather(*(worker() for _ in range(20)))

    for name, seen in asyncio.run(all_of_them()):
        assert name == seen


def test_all_that_the_token_said_arrives_deeply_read_only(hand_over: HandOver) -> None:
    claims = {
        **dict(LOCAL._issuer.keys.active.public_jwk),
        "act": {"sub": "web", "act": {"sub": "gateway"}},
        "list": [1, {"a": None}],
    }
    principal = Principal(subject="ann", issuer="https://i.example", actor=claims["act"], claims=claims, expires_at=1.5)  # type: ignore[arg-type]  # a dict
    entered = enter(Passage(principal, GUARD))
    packed = hand_over.pack("invoice")
    leave(entered)
    with hand_over.received(packed, "invoice") as found:
        demand_here(called_by("web") & acting_for("ann"), None)
    assert json.loads(json.dumps(_plain(found.claims))) == claims
    with pytest.raises(TypeError):
        found.claims["list"] = 1  # type: ignore[index]  # what is tested
    assert isinstance(found.claims["list"], tuple)
    assert found.incomplete == principal.incomplete


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def test_it_holds_no_token_and_is_none(hand_over: HandOver) -> None:
    token = LOCAL.token("ann")
    packed = calling(lambda: hand_over.pack("invoice"), token)
    content = base64.urlsafe_b64decode(packed.split(".")[0] + "==")
    for part in token.split("."):
        assert part.encode() not in content
    info = RequestInfo(header=lambda name: [f"Bearer {packed}"] if name == "authorization" else [])
    assert run(GUARD.admit(info)).refusal is not None
    with hand_over.received(packed, "invoice"):
        assert current_token() is None
        with pytest.raises(TokenUnavailable):
            run(forward_token("orders").token())


def test_it_lives_short(hand_over: HandOver, clock: Clock) -> None:
    packed = calling(lambda: hand_over.pack("invoice"))
    clock.now += 299
    assert opened(hand_over, packed).subject == "ann"
    assert opened(hand_over, packed).subject == "ann"  # a queue may deliver twice
    clock.now += 2
    with pytest.raises(InvalidToken):
        opened(hand_over, packed)
    clock.now -= 400  # made in the future
    with pytest.raises(InvalidToken):
        opened(hand_over, packed)


@pytest.mark.parametrize("forged", ["", ".", "a.b", "ä.b", "x" * 70_000, 7])
def test_what_is_no_hand_over_is_refused(hand_over: HandOver, forged: Any) -> None:
    with pytest.raises(InvalidToken):
        opened(hand_over, forged)


def test_what_was_changed_or_is_for_other_work_is_refused(hand_over: HandOver, clock: Clock) -> None:
    packed = calling(lambda: hand_over.pack("invoice"))
    head, signature = packed.split(".")
    content = base64.urlsafe_b64decode(head + "==").replace(b'"ann"', b'"bob"')
    changed = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    for wrong in (f"{changed}.{signature}", f"{head}.{signature[:-1]}", f"{head}.", head, packed + "=", packed + ".x"):
        with pytest.raises(InvalidToken):
            opened(hand_over, wrong)
    with pytest.raises(InvalidToken) as refused:
        opened(hand_over, packed, "refund")
    assert refused.value.reason == "kind_refused"
    with pytest.raises(InvalidToken):
        opened(HandOver(GUARD, OLDER, clock=clock), packed)


def test_a_secret_is_replaced_without_losing_work(hand_over: HandOver, clock: Clock) -> None:
    packed = calling(lambda: hand_over.pack("invoice"))
    renewed = HandOver(GUARD, [OLDER, SECRET.encode()], clock=clock)
    assert opened(renewed, packed).subject == "ann"
    again = calling(lambda: renewed.pack("invoice"))
    with pytest.raises(InvalidToken):
        opened(hand_over, again)


def test_work_that_fails_leaves_nobody_behind(hand_over: HandOver) -> None:
    packed = calling(lambda: hand_over.pack("invoice"))
    with pytest.raises(RuntimeError), hand_over.received(packed, "invoice"):
        raise RuntimeError
    assert current_principal() is ANONYMOUS


def test_where_nobody_calls_nothing_is_packed(hand_over: HandOver) -> None:
    with pytest.raises(MissingToken):
        hand_over.pack("invoice")


def test_mistakes_are_found_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        HandOver("guard", "short", lifetime=0)  # type: ignore[arg-type]  # a mistake
    assert len(caught.value.mistakes) == 3
    for wrong in ([], bytes(31), [SECRET, "short"]):
        with pytest.raises(ConfigurationError):
            HandOver(GUARD, wrong)


def packed_as(hand_over: HandOver, principal: Principal, work: str = "invoice") -> str:
    entered = enter(Passage(principal, GUARD))
    try:
        return hand_over.pack(work)
    finally:
        leave(entered)


def test_what_is_not_known_of_a_caller_stays_so(hand_over: HandOver) -> None:
    """Else whatever is demanded under ``~`` would hold in the worker for somebody of whom nothing is known."""
    unsure = Principal(subject="ann", issuer="https://issuer.example", incomplete=frozenset({"roles", "groups"}))
    with hand_over.received(packed_as(hand_over, unsure), "invoice") as found:
        assert found.incomplete == {"roles", "groups"}
        with pytest.raises(Forbidden):
            demand_here(~role("banned"), None)


def test_its_end_is_exact_and_so_is_its_beginning(hand_over: HandOver, clock: Clock) -> None:
    packed = calling(lambda: hand_over.pack("invoice"))
    made_at = clock.now
    for off, good in ((299.99, True), (300.0, False), (0.0, True), (-30.0, True), (-30.01, False)):
        clock.now = made_at + off
        if good:
            assert opened(hand_over, packed).subject == "ann"
        else:
            with pytest.raises(InvalidToken) as refused:
                opened(hand_over, packed)
            assert refused.value.reason == "token_expired"


def test_a_large_caller_arrives_and_what_is_too_large_is_not_looked_at(hand_over: HandOver) -> None:
    roles = tuple(f"role-{number:04}" for number in range(2000))
    large = Principal(subject="ann", issuer="https://issuer.example", roles=roles)
    assert opened(hand_over, packed_as(hand_over, large)).roles == roles
    with pytest.raises(InvalidToken) as refused:
        opened(hand_over, "x" * 65_537)
    assert refused.value.reason == "token_too_large"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"work": "invoice", "at": 1_000_000.0},
        {"work": "invoice", "at": 1_000_000.0, "caller": "ann"},
        {"work": "invoice", "at": 1_000_000.0, "caller": ["ann"]},
        {"work": "invoice", "at": "1000000.0", "caller": {"subject": "ann"}},
        {"work": "invoice", "caller": {"subject": "ann"}},
        {"at": 1_000_000.0, "caller": {"subject": "ann"}},
    ],
)
def test_what_was_signed_for_something_else_is_refused(hand_over: HandOver, said: Any) -> None:
    content = json.dumps(said).encode()
    signed = hmac.digest(hand_over._keys[0], content, "sha256")
    text = ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in (content, signed))
    with pytest.raises(InvalidToken) as refused:
        opened(hand_over, text)
    assert refused.value.reason == "kind_refused"


def test_the_secret_signs_nothing_by_itself(hand_over: HandOver) -> None:
    """It may serve other purposes as well: what is signed with it for one of them is no hand-over."""
    content = calling(lambda: hand_over.pack("invoice")).split(".")[0]
    octets = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))
    for key in (SECRET.encode(), hmac.digest(SECRET.encode(), b"x", "sha256")):
        signed = base64.urlsafe_b64encode(hmac.digest(key, octets, "sha256")).rstrip(b"=").decode()
        with pytest.raises(InvalidToken) as refused:
            opened(hand_over, f"{content}.{signed}")
        assert refused.value.reason == "signature_invalid"


def test_work_waits_for_a_day_at_most() -> None:
    HandOver(GUARD, SECRET, lifetime=86_400)
    with pytest.raises(ConfigurationError, match="lifetime"):
        HandOver(GUARD, SECRET, lifetime=86_401)
