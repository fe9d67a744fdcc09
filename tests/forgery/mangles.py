"""What can be done to a token, by name: to its JSON, its segments, its signature, its finished text."""

from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_ORDER_25519: Final = 2**252 + 27742317777372353535851937790883648493
_ORDER_256: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Bytes = Callable[[bytes], bytes]
Text = Callable[[str], str]


def _with(member: bytes) -> Bytes:
    """The object with one more member, the last."""
    return lambda json: json[:-1] + b"," + member + b"}"


def _nested(levels: int) -> Bytes:
    """The object, which is one level, with so many others inside."""
    return _with(b'"deep":' + b"[" * (levels - 1) + b"]" * (levels - 1))


_JSON: Final[Mapping[str, Bytes]] = {
    # what no two readers may read differently
    "a byte order mark": lambda json: b"\xef\xbb\xbf" + json,
    "UTF-16": lambda json: json.decode("latin-1").encode("utf-16"),
    "UTF-32": lambda json: json.decode("latin-1").encode("utf-32"),
    "UTF-16 without a mark": lambda json: json.decode("latin-1").encode("utf-16-le"),
    "bytes that are no UTF-8": _with(b'"odd":"\xff"'),
    "half a character in bytes": _with(b'"odd":"\xed\xa0\x80"'),
    "half a character by escape": _with(b'"odd":"\\ud800"'),
    "half a character in a name": _with(b'"\\udfff":1'),
    "halves in the wrong order": _with(b'"odd":"\\ude00\\ud83d"'),
    "a whole character by escapes": _with(b'"fine":"\\ud83d\\ude00"'),
    "a backslash before u": _with(b'"fine":"\\\\ud800"'),
    "NaN": _with(b'"odd":NaN'),
    "Infinity": _with(b'"odd":[1,{"in":-Infinity}]'),
    "a number beyond all": _with(b'"odd":1e400'),
    "a number of 5000 digits": _with(b'"odd":' + b"9" * 5000),
    "a large number": _with(b'"fine":' + b"9" * 400),
    "a name twice inside": _with(b'"odd":{"a":1,"b":2,"a":1}'),
    "a name twice in a list": _with(b'"odd":[[{"a":1,"a":2}]]'),
    "32 levels": _nested(32),
    "33 levels": _nested(33),
    "200 levels": _nested(200),
    "6000 levels": lambda json: b"[" * 6000 + json,
    "brackets in a text": _with(b'"fine":"' + b"[" * 40 + b'\\"{"'),
    "a list inside": _with(b'"fine":[[1],[2,[]],[]]'),
    # what is no JSON at all, or no object
    "blanks around": lambda json: b" \r\n\t" + json + b"\n ",
    "a form feed before": lambda json: b"\x0c" + json,
    "a hard space after": lambda json: json + b"\xc2\xa0",
    "a second object": lambda json: json + b"{}",
    "a NUL after": lambda json: json + b"\x00",
    "in a list": lambda json: b"[" + json + b"]",
    "not closed": lambda json: json[:-1],
    "a comma at the end": lambda json: json[:-1] + b",}",
    "a comment": lambda json: json[:-1] + b"/* */}",
    "single quotes": lambda json: json.replace(b'"', b"'"),
    "a raw line break": _with(b'"odd":"a\nb"'),
    "nothing": lambda _: b"",
    "null": lambda _: b"null",
    "a text": lambda _: b'"x"',
    "a number": lambda _: b"1",
    "13000 bytes more": _with(b'"long":"' + b"x" * 13_000 + b'"'),
    "many members": _with(b",".join(b'"m%d":[%d]' % (each, each) for each in range(600))),
}
REWRITES: Final[Mapping[str, tuple[str, Bytes]]] = {
    f"{part}: {name}": (part, rewrite)
    for part in ("header", "claims")
    for name, rewrite in {
        **_JSON,
        **(
            {
                "alg twice": _with(b'"alg":"HS256"'),
                "alg twice, the same": lambda json: json.replace(b"{", b'{"alg":"none",', 1),
                "kid twice by escape": _with(b'"\\u006bid":"ec"'),
            }
            if part == "header"
            else {
                "sub twice": _with(b'"sub":"mallory"'),
                "sub twice, the first odd": lambda json: json.replace(b"{", b'{"sub":"mallory",', 1),
                "exp twice": _with(b'"exp":9999999999'),
                "iss twice by escape": _with(b'"i\\u0073s":"https://provider.example"'),
            }
        ),
    }.items()
}


def _last(change: Callable[[int], int]) -> Text:
    """The last character of a segment, by its place in the alphabet."""

    def changed(text: str) -> str:
        place = _ALPHABET.find(text[-1:] or "=")
        return text if place < 0 else text[:-1] + _ALPHABET[change(place)]

    return changed


_SEGMENT: Final[Mapping[str, Text]] = {
    "padded": lambda text: text + "=" * (-len(text) % 4),
    "padded too much": lambda text: text + "=" * (4 - len(text) % 4),
    "one sign of padding": lambda text: text + "=",
    "dirty bits": _last(lambda place: place ^ 1),
    "more dirty bits": _last(lambda place: place | 0b1111),
    "a character more": lambda text: text + "A",
    "a character less": lambda text: text[:-1],
    "a blank inside": lambda text: f"{text[:4]} {text[4:]}",
    "a line break at the end": lambda text: text + "\n",
    "junk inside": lambda text: f"{text[:4]}!!!!{text[4:]}",
    "the other alphabet": lambda text: text.replace("-", "+").replace("_", "/"),
    "an umlaut inside": lambda text: f"{text[:4]}\u00e4{text[4:]}",
    "a full-width letter": lambda text: f"{text[:4]}\uff21{text[5:]}",
    "empty": lambda _: "",
}
SEGMENTS: Final[Mapping[str, tuple[int, Text]]] = {
    f"{part}: {name}": (place, mangle)
    for place, part in enumerate(("header", "claims"))
    for name, mangle in _SEGMENT.items()
}


def _halves(change: Callable[[int, int], tuple[int, int]]) -> Bytes:
    """r and s of a signature of 64 bytes, as in RFC 7518 section 3.4."""

    def changed(signature: bytes) -> bytes:
        if len(signature) != 64:
            return signature[:-1]
        r, s = change(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        return (r % 2**256).to_bytes(32) + (s % 2**256).to_bytes(32)

    return changed


def _s_plus_order(signature: bytes) -> bytes:
    """Another S of Ed25519 that lenient verifiers take for the same (RFC 8032 section 5.1.7)."""
    s = int.from_bytes(signature[32:], "little") + _ORDER_25519
    return signature[:32] + (s % 2**256).to_bytes(32, "little")


SIGNATURES: Final[Mapping[str, Bytes]] = {
    "a byte less": lambda signature: signature[:-1],
    "a byte more": lambda signature: signature + b"\x00",
    "a byte before": lambda signature: b"\x00" + signature,
    "half of it": lambda signature: signature[: len(signature) // 2],
    "twice": lambda signature: signature * 2,
    "a bit flipped": lambda signature: bytes([signature[0] ^ 1]) + signature[1:],
    "the last bit flipped": lambda signature: signature[:-1] + bytes([signature[-1] ^ 1]),
    "zeros": lambda signature: bytes(len(signature)),
    "ones": lambda signature: b"\xff" * len(signature),
    "empty": lambda _: b"",
    "DER": lambda signature: encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]) or 1),
    "turned round": lambda signature: signature[::-1],
    "s negated": _halves(lambda r, s: (r, _ORDER_256 - s)),  # as good as the first: a text never identifies a token
    "r and s are zero": _halves(lambda r, s: (0, 0)),
    "r and s are the order": _halves(lambda r, s: (_ORDER_256, _ORDER_256)),
    "r and s changed places": _halves(lambda r, s: (s, r)),
    "s plus the order": _s_plus_order,
}


def _segment(place: int, change: Text) -> Text:
    def changed(text: str) -> str:
        segments = text.split(".")
        if len(segments) <= place:
            return text
        segments[place] = change(segments[place])
        return ".".join(segments)

    return changed


LONG: Final = ("13000 bytes more", "6000 levels", "a number of 5000 digits", "many members", "17000 characters more")
TEXTS: Final[Mapping[str, Text]] = {
    **{f"signature: {name}": _segment(2, mangle) for name, mangle in _SEGMENT.items()},
    **{f"afterwards, header: {name}": _segment(0, mangle) for name, mangle in _SEGMENT.items()},
    **{f"afterwards, claims: {name}": _segment(1, mangle) for name, mangle in _SEGMENT.items()},
    "a dot at the end": lambda text: text + ".",
    "a dot before": lambda text: "." + text,
    "a fourth segment": lambda text: text + ".AAAA",
    "two dots": lambda text: text.replace(".", "..", 1),
    "no signature": lambda text: text.rpartition(".")[0],
    "no signature, but its dot": lambda text: text.rpartition(".")[0] + ".",
    "one segment": lambda text: text.partition(".")[0],
    "a thousand dots": lambda text: "." * 1000,
    "other order": lambda text: ".".join(reversed(text.split("."))),
    "other letter case": str.swapcase,
    "a blank at the end": lambda text: text + " ",
    "a tab in it": lambda text: text.replace(".", "\t.", 1),
    "a line break in it": lambda text: text.replace(".", ".\r\n", 1),
    "a NUL in it": lambda text: text.replace(".", ".\x00", 1),
    "dots percent-encoded": lambda text: text.replace(".", "%2E"),
    "full-width dots": lambda text: text.replace(".", "\uff0e"),
    "half a character in it": lambda text: text[:8] + "\ud800" + text[8:],
    "the JSON form": lambda text: f'{{"payload":"{text}"}}',
    "in quotes": lambda text: f'"{text}"',
    "17000 characters more": lambda text: text + "A" * 17_000,
}
