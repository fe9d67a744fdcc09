"""Keys that an issuer names in its metadata: where it is looked for, and whom it is believed from."""

import asyncio
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx2
import pytest

from jwt_middleware import ConfigurationError, TrustedIssuer
from jwt_middleware.addresses import metadata_urls
from jwt_middleware.errors import AuthUnavailable
from jwt_middleware.key_sources.discovery import Discovery, discovery
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.waiting import run
from tests.key_sources.conftest import Answer, Web, body, document, status
from tests.tokens import jwks

Fetch = Callable[[Discovery], KeySet]
OIDC, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"


def awaited(source: Discovery) -> KeySet:
    return asyncio.run(source.afetch())


forms = pytest.mark.parametrize("fetch", [Discovery.fetch, awaited], ids=["fetch", "afetch"])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def metadata(web: Web, path: str = "", **changes: Any) -> Answer:
    whole = {"issuer": web.origin + path, "jwks_uri": f"{web.origin}/keys", "token_endpoint": "/token", **changes}
    return document({name: value for name, value in whole.items() if value is not None})


# --- where metadata is


@pytest.mark.parametrize(
    ("issuer", "urls"),
    [
        ("https://a.example", [f"https://a.example{OIDC}", f"https://a.example{OAUTH}"]),
        ("https://a.example/", [f"https://a.example{OIDC}", f"https://a.example{OAUTH}"]),
        (
            "https://a.example:8443/realms/x",
            [
                f"https://a.example:8443/realms/x{OIDC}",
                f"https://a.example:8443{OAUTH}/realms/x",
                f"https://a.example:8443{OIDC}/realms/x",
            ],
        ),
        (
            "https://a.example/x/",
            [f"https://a.example/x{OIDC}", f"https://a.example{OAUTH}/x", f"https://a.example{OIDC}/x"],
        ),
    ],
)
def test_metadata_is_looked_for_in_three_places(issuer: str, urls: list[str]) -> None:
    assert list(metadata_urls(issuer)) == urls


@forms
@pytest.mark.parametrize("place", range(3))
def test_metadata_is_found_in_each_place(fetch: Fetch, place: int, web: Web) -> None:
    paths = [f"/realms/x{OIDC}", f"{OAUTH}/realms/x", f"{OIDC}/realms/x"]
    web.answers = {paths[place]: metadata(web, "/realms/x"), "/keys": document(jwks("ec"), cache_control="max-age=90")}
    found = fetch(discovery(f"{web.origin}/realms/x"))
    assert [key.kid for key in found.keys] == ["ec"]
    assert found.fresh_for == 90
    assert web.asked == [*paths[: place + 1], "/keys"]


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_the_cache_finds_its_keys_by_discovery(finish: Any, web: Web) -> None:
    web.answers = {OIDC: metadata(web), "/keys": document(jwks())}
    assert finish(KeyCache(discovery(web.origin)).find("rsa", "PS256")).kid == "rsa"


@forms
@pytest.mark.parametrize(
    "elsewhere",
    [
        status(500),
        body(b"<html>not found, politely</html>"),
        body(b"[" * 200_000),
        body(b"\xff"),
        document([]),
        document({"issuer": "https://another.example", "jwks_uri": "https://another.example/keys"}),
        status(302, location=OAUTH),
    ],
)
def test_what_is_not_this_issuers_metadata_is_passed_over(fetch: Fetch, elsewhere: Answer, web: Web) -> None:
    web.answers = {OIDC: elsewhere, OAUTH: metadata(web), "/keys": document(jwks("ec"))}
    assert len(fetch(discovery(web.origin))) == 1
    assert web.asked == [OIDC, OAUTH, "/keys"]


# --- whom it is believed from


@forms
@pytest.mark.parametrize(
    "named",
    [
        lambda origin: f"{origin}/",
        lambda origin: origin.upper(),
        lambda origin: origin.replace("127.0.0.1", "localhost"),
        lambda origin: f" {origin}",
        lambda origin: f"{origin}\n",
        lambda origin: [origin],
        lambda origin: {"issuer": origin},
        lambda _: None,
        lambda _: "",
        lambda _: True,
        lambda _: "https://127.0.0.1",
    ],
)
def test_metadata_of_any_other_issuer_is_not_used(fetch: Fetch, named: Callable[[str], Any], web: Web) -> None:
    web.answers = dict.fromkeys((OIDC, OAUTH), metadata(web, issuer=named(web.origin)))
    web.answers["/keys"] = document(jwks())
    with pytest.raises(ValueError, match="another issuer"):
        fetch(discovery(web.origin))
    assert "/keys" not in web.asked


def test_an_issuer_is_compared_after_its_json_is_read(web: Web) -> None:
    escaped = json.dumps({"issuer": web.origin, "jwks_uri": f"{web.origin}/keys"}).replace("/", "\\u002f")
    web.answers = {OIDC: body(escaped.encode()), "/keys": document(jwks("ec"))}
    assert len(discovery(web.origin).fetch()) == 1


@forms
@pytest.mark.parametrize(
    ("url", "why"),
    [
        (None, "no URL"),
        ("", "no URL"),
        ("/keys", "no URL"),
        (["https://idp.example/keys"], "no URL"),
        ("file:///etc/passwd", "no URL"),
        ("http://idp.example/keys", "not https"),
        ("http://169.254.169.254/latest/meta-data", "not https"),
        ("https://idp.example/keys", "another origin"),
        ("https://127.0.0.1/keys", "another origin"),
        ("http://127.0.0.1:1/keys", "another origin"),
        ("http://localhost/keys", "another origin"),
        ("https://me:secret@127.0.0.1/keys", "credentials"),
    ],
)
def test_keys_are_fetched_from_the_issuers_own_origin_only(fetch: Fetch, url: Any, why: str, web: Web) -> None:
    web.answers = {OIDC: metadata(web, jwks_uri=url), OAUTH: metadata(web), "/keys": document(jwks())}
    with pytest.raises(ValueError, match=why):
        fetch(discovery(web.origin))
    assert web.asked == [OIDC]  # the first document that is this issuer's counts


@forms
def test_keys_at_a_listed_origin_are_fetched(fetch: Fetch, web: Web) -> None:
    other = Web()
    try:
        other.answers["/jwks"] = document(jwks("ec"))
        web.answers[OIDC] = metadata(web, jwks_uri=f"{other.origin}/jwks")
        with pytest.raises(ValueError, match="another origin"):
            fetch(discovery(web.origin))
        assert other.asked == []
        assert len(fetch(discovery(web.origin, jwks_origins=[f"{other.origin}/ignored"]))) == 1
        assert len(fetch(discovery(web.origin, jwks_origins=other.origin))) == 1
    finally:
        other.stop()


@forms
def test_without_metadata_it_is_a_failure(fetch: Fetch, web: Web) -> None:
    with pytest.raises(ValueError, match="status 404"):
        fetch(discovery(f"{web.origin}/x"))
    assert web.asked == [f"/x{OIDC}", f"{OAUTH}/x", f"{OIDC}/x"]


# --- how often


@forms
def test_metadata_is_kept_for_a_while_and_then_asked_for_again(fetch: Fetch, web: Web) -> None:
    web.answers = {OIDC: metadata(web), "/keys": document(jwks("ec")), "/moved": document(jwks("rsa"))}
    source = discovery(web.origin)
    source.clock = clock = Clock()
    fetch(source)
    web.answers[OIDC] = metadata(web, jwks_uri=f"{web.origin}/moved")
    clock.now += 299.9
    assert [key.kid for key in fetch(source).keys] == ["ec"]
    assert web.asked == [OIDC, "/keys", "/keys"]
    clock.now += 0.1
    assert [key.kid for key in fetch(source).keys] == ["rsa"]
    assert web.asked[3:] == [OIDC, "/moved"]


def test_metadata_is_kept_as_long_as_it_says(web: Web) -> None:
    said = {"issuer": web.origin, "jwks_uri": f"{web.origin}/keys"}
    web.answers = {OIDC: document(said, cache_control="max-age=1000"), "/keys": document(jwks("ec"))}
    source = discovery(web.origin)
    source.clock = clock = Clock()
    source.fetch()
    clock.now += 999
    source.fetch()
    clock.now += 1
    source.fetch()
    assert web.asked == [OIDC, "/keys", "/keys", OIDC, "/keys"]


@forms
def test_where_keys_are_gone_the_issuer_is_asked_again(fetch: Fetch, web: Web) -> None:
    web.answers = {OIDC: metadata(web), "/keys": document(jwks("ec"))}
    source = discovery(web.origin)
    fetch(source)
    web.answers = {OIDC: metadata(web, jwks_uri=f"{web.origin}/moved"), "/moved": document(jwks("rsa"))}
    with pytest.raises(ValueError, match="status 404"):
        fetch(source)
    assert [key.kid for key in fetch(source).keys] == ["rsa"]


@forms
def test_the_deadline_covers_metadata_and_keys_together(fetch: Fetch, web: Web) -> None:
    def slow(answer: Answer) -> Answer:
        def late(handler: BaseHTTPRequestHandler) -> None:
            web.over.wait(0.4)
            answer(handler)

        return late

    web.answers = {f"/x{OIDC}": slow(status(404)), f"{OAUTH}/x": slow(status(404)), f"{OIDC}/x": slow(status(404))}
    with pytest.raises((TimeoutError, httpx2.TimeoutException)):
        fetch(discovery(f"{web.origin}/x", timeout=0.6))
    assert len(web.asked) < 3


@forms
def test_metadata_and_keys_share_a_connection(fetch: Fetch) -> None:
    web = Web(protocol="HTTP/1.1")
    try:
        web.answers = {f"{OIDC}/x": metadata(web, "/x"), "/keys": document(jwks("ec"))}
        assert len(fetch(discovery(f"{web.origin}/x"))) == 1
        assert len(set(web.peers)) == 3  # what was not found is left unread, with its connection
        assert web.peers[-2] == web.peers[-1]
    finally:
        web.stop()


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_for_a_request_bad_metadata_is_an_outage(finish: Any, web: Web) -> None:
    web.answers = {OIDC: metadata(web, issuer="https://evil.example"), "/keys": document(jwks())}
    with pytest.raises(AuthUnavailable):
        finish(KeyCache(discovery(web.origin)).find("ec", "ES256"))


def test_threads_may_discover_at_the_same_time(web: Web) -> None:
    web.answers = {OIDC: metadata(web), "/keys": document(jwks("ec"))}
    source, found = discovery(web.origin), list[int]()
    threads = [threading.Thread(target=lambda: found.append(len(source.fetch()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [1] * 8


# --- mistakes


def test_every_mistake_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        discovery("http://idp.example", jwks_origins=["https://ok.example", "keys.example"], timeout=0)
    assert list(refused.value.mistakes) == [
        "discovery('http://idp.example'): timeout is 0; write 0.001 to 60 seconds",
        "discovery('http://idp.example'): 'http://idp.example': the URL is not https; anyone on the way could forge tokens",
        "discovery('http://idp.example'): 'keys.example': this is no URL; write https://...",
    ]


def test_plain_http_elsewhere_takes_the_loudly_named_switch() -> None:
    source = discovery("http://idp.internal", insecure_plain_http_lets_anyone_on_the_way_forge_tokens=True)
    assert source.insecure


def test_an_issuer_with_a_source_can_be_hashed() -> None:
    source = discovery("https://idp.example")
    assert (source.symmetric, "clock" in repr(source)) == (False, False)
    trusted = TrustedIssuer("https://idp.example", audience="orders", keys=source)
    assert isinstance(hash(trusted), int)


def test_two_sources_that_were_declared_alike_are_equal(web: Web) -> None:
    web.answers = {OIDC: metadata(web), "/keys": document(jwks("ec"))}
    used, new = discovery(web.origin), discovery(web.origin)
    used.clock = Clock()
    before = hash(used)
    used.fetch()
    assert (used == new, hash(used), hash(new)) == (True, before, before)
    keys = "https://keys.example"
    assert len({new, discovery("https://idp.example"), discovery(web.origin, jwks_origins=keys)}) == 3
    assert new != discovery(web.origin, max_fresh=61)


@forms
def test_bounds_are_those_that_were_handed_in(fetch: Fetch, web: Web) -> None:
    web.answers = {OIDC: metadata(web), "/keys": document(jwks("ec", "rsa"), cache_control="no-store")}
    assert fetch(discovery(web.origin, min_fresh=7)).fresh_for == 7
    with pytest.raises(ValueError, match="more than 1"):
        fetch(discovery(web.origin, max_keys=1))
    web.answers[OIDC] = body(b" " * 1025)
    with pytest.raises(ValueError):  # noqa: PT011  # that of the second place: there is nothing
        fetch(discovery(web.origin, max_body=1024))
    with pytest.raises(ConfigurationError, match="min_fresh is larger"):
        discovery(web.origin, min_fresh=9, max_fresh=8)
