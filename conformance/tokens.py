"""Token: a recipe for a token, good but for what it changes; minted when the issuer and the time are known."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

from .keys import Signer


@dataclass(frozen=True)
class Facts:
    """What a token depends on: who issues it, for whom, when, and the keys at hand.

    ``beside`` gives the URL of another issuer. ``turn`` counts up where a request is sent again and again.
    """

    issuer: str
    audience: str
    now: float  # seconds since the epoch, as the application believes
    keys: Mapping[str, Signer]
    turn: int = 0


Value = object | Callable[[Facts], object]  # a JSON value, or what gives one


class JSON(str):
    """A JSON text that stands in a token as it is."""

    __slots__ = ()


@dataclass(frozen=True)
class Token:
    """A recipe: a good token but for its changes. A member that is changed to None is left out.

    ``words`` say what is special. ``key`` names who signs. ``header_bytes`` and ``claims_bytes`` rewrite the JSON
    before it is encoded and signed, ``text`` the finished token.
    """

    words: str
    claims: Mapping[str, Value] = field(default_factory=dict)
    header: Mapping[str, Value] = field(default_factory=dict)
    key: str = "ec"
    header_bytes: Callable[[bytes], bytes] | None = None
    claims_bytes: Callable[[bytes], bytes] | None = None
    text: Callable[[str], str] | None = None


GOOD: Final = Token("good token")


def mint(token: Token, facts: Facts) -> str:
    """The text of ``token``."""
    signer = facts.keys[token.key]
    header = _object(
        {"alg": signer.algorithm, "typ": "at+jwt", **({} if signer.kid is None else {"kid": signer.kid})},
        token.header,
        facts,
    )
    claims = _object(
        {
            "iss": facts.issuer,
            "aud": facts.audience,
            "sub": "alice",
            "client_id": "web",
            "iat": int(facts.now) - 10,
            "exp": int(facts.now) + 300,
            "jti": token_hex(8),
        },
        token.claims,
        facts,
    )
    if token.header_bytes is not None:
        header = token.header_bytes(header)
    if token.claims_bytes is not None:
        claims = token.claims_bytes(claims)
    signed = f"{base64url(header)}.{base64url(claims)}"
    text = f"{signed}.{base64url(signer.sign(signed.encode()))}"
    return text if token.text is None else token.text(text)


def ago(seconds: float) -> Callable[[Facts], float]:
    """So many seconds before the request is sent."""
    return ahead(-seconds)


def ahead(seconds: float) -> Callable[[Facts], float]:
    """So many seconds after the request is sent."""
    return lambda facts: facts.now + seconds


def beside(suffix: str) -> Callable[[Facts], str]:
    """The issuer whose URL is that of the first one and ``suffix``."""
    return lambda facts: facts.issuer + suffix


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _object(members: Mapping[str, object], changes: Mapping[str, Value], facts: Facts) -> bytes:
    known = {name: value(facts) if callable(value) else value for name, value in {**members, **changes}.items()}
    written = (
        f"{json.dumps(name)}:{value if isinstance(value, JSON) else json.dumps(value)}"
        for name, value in known.items()
        if value is not None
    )
    return f"{{{','.join(written)}}}".encode()
