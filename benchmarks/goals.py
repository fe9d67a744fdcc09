"""The goals as data: what must not cost more than what, and which figures say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .calls import CALLED
from .figures import Figure, Key
from .frameworks import BESIDE, COLD, WARM
from .imports import PROFILE as IMPORTED
from .one_token.libraries import OURS
from .one_token.warm import rotation
from .profiles import asgi_doors, django_doors, flask_doors
from .profiles.one_token import BAD_SIGNATURE, HIT, OTHER_ALGORITHM, UNKNOWN_KEY
from .profiles.one_token import COLD as COLD_TOKEN

ROOM: Final = 1.25  # by which a ratio may miss its goal before the gate closes: machines are noisy


@dataclass(frozen=True, slots=True)
class Goal:
    """``figures`` must not be above ``goal``, or not below it where ``at_least``; the worst of them counts.

    ``exact``: it was counted, so that the gate leaves no room. ``gated``: the gate measures it. ``profile``: the one
    whose steps tell where the time goes, should it be missed.
    """

    id: str
    measured: str
    figures: tuple[Key, ...]
    goal: float
    reference: str = ""
    at_least: bool = False
    exact: bool = False
    gated: bool = True
    profile: str = ""

    def is_met(self, value: float) -> bool:
        return value >= self.goal if self.at_least else value <= self.goal

    def bound(self, recorded: float | None) -> float:
        """What the gate holds: the goal, or, where the record says that it is missed, what was recorded."""
        held = self.goal if recorded is None or self.is_met(recorded) else recorded
        if self.exact:
            return held
        return held / ROOM if self.at_least else held * ROOM

    def holds(self, value: float, recorded: float | None = None) -> bool:
        """Whether the gate lets it pass."""
        bound = self.bound(recorded)
        return value >= bound if self.at_least else value <= bound


def worst(goal: Goal, figures: Iterable[Figure]) -> Figure | None:
    """The figure that decides about a goal; None where one of its figures was not measured."""
    by_key: Mapping[Key, Figure] = {figure.key: figure for figure in figures}
    if not all(key in by_key for key in goal.figures):
        return None
    choose = min if goal.at_least else max
    return choose((by_key[key] for key in goal.figures), key=lambda figure: figure.ratio.median)


def _check(id: str, algorithm: str, goal: float, reference: str) -> Goal:
    measured = f"{algorithm}, whole check of an unknown token / raw signature check"
    return Goal(id, measured, (("verify", algorithm, OURS),), goal, reference, profile=COLD_TOKEN[algorithm])


def _request(id: str, framework: str, name: str, goal: float, reference: str, profile: str = "") -> Goal:
    measured = f"{framework}: {name}, request / bare"
    return Goal(id, measured, (("frameworks", framework, name),), goal, reference, profile=profile)


def _hit(id: str, measured: str, what: str, goal: float, reference: str) -> Goal:
    return Goal(id, measured, (("warm", "RS256", what),), goal, reference, gated=False, profile=HIT)


def _socket(id: str, server: str, name: str, goal: float, reference: str, *, at_least: bool, profile: str) -> Goal:
    figures = (("sockets", server, name),)
    return Goal(id, f"{server}, Starlette: {name}", figures, goal, reference, at_least, gated=False, profile=profile)


def _refusal(id: str, measured: str, case: str, goal: float, reference: str, profile: str = "") -> Goal:
    return Goal(id, measured, (("refusals", case, OURS),), goal, reference, profile=profile)


def _grown(id: str, *where: str, size: str) -> Goal:
    measured = f"{where[0].partition(',')[0]}: cost of a request at {size} / at the smallest"
    return Goal(id, measured, tuple(("scale", each, size) for each in where), 1.2)


_COST: Final = "processor time per request / bare"
_KEPT: Final = "requests per second kept"

GOALS: Final = (
    # without any optional package, for there is none
    _check("C1", "RS256", 1.45, "1.26 to 1.32"),
    _check("C2", "ES256", 1.30, "1.19 to 1.22"),
    _check("C3", "EdDSA", 1.15, "1.06 to 1.09"),
    _check("C4", "HS256", 8.0, "4.6 to 5.7"),
    _check("C5 RS256", "RS256", 1.8, "1.58"),
    _check("C5 ES256", "ES256", 1.45, "1.34"),
    _check("C5 EdDSA", "EdDSA", 1.2, "1.13"),
    _check("C5 HS256", "HS256", 14.0, "10.7"),
    _hit("W1", "hit / raw RS256 check, 1,000 tokens", rotation(1_000), 0.06, "0.03"),
    _hit("W1 many", "the same, 10,000 tokens", rotation(10_000), 0.12, "0.05 to 0.07"),
    _hit("W3", "hit / cold check of ryjwt", "hit / cold check of ryjwt", 0.07, "0.034"),
    _request("M1", "Starlette", WARM, 1.25, "1.14", asgi_doors.STARLETTE),
    _request("M2", "Starlette", COLD, 4.3, "3.7", asgi_doors.COLD),
    _request("M3", "FastAPI", WARM, 1.15, "1.08", asgi_doors.STARLETTE),
    _request("M4", "FastAPI", f"{WARM}, one dependency", 1.50, "1.38", asgi_doors.FASTAPI),
    _request("M5", "Litestar", WARM, 1.20, "1.11", asgi_doors.NULL),
    _request("M6", "Django, WSGI", WARM, 1.10, "1.04", django_doors.WHOLE),
    _request("M7", "Django, async middleware alone", WARM, 1.25, "1.09", django_doors.ALONE),
    _request("M8", "REST framework", WARM, 1.15, "1.03 to 1.08", django_doors.WHOLE),
    _request("M10 hooks", "Flask", f"{WARM}, hooks", 1.15, "1.09", flask_doors.HOOKS),
    _request("M10 around", "Flask", f"{WARM}, around the application", 1.15, "1.04", flask_doors.AROUND),
    Goal(
        "M11",
        f"null ASGI app, warm: {BESIDE}",
        (("frameworks", "null ASGI app", BESIDE),),
        2.0,
        "1",
        profile=asgi_doors.NULL,
    ),
    _socket("S1 uvicorn", "uvicorn", f"{WARM}: {_COST}", 1.15, "1.10", at_least=False, profile=asgi_doors.STARLETTE),
    _socket("S1 granian", "granian", f"{WARM}: {_COST}", 1.15, "1.04", at_least=False, profile=asgi_doors.STARLETTE),
    _socket("S2 uvicorn", "uvicorn", f"{WARM}: {_KEPT}", 0.88, "0.92", at_least=True, profile=asgi_doors.STARLETTE),
    _socket("S2 granian", "granian", f"{WARM}: {_KEPT}", 0.88, "0.96", at_least=True, profile=asgi_doors.STARLETTE),
    _socket("S3 uvicorn", "uvicorn", f"{COLD}: {_KEPT}", 0.43, "0.47", at_least=True, profile=asgi_doors.COLD),
    _socket("S3 granian", "granian", f"{COLD}: {_KEPT}", 0.60, "0.66", at_least=True, profile=asgi_doors.COLD),
    _refusal(
        "R1 algorithm", "refusing another algorithm / raw RS256 check", OTHER_ALGORITHM, 0.25, "0.09", OTHER_ALGORITHM
    ),
    _refusal("R1 none", "refusing alg none", "alg none", 0.25, "0.09 to 0.12", OTHER_ALGORITHM),
    _refusal("R1 key", "refusing an unknown key id", "unknown key id", 0.25, "0.09 to 0.12", UNKNOWN_KEY),
    _refusal("R1 garbage", "refusing 8 kB of garbage", "no token, 8 kB without a dot", 0.25, "0.09 to 0.12"),
    _refusal("R2", "refusing a bad signature / raw RS256 check", "bad signature", 1.4, "1.19", BAD_SIGNATURE),
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
        profile=CALLED,
    ),
    _grown("N1", "issuers, cold", "issuers, warm", size="1,000"),
    _grown("N2", "keys, cold", "keys, warm", size="500"),
    _grown("N3", "revoked entries", size="1,000,000"),
    _grown("N4", "routes", size="2,000"),
    Goal(
        "I1",
        "importing the face / importing jwt with cryptography",
        (("imports", "jwt", "jwt_middleware"),),
        1.5,
        profile=IMPORTED,
    ),
)
