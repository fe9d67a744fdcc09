"""A hostile target: what it receives, and what is logged meanwhile, is searched for tokens it should not see."""

import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import TokenUnavailable
from jwt_middleware.client import (
    TokenEndpoint,
    TokenRule,
    client_credentials,
    client_secret_post,
    exchange_token,
    forward_token,
)

from .calling import LOCAL, calling
from .sending import SENDERS, Sender
from .servers import Listener, Received, Say, TokenServer

SECRET = "s3cr3t-of-orders"
STATUSES = [301, 302, 303, 307, 308]
RULES: dict[str, Callable[[TokenEndpoint], TokenRule]] = {
    "forwarded": lambda _: forward_token("orders"),
    "our own": lambda ours: client_credentials(ours, resource=None),
    "exchanged": lambda ours: exchange_token(ours, resource=None),
}


@dataclass
class Stage:
    """A listed target, a thief who is not, and whoever calls."""

    send: Sender
    rule: TokenRule
    target: Listener
    thief: Listener
    issuer: TokenServer
    token: str
    ca_file: Path | None

    def call(self, path: str = "/", **given: Any) -> int:
        with calling(self.token):
            (answered,) = self.send(
                {self.target.origin: self.rule},
                self.target.origin + path,
                redirects=True,
                ca_file=self.ca_file,
                **given,
            )
        return answered.status

    @property
    def secrets(self) -> list[bytes]:
        given = [f"token-{number}".encode() for number in range(1, self.issuer._given + 1)]
        return [self.token.encode(), SECRET.encode(), self.token.split(".")[2].encode(), *given]


@pytest.fixture(params=RULES)
def rule(request: pytest.FixtureRequest, issuer: TokenServer) -> TokenRule:
    ours = TokenEndpoint(issuer.origin, client_id="orders", authentication=client_secret_post(SECRET))
    return RULES[request.param](ours)


@pytest.fixture(params=SENDERS, ids=[each.name for each in SENDERS])
def stage(
    request: pytest.FixtureRequest,
    rule: TokenRule,
    issuer: TokenServer,
    listener: Callable[..., Listener],
    caplog: pytest.LogCaptureFixture,
) -> Any:
    caplog.set_level(logging.DEBUG)
    made = Stage(request.param, rule, listener(), listener(), issuer, LOCAL.token("ann"), None)
    yield made
    _nothing_was_stolen(made, caplog)


@pytest.fixture(params=SENDERS, ids=[each.name for each in SENDERS])
def stage_with_tls(
    request: pytest.FixtureRequest,
    rule: TokenRule,
    issuer: TokenServer,
    listener: Callable[..., Listener],
    caplog: pytest.LogCaptureFixture,
    certificate: Path,
) -> Any:
    caplog.set_level(logging.DEBUG)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    made = Stage(request.param, rule, listener(Listener, tls), listener(), issuer, LOCAL.token("ann"), certificate)
    yield made
    _nothing_was_stolen(made, caplog)


def _nothing_was_stolen(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    assert stage.target.requests, "the target was never called: nothing was tried"
    for secret in stage.secrets:
        assert secret not in bytes(stage.thief.octets)
        assert secret.decode() not in caplog.text
    assert stage.token.encode() not in bytes(stage.target.octets) or isinstance(
        stage.rule, type(forward_token("orders"))
    )
    assert SECRET.encode() not in bytes(stage.target.octets)
    assert b"authorization" not in bytes(stage.thief.octets).lower()


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirect_to_another_port_carries_nothing(stage: Stage, status: int) -> None:
    stage.target.answers["/"] = lambda _: Say(status, location=f"{stage.thief.origin}/stolen")
    assert stage.call(method="POST", content=b"a body") == 200
    assert stage.thief.requests
    assert stage.target.tokens[0]


def test_a_redirect_to_another_name_of_the_same_host_carries_nothing(stage: Stage) -> None:
    stage.target.answers["/"] = lambda _: Say(307, location=f"http://localhost:{stage.target.port}/stolen")
    stage.target.answers["/stolen"] = lambda received: Say(200 if received.token is None else 418)
    assert stage.call() == 200
    assert stage.target.tokens[1] is None


REDIRECTS_ELSEWHERE = [
    "//127.0.0.1:{thief}/x",
    "http://127.0.0.1:{target}@127.0.0.1:{thief}/x",
    "http://127.0.0.1:{target}:pass@127.0.0.1:{thief}/x",
    "HTTP://127.0.0.1:{thief}",
    "http://LocalHost:{thief}/127.0.0.1:{target}",
    "http://127.1:{thief}/?127.0.0.1:{target}",
    "http://127.0.0.1:{thief}#@127.0.0.1:{target}/",
    "http://dotted.:{thief}/",
    "http://dotted.:{target}/other-name",
]


def test_a_redirect_that_looks_like_the_target_carries_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def known(host: Any, *rest: Any, **named: Any) -> Any:  # no resolver here knows a name with a dot at its end
        return resolve("127.0.0.1" if host in ("dotted.", b"dotted.") else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    for form in REDIRECTS_ELSEWHERE:
        where = form.format(thief=stage.thief.port, target=stage.target.port)
        stage.target.answers["/"] = lambda _, where=where: Say(302, location=where)  # type: ignore[misc]  # bound now
        assert stage.call() == 200, form
    assert len(stage.thief.requests) == len(REDIRECTS_ELSEWHERE) - 1
    assert [each.token for each in stage.target.requests if each.path != "/"] == [None]
    assert set(stage.thief.tokens) == {None}


URLS_ELSEWHERE = [
    "http://{target}@{thief}/",
    "http://{target}:pass@{thief}/",
    "http://{thief}/{target}",
    "http://{thief}?@{target}/",
    "http://{thief}#@{target}/",
    "http://{thief}/..//{target}/",
    "http://{target}.{thief}/",
    "HTTP://{thief}/",
]


def test_a_url_that_looks_like_the_target_and_leads_elsewhere_sends_nothing(stage: Stage) -> None:
    stage.call()
    target, thief = (each.origin.removeprefix("http://") for each in (stage.target, stage.thief))
    for form in URLS_ELSEWHERE:
        with calling(stage.token), pytest.raises(Exception) as caught:  # TokenUnavailable, or no URL for this client
            stage.send({stage.target.origin: stage.rule}, form.format(target=target, thief=thief))
        assert stage.thief.octets == b"", form
        assert stage.token not in f"{caught.value!r} {caught.value}"


OTHER_NAMES = [
    ("localhost", "localhost."),
    ("localhost", "127.0.0.1"),
    ("127.0.0.1", "localhost"),
    ("127.0.0.1", "127.1"),
    ("127.0.0.1", "[::ffff:127.0.0.1]"),
]


def test_another_name_of_a_target_is_another_target(stage: Stage) -> None:
    stage.call()
    before = len(stage.target.octets)
    for listed, called in OTHER_NAMES:
        with calling(stage.token), pytest.raises(TokenUnavailable):
            stage.send({f"http://{listed}:{stage.target.port}": stage.rule}, f"http://{called}:{stage.target.port}/")
        assert len(stage.target.octets) == before, called


def test_the_case_of_a_name_makes_no_other_target(stage: Stage) -> None:
    port = stage.target.port
    with calling(stage.token):
        stage.send({f"http://LOCALHOST:{port}": stage.rule}, f"HTTP://localhost:{port}/")
        stage.send({f"http://localhost:{port}": stage.rule}, f"http://LocalHost:{port}/")
    assert len(stage.target.tokens) == 2
    assert None not in stage.target.tokens


def test_credentials_in_a_url_do_not_take_the_place_of_the_token(stage: Stage) -> None:
    there = stage.target.origin.removeprefix("http://")
    stage.target.answers["/"] = lambda _: Say(302, location=f"http://thief:password@{there}/next")
    stage.call()
    with calling(stage.token):
        stage.send({stage.target.origin: stage.rule}, f"http://thief:password@{there}/x")
    assert [each.path for each in stage.target.requests] == ["/", "/next", "/x"]
    assert None not in stage.target.tokens


def test_a_redirect_within_the_target_and_then_away_carries_nothing(stage: Stage) -> None:
    stage.target.answers["/"] = lambda _: Say(302, location="/next")
    stage.target.answers["/next"] = lambda _: Say(302, location=f"{stage.thief.origin}/stolen")
    assert stage.call() == 200
    assert stage.target.tokens[0] == stage.target.tokens[1] is not None
    assert stage.thief.tokens == [None]


def test_a_redirect_away_and_back_brings_no_token_back(stage: Stage) -> None:
    stage.target.answers["/"] = lambda _: Say(302, location=f"{stage.thief.origin}/back")
    stage.thief.answers["/back"] = lambda _: Say(302, location=f"{stage.target.origin}/transfer?to=thief")
    assert stage.call() == 200
    assert (stage.target.requests[1].path, stage.target.tokens[1]) == ("/transfer?to=thief", None)


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirect_from_https_to_http_carries_nothing(stage_with_tls: Stage, status: int) -> None:
    stage = stage_with_tls
    stage.target.answers["/"] = lambda _: Say(status, location=f"{stage.thief.origin}/plain")
    assert stage.call() == 200
    assert stage.thief.tokens == [None]
    assert stage.target.tokens[0]


def test_a_target_whose_certificate_nobody_vouches_for_gets_nothing(stage_with_tls: Stage) -> None:
    stage = stage_with_tls
    stage.call()
    before = len(stage.target.octets)
    stage.ca_file = None
    with pytest.raises(Exception, match="(?i)certificate"):
        stage.call()
    assert len(stage.target.octets) == before


def lying(stage: Stage) -> str:
    """Everything that a challenge may say to lead us elsewhere (RFC 9728, RFC 6750, Microsoft's and UMA's words)."""
    thief = stage.thief.origin
    return (
        f'Bearer realm="{thief}", error="invalid_token", scope="admin", resource="{thief}",'
        f' resource_metadata="{thief}/metadata", authorization_uri="{thief}/token", as_uri="{thief}", error_uri="{thief}"'
    )


def test_nothing_of_a_lying_challenge_is_followed(stage: Stage) -> None:
    headers: dict[str, Any] = {
        "www_authenticate": lying(stage),
        "location": f"{stage.thief.origin}/location",
        "link": f'<{stage.thief.origin}/link>; rel="authorization"',
        "refresh": f"0; url={stage.thief.origin}/refresh",
    }
    stage.target.answers["/"] = lambda _: Say(401, **headers)
    for _ in range(5):
        assert stage.call() == 401
    assert stage.thief.octets == b""
    renewable = not isinstance(stage.rule, type(forward_token("orders")))
    assert len(stage.issuer.asked) == (2 if renewable else 0)  # one token, and one instead of it
    assert all(dict(each.form).get("scope") is None for each in stage.issuer.asked)


def test_what_a_thief_says_of_a_token_that_it_never_got_renews_nothing(stage: Stage) -> None:
    stage.target.answers["/"] = lambda _: Say(307, location=f"{stage.thief.origin}/stolen")
    stage.thief.answers["/stolen"] = lambda _: Say(401, www_authenticate=lying(stage))
    assert stage.call() == 401
    assert stage.thief.tokens == [None]
    assert len(stage.issuer.asked) <= 1


def test_a_request_that_is_sent_once_more_carries_nothing_away_either(stage: Stage) -> None:
    def first_a_lie_then_a_redirect(received: Received) -> Say:
        if len(stage.target.requests) == 1:
            return Say(401, www_authenticate='Bearer error="invalid_token"')
        return Say(307, location=f"{stage.thief.origin}/stolen")

    stage.target.answers["/"] = first_a_lie_then_a_redirect
    stage.call(method="POST", content=b"a body")
    assert set(stage.thief.tokens) <= {None}


def test_a_cookie_of_the_target_changes_nothing(stage: Stage) -> None:
    stage.target.answers["/"] = lambda _: Say(302, set_cookie="a=b; Path=/", location=f"{stage.thief.origin}/stolen")
    assert stage.call() == 200
    assert stage.thief.tokens == [None]


def test_no_error_of_ours_shows_a_token(stage: Stage) -> None:
    stage.call()
    with calling(stage.token), pytest.raises(TokenUnavailable) as caught:
        stage.send({stage.target.origin: stage.rule}, stage.thief.origin)
    shown = f"{caught.value!r} {caught.value} {stage.rule!r}"
    assert not any(secret.decode() in shown for secret in stage.secrets)
    assert stage.thief.octets == b""


@pytest.mark.plants_secrets("the client of this test writes into a log what it must not")
def test_a_client_that_carries_tokens_along_would_be_found(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """What is searched for is really looked for."""
    stage.call()
    with calling(stage.token):
        stage.send({stage.thief.origin: stage.rule}, stage.thief.origin)
    with pytest.raises(AssertionError):
        _nothing_was_stolen(stage, caplog)
    stage.thief.octets.clear()
    logging.getLogger("tests").info("sent %s", stage.thief.tokens[0])
    with pytest.raises(AssertionError):
        _nothing_was_stolen(stage, caplog)
    caplog.clear()
