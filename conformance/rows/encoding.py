"""Group B, third part: how a token is written."""

from collections.abc import Callable
from typing import Final

from ..must import Must, admitted, either, invalid_token, malformed, status
from ..request import PROTECTED, authorization, bearing, get
from ..row import Row, Try
from ..tokens import JSON, Token

_SERVERS: Final = ("uvicorn", "gunicorn")
_LAST_SIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _rewritten(words: str, text: Callable[[str], str], must: Must = invalid_token) -> Try:
    return Try(bearing(Token(f"good token {words}", text=text)), must)


def _critical(value: object, **more: object) -> Try:
    words = f"token with crit {value!r}".replace("'", "") + "".join(
        f" and {name} {value}" for name, value in more.items()
    )
    return Try(bearing(Token(words, header={"crit": value, **more})), invalid_token)


def _claim(name: str, text: str) -> Try:
    return Try(bearing(Token(f"token with {name} {text}", {name: JSON(text)})), invalid_token)


def _header_bytes(words: str, change: Callable[[bytes], bytes]) -> Try:
    return Try(bearing(Token(f"token whose header {words}", header_bytes=change)), invalid_token)


def _claims_bytes(words: str, change: Callable[[bytes], bytes]) -> Try:
    return Try(bearing(Token(f"token whose claims {words}", claims_bytes=change)), invalid_token)


def _replaced(text: bytes) -> Callable[[bytes], bytes]:
    return lambda _: text


def _dirty(text: str) -> str:
    """Set the bits of the last character that no octet holds."""
    return text[:-1] + _LAST_SIX[_LAST_SIX.index(text[-1]) + 1]


def _first_dot(text: str, put: str) -> str:
    return text.replace(".", f"{put}.", 1)


def _json_form(text: str) -> str:
    header, claims, signature = text.split(".")
    return f'{{"protected":"{header}","payload":"{claims}","signature":"{signature}"}}'


ROWS: Final = (
    Row(
        "B-08",
        "RFC 7515 section 4.1.11",
        "A crit that names what is not understood, nothing, no list, or what is not there makes a token invalid.",
        (
            _critical(["http://example.com/odd"], **{"http://example.com/odd": 1}),
            _critical([]),
            _critical("exp"),
            _critical(["alg"]),
            _critical(["absent"]),
        ),
    ),
    Row(
        "B-09",
        "RFC 7797, RFC 7519 section 7.2",
        "b64 false is refused, for JWTs have no unencoded payload.",
        (
            _critical(["b64"], b64=False),
            Try(bearing(Token("token with b64 False and no crit", header={"b64": False})), invalid_token),
        ),
    ),
    Row(
        "B-10",
        "RFC 7519 section 7.2, RFC 8725 section 3.14",
        "A token is three segments of base64url characters with dots between them, and nothing else.",
        (
            _rewritten("in JSON serialisation", _json_form, malformed),
            _rewritten("in quotes", lambda text: f'"{text}"', malformed),
            _rewritten("in braces", lambda text: f"{{{text}}}", malformed),
            _rewritten("and a fourth segment", lambda text: f"{text}.AAAA"),
            _rewritten("without its last segment", lambda text: text.rpartition(".")[0]),
            _rewritten("after a dot", lambda text: f".{text}"),
            _rewritten("and a dot", lambda text: f"{text}."),
            Try(get(PROTECTED, authorization("Bearer ..")), invalid_token),
            Try(get(PROTECTED, authorization("Bearer " + "." * 2000)), invalid_token),
        ),
        note="What breaks the grammar of the field is malformed, what keeps it and is no JWT an invalid token.",
    ),
    Row(
        "B-11",
        "RFC 7515 section 2",
        "Segments are base64url without padding, blanks, line breaks, + or /, and unused bits are zero.",
        (
            _rewritten("with = after its signature", lambda text: f"{text}="),
            _rewritten("with == after its signature", lambda text: f"{text}=="),
            _rewritten("with = after its header", lambda text: _first_dot(text, "="), malformed),
            _rewritten("with a blank after its header", lambda text: _first_dot(text, " "), malformed),
            _rewritten("with a tab after its header", lambda text: _first_dot(text, "\t"), malformed),
            _rewritten("with ~ after its header", lambda text: _first_dot(text, "~")),
            _rewritten("with + after its header", lambda text: _first_dot(text, "+")),
            _rewritten("with / after its header", lambda text: _first_dot(text, "/")),
            _rewritten("with + for its last character", lambda text: f"{text[:-1]}+"),
            _rewritten("with dirty bits at its end", _dirty),
            Try(
                bearing(Token("good token with a line break in it", text=lambda text: _first_dot(text, "\r\n "))),
                malformed,
                server_first=_SERVERS,
            ),
        ),
    ),
    Row(
        "B-12",
        "RFC 8725 section 3.7",
        "UTF-8 is the one encoding of header and claims.",
        (
            _claims_bytes("are UTF-16", lambda text: text.decode().encode("utf-16")),
            _claims_bytes("are UTF-32", lambda text: text.decode().encode("utf-32-le")),
            _claims_bytes("begin with a byte order mark", lambda text: b"\xef\xbb\xbf" + text),
            _claims_bytes("hold bytes that are no UTF-8", lambda text: text.replace(b"alice", b"ali\xff")),
            _claims_bytes("hold half of a surrogate pair", lambda text: text.replace(b"alice", b"ali\\ud800")),
            _header_bytes("is UTF-16", lambda text: text.decode().encode("utf-16")),
            Try(bearing(Token("token of an alice beyond ASCII", {"sub": "alicé"})), admitted(subject="alicé")),
        ),
    ),
    Row(
        "B-13",
        "RFC 7515 sections 4 and 10.12, RFC 7519 section 4",
        "No member comes twice, neither in the header nor in the claims.",
        (
            _header_bytes("says alg twice", lambda text: b'{"alg":"none",' + text[1:]),
            _header_bytes("says kid twice", lambda text: b'{"kid":"other",' + text[1:]),
            _claims_bytes("say exp twice", lambda text: b'{"exp":1,' + text[1:]),
            _claims_bytes("say aud twice", lambda text: b'{"aud":"billing",' + text[1:]),
            _claims_bytes("say sub twice, alike", lambda text: b'{"sub":"alice",' + text[1:]),
            Try(
                bearing(Token("token with a member twice in a nested object", {"a": JSON('{"b":1,"b":2}')})),
                invalid_token,
            ),
        ),
    ),
    Row(
        "B-14",
        "RFC 8259 section 6, RFC 7519 section 2",
        "Times are finite JSON numbers, and NaN and Infinity stand nowhere.",
        (
            *(
                _claim("exp", text)
                for text in ("NaN", "Infinity", "1e400", '"4000000000"', "true", "null", "[4000000000]")
            ),
            *(_claim("nbf", text) for text in ("true", '"0"', "-Infinity")),
            *(_claim("iat", text) for text in ("false", '"0"', "{}")),
            _claim("other", "NaN"),
        ),
    ),
    Row(
        "B-15",
        "RFC 7515 section 10.12",
        "What is huge or deep is refused before it is parsed.",
        (
            Try(
                bearing(Token("token of a million characters", {"filler": "x" * 750_000})),
                invalid_token,
                server_first=_SERVERS,
            ),
            Try(
                bearing(Token("token with 100 arrays in one another", {"deep": JSON("[" * 100 + "]" * 100)})),
                invalid_token,
            ),
            Try(
                bearing(Token("token with 1500 arrays in one another", {"deep": JSON("[" * 1500 + "]" * 1500)})),
                invalid_token,
            ),
            Try(bearing(Token("token with a number of 4000 digits", {"exp": JSON("9" * 4000)})), invalid_token),
            Try(
                bearing(
                    Token("token with 100000 arrays in one another", {"deep": JSON("[" * 100_000 + "]" * 100_000)})
                ),
                either(invalid_token, status(431)),
                server_first=_SERVERS,
            ),
            Try(get(PROTECTED, authorization("Bearer " + "." * 1_000_000)), invalid_token, server_first=_SERVERS),
        ),
    ),
    Row(
        "B-17",
        "RFC 7519 section 7.2",
        "Header and claims are JSON objects.",
        (
            *(
                _claims_bytes(f"are {text.decode()}", _replaced(text))
                for text in (b"[]", b'"alice"', b"7", b"null", b"{")
            ),
            *(
                _header_bytes(f"is {text.decode()}", _replaced(text))
                for text in (b"[]", b'"ES256"', b"7", b"null", b"{")
            ),
        ),
    ),
)
