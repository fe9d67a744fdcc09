"""What is special to the ASGI door; what every door does stands in the contract table."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from jwt_middleware import (
    ANONYMOUS,
    ConfigurationError,
    Decision,
    Forbidden,
    MissingToken,
    Principal,
    carry_principal,
    claim,
    path,
    scope,
    token_in_header,
)
from jwt_middleware.access.current import Passage, current_passage, enter
from jwt_middleware.asgi import JWTMiddleware, Message, Receive, Scope, Send, current_principal, demand
from jwt_middleware.revocation_stores.memory import memory
from tests.asgi.driving import (
    ISSUER,
    Answer,
    Told,
    answered,
    ask,
    bearer,
    guard_for,
    mint,
    never,
    raising,
    request_scope,
    respond,
    whoami,
    within,
)

BAD = [(b"authorization", b"Bearer x.y.z")]


def test_a_genuine_caller_is_seen_in_the_scope_and_as_current_principal() -> None:
    asked: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.update(scope)
        await whoami(scope, receive, send)

    answer = ask(JWTMiddleware(app, guard=guard_for()), headers=bearer())
    assert (answer.status, answer.body) == (200, b"alice")
    assert asked["user"] is asked["auth"]
    assert isinstance(asked["user"], Principal)
    assert asked["user"].is_authenticated


def test_nobody_is_left_behind_in_the_task_of_the_server() -> None:
    async def several() -> None:
        app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/health"])
        assert (await answered(app, headers=bearer())).body == b"alice"
        assert current_passage() is None
        assert (await answered(app, "/health")).body == b"anonymous"
        with pytest.raises(KeyError):
            await answered(JWTMiddleware(raising(KeyError("theirs")), guard=guard_for()), headers=bearer())
        assert current_passage() is None

    asyncio.run(several())


def test_what_stood_in_the_scope_before_names_nobody() -> None:
    mallory = Principal(subject="mallory", issuer=ISSUER)
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/health"], unguarded_paths=["/login"])
    for place in ("/health", "/login"):
        assert ask(app, place, user=mallory, auth=mallory).body == b"anonymous"
    assert ask(app, user=mallory, auth=mallory).status == 401


class Count:
    """An observer that does not ask for admissions, so that a known token may take the short way."""

    admissions = False

    def __init__(self) -> None:
        self.told = 0

    def decided(self, decision: Decision) -> None:
        self.told += 1


def test_a_caller_who_comes_again_is_recalled() -> None:
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["user"])
        await respond(send)

    headers = bearer()
    count = Count()
    guarded = JWTMiddleware(app, guard=guard_for(observers=[count]))
    ask(guarded, headers=headers)
    ask(guarded, headers=headers)
    assert seen[0] is seen[1]
    assert count.told == 0
    assert ask(guarded, headers=[*headers, *headers]).status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        (BAD, 401),
        ([(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")], 400),
        ([(b"authorization", b"")], 400),
        ([(b"authorization", b"Bearer \xe2\x82\xac")], 400),
        ([(b"user", b"alice"), (b"auth", b"alice")], 401),
    ],
)
def test_a_request_that_may_not_pass_never_reaches_the_application(
    headers: list[tuple[bytes, bytes]], status: int
) -> None:
    answer = ask(JWTMiddleware(never, guard=guard_for()), headers=headers)
    assert answer.kinds == ["http.response.start", "http.response.body"]
    assert answer.status == status
    assert answer.headers["www-authenticate"].startswith('Bearer realm="orders"')
    assert answer.headers["content-length"] == str(len(answer.body))


def test_a_refused_head_has_no_body_and_the_headers_of_a_get() -> None:
    app = JWTMiddleware(never, guard=guard_for())
    head, get = ask(app, method="HEAD"), ask(app)
    assert (head.status, head.body) == (401, b"")
    assert head.headers == get.headers
    assert get.body


# Paths


def test_paths_are_relative_to_root_path() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/gesund-\u00e4"])
    assert ask(app, "/gesund-\u00e4").body == b"anonymous"
    assert ask(app, "/shop/gesund-\u00e4", root_path="/shop").body == b"anonymous"
    assert ask(app, "/gesund-\u00e4", root_path="/shop").body == b"anonymous", "servers that strip the prefix"
    assert ask(app, "/shop/gesund-\u00e4").status == 401
    assert ask(app, "/shopgesund-\u00e4", root_path="/shop").status == 401
    assert ask(app, "/shop/shop/gesund-\u00e4", root_path="/shop").status == 401
    assert ask(app, "/gesund-\u00e4", headers=BAD).status == 401
    assert ask(app, "/gesund-\u00e4", root_path="/gesund").body == b"anonymous", "a prefix ends with a segment"


def test_a_path_that_no_server_should_send_is_guarded() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/health", "/static/*"])
    odd = ("", "*", "//health", "/health/", "/\xff", "/health\x00", "/HEALTH", "http://testserver/health")
    for each in (*odd, "/static", "/static/../orders", "/static//a", "/static/..\\orders", "/static/a/../../orders"):
        assert ask(app, each).status == 401, each
    for method in ("GET", "POST", "HEAD", "BREW", ""):
        assert ask(app, "/static/a", method).status == 200, method


def test_a_pattern_of_one_method_opens_that_method_alone() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=[("GET", "/items")])
    assert ask(app, "/items").status == 200
    for method in ("POST", "HEAD", "get", "OPTIONS", ""):
        assert ask(app, "/items", method).status == 401, method


def test_an_unguarded_path_is_never_refused_and_its_caller_is_anonymous() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), unguarded_paths=["/login"])
    for headers in ([], BAD, [*BAD, *BAD], bearer()):
        assert ask(app, "/login", headers=headers).body == b"anonymous"
    assert ask(app, "/v1/login", root_path="/v1").body == b"anonymous"
    assert ask(app, "/logout").status == 401


def test_outside_of_guarded_paths_nothing_is_touched() -> None:
    handed: list[Any] = []

    async def bare(*arguments: Any) -> None:
        handed.extend(arguments)

    app = JWTMiddleware(bare, guard=guard_for(), guarded_paths=["/api/*"], unguarded_paths=["/admin"])

    async def receive() -> Message:
        return {}

    asked, answer = request_scope("/admin", headers=BAD), Answer()
    asyncio.run(app(asked, receive, answer.send))
    assert handed[0] is asked
    assert asked == request_scope("/admin", headers=BAD)
    assert handed[1:] == [receive, answer.send]
    for guarded in ("/api/a", "/api/a//b", "/api/../api/b", "/api/a\\b", "//api/a", "/x/../api/a"):
        assert ask(app, guarded).status == 401, guarded


@pytest.mark.parametrize("kind", ["lifespan", "telnet"])
def test_lifespans_and_scopes_of_other_kinds_pass_untouched(kind: str) -> None:
    handed: list[Any] = []

    async def app(*arguments: Any) -> None:
        assert current_passage() is None
        handed.extend(arguments)

    async def receive() -> Message:
        return {}

    begun, answer = {"type": kind, "state": {}}, Answer()
    asyncio.run(JWTMiddleware(app, guard=guard_for())(begun, receive, answer.send))
    assert handed[0] is begun
    assert begun == {"type": kind, "state": {}}
    assert handed[1:] == [receive, answer.send]


def test_what_a_lifespan_raises_passes_and_is_no_challenge() -> None:
    app = JWTMiddleware(raising(Forbidden()), guard=guard_for())
    answer = Answer()
    with pytest.raises(Forbidden):
        asyncio.run(app({"type": "lifespan"}, answer.send, answer.send))  # type: ignore[arg-type]  # never received
    assert answer.messages == []


# Tokens


def test_a_token_in_another_header_is_found() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(token_from=[token_in_header("X-Gateway-Token")]))
    assert ask(app, headers=[(b"x-gateway-token", mint().encode())]).body == b"alice"
    assert ask(app, headers=bearer()).status == 401


def test_a_revoked_token_is_refused_also_when_it_passed_before() -> None:
    store = memory()
    app = JWTMiddleware(whoami, guard=guard_for(revocations=store))
    headers = bearer(jti="one", exp=4_000_000_000)
    assert ask(app, headers=headers).status == 200
    store.revoke_token(ISSUER, "one", until=4_000_000_100)
    assert ask(app, headers=headers).status == 401


# AuthErrors, before an answer has begun and after


START = {"type": "http.response.start", "status": 200, "headers": [(b"x-ours", b"1")]}


def test_an_auth_error_of_the_application_becomes_the_challenge() -> None:
    answer = ask(JWTMiddleware(raising(Forbidden(missing=["role boss"])), guard=guard_for()), headers=bearer())
    assert answer.status == 403
    assert b"role boss" in answer.body
    head = ask(JWTMiddleware(raising(Forbidden()), guard=guard_for()), method="HEAD", headers=bearer())
    assert (head.status, head.body) == (403, b"")


def test_missing_token_raised_by_the_application_itself_is_a_challenge_without_an_error() -> None:
    answer = ask(JWTMiddleware(raising(MissingToken()), guard=guard_for()), headers=bearer())
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="orders"'


@pytest.mark.parametrize("before", [[START], [START, {"type": "http.response.body", "body": b"a", "more_body": True}]])
def test_an_auth_error_after_an_answer_has_begun_is_raised_again(before: list[Message]) -> None:
    app = JWTMiddleware(raising(Forbidden(), *before), guard=guard_for())

    async def asking() -> list[Message]:
        answer = Answer()
        with pytest.raises(Forbidden):
            await app(request_scope(headers=bearer()), answer.send, answer.send)  # type: ignore[arg-type]  # never received
        return answer.messages

    assert asyncio.run(asking()) == before, "nothing was added to what had begun"


def test_the_same_holds_for_a_caller_who_is_recalled() -> None:
    guard, headers = guard_for(), bearer()
    assert ask(JWTMiddleware(whoami, guard=guard), headers=headers).body == b"alice"
    assert guard.recall(headers[0][1]) is not None
    assert ask(JWTMiddleware(raising(Forbidden()), guard=guard), headers=headers).status == 403
    with pytest.raises(Forbidden):
        ask(JWTMiddleware(raising(Forbidden(), START), guard=guard), headers=headers)
    with pytest.raises(KeyError):
        ask(JWTMiddleware(raising(KeyError("theirs")), guard=guard), headers=headers)
    assert current_passage() is None


def test_other_exceptions_pass_untouched() -> None:
    error = KeyError("theirs")
    with pytest.raises(KeyError) as raised:
        ask(JWTMiddleware(raising(error), guard=guard_for()), headers=bearer())
    assert raised.value is error


# Bodies


def test_a_streamed_body_is_handed_on_piece_by_piece_and_sees_its_caller() -> None:
    noted: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"a", b"b"):
            noted.append(f"made by {current_principal().subject}")
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    async def send(message: Message) -> None:
        noted.append(f"sent {message.get('body')!r}")

    asyncio.run(JWTMiddleware(app, guard=guard_for())(request_scope(headers=bearer()), send, send))  # type: ignore[arg-type]  # never received
    assert noted == ["sent None", "made by alice", "sent b'a'", "made by alice", "sent b'b'", "sent None"]


def test_the_body_of_a_request_is_left_to_the_application() -> None:
    handed: list[Receive] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        handed.append(receive)
        await respond(send, (await receive())["body"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b"as it came"}

    answer = Answer()
    asyncio.run(JWTMiddleware(app, guard=guard_for())(request_scope(headers=bearer()), receive, answer.send))
    assert answer.body == b"as it came"
    assert handed == [receive], "nothing stands between"


def test_a_cancelled_request_leaves_nobody_behind() -> None:
    async def work() -> None:
        started = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            started.set()
            await asyncio.Event().wait()

        async def serving() -> None:
            try:
                await answered(JWTMiddleware(app, guard=guard_for()), headers=bearer())
            finally:
                assert current_passage() is None

        task = asyncio.create_task(serving())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    within(20, work)


# Preflights

PREFLIGHT = [(b"origin", b"https://app.example"), (b"access-control-request-method", b"GET")]
CORS = [(b"Access-Control-Allow-Origin", b"https://app.example")]


def answering(status: int, **more: Any) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"theirs", status, **more)

    return app


def test_a_preflight_that_is_answered_as_one_passes() -> None:
    told = Told()
    app = JWTMiddleware(answering(204, headers=CORS), guard=guard_for(observers=[told]))
    answer = ask(app, method="OPTIONS", headers=PREFLIGHT)
    assert (answer.status, answer.body) == (204, b"theirs")
    assert told.reasons == ["preflight"]


@pytest.mark.parametrize("more", [{}, {"headers": []}, {"headers": [(b"content-type", b"text/plain")]}])
def test_a_preflight_that_is_answered_like_a_get_is_refused_and_told(more: dict[str, Any]) -> None:
    told = Told()
    app = JWTMiddleware(answering(200, **more), guard=guard_for(observers=[told]))
    answer = ask(app, method="OPTIONS", headers=PREFLIGHT)
    assert answer.kinds == ["http.response.start", "http.response.body"], "one answer, and nothing of theirs"
    assert (answer.status, b"theirs" in answer.body) == (401, False)
    assert told.reasons == ["preflight", "token_missing"]


def test_an_error_of_the_application_answers_a_preflight() -> None:
    assert ask(JWTMiddleware(answering(405), guard=guard_for()), method="OPTIONS", headers=PREFLIGHT).status == 405


def test_what_an_application_demands_refuses_a_preflight() -> None:
    app = JWTMiddleware(demanding, guard=guard_for())
    assert ask(app, method="OPTIONS", headers=PREFLIGHT).status == 401


def test_a_preflight_on_a_public_path_or_with_a_token_is_a_request_like_others() -> None:
    app = JWTMiddleware(answering(200), guard=guard_for(), public_paths=["/health"])
    assert ask(app, "/health", "OPTIONS", PREFLIGHT).body == b"theirs"
    assert ask(app, "/", "OPTIONS", [*PREFLIGHT, *bearer()]).body == b"theirs"
    assert ask(app, "/", "OPTIONS", [*PREFLIGHT, *BAD]).status == 401
    assert ask(app, "/", "OPTIONS", PREFLIGHT[:1]).status == 401
    assert ask(app, "/", "GET", PREFLIGHT).status == 401


# demand


async def demanding(asked: Scope, receive: Receive, send: Send) -> None:
    demand(scope("orders:read"))
    await whoami(asked, receive, send)


def test_demand_refuses_anonymous_callers_and_those_who_lack_something() -> None:
    app = JWTMiddleware(demanding, guard=guard_for(), public_paths=["/open"], unguarded_paths=["/login"])
    assert ask(app, "/open").status == 401
    assert ask(app, "/login", headers=bearer(scope="orders:read")).status == 401
    refused = ask(app, headers=bearer())
    assert refused.status == 403
    assert 'scope="orders:read"' in refused.headers["www-authenticate"]
    assert ask(app, headers=bearer(scope="orders:read")).status == 200


def test_demand_without_the_door_and_with_a_path_parameter_is_a_mistake_of_the_developer() -> None:
    with pytest.raises(ConfigurationError, match="JWTMiddleware"):
        demand(scope("orders:read"))
    with pytest.raises(ConfigurationError, match="JWTMiddleware"):
        ask(JWTMiddleware(demanding, guard=guard_for(), guarded_paths=["/api/*"]), "/outside", headers=bearer())

    async def app(asked: Scope, receive: Receive, send: Send) -> None:
        demand(claim("tenant", path("tenant")))

    with pytest.raises(ConfigurationError, match="parameters of a route"):
        ask(JWTMiddleware(app, guard=guard_for()), headers=bearer(tenant="acme"))


def test_wrong_arguments_are_found_when_the_door_is_built() -> None:
    with pytest.raises(ConfigurationError, match="Guard"):
        JWTMiddleware(whoami, guard="guard")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="public_paths"):
        JWTMiddleware(whoami, guard=guard_for(), public_paths="/health")
    with pytest.raises(ConfigurationError, match="nothing would be guarded"):
        JWTMiddleware(whoami, guard=guard_for(), guarded_paths=[])


# Who is seen where


def test_callers_in_one_loop_never_mix() -> None:
    async def work() -> None:
        barrier = asyncio.Barrier(8)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await barrier.wait()
            before = current_principal()
            await barrier.wait()
            await respond(send, f"{before.subject} {current_principal().subject} {scope['user'].subject}".encode())

        guarded = JWTMiddleware(app, guard=guard_for())
        names = [f"caller{number}" for number in range(8)]
        answers = await asyncio.gather(*(answered(guarded, headers=bearer(name)) for name in names))
        assert [answer.body.decode() for answer in answers] == [f"{name} {name} {name}" for name in names]

    within(20, work)


def test_tasks_and_threads_see_the_caller_as_far_as_they_carry_the_context() -> None:
    seen: dict[str, str] = {}

    def note(where: str) -> None:
        seen[where] = current_principal().subject

    async def noting(where: str) -> None:
        note(where)

    async def work() -> None:
        left_running: list[asyncio.Task[None]] = []
        answered_already = asyncio.Event()

        async def lasting() -> None:
            await answered_already.wait()
            note("task that outlives the request")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            left_running.append(asyncio.create_task(lasting()))
            async with asyncio.TaskGroup() as group:
                group.create_task(noting("task"))
            await asyncio.to_thread(note, "to_thread")
            loop = asyncio.get_running_loop()
            loop.call_soon(note, "call_soon")
            await loop.run_in_executor(None, note, "run_in_executor")
            await loop.run_in_executor(None, carry_principal(note), "carried into run_in_executor")
            await respond(send)

        await answered(JWTMiddleware(app, guard=guard_for()), headers=bearer())
        answered_already.set()
        await asyncio.gather(*left_running)

    within(20, work)
    assert seen == {
        "task": "alice",
        "to_thread": "alice",
        "call_soon": "alice",
        "run_in_executor": "",
        "carried into run_in_executor": "alice",
        "task that outlives the request": "alice",
    }


def test_demand_works_in_tasks_and_threads_of_the_request() -> None:
    async def app(asked: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(demand, scope("orders:read"))
        await respond(send)

    guarded = JWTMiddleware(app, guard=guard_for())
    assert ask(guarded, headers=bearer()).status == 403
    assert ask(guarded, headers=bearer(scope="orders:read")).status == 200


def test_a_stale_caller_of_the_servers_task_is_not_handed_on() -> None:
    async def work() -> None:
        app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/health"], unguarded_paths=["/login"])
        enter(Passage(Principal(subject="mallory", issuer=ISSUER), app.guard))
        assert (await answered(app, "/health")).body == b"anonymous"
        assert (await answered(app, "/login")).body == b"anonymous"
        assert (await answered(app, headers=bearer())).body == b"alice"

    asyncio.run(work())


def test_two_guarded_applications_in_one_loop_keep_their_callers_and_tokens_apart() -> None:
    async def work() -> None:
        both_inside = asyncio.Barrier(2)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await both_inside.wait()
            await respond(send, current_principal().subject.encode())

        orders = JWTMiddleware(app, guard=guard_for())
        billing = JWTMiddleware(app, guard=guard_for(realm="billing"), public_paths=["/"])
        one, other = await asyncio.gather(answered(orders, headers=bearer()), answered(billing))
        assert (one.body, other.body) == (b"alice", b"")

    within(20, work)


def test_an_application_that_calls_another_guarded_one_keeps_its_own_caller() -> None:
    seen: list[str] = []
    inner = JWTMiddleware(demanding, guard=guard_for(realm="inner"), public_paths=["/open"])

    async def app(asked: Scope, receive: Receive, send: Send) -> None:
        for place, headers in (("/", bearer("bob", scope="orders:read")), ("/", []), ("/open", [])):
            answer = await answered(inner, place, headers=headers)
            seen.append(f"{answer.status} {answer.headers.get('www-authenticate', '')}")
            assert current_principal().subject == asked["user"].subject == "alice"
        await respond(send)

    assert ask(JWTMiddleware(app, guard=guard_for()), headers=bearer()).status == 200
    assert seen == ["200 ", '401 Bearer realm="inner"', '401 Bearer realm="inner"']


def test_a_guarded_application_within_a_guarded_one_asks_for_itself() -> None:
    inner = JWTMiddleware(demanding, guard=guard_for(realm="inner"), guarded_paths=["/inner/*"])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)

    outer = JWTMiddleware(app, guard=guard_for(realm="outer"), public_paths=["/inner/open"])
    assert ask(outer, "/inner/open").headers["www-authenticate"] == 'Bearer realm="inner"'
    assert ask(outer, "/inner/a").headers["www-authenticate"] == 'Bearer realm="outer"'
    assert ask(outer, "/other", headers=bearer(scope="orders:read")).body == b"alice"
    assert ask(outer, "/inner/a", headers=bearer(scope="orders:read")).body == b"alice"
    assert ANONYMOUS is current_principal()
