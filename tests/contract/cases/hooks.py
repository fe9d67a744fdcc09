"""What an application adds to decisions: enrich, on_admitted, on_refused, refusal_body; none of it lets anybody in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn

from jwt_middleware import AuthError, Decision, Forbidden, Principal, RequestInfo

from ..exchange import Answer
from ..table import Applications
from ..tokens import mint
from .answers import anonymous, invalid, ran, refused
from .rows import AUTH, EXPIRED, GOOD, bearing, case, get


class Trouble(Exception):
    """A hook's own trouble; what it says is never shown."""


def _fails(*_: Any) -> NoReturn:
    raise Trouble("hunter2")


def _closed(answer: Answer) -> None:
    refused(503, "hooks_unavailable")(answer)
    assert "hunter2" not in answer.everything


def _made_clerk(principal: Principal) -> Principal:
    return replace(principal, roles=("clerk",), incomplete=principal.incomplete - {"roles"})


@case("on_admitted sees every caller who is let in, and what they ask for")
def _admitted(applications: Applications) -> None:
    seen: list[tuple[str, str, str]] = []

    def note(principal: Principal, request: RequestInfo) -> None:
        seen.append((principal.subject, request.method, request.path))

    built = applications.fresh(on_admitted=note)
    for _ in range(2):  # the second time the token is remembered
        ran("/private")(applications.sent(built, bearing("/private", GOOD)))
    invalid("token_expired")(applications.sent(built, bearing("/private", EXPIRED)))
    anonymous()(applications.sent(built, get("/private")))
    ran("/public", "anonymous")(applications.sent(built, get("/public")))
    assert seen == [("alice", "GET", "/private")] * 2


@case("nobody is let in when on_admitted fails")
def _admitted_fails(applications: Applications) -> None:
    built = applications.fresh(on_admitted=_fails)
    for path in ("/private", "/private", "/public", "/public-path", "/clerk"):
        _closed(applications.sent(built, bearing(path, GOOD)))
    ran("/public", "anonymous")(applications.sent(built, get("/public")))


@case("on_admitted that fails lets nobody in on an unguarded route either", "marks")
def _admitted_fails_unguarded(applications: Applications) -> None:
    built = applications.fresh(on_admitted=_fails)
    _closed(applications.sent(built, bearing("/unguarded", GOOD)))
    ran("/unguarded", "anonymous")(applications.sent(built, get("/unguarded")))


@case("on_admitted refuses by raising")
def _admitted_refuses(applications: Applications) -> None:
    told: list[Decision] = []

    def only_bob(principal: Principal, request: RequestInfo) -> None:
        if principal.subject != "bob":
            raise Forbidden("user_refused")

    built = applications.fresh(on_admitted=only_bob, on_refused=lambda decision, request: told.append(decision))
    for _ in range(2):
        refused(403, "user_refused")(applications.sent(built, bearing("/private", GOOD)))
        ran("/private", "bob")(applications.sent(built, bearing("/private", mint("bob"))))
    assert [(each.reason, each.subject, each.failed) for each in told] == [
        ("user_refused", "alice", "on_admitted agrees")
    ] * 2


@case("on_admitted that answers something is a mistake, and nobody is let in")
def _admitted_answers(applications: Applications) -> None:
    async def coroutine() -> None:
        """Never awaited."""

    for answer in (lambda: False, lambda: True, coroutine):
        hook: Any = lambda principal, request, answer=answer: answer()  # noqa: E731  # a name for one line
        built = applications.fresh(on_admitted=hook)
        _closed(applications.sent(built, bearing("/private", GOOD)))


@case("on_refused sees every refusal once, at the door and inside")
def _refused(applications: Applications) -> None:
    seen: list[tuple[str, str]] = []

    def note(decision: Decision, request: RequestInfo | None) -> None:
        assert request is not None and (request.method, request.path) == (decision.method, decision.path)
        seen.append((decision.reason, decision.path))

    built = applications.fresh(on_refused=note)
    for exchange, reasons in (
        (get("/private"), ["token_missing"]),
        (bearing("/private", EXPIRED), ["token_expired"]),
        (get("/private", AUTH, AUTH), ["several_tokens"]),
        (bearing("/clerk", GOOD), ["requirement_not_met"]),
        (bearing("/demands", GOOD), ["requirement_not_met"]),
        (bearing("/forbids", GOOD), ["requirement_not_met"]),
        (bearing("/private", GOOD), []),
        (get("/public"), []),
    ):
        applications.sent(built, exchange)
        assert seen == [(reason, exchange.path) for reason in reasons], f"{exchange.path}: {seen}"
        seen.clear()


@case("a refusal goes out unchanged when on_refused fails")
def _refused_fails(applications: Applications) -> None:
    async def waits(decision: Decision, request: RequestInfo | None) -> None:
        """A plain function was wanted."""

    unawaited: Any = lambda decision, request: waits(decision, request)  # noqa: E731  # past the check of declarations
    for hook in (_fails, unawaited):
        built = applications.fresh(on_refused=hook)
        anonymous()(applications.sent(built, get("/private")))
        invalid("token_expired")(applications.sent(built, bearing("/private", EXPIRED)))
        refused(403, missing=["role clerk"])(applications.sent(built, bearing("/clerk", GOOD)))
        refused(403, missing=["a good reason"], ran="/forbids alice")(
            applications.sent(built, bearing("/forbids", GOOD))
        )
        ran("/private")(applications.sent(built, bearing("/private", GOOD)))


@case("enrich adds to a caller what the application knows, once for a remembered token")
def _enriched(applications: Applications) -> None:
    asked: list[str] = []

    def enrich(principal: Principal) -> Principal:
        asked.append(principal.subject)
        return _made_clerk(principal) if principal.subject == "bob" else principal

    built = applications.fresh(enrich=enrich)
    for _ in range(2):
        ran("/clerk", "bob")(applications.sent(built, bearing("/clerk", mint("bob"))))
        refused(403, missing=["role clerk"])(applications.sent(built, bearing("/clerk", GOOD)))
    assert asked == ["bob", "alice"]


@case("nobody is let in when enrich fails, or says of a caller what only the token may say")
def _enrich_fails(applications: Applications) -> None:
    answers: list[Callable[[Principal], Any]] = [
        _fails,
        lambda principal: None,
        lambda principal: replace(principal, subject="admin"),
        lambda principal: replace(principal, issuer="https://other.example"),
        lambda principal: replace(principal, scopes=("orders:read",)),
        lambda principal: replace(principal, incomplete=principal.incomplete - {"scopes"}),
        lambda principal: replace(principal, expires_at=None),
        lambda principal: replace(principal, claims={**principal.claims}),
        lambda principal: replace(principal, roles=["clerk"]),  # type: ignore[arg-type]  # as said
    ]
    for enrich in answers:
        built = applications.fresh(enrich=enrich)
        for path in ("/private", "/private", "/public", "/clerk"):
            _closed(applications.sent(built, bearing(path, GOOD)))
        ran("/public", "anonymous")(applications.sent(built, get("/public")))


@case("enrich refuses by raising")
def _enrich_refuses(applications: Applications) -> None:
    suspended = Forbidden("user_refused")  # the very same every time

    def enrich(principal: Principal) -> Principal:
        raise suspended

    reasons: list[str] = []
    built = applications.fresh(enrich=enrich, on_refused=lambda decision, request: reasons.append(decision.reason))
    for _ in range(2):
        refused(403, "user_refused")(applications.sent(built, bearing("/private", GOOD)))
    assert reasons == ["user_refused"] * 2


@case("an async enrich is awaited behind async doors, and lets nobody in behind sync ones")
def _async_enrich(applications: Applications) -> None:
    async def enrich(principal: Principal) -> Principal:
        return _made_clerk(principal)

    answer = applications.sent(applications.fresh(enrich=enrich), bearing("/clerk", GOOD))
    if answer.ran:
        ran("/clerk")(answer)
    else:
        assert answer.status in (0, 500), answer.status  # a ConfigurationError, which says how to mend it


@case("the body of a refusal is what the application makes of it")
def _body(applications: Applications) -> None:
    def body(refusal: AuthError, said: Mapping[str, str]) -> tuple[str, bytes]:
        return "application/vnd.example+json", f'{{"why": "{refusal.reason}"}}'.encode()

    built = applications.fresh(refusal_body=body)
    for exchange, code in ((get("/private"), "token_missing"), (bearing("/forbids", GOOD), "requirement_not_met")):
        answer = applications.sent(built, exchange)
        assert answer.header("content-type") == "application/vnd.example+json"
        assert answer.body == f'{{"why": "{code}"}}'.encode()


@case("a refusal goes out as a problem document when the body of the application fails")
def _body_fails(applications: Applications) -> None:
    bodies: list[Any] = [
        _fails,
        lambda refusal, said: None,
        lambda refusal, said: ("text/plain", "text"),
        lambda refusal, said: ("text/plain\r\nx-injected: 1", b""),
    ]
    for body in bodies:
        built = applications.fresh(refusal_body=body)
        answer = applications.sent(built, get("/private"))
        anonymous()(answer)
        assert not answer.header("x-injected") and "hunter2" not in answer.everything
        refused(403, missing=["role clerk"])(applications.sent(built, bearing("/clerk", GOOD)))


@case("a caller is told which part of a requirement decided only where the guard explains refusals")
def _explained(applications: Applications) -> None:
    asked = bearing("/either", mint(scope="orders:read", roles=["baker"]))
    silent = applications.sent(applications.fresh(), asked)
    assert silent.status == 403 and b"because" not in silent.body
    told = applications.sent(applications.fresh(explain_refusals=True), asked)
    assert told.status == 403
    said = "role('clerk') is not met; scope('orders:write') is not met; scope('admin') is not met"
    assert json.loads(told.body)["because"] == said
    assert "baker" not in told.everything
    assert b"because" not in applications.sent(applications.fresh(explain_refusals=True), get("/either")).body


@case("a WebSocket is refused when on_admitted or enrich fails", "websocket")
def _websockets(applications: Applications) -> None:
    for hook in ("on_admitted", "enrich"):
        hooks: Any = {hook: _fails}
        built = applications.fresh(**hooks)
        answer = applications.sent(built, bearing("/ws", GOOD, kind="websocket"))
        assert (answer.status, answer.ran) == (503, ()), f"{answer.status} {answer.ran}"


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    _admitted,
    _admitted_fails,
    _admitted_fails_unguarded,
    _admitted_refuses,
    _admitted_answers,
    _refused,
    _refused_fails,
    _enriched,
    _enrich_fails,
    _enrich_refuses,
    _async_enrich,
    _body,
    _body_fails,
    _explained,
    _websockets,
)
# fmt: on
