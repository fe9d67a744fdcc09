"""Strict reading of the three segments."""

import base64
import json

import pytest

from jwt_middleware import InvalidToken
from jwt_middleware.base64url import decode
from jwt_middleware.verification.compact import read


def segment(content: bytes | dict[str, object]) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


HEADER: dict[str, object] = {"alg": "RS256", "kid": "k1", "typ": "application/AT+JWT"}
PAYLOAD = segment({"sub": "alice"})
SIGNATURE = segment(b"signature")


def token(header: bytes | dict[str, object]) -> str:
    return f"{segment(header)}.{PAYLOAD}.{SIGNATURE}"


def test_a_token_is_taken_apart() -> None:
    unverified = read(token(HEADER), 16_384)
    assert (unverified.header.algorithm, unverified.header.kid, unverified.header.kind) == ("RS256", "k1", "at+jwt")
    assert unverified.signing_input == f"{segment(HEADER)}.{PAYLOAD}".encode()
    assert (unverified.payload, unverified.signature) == (b'{"sub": "alice"}', b"signature")
    assert "alice" not in repr(unverified) and "k1" not in repr(unverified)


def test_kid_and_typ_may_be_absent() -> None:
    unverified = read(token({"alg": "RS256"}), 16_384)
    assert (unverified.header.kid, unverified.header.kind) == (None, "")


@pytest.mark.parametrize("size", [-1, 0])
def test_the_size_limit_is_exact(size: int) -> None:
    text = token(HEADER)
    if size:
        with pytest.raises(InvalidToken) as refused:
            read(text, len(text) + size)
        assert refused.value.reason == "token_too_large"
    else:
        read(text, len(text))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256", "crit": ["exp"]},
        {"alg": "RS256", "crit": []},
        {"alg": "RS256", "b64": True},
        {"alg": "RS256", "zip": "DEF"},
        {"alg": "RS256", "enc": "A128GCM"},
        {"alg": None},
        {"alg": ["RS256"]},
        {"alg": {"a": 1}},
        {"alg": 1},
        {},
        {"alg": "RS256", "typ": 1},
        {"alg": "RS256", "typ": None},
        {"alg": "RS256", "typ": ""},
        {"alg": "RS256", "typ": "application/"},
        {"alg": "RS256", "typ": "Application/"},
        {"alg": "RS256", "kid": 1},
        {"alg": "RS256", "kid": None},
        {"alg": "RS256", "kid": ["k1"]},
        {"alg": "RS256", "kid": "k" * 1025},
        b'{"alg":"RS256","alg":"RS256"}',
        b'{"alg":"RS256","kid":"a","kid":"b"}',
        b'["alg"]',
        b'"alg"',
        b"null",
        b"",
        b"{",
        b'{"alg":"RS256"}x',
        b'{"alg":"RS256","x":NaN}',
        b'\xef\xbb\xbf{"alg":"RS256"}',
        '{"alg":"RS256"}'.encode("utf-16"),
        b'{"alg":"RS256","x":"\xed\xa0\x80"}',
    ],
)
def test_a_header_that_is_not_plain_is_refused(header: bytes | dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        read(token(header), 16_384)


GOOD = token(HEADER)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "...", "a", "a.b", GOOD + ".", "." + GOOD, GOOD + ".e30", GOOD.replace(".", "..", 1)),
        *(GOOD + "=", GOOD + "==", GOOD.replace(".", "=.", 1), GOOD + "\n", " " + GOOD, GOOD + " ", GOOD + "\x00"),
        *(
            GOOD.replace(".", "\uff0e"),
            GOOD + "\u00ad",
            GOOD + "\ud800",
            GOOD[:-1] + "+",
            GOOD[:-1] + "/",
            GOOD + "%3D",
        ),
        *(f"{segment(HEADER)}..{SIGNATURE}", f"{segment(HEADER)}.{PAYLOAD}.", "{}", '{"payload":"e30"}', "." * 1000),
    ],
)
def test_anything_but_three_canonical_segments_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        read(text, 16_384)


@pytest.mark.parametrize("length", range(1, 40))
def test_every_segment_has_exactly_one_text(length: int) -> None:
    raw = bytes(range(255, 255 - length, -1))
    text = segment(raw).encode()
    assert decode(text) == raw
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spellings = [other for last in alphabet if _decodes(other := text[:-1] + bytes([last])) == raw]
    assert spellings == [text]


def _decodes(text: bytes) -> bytes | None:
    try:
        return decode(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "text", [b"", b"A", b"AAAAA", b"AB", b"AAB", b"A=", b"AA==", b"AA AA", b"AA\nAA", b"+/AA", b"A-_\xff"]
)
def test_a_segment_that_is_not_canonical_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        decode(text)
