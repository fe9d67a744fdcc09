"""Logging in, refreshing, logging out, behind Starlette and a guard that refuses everything else."""

import http.cookies
import json
import threading
from typing import Any

import anyio
import httpx2
import jwt
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from jwt_middleware import Guard, TrustedIssuer, authorization_header
from jwt_middleware.issuing.cookies import SessionCookies, session_cookies
from jwt_middleware.issuing.credentials import Credentials
from jwt_middleware.issuing.throttle import MemoryThrottle
from jwt_middleware.starlette import JWTMiddleware
from jwt_middleware.starlette_issuing import accounts, key_routes, session_routes
from tests.issuing.cast import SECRET, Stage, at_once
from tests.issuing.test_signing_keys import ISSUER, Kept

RIGHT = {"username": "ann", "password": "ann's password"}
SITE = "https://shop.example.com"


async def whoami(request: Request) -> JSONResponse:
    return JSONResponse({"subject": request.user.subject})


class Site:
    """One application with sessions under /auth, its keys, and an API that wants a token."""

    def __init__(self, cookies: SessionCookies | None = None, **given: Any) -> None:
        self.stage = Stage(**given)
        locations: list[Any] = [authorization_header, *([cookies.location] if cookies else [])]
        trusted = TrustedIssuer(ISSUER, audience="orders", keys=self.stage.issuer.keys, profile="rfc9068")
        self.guard = Guard(
            trusted,
            token_from=locations,
            revocations=self.stage.revocations,
            observers=[],
            clock=self.stage.clock,
        )
        self.throttle = MemoryThrottle(clock=self.stage.clock)
        routes = session_routes(self.stage.sessions, self.stage.people, throttle=self.throttle, cookies=cookies)
        self.app = Starlette(
            routes=[
                Mount("/auth", routes=routes),
                Route("/me", whoami, methods=["GET", "POST"]),
                *key_routes(self.stage.issuer),
            ],
            middleware=[Middleware(JWTMiddleware, guard=self.guard)],
        )
        self.client = TestClient(self.app, base_url=SITE)

    def post(self, path: str, body: Any = None, **given: Any) -> httpx2.Response:
        return self.client.post(f"/auth/{path}", json=body, **given)

    def logged_in(self) -> dict[str, Any]:
        answer = self.post("login", RIGHT)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def problem(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_login_opens_the_api_and_a_refresh_keeps_it_open() -> None:
    site = Site()
    answer = site.post("login", RIGHT)
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert {name: tokens[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "read write",
    }
    assert (tokens["refresh_token_timeout"], tokens["authorization_expires_in"]) == (14 * 86_400, 90 * 86_400)
    assert site.client.get("/me", headers=bearer(tokens["access_token"])).json() == {"subject": "ann"}
    site.stage.clock.now += 340
    assert site.client.get("/me", headers=bearer(tokens["access_token"])).status_code == 401
    expired = bearer(tokens["access_token"])  # a browser that sends it along all the same
    tokens = site.post("refresh", {"refresh_token": tokens["refresh_token"]}, headers=expired).json()
    assert site.client.get("/me", headers=bearer(tokens["access_token"])).status_code == 200
    assert site.post("login", RIGHT, headers=expired).status_code == 200
    assert site.post("logout", {"refresh_token": tokens["refresh_token"]}, headers=expired).status_code == 204
    assert site.client.get("/me", headers=bearer(tokens["access_token"])).status_code == 401
    assert problem(site.post("refresh", {"refresh_token": tokens["refresh_token"]})) == (400, "refresh_refused")


def test_nothing_is_redirected_with_its_secrets() -> None:
    site = Site()
    site.client.follow_redirects = False
    for slash in ("", "/"):
        tokens = site.post(f"login{slash}", RIGHT).json()
        holder = bearer(tokens["access_token"])
        [session] = site.client.get(f"/auth/sessions{slash}", headers=holder).json()["sessions"]
        assert site.post(f"verify{slash}", {"token": tokens["access_token"]}).json()["valid"] is True
        tokens = site.post(f"refresh{slash}", {"refresh_token": tokens["refresh_token"]}).json()
        assert site.client.delete(f"/auth/sessions/{session['id']}{slash}", headers=holder).status_code == 204
        for path in ("logout", "logout-everywhere"):
            answer = site.post(f"{path}{slash}", {"refresh_token": site.logged_in()["refresh_token"]})
            assert answer.status_code in (200, 204), path


def test_cookies_of_a_path_with_a_slash_belong_to_the_same_folder() -> None:
    cookies = set_cookies(Site(COOKIES).post("login/", RIGHT, headers=OWN))
    assert cookies["__Secure-refresh_token"]["path"] == "/auth"


def test_everything_else_is_refused_to_strangers() -> None:
    site = Site()
    for path in ("/me", "/auth", "/auth/nowhere", "/nowhere"):
        assert site.client.get(path).status_code == 401


def test_unknown_wrong_and_disabled_get_the_same_answer_at_the_same_cost() -> None:
    site = Site()
    site.stage.people.disabled.add("bob")
    seen = set()
    for name, password in (("nobody", "x"), ("ann", "wrong"), ("bob", "bob's password")):
        before = site.stage.people.hashed
        answer = site.post("login", {"username": name, "password": password})
        seen.add((answer.status_code, answer.content, tuple(sorted(answer.headers.items()))))
        assert site.stage.people.hashed == before + 1
    assert len(seen) == 1
    assert problem(answer) == (400, "credentials_refused")
    assert answer.json()["error"] == "invalid_grant"


def test_guessing_ends_after_five_failures_for_everybody_alike() -> None:
    site = Site()
    for name in ("ann", "nobody"):
        for _ in range(5):
            assert problem(site.post("login", {"username": name, "password": "guess"})) == (400, "credentials_refused")
        hashed = site.stage.people.hashed
        answer = site.post("login", {"username": name, "password": f"{name}'s password"})
        assert problem(answer) == (429, "too_many_attempts")
        assert answer.headers["retry-after"] == "60"
        assert site.stage.people.hashed == hashed
    site.stage.clock.now += 60
    assert site.post("login", RIGHT).status_code == 200


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b"", None, (400, "body_malformed")),
        (b"{}", "application/json", (400, "body_malformed")),
        (b"[]", "application/json", (400, "body_malformed")),
        (b"no json", "application/json", (400, "body_malformed")),
        (b'{"username": "ann"}', "application/json", (400, "body_malformed")),
        (b'{"username": ["ann"], "password": "x"}', "application/json", (400, "body_malformed")),
        (b'{"username": "ann\\u0000", "password": "x"}', "application/json", (400, "body_malformed")),
        (b'{"username": "ann", "username": "bob", "password": "x"}', "application/json", (400, "body_malformed")),
        (b'{"username": "ann", "password": "x", "scope": 7}', "application/json", (400, "body_malformed")),
        (b'{"username": "ann", "password": "x", "resource": [7]}', "application/json", (400, "body_malformed")),
        (b"\xff\xfe{\x00}\x00", "application/json", (400, "body_malformed")),
        (b"[" * 4000, "application/json", (400, "body_malformed")),
        (b'{"username": "ann", "password": "x"}' + b" " * 9000, "application/json", (413, "body_too_large")),
        (b"username=ann&password=x", "application/x-www-form-urlencoded", (415, "content_type_refused")),
        (b'{"username": "ann", "password": "x"}', "text/plain", (415, "content_type_refused")),
        (b'{"username": "ann", "password": "x"}', None, (415, "content_type_refused")),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(content: bytes, content_type: str | None, expected: Any) -> None:
    site = Site()
    headers = {} if content_type is None else {"content-type": content_type}
    assert problem(site.client.post("/auth/login", content=content, headers=headers)) == expected
    assert site.stage.people.hashed == 0


def test_other_methods_are_refused_by_the_framework() -> None:
    site = Site()
    for path in ("login", "refresh", "logout", "logout-everywhere", "verify"):
        assert site.client.get(f"/auth/{path}").status_code == 405
    assert site.client.put("/auth/sessions").status_code == 405


def test_fewer_scopes_and_resources_can_be_asked_for_and_never_more() -> None:
    site = Site()
    tokens = site.post("login", {**RIGHT, "scope": "read", "resource": "orders"}).json()
    said = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert (said["scope"], said["aud"], tokens["scope"]) == ("read", "orders", "read")
    refresh = {"refresh_token": tokens["refresh_token"]}
    assert problem(site.post("refresh", {**refresh, "scope": "write"})) == (400, "scope_refused")
    answer = site.post("refresh", {**refresh, "resource": ["inventory"]})
    assert problem(answer) == (400, "resource_refused")
    assert answer.json()["error"] == "invalid_target"
    assert site.post("refresh", {**refresh, "resource": ["orders"]}).status_code == 200
    assert problem(site.post("login", {**RIGHT, "scope": "admin"})) == (400, "scope_refused")


@pytest.mark.parametrize("subject", ["shop", "client:x"])
def test_nobody_logs_in_who_would_be_taken_for_a_client(subject: str) -> None:
    from jwt_middleware.issuing import Account

    site = Site()
    site.stage.people.accounts[subject] = Account(subject=subject)
    answer = site.post("login", {"username": subject, "password": f"{subject}'s password"})
    assert problem(answer) == (400, "credentials_refused")


def test_fifty_requests_with_one_token_get_one_successor() -> None:
    site = Site()
    token = site.logged_in()["refresh_token"]

    async def all_of_them() -> set[str]:
        found: set[str] = set()
        transport = httpx2.ASGITransport(site.app)
        async with httpx2.AsyncClient(transport=transport, base_url=SITE) as client, anyio.create_task_group() as group:

            async def one() -> None:
                answer = await client.post("/auth/refresh", json={"refresh_token": token})
                found.add(answer.json().get("refresh_token", answer.text))

            for _ in range(50):
                group.start_soon(one)
        return found

    assert len(anyio.run(all_of_them)) == 1


def test_somebody_sees_and_ends_their_own_sessions_only() -> None:
    site = Site()
    phone, laptop = site.logged_in(), site.logged_in()
    bob = site.post("login", {"username": "bob", "password": "bob's password"}).json()
    listed = site.client.get("/auth/sessions", headers=bearer(laptop["access_token"]))
    assert listed.headers["cache-control"] == "no-store"
    sessions = listed.json()["sessions"]
    assert sorted(each["this_one"] for each in sessions) == [False, True]
    assert {each["agent"] for each in sessions} == {"testclient"}
    other = next(each["id"] for each in sessions if not each["this_one"])
    assert problem(site.client.delete(f"/auth/sessions/{other}", headers=bearer(bob["access_token"]))) == (
        *(404, "session_unknown"),
    )
    assert site.client.delete(f"/auth/sessions/{other}", headers=bearer(laptop["access_token"])).status_code == 204
    assert site.client.get("/me", headers=bearer(phone["access_token"])).status_code == 401
    assert problem(site.client.get("/auth/sessions", headers=bearer(phone["access_token"]))) == (401, "token_revoked")
    assert site.client.get("/me", headers=bearer(laptop["access_token"])).status_code == 200
    missing = site.client.get("/auth/sessions")
    assert problem(missing) == (401, "token_missing")
    assert missing.headers["www-authenticate"].startswith("Bearer ")


def test_log_out_everywhere() -> None:
    site = Site()
    phone, laptop = site.logged_in(), site.logged_in()
    answer = site.post("logout-everywhere", headers=bearer(phone["access_token"]))
    assert (answer.status_code, answer.json()) == (200, {"ended": 2})
    for tokens in (phone, laptop):
        assert site.client.get("/me", headers=bearer(tokens["access_token"])).status_code == 401
    again = site.logged_in()
    assert site.post("logout-everywhere", {"refresh_token": again["refresh_token"]}).json() == {"ended": 1}
    assert problem(site.post("logout-everywhere", {"refresh_token": again["refresh_token"]})) == (
        400,
        "refresh_refused",
    )
    assert problem(site.post("logout-everywhere")) == (401, "token_missing")


def test_whoever_is_logged_out_already_gets_the_same_answer() -> None:
    site = Site()
    tokens = site.logged_in()
    bodies: list[Any] = [{"refresh_token": tokens["refresh_token"]}] * 2 + [{"refresh_token": "garbage"}, {}, None]
    for body in bodies:
        answer = site.post("logout", body)
        assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")
    tokens = site.logged_in()
    assert site.post("logout", headers=bearer(tokens["access_token"])).status_code == 204
    assert site.client.get("/me", headers=bearer(tokens["access_token"])).status_code == 401
    assert site.post("logout", headers=bearer("garbage")).status_code == 204


def test_verify_says_whether_a_token_is_good() -> None:
    site = Site()
    tokens = site.logged_in()
    site.stage.clock.now += 100
    answer = site.post("verify", {"token": tokens["access_token"]})
    assert (answer.status_code, answer.json()) == (200, {"valid": True, "subject": "ann", "expires_in": 200})
    assert problem(site.post("verify", {"token": "x.y.z"})) == (401, "token_malformed")
    assert problem(site.post("verify", {})) == (400, "body_malformed")
    site.post("logout", {"refresh_token": tokens["refresh_token"]})
    assert problem(site.post("verify", {"token": tokens["access_token"]})) == (401, "token_revoked")


def test_an_outage_is_503_and_nothing_is_lost() -> None:
    site = Site()
    tokens = site.logged_in()
    site.stage.people.out_of_reach = OSError("away")
    for path, body in (("login", RIGHT), ("refresh", {"refresh_token": tokens["refresh_token"]})):
        answer = site.post(path, body)
        assert problem(answer) == (503, "sessions_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert "away" not in answer.text
    site.stage.people.out_of_reach = None
    assert site.post("refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200

    def away(*_: Any) -> float:
        raise OSError("away")

    site.throttle.attempt = away  # type: ignore[method-assign, assignment]  # a throttle that is out of reach
    assert problem(site.post("login", RIGHT)) == (503, "sessions_unavailable")


def test_a_logout_by_access_token_is_503_and_no_success_while_sessions_are_out_of_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site()
    holder = bearer(site.logged_in()["access_token"])

    async def down(session_id: str) -> None:
        raise OSError("down")

    with monkeypatch.context() as patch:
        patch.setattr(site.stage.store, "afind", down)
        assert problem(site.post("logout", headers=holder)) == (503, "sessions_unavailable")
    assert site.client.get("/me", headers=holder).status_code == 200
    assert site.post("logout", headers=holder).status_code == 204
    assert site.client.get("/me", headers=holder).status_code == 401


def test_of_a_browser_that_says_very_much_only_the_beginning_is_kept() -> None:
    site = Site()
    tokens = site.post("login", RIGHT, headers={"user-agent": "x" * 5000}).json()
    (shown,) = site.client.get("/auth/sessions", headers=bearer(tokens["access_token"])).json()["sessions"]
    assert shown["agent"] == "x" * 200


def test_accounts_are_asked_by_functions_sync_in_a_thread_or_async() -> None:
    stage = Stage()
    threads = []

    def log_in(credentials: Credentials) -> Any:
        threads.append(threading.get_ident())
        return stage.people.log_in(credentials)

    async def find(subject: str) -> Any:
        return stage.people.find(subject)

    either = accounts(log_in=log_in, find=find)
    loop_thread = []

    async def ask() -> None:
        loop_thread.append(threading.get_ident())
        assert await either.alog_in(Credentials("ann", "ann's password", {})) is not None
        assert await either.afind("ann") is not None

    anyio.run(ask)
    assert threads != loop_thread
    sync = accounts(log_in=log_in, find=stage.people.find)
    assert sync.log_in(Credentials("ann", "wrong", {})) is None
    assert sync.find("ann") is not None


def test_the_keys_and_the_metadata_are_where_verifiers_look() -> None:
    site = Site()
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        answer = site.client.get(path)
        assert answer.json() == {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
        assert answer.headers["access-control-allow-origin"] == "*"
        assert site.client.options(path).status_code == 204
    answer = site.client.get("/jwks")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert [key["kid"] for key in answer.json()["keys"]] == [site.stage.issuer.keys.active.kid]
    again = site.client.get("/jwks", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = site.client.head("/jwks")
    assert (head.status_code, head.content) == (200, b"")


def test_an_issuer_with_a_path_and_one_with_shared_secrets() -> None:
    from jwt_middleware.issuing import SigningKeys, TokenIssuer

    tenant = TokenIssuer("https://a.example/t1/", SigningKeys(store=(store := Kept())))
    SigningKeys(store=store).prepare()
    client = TestClient(Starlette(routes=key_routes(tenant)))
    for path in (
        "/.well-known/oauth-authorization-server/t1",
        "/t1/.well-known/openid-configuration",
        "/.well-known/openid-configuration/t1",
    ):
        assert client.get(path).json() == {"issuer": "https://a.example/t1/", "jwks_uri": "https://a.example/t1/jwks"}
    assert len(client.get("/t1/jwks").json()["keys"]) == 2
    shared = TestClient(Starlette(routes=key_routes(TokenIssuer(ISSUER, SigningKeys(algorithm="HS256")))))
    assert shared.get("/.well-known/oauth-authorization-server").json() == {"issuer": ISSUER}
    assert shared.get("/jwks").status_code == 404


# browser mode

COOKIES = session_cookies(secret=SECRET)
OWN = {"origin": SITE}


def set_cookies(answer: httpx2.Response) -> dict[str, http.cookies.Morsel[str]]:
    found: dict[str, http.cookies.Morsel[str]] = {}
    for header in answer.headers.get_list("set-cookie"):
        found.update(http.cookies.SimpleCookie(header))
    return found


def test_browsers_get_cookies_that_no_script_reads_and_no_token_in_the_body() -> None:
    site = Site(COOKIES)
    answer = site.post("login", RIGHT, headers=OWN)
    assert set(answer.json()) == {
        *("token_type", "expires_in", "refresh_token_timeout", "authorization_expires_in", "scope"),
    }
    cookies = set_cookies(answer)
    assert set(cookies) == {"__Host-access_token", "__Secure-refresh_token", "csrf_token"}
    access, refresh, csrf = (cookies[n] for n in ("__Host-access_token", "__Secure-refresh_token", "csrf_token"))
    assert (access["httponly"], access["secure"], access["samesite"], access["path"]) == (True, True, "Lax", "/")
    assert (refresh["httponly"], refresh["secure"], refresh["samesite"], refresh["path"]) == (
        *(True, True, "Strict", "/auth"),
    )
    assert (csrf["httponly"], csrf["secure"]) == ("", True)
    assert (access["max-age"], refresh["max-age"]) == ("300", str(14 * 86_400))
    assert not any(cookie["domain"] for cookie in cookies.values())


def test_a_browser_lives_on_cookies_alone() -> None:
    site = Site(COOKIES)
    site.post("login", RIGHT, headers=OWN)
    assert site.client.get("/me").json() == {"subject": "ann"}
    assert site.client.post("/me", headers=OWN).status_code == 403  # without the value of the CSRF cookie
    csrf = {"x-csrf-token": site.client.cookies["csrf_token"]}
    assert site.client.post("/me", headers={**OWN, **csrf}).json() == {"subject": "ann"}
    site.stage.clock.now += 340
    assert site.client.get("/me").status_code == 401
    assert site.post("refresh", headers=OWN).status_code == 200
    assert site.client.get("/me").status_code == 200
    assert len(site.client.get("/auth/sessions").json()["sessions"]) == 1
    left = site.post("logout", headers=OWN)
    assert left.status_code == 204
    assert all(cookie["max-age"] == "0" and cookie.value == "" for cookie in set_cookies(left).values())
    assert len(site.client.cookies) == 0
    assert site.client.get("/me").status_code == 401
    assert problem(site.post("refresh", headers=OWN)) == (400, "refresh_refused")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://shop.example.com"},
        {"origin": f"{SITE}.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ],
)
@pytest.mark.parametrize("path", ["login", "refresh", "logout", "logout-everywhere"])
def test_another_site_can_neither_log_in_nor_refresh_nor_log_out(path: str, headers: dict[str, str]) -> None:
    site = Site(COOKIES)
    site.post("login", RIGHT, headers=OWN)
    events = len(site.stage.events)
    assert problem(site.post(path, RIGHT, headers=headers)) == (403, "csrf_failed")
    assert len(site.stage.events) == events
    assert site.client.get("/me").status_code == 200


def test_an_allowed_origin_may() -> None:
    site = Site(session_cookies(secret=SECRET, allowed_origins=["https://app.example.com"]))
    assert site.post("login", RIGHT, headers={"origin": "https://app.example.com"}).status_code == 200
    assert site.post("login", RIGHT, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_a_replay_in_a_browser_takes_the_cookies_back() -> None:
    site = Site(COOKIES)
    site.post("login", RIGHT, headers=OWN)
    stolen = site.client.cookies["__Secure-refresh_token"]
    site.post("refresh", headers=OWN)
    site.stage.clock.now += 11
    thief = TestClient(site.app, base_url=SITE, cookies={"__Secure-refresh_token": stolen})
    answer = thief.post("/auth/refresh", headers=OWN)
    assert problem(answer) == (400, "refresh_refused")
    assert set_cookies(answer)["__Secure-refresh_token"]["max-age"] == "0"
    assert problem(site.post("refresh", headers=OWN)) == (400, "refresh_refused")


def test_two_refresh_cookies_are_refused() -> None:
    site = Site(COOKIES)
    headers = {**OWN, "cookie": "__Secure-refresh_token=a; x=y; __Secure-refresh_token=b"}
    assert problem(site.post("refresh", headers=headers)) == (400, "several_tokens")


def test_cookies_without_https_are_named_loudly() -> None:
    from jwt_middleware import ConfigurationError

    cookies = session_cookies(secret=SECRET, plain_http_lets_anyone_on_the_way_take_the_session=True)
    site = Site(cookies)
    answer = site.post("login", RIGHT, headers=OWN)
    assert set(set_cookies(answer)) == {"access_token", "refresh_token", "csrf_token"}
    assert not any(cookie["secure"] for cookie in set_cookies(answer).values())
    for given in (
        {"access_name": "__Host-a", "plain_http_lets_anyone_on_the_way_take_the_session": True},
        {"refresh_name": "__Host-r"},
        {"secret": "short"},
    ):
        arguments: dict[str, Any] = {"secret": SECRET, **given}
        with pytest.raises(ConfigurationError):
            session_cookies(**arguments)


def test_threads_that_log_in_at_once_with_wrong_passwords_get_five_hashes() -> None:
    site = Site()
    codes = at_once(lambda: site.post("login", {"username": "ann", "password": "guess"}).status_code, 20)
    assert (codes.count(400), codes.count(429)) == (5, 15)
    assert site.stage.people.hashed == 5


def test_answers_never_repeat_what_was_sent() -> None:
    site = Site()
    for body in ({"username": "<script>", "password": "p4ss"}, {**RIGHT, "scope": "sc0pe"}):
        text = json.dumps(site.post("login", body).json())
        assert not any(each in text for each in ("<script>", "p4ss", "sc0pe"))
