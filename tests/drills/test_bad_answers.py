"""What a provider may answer instead of keys: none of it is taken, and the keys that are known stay."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from jwt_middleware.issuing import jwks_document, metadata_document
from tests.key_sources.conftest import Answer, body, document, status

from .callers import refused, settle, slowest, statuses
from .conftest import Ask, Figure
from .issuers import OPENID, Clock, Issuer

CAP = 524_288  # bytes of a body


def giant(sent: list[int]) -> Answer:
    """A body without an end; ``sent`` says how much of it was taken."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while sum(sent) < 200_000_000:
            sent.append(handler.wfile.write(b" " * 65_536))

    return answer


def half_of(content: bytes, *, said: bool) -> Answer:
    """Cut in the middle; ``said``: the length of the whole was announced."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if said:
            handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])

    return answer


def put_keys(answer: Callable[[Issuer], Answer]) -> Callable[[Issuer], None]:
    def change(issuer: Issuer) -> None:
        issuer.web.answers["/jwks"] = answer(issuer)

    return change


def put_metadata(**changes: Any) -> Callable[[Issuer], None]:
    def change(issuer: Issuer) -> None:
        whole = metadata_document(issuer.url, jwks_uri=f"{issuer.url}/jwks")
        issuer.web.answers[OPENID] = document({**whole, **changes})

    return change


def jwks(issuer: Issuer) -> bytes:
    return json.dumps(jwks_document(issuer.keys)).encode()


WRONG: dict[str, Callable[[Issuer], None]] = {
    "wrong content": put_keys(lambda _: body(b"<html>We will be back soon.</html>", content_type="text/html")),
    "nothing": put_keys(lambda _: body(b"")),
    "no keys in it": put_keys(lambda _: document({"keys": []})),
    "only keys for encryption": put_keys(lambda _: document({"keys": [{"kty": "RSA", "use": "enc"}]})),
    "half-written JSON": put_keys(lambda issuer: body(jwks(issuer)[:-25])),
    "half an answer": put_keys(lambda issuer: half_of(jwks(issuer), said=True)),
    "half an answer without a length": put_keys(lambda issuer: half_of(jwks(issuer), said=False)),
    "an error": put_keys(lambda _: status(500)),
    "a redirect": put_keys(lambda issuer: status(302, location=f"{issuer.url}/elsewhere")),
    "wrong issuer": put_metadata(issuer="https://evil.example"),
    "almost the issuer": put_metadata(issuer="http://127.0.0.1"),
    "keys elsewhere": put_metadata(jwks_uri="https://evil.example/keys"),
    "keys in a file": put_metadata(jwks_uri="file:///etc/passwd"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_bad_answer_is_no_answer_and_known_keys_stay(
    wrong: str, issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    asked, cold = ask(issuer.guard(clock)), ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    WRONG[wrong](issuer)
    answers = []
    for _ in range(10):
        clock.now += 301  # the metadata is looked at again as well
        answers += asked(issuer.token(), issuer.token())
        settle(asked.guard)
    figure(f"of {len(answers)} requests, refused", refused(answers), limit=0)
    assert asked.guard.ready()[0].last_error
    assert statuses(cold(issuer.token(), issuer.token())) == {503: 2}
    issuer.up()
    clock.now += 60
    assert refused([*asked(issuer.token()), *cold(issuer.token())]) == 0


def test_a_giant_body_is_left_after_half_a_megabyte(issuer: Issuer, ask: Ask, clock: Clock, figure: Figure) -> None:
    sent: list[int] = []
    asked = ask(issuer.guard(clock))
    issuer.web.answers["/jwks"] = giant(sent)
    began = time.monotonic()
    answers = asked(issuer.token())
    assert statuses(answers) == {503: 1}
    figure("a cold request took", slowest(answers), limit=5.0, unit=" s")
    settle(asked.guard)
    # what lies in the buffers of the two sockets was sent, too
    figure("bytes that the provider could send", sum(sent), limit=CAP + 16_000_000)
    figure("seconds until it was left", time.monotonic() - began, limit=5.0, unit=" s")


def test_no_store_means_a_minute_and_not_a_fetch_per_request(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    issuer.up(cache_control="no-store")
    asked = ask(issuer.guard(clock))
    for _ in range(600):
        assert refused(asked(issuer.token())) == 0
        settle(asked.guard)
        clock.now += 1
    figure("fetches in ten minutes with 600 requests", issuer.fetches, limit=1 + 600 / (60 * 0.8 * 0.9))
