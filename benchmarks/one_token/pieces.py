"""Where the time of one token goes: its steps one by one, each over the whole."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from jwt_middleware.access.principal_of import principal_of
from jwt_middleware.base64url import decode
from jwt_middleware.verification.authenticator import Genuine
from jwt_middleware.verification.compact import Header, read_header
from jwt_middleware.verification.json_object import parse_object
from jwt_middleware.verification.token_cache import TokenCache
from jwt_middleware.verification.verify import look_at, verify_signature
from jwt_middleware.waiting import run

from .. import ours
from ..figures import Figure, compared
from ..rounds import Work, measure
from ..samples import KID, token

WHOLE: Final = "the whole check"
HIT: Final = "the whole hit"
ALGORITHMS: Final = ("RS256", "HS256")


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and not gated
        return []
    return [figure for algorithm in ALGORITHMS for figure in _cold(algorithm)] + _warm()


def _cold(algorithm: str) -> list[Figure]:
    text = token(algorithm)
    guard = ours.guard(ours.trusted(algorithm))
    authenticate = guard._authenticator.authenticate  # noqa: SLF001  # its parts are measured
    genuine: Genuine = run(authenticate(text))
    rules, keys = genuine.trust.issuer.rules, genuine.trust.keys
    unverified = read_header(text, rules.max_size)
    known: dict[bytes, Header] = {unverified.header.segment: unverified.header}
    values = genuine.claims.values
    key = keys.at_hand(KID, algorithm)
    if key is None:
        raise RuntimeError("the key is not there")
    payload, signature = (part.encode() for part in text.split(".")[1:])
    issued_at = genuine.claims.issued_at or 0.0
    cache: TokenCache[object] = TokenCache(clock=lambda: issued_at)
    steps: dict[str, Callable[[], object]] = {
        WHOLE: lambda: run(authenticate(text)),
        "the signature: one call of cryptography, through PyJWT": lambda: verify_signature(unverified, key),
        "base64url of the claims (binascii, strict)": lambda: decode(payload),
        "base64url of the signature": lambda: decode(signature),
        "splitting, and the header from memory": lambda: read_header(text, rules.max_size, known),
        "JSON of the claims (json, strict, read-only)": lambda: parse_object(unverified.payload),
        "times, issuer, audience, kind, and a Claims": lambda: look_at(unverified, rules, issued_at, KID, values),
        "finding the key": lambda: keys.at_hand(KID, algorithm),
        "entering and leaving a coroutine": lambda: run(_nothing()),
        "beside the check: naming the caller": lambda: principal_of(genuine.claims, genuine.trust.issuer),
        "beside the check: remembering the token": lambda: cache.put(b"Bearer " + text.encode(), genuine, None),
    }
    rounds = measure({name: _repeated(step) for name, step in steps.items()})
    return compared(rounds, "pieces", f"{algorithm}, never seen", WHOLE)


def _warm() -> list[Figure]:
    guard = ours.guard(ours.trusted("RS256"))
    text = token("RS256")
    ours.admitted(guard, text)
    value, recall = f"Bearer {text}".encode(), guard.recall
    steps: dict[str, Callable[[], object]] = {
        HIT: lambda: recall(value),
        "SHA-256 of the header's value": lambda: sha256(value).digest(),
    }
    rounds = measure({name: _repeated(step) for name, step in steps.items()})
    return compared(rounds, "pieces", "seen a moment ago", HIT)


async def _nothing() -> None:
    """Waits for nothing."""


def _repeated(step: Callable[[], object]) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            step()

    return work
