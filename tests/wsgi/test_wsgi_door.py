"""What is special to the WSGI door; what every door does stands in the contract table."""

import io
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import httpx2
import jwt
import pytest

from jwt_middleware import (
    ANONYMOUS,
    ConfigurationError,
    Decision,
    Forbidden,
    Guard,
    MissingToken,
    Principal,
    TrustedIssuer,
    claim,
    path,
    scope,
    token_in_header,
)
from jwt_middleware.access.current import current_passage, enter
from jwt_middleware.key_sources.static import static
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.wsgi import JWTMiddleware, current_principal, demand

ISSUER = "https://issuer.example"
SECRET = "0123456789abcdef" * 4


def guard_for(**arguments: Any) -> Guard:
    return Guard(TrustedIssuer(ISSUER, audience="orders", keys=static(secret=SECRET)), **arguments)


def mint(subject: str = "alice", **changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": "orders", "sub": subject, "exp": time.time() + 300, **changes}
    return jwt.encode(claims, SECRET, "HS256")


def bearer(subject: str = "alice", **changes: Any) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {mint(subject, **changes)}"}


class Answer:
    """One request, sent as a server sends it."""

    def __init__(self, app: WSGIApplication, path: str = "/", method: str = "GET", **environ: Any) -> None:
        self.environ: WSGIEnvironment = {"PATH_INFO": path, "REQUEST_METHOD": method, **environ}
        setup_testing_defaults(self.environ)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.written = b""
        self.returned = app(self.environ, self._start)
        try:
            self.body = b"".join(self.returned)
        finally:
            if hasattr(self.returned, "close"):
                self.returned.close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        assert exc_info is not None or not self.status, "start_response was called twice"
        self.status = int(status[:3])
        self.headers = dict(headers)

        def write(data: bytes) -> None:
            self.written += data

        return write


def ignored(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
    return lambda data: None


def whoami(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    assert environ["jwt_middleware.principal"] is current_principal()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [current_principal().subject.encode() or b"anonymous"]


def test_a_genuine_caller_is_seen_in_the_environ_and_as_current_principal() -> None:
    answer = Answer(JWTMiddleware(whoami, guard=guard_for()), **bearer())
    assert (answer.status, answer.body) == (200, b"alice")
    assert "REMOTE_USER" not in answer.environ
    assert current_passage() is None


class Count:
    """An observer that does not ask for admissions, so that a known token may take the short way."""

    admissions = False

    def __init__(self) -> None:
        self.told = 0

    def decided(self, decision: Decision) -> None:
        self.told += 1


def test_a_caller_who_comes_again_is_recalled() -> None:
    headers = bearer()
    count = Count()
    app = JWTMiddleware(whoami, guard=guard_for(observers=[count]))
    first = Answer(app, **headers)
    again = Answer(app, **headers)
    assert again.body == b"alice"
    assert again.environ["jwt_middleware.principal"] is first.environ["jwt_middleware.principal"]
    assert count.told == 0
    assert Answer(app).status == 401
    assert count.told == 1


def never(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise AssertionError("the application was reached")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"HTTP_AUTHORIZATION": "Bearer x.y.z"}, 401),
        ({"HTTP_AUTHORIZATION": "Bearer a,Bearer b"}, 400),
        ({"HTTP_AUTHORIZATION": ""}, 400),
        ({"HTTP_AUTHORIZATION": "Bearer \u20ac"}, 400),
        ({"HTTP_JWT_MIDDLEWARE.PRINCIPAL": "alice"}, 401),
        ({"HTTP_REMOTE_USER": "alice"}, 401),
    ],
)
def test_a_request_that_may_not_pass_never_reaches_the_application(headers: dict[str, str], status: int) -> None:
    answer = Answer(JWTMiddleware(never, guard=guard_for()), **headers)
    assert answer.status == status
    assert answer.headers["www-authenticate"].startswith('Bearer realm="orders"')
    assert answer.headers["content-length"] == str(len(answer.body))


def test_a_refused_head_has_no_body() -> None:
    answer = Answer(JWTMiddleware(never, guard=guard_for()), method="HEAD")
    assert (answer.status, answer.body) == (401, b"")


def test_paths_are_relative_to_the_mount_and_decoded() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/gesund-\u00e4"])
    wire = "/gesund-\u00e4".encode().decode("latin-1")
    assert Answer(app, wire, SCRIPT_NAME="/shop").body == b"anonymous"
    assert Answer(app, "/shop" + wire).status == 401
    assert Answer(app, wire, HTTP_AUTHORIZATION="Bearer x.y.z").status == 401


def test_a_path_that_no_server_should_send_is_guarded() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/health", "/static/*"])
    for odd in ("", "*", "//health", "/health/", "/\xff", "/\u20ac", "/static/../orders", "/static//a"):
        assert Answer(app, odd).status == 401, odd


def test_an_unguarded_path_is_never_refused_and_its_caller_is_anonymous() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), unguarded_paths=["/login"])
    assert Answer(app, "/login", HTTP_AUTHORIZATION="Bearer x.y.z").body == b"anonymous"
    assert Answer(app, "/login", **bearer()).body == b"anonymous"


def test_outside_of_guarded_paths_nothing_is_touched() -> None:
    def bare(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"touched" if "jwt_middleware.principal" in environ else b"bare"]

    app = JWTMiddleware(bare, guard=guard_for(), guarded_paths=["/api/*"], unguarded_paths=["/admin"])
    assert Answer(app, "/admin").body == b"bare"
    for guarded in ("/api/a", "/api/a//b", "/api/../api/b", "/api/a\\b", "//api/a", "/x/../api/a"):
        assert Answer(app, guarded).status == 401, guarded


def test_a_token_in_another_header_is_found() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(token_from=[token_in_header("X-Gateway-Token")]))
    assert Answer(app, HTTP_X_GATEWAY_TOKEN=mint()).body == b"alice"
    assert Answer(app, **bearer()).status == 401


def test_a_revoked_token_is_refused_also_when_it_passed_before() -> None:
    store = memory()
    app = JWTMiddleware(whoami, guard=guard_for(revocations=store))
    headers = bearer(jti="one")
    assert Answer(app, **headers).status == 200
    store.revoke_token(ISSUER, "one", until=time.time() + 600)
    assert Answer(app, **headers).status == 401


def raising(error: Exception, *, start: bool = False, write: bool = False) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if start:
            send = start_response("200 OK", [("X-Ours", "1")])
            if write:
                send(b"already sent")
        raise error

    return app


@pytest.mark.parametrize("start", [False, True])
def test_an_auth_error_of_the_application_becomes_the_challenge(start: bool) -> None:
    answer = Answer(
        JWTMiddleware(raising(Forbidden(missing=["role boss"]), start=start), guard=guard_for()), **bearer()
    )
    assert answer.status == 403
    assert b"role boss" in answer.body
    assert "X-Ours" not in answer.headers


def test_an_auth_error_after_something_was_written_is_raised_again() -> None:
    with pytest.raises(Forbidden):
        Answer(JWTMiddleware(raising(Forbidden(), start=True, write=True), guard=guard_for()), **bearer())


def test_other_exceptions_pass_untouched() -> None:
    with pytest.raises(KeyError):
        Answer(JWTMiddleware(raising(KeyError("theirs")), guard=guard_for()), **bearer())
    assert current_passage() is None


def streaming(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    if environ["PATH_INFO"] == "/before":
        demand(scope("orders:read"))
    start_response("200 OK", [])
    if environ["PATH_INFO"] == "/started":
        demand(scope("orders:read"))
    yield b""
    yield current_principal().subject.encode()
    if environ["PATH_INFO"] == "/sent":
        demand(scope("orders:read"))


@pytest.mark.parametrize("where", ["/before", "/started"])
def test_an_auth_error_before_the_first_bytes_of_a_stream_becomes_the_challenge(where: str) -> None:
    answer = Answer(JWTMiddleware(streaming, guard=guard_for()), where, **bearer())
    assert answer.status == 403
    assert 'scope="orders:read"' in answer.headers["www-authenticate"]
    assert b"alice" not in answer.body and b"scope orders:read" in answer.body
    head = Answer(JWTMiddleware(streaming, guard=guard_for()), where, method="HEAD", **bearer())
    assert (head.status, head.body) == (403, b"")


def test_an_auth_error_in_the_middle_of_a_stream_is_raised_again() -> None:
    with pytest.raises(Forbidden):
        Answer(JWTMiddleware(streaming, guard=guard_for()), "/sent", **bearer())


class Closing:
    """A body that remembers who was there when it was iterated and closed."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __iter__(self) -> Iterator[bytes]:
        self.seen.append(f"iterated by {current_principal().subject}")
        yield b"a"
        yield b"b"

    def close(self) -> None:
        self.seen.append(f"closed by {current_principal().subject}")


def test_a_streamed_body_sees_its_caller_until_it_is_closed() -> None:
    body = Closing()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return body

    returned = JWTMiddleware(app, guard=guard_for())(Answer(whoami_open(), **bearer()).environ, ignored)
    chunks = iter(returned)
    assert next(chunks) == b"a"
    assert current_principal() is ANONYMOUS, "between two chunks the server goes on with something else"
    assert list(chunks) == [b"b"]
    returned.close()  # type: ignore[attr-defined]  # PEP 3333: a body may have one
    assert body.seen == ["iterated by alice", "closed by alice"]
    assert current_principal() is ANONYMOUS


def whoami_open() -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return []

    return app


def test_a_list_and_the_file_wrapper_of_the_server_are_handed_on_as_they_are() -> None:
    listed = [b"a"]
    wrapped = FileWrapper(io.BytesIO(b"file"))
    for body in (listed, wrapped):

        def app(environ: WSGIEnvironment, start_response: StartResponse, body: Any = body) -> Iterable[bytes]:
            start_response("200 OK", [])
            return body  # type: ignore[no-any-return]  # either of two bodies

        environ: dict[str, Any] = {**bearer(), "wsgi.file_wrapper": FileWrapper}
        answer = Answer(JWTMiddleware(app, guard=guard_for()), **environ)
        assert answer.returned is body


def test_a_thread_that_was_left_with_a_stale_caller_does_not_hand_it_on() -> None:
    app = JWTMiddleware(whoami, guard=guard_for(), public_paths=["/health"], unguarded_paths=["/login"])
    stale = Principal(subject="mallory", issuer=ISSUER)
    from jwt_middleware.access.current import Passage

    enter(Passage(stale, app.guard))
    try:
        assert Answer(app, "/health").body == b"anonymous"
        assert Answer(app, "/login").body == b"anonymous"
        assert Answer(app, **bearer()).body == b"alice"
    finally:
        enter(None)


def test_an_application_that_calls_another_one_keeps_its_own_caller() -> None:
    inner = JWTMiddleware(streaming, guard=guard_for())
    seen: list[str] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = inner(Answer(whoami_open(), **bearer("bob")).environ, ignored)
        chunks = iter(answer)
        assert next(chunks) == b""
        seen.append(current_principal().subject)
        assert next(chunks) == b"bob"
        seen.append(current_principal().subject)
        assert Answer(inner).status == 401
        seen.append(current_principal().subject)
        start_response("200 OK", [])
        return []

    Answer(JWTMiddleware(app, guard=guard_for()), **bearer("alice"))
    assert seen == ["alice", "alice", "alice"]


def test_demand_refuses_anonymous_callers_and_those_who_lack_something() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        demand(scope("orders:read"))
        return whoami(environ, start_response)

    guarded = JWTMiddleware(app, guard=guard_for(), public_paths=["/open"])
    assert Answer(guarded, "/open").status == 401
    assert Answer(guarded, **bearer()).status == 403
    assert Answer(guarded, **bearer(scope="orders:read")).status == 200


def test_demand_without_the_door_and_with_a_path_parameter_is_a_mistake_of_the_developer() -> None:
    with pytest.raises(ConfigurationError, match="JWTMiddleware"):
        demand(scope("orders:read"))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        demand(claim("tenant", path("tenant")))
        return []

    with pytest.raises(ConfigurationError, match="parameters of a route"):
        Answer(JWTMiddleware(app, guard=guard_for()), **bearer(tenant="acme"))


def test_wrong_arguments_are_found_when_the_door_is_built() -> None:
    with pytest.raises(ConfigurationError, match="Guard"):
        JWTMiddleware(whoami, guard="guard")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="public_paths"):
        JWTMiddleware(whoami, guard=guard_for(), public_paths="/health")


def test_the_door_keeps_the_protocol() -> None:
    def valid(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"fine"])

    app = validator(JWTMiddleware(validator(valid), guard=guard_for()))
    for headers in (bearer(), {}):
        environ: WSGIEnvironment = {"QUERY_STRING": "", **headers}
        setup_testing_defaults(environ)
        statuses: list[str] = []

        def start(status: str, *_: Any, statuses: list[str] = statuses) -> Callable[[bytes], object]:
            statuses.append(status)
            return lambda data: None

        body = app(environ, start)
        list(body)
        body.close()  # type: ignore[attr-defined]  # the validator's own body
        assert statuses == ["200 OK" if headers else "401 Unauthorized"]


def test_callers_in_parallel_threads_never_mix() -> None:
    barrier = threading.Barrier(8, timeout=20)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        barrier.wait()
        yield current_principal().subject.encode() + b" "
        barrier.wait()
        yield current_principal().subject.encode()

    guarded = JWTMiddleware(app, guard=guard_for())
    bodies: dict[str, bytes] = {}

    def call(name: str) -> None:
        bodies[name] = Answer(guarded, **bearer(name)).body

    threads = [threading.Thread(target=call, args=(f"caller{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert bodies == {f"caller{number}": f"caller{number} caller{number}".encode() for number in range(8)}


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...


def test_behind_a_real_server() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/late":
            return streaming({**environ, "PATH_INFO": "/started"}, start_response)
        return whoami(environ, start_response)

    guarded = JWTMiddleware(app, guard=guard_for(), public_paths=["/h\u00e4"])
    with make_server("127.0.0.1", 0, guarded, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with httpx2.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
                headers = {"Authorization": f"Bearer {mint()}"}
                assert client.get("/", headers=headers).text == "alice"
                assert client.get("/").status_code == 401
                assert client.get("/h%C3%A4").text == "anonymous"
                assert client.get("/late", headers=headers).status_code == 403
                twice = client.get("/", headers=[("Authorization", "Bearer a"), ("Authorization", "Bearer b")])
                assert twice.status_code == 400
                assert client.head("/").status_code == 401
        finally:
            server.shutdown()
            thread.join(20)


def test_missing_token_raised_by_the_application_itself_is_a_challenge_without_an_error() -> None:
    answer = Answer(JWTMiddleware(raising(MissingToken()), guard=guard_for()), **bearer())
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="orders"'


PREFLIGHT = {"HTTP_ORIGIN": "https://app.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"}


def answering(status: str, *headers: tuple[str, str], way: str = "list") -> WSGIApplication:
    """Answers whatever it is asked in the same way, as an application does that does not look at the method."""

    def lazily(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response(status, list(headers))
        yield b"sec"
        yield b"ret"

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response(status, list(headers))
        if way == "write":
            write(b"secret")
            return []
        return [b"secret"]

    return lazily if way == "lazily" else app


@pytest.mark.parametrize("way", ["list", "lazily", "write"])
def test_an_application_that_does_not_look_at_the_method_gives_a_preflight_nothing(way: str) -> None:
    told: list[str] = []

    class Telling:
        def decided(self, decision: Decision) -> None:
            told.append(decision.reason)

    app = JWTMiddleware(answering("200 OK", way=way), guard=guard_for(observers=[Telling()]))
    answer = Answer(app, method="OPTIONS", **PREFLIGHT)
    assert (answer.status, b"sec" in answer.body + answer.written) == (401, False)
    assert answer.headers["content-length"] == str(len(answer.body))
    assert told == ["preflight", "token_missing"]


@pytest.mark.parametrize("way", ["list", "lazily", "write"])
@pytest.mark.parametrize(
    ("status", "header"),
    [("204 No Content", ("Access-Control-Allow-Origin", "*")), ("405 Method Not Allowed", ("X-Theirs", "1"))],
)
def test_what_answers_a_preflight_is_heard(status: str, header: tuple[str, str], way: str) -> None:
    answer = Answer(JWTMiddleware(answering(status, header, way=way), guard=guard_for()), method="OPTIONS", **PREFLIGHT)
    assert (answer.status, answer.written + answer.body) == (int(status[:3]), b"secret")
    assert answer.headers == dict([header])


def test_a_public_path_is_public_for_preflights_too() -> None:
    app = JWTMiddleware(answering("200 OK"), guard=guard_for(), public_paths=["/"])
    assert Answer(app, method="OPTIONS", **PREFLIGHT).body == b"secret"


def test_the_body_of_a_refused_preflight_is_closed() -> None:
    closed: list[bool] = []

    class Closing:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"secret"])

        def close(self) -> None:
            closed.append(current_passage() is not None)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Closing()

    assert Answer(JWTMiddleware(app, guard=guard_for()), method="OPTIONS", **PREFLIGHT).status == 401
    assert closed == [True]


def test_a_failure_while_a_preflight_is_answered_is_the_applications_own() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            raise KeyError("theirs")
        except KeyError:
            start_response("500 Internal Server Error", [], sys.exc_info())
            return [b"sorry"]

    answer = Answer(JWTMiddleware(app, guard=guard_for()), method="OPTIONS", **PREFLIGHT)
    assert (answer.status, answer.body) == (500, b"sorry")
