"""Keys at a URL: a real server, and everything that it can do wrong."""

import asyncio
import datetime as dt
import gzip
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jwt_middleware import ConfigurationError, Guard, RequestInfo, TrustedIssuer
from jwt_middleware.addresses import wrong_with_url
from jwt_middleware.errors import AuthUnavailable
from jwt_middleware.key_sources.jwks_url import JWKSURL, jwks_url
from jwt_middleware.keys.freshness import Freshness
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.waiting import run, wait_for
from jwt_middleware.web_bounds import fresh_for
from tests.key_sources.conftest import Answer, Web, body, document, status
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

Fetch = Callable[[JWKSURL], KeySet]


def awaited(source: JWKSURL) -> KeySet:
    return asyncio.run(source.afetch())


forms = pytest.mark.parametrize("fetch", [JWKSURL.fetch, awaited], ids=["fetch", "afetch"])
finishes = pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])


# --- what is taken


@forms
@pytest.mark.parametrize(
    "kind", ["application/json", "application/jwk-set+json", "text/plain", "application/x-unknown"]
)
def test_a_jwks_is_read_whatever_its_content_type(fetch: Fetch, kind: str, web: Web) -> None:
    web.answers["/keys?a=b"] = document(jwks("ec", "rsa"), content_type=kind)
    found = fetch(jwks_url(f"{web.origin}/keys?a=b"))
    assert [key.kid for key in found.keys] == ["ec", "rsa"]
    assert found.fresh_for is None
    assert web.headers[0]["accept-encoding"] == "identity"
    assert "authorization" not in web.headers[0]


@finishes
def test_the_cache_finds_its_keys_there(finish: Any, web: Web) -> None:
    web.answers["/keys"] = document(jwks())
    cache = KeyCache(jwks_url(f"{web.origin}/keys"))
    assert finish(cache.find("ec", "ES256")).kid == "ec"
    assert finish(cache.find("rsa", "RS256")).kid == "rsa"
    assert web.asked == ["/keys"]


@forms
def test_the_source_says_how_long_its_keys_are_fresh(fetch: Fetch, web: Web) -> None:
    web.answers["/keys"] = document(jwks("ec"), cache_control="public, max-age=1800")
    assert fetch(jwks_url(f"{web.origin}/keys")).fresh_for == 1800


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("public", None),
        ("max-age=600", 600),
        ("Max-Age=600", 600),
        ('max-age="600"', 600),
        ("public,max-age=600,must-revalidate", 600),
        ("public, max-age=600 , x", 600),
        ("max-age=0", 60),
        ("max-age=59", 60),
        ("max-age=3601", 3600),
        ("max-age=999999999", 3600),
        ("max-age=9999999999999999", None),
        ("max-age=-5", None),
        ("max-age=1.5", None),
        ("max-age=", None),
        ("max-age=٣٠٠", None),
        ("s-maxage=600", None),
        ("x-max-age=600", None),
        ("s-maxage=10, max-age=700", 700),
        ("max-age=700, max-age=800", 700),
        ("no-store", 60),
        ("no-cache, max-age=600", 60),
    ],
)
def test_cache_control_is_obeyed_between_a_minute_and_an_hour(header: str, seconds: float | None) -> None:
    assert fresh_for(header) == seconds


@forms
def test_the_bearer_token_is_read_from_its_file_at_each_fetch(fetch: Fetch, web: Web, tmp_path: Path) -> None:
    web.answers["/keys"] = document(jwks("ec"))
    (tmp_path / "token").write_text("first\n")
    source = jwks_url(f"{web.origin}/keys", bearer_token_file=tmp_path / "token")
    fetch(source)
    (tmp_path / "token").write_text("second")
    fetch(source)
    assert [headers["authorization"] for headers in web.headers] == ["Bearer first", "Bearer second"]
    assert "second" not in repr(source)


@forms
def test_a_missing_bearer_token_is_a_failure_and_nothing_is_asked(fetch: Fetch, web: Web, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fetch(jwks_url(f"{web.origin}/keys", bearer_token_file=tmp_path / "token"))
    assert web.asked == []


@forms
def test_proxies_of_the_environment_are_not_used(fetch: Fetch, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.answers["/keys"] = document(jwks("ec"))
    assert len(fetch(jwks_url(f"{web.origin}/keys"))) == 1


def test_one_source_serves_several_loops_one_after_another(web: Web) -> None:
    web.answers["/keys"] = document(jwks("ec"))
    source = jwks_url(f"{web.origin}/keys")
    assert [len(awaited(source)) for _ in range(3)] == [1, 1, 1]


def test_a_slow_server_does_not_hold_up_the_loop(web: Web) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(20)
        document(jwks("ec"))(handler)

    web.answers["/keys"] = slow

    async def story() -> KeySet:
        fetching = asyncio.create_task(jwks_url(f"{web.origin}/keys", timeout=20).afetch())
        assert await asyncio.to_thread(asked.wait, 20)
        go_on.set()  # only a loop that runs gets here
        return await fetching

    assert len(asyncio.run(story())) == 1


# --- faults


def giant(handler: BaseHTTPRequestHandler) -> None:
    """Without a length, for as long as somebody reads."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(4000):
        handler.wfile.write(b" " * 65_536)


def half(handler: BaseHTTPRequestHandler) -> None:
    content = json.dumps(jwks()).encode()
    handler.send_response(200)
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def half_without_length(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(json.dumps(jwks()).encode()[:-20])


def giant_header(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(4000):
        handler.wfile.write(b"y" * 65_536)


def headers_without_end(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(400_000):
        handler.wfile.write(b"x: " + b"y" * 650 + b"\r\n")


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


GOOD = json.dumps(jwks("ec")).encode()
FAULTS: dict[str, tuple[Answer, type[Exception], str | None]] = {
    "500": (status(500), ValueError, "status 500"),
    "404": (status(404), ValueError, "status 404"),
    "201": (body(GOOD, 201), ValueError, "status 201"),
    "206": (body(GOOD, 206), ValueError, "status 206"),
    "204": (status(204), ValueError, "status 204"),
    "304": (status(304), ValueError, "status 304"),
    "html": (body(b"<html>Bad gateway</html>"), ValueError, "not JSON"),
    "empty": (body(b""), ValueError, "not JSON"),
    "no JWKS": (document({"issuer": "x"}), ValueError, "no list of keys"),
    "UTF-16": (body(GOOD.decode().encode("utf-16")), ValueError, "not JSON"),
    "deep": (body(b"[" * 200_000), ValueError, "not JSON"),
    "too many keys": (document({"keys": [{}] * 501}), ValueError, "more than 500"),
    "large": (body(b" " * 524_289), ValueError, "too large"),
    "giant": (giant, ValueError, "too large"),
    "giant header": (giant_header, httpx2.RemoteProtocolError, "too long"),
    "headers without end": (headers_without_end, httpx2.RemoteProtocolError, "too long"),
    "gzip": (body(gzip.compress(GOOD), content_encoding="gzip"), ValueError, "compressed"),
    "half": (half, httpx2.RemoteProtocolError, None),
    "half without length": (half_without_length, ValueError, "not JSON"),
    "no HTTP": (no_http, httpx2.RemoteProtocolError, None),
    "hang up": (hang_up, httpx2.TransportError, None),
}


@forms
@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_is_no_jwks_is_a_failure(fetch: Fetch, fault: str, web: Web) -> None:
    answer, error, why = FAULTS[fault]
    web.answers["/keys"] = answer
    with pytest.raises(error, match=why):
        fetch(jwks_url(f"{web.origin}/keys"))
    assert web.asked == ["/keys"]


@finishes
@pytest.mark.parametrize("fault", FAULTS)
def test_for_a_request_every_fault_is_an_outage(finish: Any, fault: str, web: Web) -> None:
    web.answers["/keys"] = FAULTS[fault][0]
    with pytest.raises(AuthUnavailable):
        finish(KeyCache(jwks_url(f"{web.origin}/keys")).find("ec", "ES256"))


@forms
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(fetch: Fetch, code: int, web: Web) -> None:
    web.answers["/keys"] = status(code, location=f"{web.origin}/elsewhere")
    web.answers["/elsewhere"] = document(jwks("ec"))
    with pytest.raises(ValueError, match=f"status {code}"):
        fetch(jwks_url(f"{web.origin}/keys"))
    assert web.asked == ["/keys"]


@forms
def test_a_body_of_the_largest_size_is_taken(fetch: Fetch, web: Web) -> None:
    web.answers["/keys"] = body(GOOD.ljust(524_288))
    assert len(fetch(jwks_url(f"{web.origin}/keys"))) == 1


@forms
@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1;x=y\r\n \r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n \r\n0\r\n", b"x: y\r\n"),
    ],
    ids=["never answers", "drips headers", "drips a body", "drips answers", "drips chunks", "drips trailers"],
)
def test_the_deadline_is_for_the_whole_fetch(fetch: Fetch, beginning: bytes, piece: bytes, web: Web) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(beginning)
        while not web.over.wait(0.05 if piece else 60):  # each byte well within the deadline
            handler.wfile.write(piece)

    web.answers["/keys"] = slow
    started = time.monotonic()
    with pytest.raises((TimeoutError, httpx2.TimeoutException)):
        fetch(jwks_url(f"{web.origin}/keys", timeout=0.5))
    assert time.monotonic() - started < 5


@forms
def test_nobody_there_is_a_failure(fetch: Fetch) -> None:
    gone = Web()
    gone.stop()
    with pytest.raises(httpx2.ConnectError):
        fetch(jwks_url(f"{gone.origin}/keys"))


def test_a_cancelled_fetch_ends_at_once(web: Web) -> None:
    asked = threading.Event()

    def never(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        web.over.wait(60)

    web.answers["/keys"] = never

    async def story() -> None:
        fetching = asyncio.create_task(jwks_url(f"{web.origin}/keys", timeout=30).afetch())
        await asyncio.to_thread(asked.wait, 20)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching

    started = time.monotonic()
    asyncio.run(story())
    assert time.monotonic() - started < 15


def test_a_thread_that_cannot_be_started_is_a_failure_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(AuthUnavailable):
        run(KeyCache(jwks_url("http://127.0.0.1:1/keys")).find("ec", "ES256"))


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Web]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server = Web(tls)
    server.answers["/keys"] = document(jwks("ec"))
    yield server
    server.stop()


@forms
def test_a_certificate_of_the_ca_file_is_trusted(fetch: Fetch, secure: Web, certificate: Path) -> None:
    source = jwks_url(f"{secure.origin}/keys", ca_file=certificate)
    assert [len(fetch(source)) for _ in range(2)] == [1, 1]


@forms
def test_a_certificate_that_nobody_vouches_for_is_refused(fetch: Fetch, secure: Web) -> None:
    with pytest.raises(httpx2.ConnectError):
        fetch(jwks_url(f"{secure.origin}/keys"))
    assert secure.asked == []


@forms
def test_no_switch_for_plain_http_accepts_bad_certificates(fetch: Fetch, secure: Web) -> None:
    source = jwks_url(f"{secure.origin}/keys", insecure_plain_http_lets_anyone_on_the_way_forge_tokens=True)
    with pytest.raises(httpx2.ConnectError):
        fetch(source)


# --- mistakes


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example/keys",
        "HTTPS://IDP.example:8443/keys?x=y",
        "http://127.0.0.1/keys",
        "http://127.8.9.10:8080/keys",
        "http://[::1]:8080/keys",
        "http://localhost:8080/keys",
        "http://LOCALHOST/keys",
    ],
)
def test_https_and_loopback_urls_are_taken(url: str) -> None:
    assert jwks_url(url).url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://idp.example/keys", "not https"),
        ("http://10.0.0.1/keys", "not https"),
        ("http://0.0.0.0/keys", "not https"),
        ("http://localhost.evil.example/keys", "not https"),
        ("http://127.0.0.1.evil.example/keys", "not https"),
        ("http://127.1/keys", "not https"),
        ("http://2130706433/keys", "not https"),
        ("http://[::ffff:10.0.0.1]/keys", "not https"),
        ("https://me:secret@idp.example/keys", "credentials"),
        ("https://me@idp.example/keys", "credentials"),
        ("https://@idp.example/keys", "credentials"),
        ("http://127.0.0.1@idp.example/keys", "credentials"),
        ("https://idp.example/keys#here", "fragment"),
        ("", "no URL"),
        ("idp.example/keys", "no URL"),
        ("//idp.example/keys", "no URL"),
        ("https:///keys", "no URL"),
        ("https://", "no URL"),
        ("file:///etc/keys", "no URL"),
        ("ftp://idp.example/keys", "no URL"),
        ("data:application/json,{}", "no URL"),
        ("https://idp.example:99999/keys", "no URL"),
        ("https://idp.example:x/keys", "no URL"),
        ("https://[::1/keys", "no URL"),
        ("https://idp.example/ke ys", "no URL"),
        ("https://idp.example/keys\n", "no URL"),
        ("https://idp.example\\@evil.example/keys", "no URL"),
        ("https://idp.example/\x00", "no URL"),
        (b"https://idp.example/keys", "no URL"),
        (None, "no URL"),
    ],
)
def test_a_url_that_cannot_be_trusted_is_a_mistake(url: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        jwks_url(url)


def test_plain_http_elsewhere_takes_the_loudly_named_switch() -> None:
    url = "http://idp.internal/keys"
    assert jwks_url(url, insecure_plain_http_lets_anyone_on_the_way_forge_tokens=True).url == url
    assert wrong_with_url("http://me@idp.internal/keys", True)


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        jwks_url("http://idp.example/keys", ca_file=tmp_path / "missing", timeout=0)
    assert len(refused.value.mistakes) == 3
    for mistake in refused.value.mistakes:
        assert mistake.startswith("jwks_url('http://idp.example/keys'): ")


def test_a_file_without_certificates_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    with pytest.raises(ConfigurationError, match="empty.pem': there is no certificate in it"):
        jwks_url("https://idp.example/keys", ca_file=tmp_path / "empty.pem")


@pytest.mark.parametrize("wrong", [0, -1, 10**9, float("nan"), float("inf"), True, "5", None])
@pytest.mark.parametrize("name", ["timeout", "max_body", "max_keys", "min_fresh", "max_fresh"])
def test_a_bound_out_of_range_is_a_mistake(name: str, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"keys'\): {name} is .*; write [\d.]+ to \d+ (seconds|bytes|keys)$"):
        jwks_url("https://idp.example/keys", **{name: wrong})


def test_the_shortest_time_is_not_longer_than_the_longest() -> None:
    with pytest.raises(ConfigurationError, match="min_fresh is larger than max_fresh"):
        jwks_url("https://idp.example/keys", min_fresh=600, max_fresh=300)
    with pytest.raises(ConfigurationError, match="max_body is 2048.0; write 1024 to 1048576 bytes"):
        jwks_url("https://idp.example/keys", max_body=2048.0)  # type: ignore[arg-type]  # half a byte would be, too


@forms
def test_bounds_are_those_that_were_handed_in(fetch: Fetch, web: Web) -> None:
    web.answers["/keys"] = document(jwks("ec", "rsa"), cache_control="no-store")
    assert fetch(jwks_url(f"{web.origin}/keys", min_fresh=7)).fresh_for == 7
    web.answers["/keys"] = document(jwks("ec", "rsa"), cache_control="max-age=7200")
    assert fetch(jwks_url(f"{web.origin}/keys", max_fresh=7200)).fresh_for == 7200
    with pytest.raises(ValueError, match="more than 1"):
        fetch(jwks_url(f"{web.origin}/keys", max_keys=1))
    web.answers["/keys"] = body(GOOD.ljust(2049))
    with pytest.raises(ValueError, match="too large"):
        fetch(jwks_url(f"{web.origin}/keys", max_body=2048))


@forms
def test_more_and_larger_may_be_allowed(fetch: Fetch, web: Web) -> None:
    member = jwks("ec")["keys"][0]
    many = json.dumps({"keys": [{**member, "kid": str(number)} for number in range(1000)]}).encode()
    web.answers["/keys"] = body(many.ljust(600_000))
    assert len(fetch(jwks_url(f"{web.origin}/keys", max_body=600_000, max_keys=1000))) == 1000


def test_two_sources_that_were_declared_alike_are_equal(certificate: Path) -> None:
    url = "https://idp.example/keys"
    assert jwks_url(url) == jwks_url([url])
    assert hash(jwks_url(url, ca_file=certificate)) == hash(jwks_url(url, ca_file=str(certificate)))
    different = [
        jwks_url(url),
        jwks_url(url + "2"),
        jwks_url(url, ca_file=certificate),
        jwks_url(url, bearer_token_file="/run/token"),  # noqa: S106  # a path
        jwks_url(url, timeout=3),
        jwks_url(url, max_keys=3),
    ]
    assert len(set(different)) == 6
    assert jwks_url(url).symmetric is False


def test_followers_wait_for_one_fetch_of_a_real_server(web: Web) -> None:
    go_on = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        go_on.wait(20)
        document(jwks("ec"))(handler)

    web.answers["/keys"] = slow
    cache = KeyCache(jwks_url(f"{web.origin}/keys", timeout=20), Freshness(wait=20))

    async def story() -> int:
        found = [asyncio.create_task(cache.find("ec", "ES256")) for _ in range(20)]
        await asyncio.sleep(0)
        flight = cache._flights.under_way(cache._clock())
        assert flight is not None
        go_on.set()
        await wait_for(flight.landing, 20)
        return len({await each for each in found})

    assert asyncio.run(story()) == 1
    assert web.asked == ["/keys"]


# --- several URLs


@forms
def test_several_urls_give_all_their_keys(fetch: Fetch, web: Web) -> None:
    web.answers["/sign-in"] = document(jwks("ec"), cache_control="max-age=600")
    web.answers["/reset"] = document(jwks("rsa"), cache_control="max-age=120")
    found = fetch(jwks_url([f"{web.origin}/sign-in", f"{web.origin}/reset"]))
    assert [key.kid for key in found.keys] == ["ec", "rsa"]
    assert found.fresh_for == 120


@forms
def test_one_url_that_fails_fails_all_so_that_no_key_is_lost(fetch: Fetch, web: Web) -> None:
    web.answers["/sign-in"] = document(jwks("ec"))
    with pytest.raises(ValueError, match="404"):
        fetch(jwks_url([f"{web.origin}/sign-in", f"{web.origin}/gone"]))


@pytest.mark.parametrize("urls", [[], ["https://idp.example/keys", "ftp://idp.example"], ["https://idp.example", 7]])
def test_each_of_several_urls_is_looked_at(urls: Any) -> None:
    with pytest.raises(ConfigurationError, match="write https"):
        jwks_url(urls)


@finishes
def test_a_guard_fetches_what_a_declaration_names(finish: Any, web: Web) -> None:
    web.answers["/sign-in"], web.answers["/reset"] = document(jwks("ec")), document(jwks("rsa"))
    guard = Guard(TrustedIssuer(ISSUER, audience=AUDIENCE, jwks_url=[f"{web.origin}/sign-in", f"{web.origin}/reset"]))
    assert web.asked == []
    for kid in ("ec", "rsa"):
        request = RequestInfo(header=lambda name, kid=kid: [f"Bearer {mint(kid)}"] if name == "authorization" else [])  # type: ignore[misc]  # mypy infers no lambda with a default
        assert finish(guard.admit(request)).principal.subject == "alice"
    assert sorted(web.asked) == ["/reset", "/sign-in"]
