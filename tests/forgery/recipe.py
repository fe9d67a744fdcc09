"""Recipe: a token that is good but for what it changes; forged from it, a text is the same in every run."""

import functools
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .keys import ALGORITHMS, KIDS, sign
from .mangles import REWRITES, SEGMENTS, SIGNATURES, TEXTS

NOW: Final = 1_800_000_000  # seconds since the epoch: what time it is for whoever judges
PROVIDER: Final = "https://provider.example"  # signs with ec, ed and rsa
HOUSE: Final = "https://house.example"  # signs with the shared secret hs
AUDIENCE: Final = "orders"

Members = tuple[tuple[str, str], ...]  # names and JSON texts
LEFT_OUT: Final = ""


@dataclass(frozen=True)
class Recipe:
    """A good token of ``key`` but for its changes.

    ``header`` and ``claims`` replace members of the same name, or add others; LEFT_OUT leaves one out. Then come the
    names of what is done: to the JSON before it is encoded (``rewrites``), to the segments before they are signed
    (``segments``), to the signature, and to the finished text (``texts``). See ``mangles``.
    """

    key: str = "ec"
    header: Members = ()
    claims: Members = ()
    rewrites: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    signature: str = ""
    texts: tuple[str, ...] = ()


@functools.lru_cache(maxsize=4_096)  # one token is sent through many doors
def forge(recipe: Recipe) -> str:
    """The text of it. Never raises: what cannot be applied changes nothing."""
    algorithm = dict(recipe.header).get("alg", "").strip('"')
    header = _object(_good_header(recipe.key), recipe.header)
    claims = _object(_good_claims(recipe.key), recipe.claims)
    for name in recipe.rewrites:
        part, rewrite = REWRITES[name]
        header, claims = (rewrite(header), claims) if part == "header" else (header, rewrite(claims))
    texts = [_encoded(header, odd=bool(recipe.segments)), _encoded(claims, odd=bool(recipe.segments))]
    for name in recipe.segments:
        place, mangle = SEGMENTS[name]
        texts[place] = mangle(texts[place])
    signed = ".".join(texts)
    signature = sign(recipe.key, algorithm, signed.encode("utf-8", "surrogatepass"))
    if recipe.signature:
        signature = SIGNATURES[recipe.signature](signature)
    text = f"{signed}.{_encoded(signature)}"
    for name in recipe.texts:
        text = TEXTS[name](text)
    return text


def _good_header(key: str) -> Members:
    return (("alg", f'"{ALGORITHMS[key]}"'), ("typ", '"at+jwt"'), ("kid", f'"{KIDS[key]}"'))


def _good_claims(key: str) -> Members:
    return (
        ("iss", f'"{HOUSE if KIDS[key] == "hs" else PROVIDER}"'),
        ("aud", f'"{AUDIENCE}"'),
        ("sub", '"alice"'),
        ("iat", str(NOW - 10)),
        ("exp", str(NOW + 300)),
        ("jti", '"1"'),
        ("scope", '"read write"'),
    )


def _object(good: Members, changes: Members) -> bytes:
    members = {**dict(good), **dict(changes)}
    written: Sequence[str] = [f'"{name}":{value}' for name, value in members.items() if value != LEFT_OUT]
    return f"{{{','.join(written)}}}".encode("utf-8", "surrogatepass")


def _encoded(octets: bytes, *, odd: bool = False) -> str:
    """``odd``: with blanks, which JSON allows, until the last character of the text holds bits that must be zero."""
    while odd and len(octets) % 3 != 1:
        octets += b" "
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
