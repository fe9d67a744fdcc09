"""Many issuers, many keys of one issuer, many revoked entries, large claims."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from starlette.middleware import Middleware

from jwt_middleware import TrustedIssuer
from jwt_middleware.revocation_stores.memory import MemoryRevocations, memory
from jwt_middleware.starlette import JWTMiddleware

from .. import ours
from ..applications.asgi import starlette
from ..applications.driven import ASGI
from ..figures import Figure
from ..rounds import Work
from ..samples import FEW, ISSUER, KID, checking, in_turns, token
from .sizes import at_sizes

ISSUERS: Final = (1, 10, 100, 1_000)
KEYS: Final = (1, 10, 100, 500)
REVOKED: Final = (0, 1_000, 10_000, 100_000, 1_000_000)  # entries
CLAIMS: Final = (512, 1_024, 2_048, 4_096, 8_192, 16_384)  # bytes of JSON
_SMALLEST: Final = 512 - 24  # bytes of JSON before anything is filled up


def figures(*, peers: bool) -> list[Figure]:
    found = []
    for name, many, sizes in (("issuers", _issuers, ISSUERS), ("keys", _keys, KEYS)):
        chosen = sizes if peers else (sizes[0], sizes[-1])
        found += at_sizes(f"{name}, cold", lambda size, many=many: _cold(*many(size)), chosen)  # type: ignore[misc]  # bound at once
        found += at_sizes(f"{name}, warm", lambda size, many=many: _warm(*many(size)), chosen)  # type: ignore[misc]  # the same
    found += at_sizes("revoked entries", _revoked, REVOKED if peers else (REVOKED[0], REVOKED[-1]))
    if peers:
        found += at_sizes("bytes of claims, cold", lambda size: _cold(*_claims(size)), CLAIMS)
        found += at_sizes("bytes of claims, warm", lambda size: _warm(*_claims(size)), CLAIMS)
    return found


Case = tuple[Sequence[TrustedIssuer], Sequence[bytes]]


def _issuers(size: int) -> Case:
    """That many issuers, and tokens of a hundred of them, or of all."""
    names = [f"{ISSUER}{number}" for number in range(size)]
    trusted = [ours.trusted("RS256", name) for name in names]
    return trusted, [token("RS256", iss=name).encode() for name in _spread(names)]


def _keys(size: int) -> Case:
    kids = [f"{KID}-{number}" for number in range(size)]
    return [ours.trusted("ES256", kids=kids)], [token("ES256", {"kid": kid}).encode() for kid in _spread(kids)]


def _claims(size: int) -> Case:
    """Claims of about that many bytes of JSON."""
    roles = ["r" * 28] * ((size - _SMALLEST) // 32)
    return [ours.trusted("RS256", max_size=65_536)], [token("RS256", roles=roles).encode() for _ in range(FEW)]


def _spread(names: Sequence[str]) -> Sequence[str]:
    return [names[number * len(names) // FEW] for number in range(FEW)]


def _cold(trusted: Sequence[TrustedIssuer], texts: Sequence[bytes]) -> Work:
    return checking(ours.cold_check(*trusted), texts)


def _warm(trusted: Sequence[TrustedIssuer], texts: Sequence[bytes]) -> Work:
    return _asked(ours.recalling(ours.guard(*trusted), texts), texts)


def _revoked(size: int) -> Work:
    """A request to Starlette behind a guard whose store holds that many revoked tokens, each token met before."""
    texts = [token("RS256").encode() for _ in range(FEW)]
    guard = ours.guard(ours.trusted("RS256"), revocations=_store(size))
    work = ASGI(starlette(Middleware(JWTMiddleware, guard=guard)), asyncio.new_event_loop()).work(in_turns(texts))
    work(FEW)
    return work


def _store(size: int) -> MemoryRevocations:
    store = memory()
    until = time.time() + 86_400
    for number in range(size):
        store.revoke_token(ISSUER, f"revoked-{number}", until=until)
    return store


def _asked(ask: Callable[[bytes], object], texts: Sequence[bytes]) -> Work:
    turns = in_turns(texts)

    def work(count: int) -> None:
        for text in turns(count):
            ask(text)

    return work
