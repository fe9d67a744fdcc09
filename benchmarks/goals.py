"""The goals as data: what must not cost more than what, and which figures say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .figures import Figure, Key
from .frameworks import BESIDE, COLD, WARM
from .one_token.libraries import OURS
from .one_token.warm import rotation

ROOM: Final = 1.25  # by which a ratio may miss its goal before the gate closes: machines are noisy


@dataclass(frozen=True, slots=True)
class Goal:
    """``figures`` must not be above ``goal``, or not below it where ``at_least``; the worst of them counts.

    ``exact``: it was counted, so that the gate leaves no room. ``gated``: the gate measures it. ``because``: why a miss
    is accepted, and ``accepted`` what is held instead.
    """

    id: str
    measured: str
    figures: tuple[Key, ...]
    goal: float
    reference: str = ""
    at_least: bool = False
    exact: bool = False
    gated: bool = True
    accepted: float | None = None
    because: str = ""

    @property
    def bound(self) -> float:
        """What the gate holds."""
        held = self.goal if self.accepted is None else self.accepted
        if self.exact:
            return held
        return held / ROOM if self.at_least else held * ROOM

    def is_met(self, value: float) -> bool:
        return value >= self.goal if self.at_least else value <= self.goal

    def holds(self, value: float) -> bool:
        """Whether the gate lets it pass."""
        return value >= self.bound if self.at_least else value <= self.bound


def worst(goal: Goal, figures: Iterable[Figure]) -> Figure | None:
    """The figure that decides about a goal; None where one of its figures was not measured."""
    by_key: Mapping[Key, Figure] = {figure.key: figure for figure in figures}
    if not all(key in by_key for key in goal.figures):
        return None
    choose = min if goal.at_least else max
    return choose((by_key[key] for key in goal.figures), key=lambda figure: figure.ratio.median)


def _check(
    id: str, algorithm: str, goal: float, reference: str, accepted: float | None = None, because: str = ""
) -> Goal:
    measured = f"{algorithm}, whole check of an unknown token / raw signature check"
    figures = (("verify", algorithm, OURS),)
    return Goal(id, measured, figures, goal, reference, accepted=accepted, because=because)


def _request(
    id: str, framework: str, name: str, goal: float, reference: str, accepted: float | None = None, because: str = ""
) -> Goal:
    measured = f"{framework}: {name}, request / bare"
    figures = (("frameworks", framework, name),)
    return Goal(id, measured, figures, goal, reference, accepted=accepted, because=because)


def _socket(id: str, server: str, name: str, goal: float, reference: str, *, at_least: bool, because: str = "") -> Goal:
    figures = (("sockets", server, name),)
    measured = f"{server}, Starlette: {name}"
    return Goal(id, measured, figures, goal, reference, at_least, gated=False, because=because)


def _grown(id: str, *where: str, size: str) -> Goal:
    measured = f"{where[0].partition(',')[0]}: cost of a request at {size} / at the smallest"
    return Goal(id, measured, tuple(("scale", each, size) for each in where), 1.2)


_COST: Final = "processor time per request / bare"
_KEPT: Final = "requests per second kept"

_STDLIB: Final = "JSON, base64url and making values, in the standard library, are most of it; see where the time goes"
_BUSY: Final = "by less than the noise of a machine that others shared; see how it is measured"
_HASH: Final = "most of a hit is the SHA-256 of the header's value, so that memory holds no usable token"
_HOOKS: Final = "what the framework does for each middleware, hook and signal is a good part of it, and so is the hash"

GOALS: Final = (
    # without any optional package, for there is none
    _check("C1", "RS256", 1.45, "1.26 to 1.32", 1.85, _STDLIB),
    _check("C2", "ES256", 1.30, "1.19 to 1.22", 1.40, _STDLIB),
    _check("C3", "EdDSA", 1.15, "1.06 to 1.09", 1.20, _STDLIB),
    _check("C4", "HS256", 8.0, "4.6 to 5.7", 16.0, _STDLIB),
    _check("C5 RS256", "RS256", 1.8, "1.58", 1.85, _BUSY),
    _check("C5 ES256", "ES256", 1.45, "1.34"),
    _check("C5 EdDSA", "EdDSA", 1.2, "1.13", because=_BUSY),
    _check("C5 HS256", "HS256", 14.0, "10.7", 16.0, "JSON and base64url are two thirds of it; see where the time goes"),
    Goal(
        "W1",
        "hit / raw RS256 check, 1,000 tokens",
        (("warm", "RS256", rotation(1_000)),),
        0.06,
        "0.03",
        gated=False,
        because=_HASH,
    ),
    Goal(
        "W1 many",
        "the same, 10,000 tokens",
        (("warm", "RS256", rotation(10_000)),),
        0.12,
        "0.05 to 0.07",
        gated=False,
        because=_HASH,
    ),
    Goal(
        "W3",
        "hit / cold check of ryjwt",
        (("warm", "RS256", "hit / cold check of ryjwt"),),
        0.07,
        "0.034",
        gated=False,
        because=_HASH,
    ),
    _request("M1", "Starlette", WARM, 1.25, "1.14", 1.35, _HASH),
    _request("M2", "Starlette", COLD, 4.3, "3.7", 8.0, _STDLIB),
    _request("M3", "FastAPI", WARM, 1.15, "1.08"),
    _request("M4", "FastAPI", f"{WARM}, one dependency", 1.50, "1.38", 1.55, _HASH),
    _request("M5", "Litestar", WARM, 1.20, "1.11"),
    _request("M6", "Django, WSGI", WARM, 1.10, "1.04", 1.22, _HOOKS),
    _request("M7", "Django, async middleware alone", WARM, 1.25, "1.09", 1.40, _HOOKS),
    _request("M8", "REST framework", WARM, 1.15, "1.03 to 1.08"),
    _request("M10 hooks", "Flask", f"{WARM}, hooks", 1.15, "1.09", 1.55, _HOOKS),
    _request("M10 around", "Flask", f"{WARM}, around the application", 1.15, "1.04", 1.30, _HASH),
    Goal(
        "M11",
        f"null ASGI app, warm: {BESIDE}",
        (("frameworks", "null ASGI app", BESIDE),),
        2.0,
        "1",
        accepted=2.4,
        because=_HASH,
    ),
    _socket("S1 uvicorn", "uvicorn", f"{WARM}: {_COST}", 1.15, "1.10", at_least=False, because=_HASH),
    _socket("S1 granian", "granian", f"{WARM}: {_COST}", 1.15, "1.04", at_least=False),
    _socket("S2 uvicorn", "uvicorn", f"{WARM}: {_KEPT}", 0.88, "0.92", at_least=True),
    _socket("S2 granian", "granian", f"{WARM}: {_KEPT}", 0.88, "0.96", at_least=True),
    _socket("S3 uvicorn", "uvicorn", f"{COLD}: {_KEPT}", 0.43, "0.47", at_least=True, because=_STDLIB),
    _socket("S3 granian", "granian", f"{COLD}: {_KEPT}", 0.60, "0.66", at_least=True, because=_STDLIB),
    Goal(
        "R1",
        "refusing another algorithm, none, an unknown key id, garbage / raw RS256 check",
        tuple(
            ("refusals", case, OURS)
            for case in ("another algorithm", "alg none", "unknown key id", "no token, 8 kB without a dot")
        ),
        0.25,
        "0.09 to 0.12",
        accepted=1.2,
        because="an unknown key id is the dear one: nothing is fetched for a token that would be refused anyway, so its"
        " claims are looked at first",
    ),
    Goal(
        "R2",
        "refusing a bad signature / raw RS256 check",
        (("refusals", "bad signature", OURS),),
        1.4,
        "1.19",
        accepted=1.6,
        because="a refusal is an exception that passes each of our functions, and its cause is kept for the log",
    ),
    Goal(
        "R3", "refusing over 1 MB / one byte over the limit", (("refusals", "over the size limit", "over 1 MB"),), 2.0
    ),
    Goal(
        "D1 warm", "Python calls added on the null ASGI app", (("calls", "null ASGI app", "warm"),), 6, "2", exact=True
    ),
    Goal(
        "D1 cold",
        "the same, a token that is new",
        (("calls", "null ASGI app", "cold"),),
        25,
        "10",
        exact=True,
        accepted=38,
        because="five of them are cryptography's and PyJWT's; of ours, each is a step that tests break by itself",
    ),
    _grown("N1", "issuers, cold", "issuers, warm", size="1,000"),
    _grown("N2", "keys, cold", "keys, warm", size="500"),
    _grown("N3", "revoked entries", size="1,000,000"),
    _grown("N4", "routes", size="2,000"),
    Goal("I1", "importing the face / importing jwt with cryptography", (("imports", "jwt", "jwt_middleware"),), 1.5),
)
