"""What the claims must say (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.12), and who calls then."""

from dataclasses import dataclass
from typing import Any

from tests.forgery.recipe import AUDIENCE

from .segments import No

LEEWAY = 30  # seconds
_OTHER_WORDS = {"id", "id_token", "refresh", "refresh_token", "offline", "logout", "logout_token"}


@dataclass(frozen=True)
class Caller:
    issuer: str
    subject: str
    scopes: frozenset[str]
    roles: frozenset[str]


def look_at_header(header: dict[str, Any]) -> None:
    """What is said beside ``alg``. Raises No."""
    kid = header.get("kid", "")
    if not isinstance(kid, str) or len(kid) > 1024:
        raise No
    if {"crit", "b64", "zip", "enc"} & set(header):  # RFC 7515 section 4.1.11: none of them is understood
        raise No
    if _kind(header) not in ("at+jwt", "jwt", None):
        raise No


def caller_of(header: dict[str, Any], claims: dict[str, Any], now: float) -> Caller:
    """Raises No. The signature was verified."""
    _look_at_times(claims, now)
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or not all(isinstance(each, str) and each for each in named):
        raise No
    if AUDIENCE not in named:
        raise No
    if "cnf" in claims or (_kind(header) != "at+jwt" and _is_of_another_kind(claims)):
        raise No
    for name in ("jti", "sid"):
        if name in claims and (not isinstance(claims[name], str) or not claims[name]):
            raise No
    _look_at_actors(claims.get("act"))
    return Caller(claims["iss"], _subject(claims), _scopes(claims.get("scope")), _roles(claims.get("roles")))


def _kind(header: dict[str, Any]) -> str | None:
    if "typ" not in header:
        return None
    said = header["typ"]
    if not isinstance(said, str) or not said:
        raise No
    return said.lower().removeprefix("application/")


def _look_at_times(claims: dict[str, Any], now: float) -> None:
    for name in ("exp", "nbf", "iat"):
        if name not in claims:
            continue
        said = claims[name]
        if type(said) not in (int, float) or not -(2**53) <= said <= 2**53:
            raise No
    if "exp" not in claims or now - claims["exp"] >= LEEWAY:
        raise No
    if any(claims.get(name, now) - now > LEEWAY for name in ("nbf", "iat")):
        raise No


def _is_of_another_kind(claims: dict[str, Any]) -> bool:
    if set(claims) & {"nonce", "at_hash", "c_hash", "s_hash", "events", "htm", "htu"}:
        return True
    if claims.get("sub") == claims["iss"]:
        return True
    said = [claims.get(name) for name in ("typ", "token_use", "token_type", "type")]
    return any(isinstance(each, str) and each.lower() in _OTHER_WORDS for each in said)


def _look_at_actors(act: object) -> None:
    """Who acts for whom (RFC 8693 section 4.1): each has a name, and there are at most ten."""
    for _ in range(10):
        if act is None:
            return
        if not isinstance(act, dict):
            raise No
        names = [each for each in (act.get("sub"), act.get("client_id")) if each is not None]
        if not names or not all(isinstance(each, str) and each for each in (*names, act.get("iss", "itself"))):
            raise No
        act = act.get("act")
    if act is not None:
        raise No


def _subject(claims: dict[str, Any]) -> str:
    subject = claims.get("sub", "")
    if not isinstance(subject, str):
        raise No
    client = claims.get("client_id")
    if subject:
        return subject
    if isinstance(client, str) and client:
        return f"client:{client}"
    if type(client) is int:
        return f"client:{client}"
    raise No


def _scopes(said: object) -> frozenset[str]:
    texts = (
        [said]
        if isinstance(said, str)
        else [each for each in said if isinstance(each, str)]
        if isinstance(said, list)
        else []
    )
    return frozenset(word for text in texts for word in text.split(" ") if word)


def _roles(said: object) -> frozenset[str]:
    named = said if isinstance(said, list) else [said]
    values = [each.get("value") if isinstance(each, dict) and isinstance(said, list) else each for each in named]
    return frozenset(each for each in values if isinstance(each, str) and each)
