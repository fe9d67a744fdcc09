"""TrustedIssuer: the declaration of one issuer that we trust."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..keys.key_cache import KeySource
from .mapping import ClaimMapping
from .rules import ASYMMETRIC, DEFAULT_ALGORITHMS, KINDS, REQUIRED_CLAIMS, SYMMETRIC, Profile, TokenRules

_LARGEST_LEEWAY: Final = 300.0  # seconds


@dataclass(frozen=True, slots=True, init=False)
class TrustedIssuer:
    """Whom we trust to sign, and what we demand of the tokens. Checked when built; there is no "off".

    ``issuer`` is compared with ``iss`` code point for code point. ``audience``: a token must be meant for one of these.
    ``keys``: where the issuer's keys live; None means discovery at the issuer. ``algorithms``: by default every
    asymmetric one of the usual strength; with shared secrets HS256, HS384 and HS512, and nothing else. Durations are in
    seconds or a timedelta: ``leeway`` is what a clock may differ (at most 300), ``max_age`` how long after ``iat`` a
    token is taken. ``max_size`` is in bytes. ``profile="rfc9068"`` demands all of RFC 9068, the default takes ordinary
    access tokens. ``mapping`` says where roles and the like stand. Raises ConfigurationError with every mistake.
    """

    rules: TokenRules
    keys: KeySource | None
    mapping: ClaimMapping = field(repr=False)

    def __init__(
        self,
        issuer: str,
        *,
        audience: str | Iterable[str],
        keys: KeySource | None = None,
        algorithms: Iterable[str] | None = None,
        leeway: float | timedelta = 30.0,  # seconds, at most 300
        profile: Profile = "access-token",
        mapping: ClaimMapping = ClaimMapping(),  # noqa: B008  # a frozen value
        required_claims: Iterable[str] = (),
        max_age: float | timedelta | None = None,  # seconds from iat
        max_size: int = 16_384,  # bytes
    ) -> None:
        mistakes: list[str] = []
        where = f"TrustedIssuer({issuer!r})"
        symmetric = keys is not None and keys.symmetric
        audiences = _texts(audience, f"{where}: audience", mistakes)
        if audiences == frozenset():
            mistakes.append(f"{where}: audience is empty; name the audience that tokens for this service carry in aud")
        _check_issuer(issuer, keys is None, where, mistakes)
        chosen = _algorithms(algorithms, symmetric, where, mistakes)
        seconds = _seconds(leeway)
        if seconds is None or not 0 <= seconds <= _LARGEST_LEEWAY:
            mistakes.append(f"{where}: leeway is {leeway!r}; write 0 to {_LARGEST_LEEWAY:.0f} seconds")
        age = None if max_age is None else _seconds(max_age)
        if max_age is not None and (age is None or age <= 0):
            mistakes.append(f"{where}: max_age is {max_age!r}; write a number of seconds above 0, or None")
        if isinstance(max_size, bool) or not isinstance(max_size, int) or not 256 <= max_size <= 1_048_576:
            mistakes.append(f"{where}: max_size is {max_size!r}; write 256 to 1048576 bytes")
        if profile not in KINDS:
            mistakes.append(f"{where}: profile is {profile!r}; write one of {', '.join(map(repr, KINDS))}")
        if not isinstance(mapping, ClaimMapping):
            mistakes.append(f"{where}: mapping is {type(mapping).__name__}; hand in a ClaimMapping")
        required = _texts(required_claims, f"{where}: required_claims", mistakes, one_is_a_mistake=True)
        if mistakes:
            raise ConfigurationError(*mistakes)
        rules = TokenRules(
            issuer=issuer,
            audience=audiences,
            algorithms=chosen,
            kinds=KINDS[profile],
            required_claims=tuple(dict.fromkeys((*REQUIRED_CLAIMS[profile], *sorted(required)))),
            max_age=age,
            max_size=max_size,
            leeway=seconds or 0.0,
        )
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "mapping", mapping)

    @property
    def issuer(self) -> str:
        return self.rules.issuer


def _check_issuer(issuer: str, discovered: bool, where: str, mistakes: list[str]) -> None:
    if not isinstance(issuer, str) or not issuer or issuer != issuer.strip():
        mistakes.append(f"{where}: issuer is what tokens carry in iss, a text without blanks around it")
    elif discovered:
        try:
            parts = urlsplit(issuer)
            usable = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
            )
        except ValueError:
            usable = False
        if not usable:
            mistakes.append(f"{where}: keys cannot be discovered there; write the issuer's https URL, or hand in keys=")


def _algorithms(names: Iterable[str] | None, symmetric: bool, where: str, mistakes: list[str]) -> frozenset[str]:
    allowed = SYMMETRIC if symmetric else ASYMMETRIC
    if names is None:
        return frozenset(SYMMETRIC if symmetric else DEFAULT_ALGORITHMS)
    chosen = _texts(names, f"{where}: algorithms", mistakes, one_is_a_mistake=True)
    if not chosen and not isinstance(names, str):
        mistakes.append(
            f"{where}: algorithms is empty; leave it out for the default, or name some of {', '.join(allowed)}"
        )
    for name in sorted(chosen - set(allowed)):
        known = name in SYMMETRIC or name in ASYMMETRIC
        why = ("a shared secret" if symmetric else "public keys") + " cannot verify it" if known else "it is not known"
        mistakes.append(f"{where}: algorithms names {name!r}, but {why}; choose from {', '.join(allowed)}")
    return chosen


def _texts(
    given: str | Iterable[str], what: str, mistakes: list[str], *, one_is_a_mistake: bool = False
) -> frozenset[str]:
    if isinstance(given, str) and not one_is_a_mistake:
        return frozenset({given} if given else ())
    try:
        texts = list(given)
    except TypeError:
        texts = [None]  # type: ignore[list-item]  # reported below like any other wrong element
    if isinstance(given, str) or not all(isinstance(each, str) and each for each in texts):
        mistakes.append(f"{what} is {given!r}; write a list of texts")
        return frozenset({""})
    return frozenset(texts)


def _seconds(duration: float | timedelta) -> float | None:
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not math.isfinite(duration):
        return None
    return float(duration)
