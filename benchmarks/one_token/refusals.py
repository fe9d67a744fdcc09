"""What it costs to refuse a token, over the raw RS256 check."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Final

import jwt

from .. import ours
from ..figures import Figure, compared
from ..ours import Check
from ..refusing import passes
from ..rounds import Work, measure_steadily
from ..samples import KID, SECRET, bad_tokens, claims, token
from .floor import FLOOR, floor
from .libraries import OURS, contestants

ALGORITHM: Final = "RS256"
LIMIT: Final = 16_384  # bytes that a token may have


def bad() -> Mapping[str, str]:
    """Tokens that must be refused, by what is wrong with them."""
    both = {"kid": KID, "typ": "at+jwt"}
    _, said, signed = token(ALGORITHM).split(".")
    large, _, signature = token(ALGORITHM, filling="x" * 6_000).rpartition(".")
    several = bad_tokens(ALGORITHM)
    return {
        "another algorithm": jwt.encode(claims(), SECRET, "HS256", both),
        "alg none": f"{_segment({'alg': 'none', **both})}.{_segment(claims())}.",
        "unknown key id": f"{_segment({'alg': ALGORITHM, 'typ': 'at+jwt', 'kid': 'another'})}.{said}.{signed}",
        "no token, 8 kB without a dot": "x" * 8_192,
        "bad signature": several["signature"],
        "bad signature, claims of 8 kB": f"{large}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}",
        "expired": several["exp"],
    }


def figures(*, peers: bool) -> list[Figure]:
    fit = contestants(ALGORITHM, peers=peers)
    found = []
    for case, text in bad().items():
        refusing = {name: _refusals(check, text) for name, check in fit.items() if not passes(check, text)}
        rounds = measure_steadily({FLOOR: floor(ALGORITHM), **refusing}, [(OURS, FLOOR)])
        found += compared(rounds, "refusals", case, FLOOR)
    return [*found, *_too_large()]


def _too_large() -> list[Figure]:
    """The whole way through the guard, where every part of it could look at all of a token that is too large."""
    guard = ours.guard(ours.trusted(ALGORITHM))
    just, far = f"{LIMIT + 1:,} bytes", "over 1 MB"
    works = {name: _repeated(ours.refusing(guard, "x" * size)) for name, size in ((just, LIMIT + 1), (far, 1_048_577))}
    rounds = measure_steadily(works, [(far, just)])
    return compared(rounds, "refusals", "over the size limit", just)


def _refusals(check: Check, text: str) -> Work:
    encoded = text.encode()
    return _repeated(lambda: passes(check, encoded.decode()))


def _repeated(once: Callable[[], object]) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            once()

    return work


def _segment(content: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
