"""Thirteen mistakes of the guard and of what it is made of, each as small as the mistake is when somebody makes it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final
from unittest.mock import patch

from jwt_middleware import Guard, Principal, Requirement
from jwt_middleware.access import token_location
from jwt_middleware.access.admission import Admission
from jwt_middleware.access.hooks import concluded
from jwt_middleware.access.request import RequestInfo
from jwt_middleware.access.requirements import Finding, Not
from jwt_middleware.errors import AuthError, AuthUnavailable, InvalidToken, MissingToken
from jwt_middleware.verification import verify
from jwt_middleware.verification.authenticator import Authenticator, Genuine
from jwt_middleware.verification.claims import Claims
from jwt_middleware.verification.compact import Unverified
from jwt_middleware.verification.json_object import parse_object
from jwt_middleware.verification.rules import TokenRules
from jwt_middleware.verification.token_cache import TokenCache

from .mutation import Mutation, everywhere

_admit = Guard.admit
_demand = Guard.demand
_authenticate = Authenticator.authenticate
_check_times = verify._check_times
_look_at = verify.look_at
_with_scheme = token_location._with_scheme
_judge_not = Not.judge


def _any_signature(unverified: object, key: object) -> None:
    """Nothing is verified."""


def _any_expiry(expires_at: float, *others: Any) -> None:
    _check_times(math.inf, *others)


def _any_audience(unverified: Unverified, rules: TokenRules, *others: Any) -> Claims:
    said = verify._audience(parse_object(unverified.payload).get("aud"))
    return _look_at(unverified, replace(rules, audience=frozenset(said)), *others)


async def _no_revocation(self: Authenticator, claims: Claims, store: object) -> None:
    """The store is never asked."""


async def _outage_as_401(self: Authenticator, token: str) -> Genuine:
    try:
        return await _authenticate(self, token)
    except AuthUnavailable as outage:
        raise InvalidToken("key_unknown") from outage


def _remembered_for_ever(self: TokenCache[Any], credentials: bytes) -> Any:
    digest = sha256(credentials).digest()
    entry = self._young.get(digest) or self._old.get(digest)
    return None if entry is None else entry.value


async def _without_token(self: Guard, request: RequestInfo, recalled: bytes | None = None) -> Admission:
    found = await _admit(self, request, recalled)
    return replace(found, refusal=None) if isinstance(found.refusal, MissingToken) else found


class _TakenForNone(MissingToken, InvalidToken):
    """A bad token that a public route treats like none; elsewhere it is told as what it is."""


async def _downgraded(self: Guard, request: RequestInfo, recalled: bytes | None = None) -> Admission:
    found = await _admit(self, request, recalled)
    bad = found.refusal
    return replace(found, refusal=_TakenForNone(bad.reason)) if isinstance(bad, InvalidToken) else found


def _first_header(values: Sequence[str]) -> str | None:
    return _with_scheme([value.split(",")[0] for value in values[:1]])


def _nothing_required(
    self: Guard, principal: Principal, requirement: Requirement, path_parameters: Mapping[str, object] | None
) -> None:
    if not principal.is_authenticated:
        _demand(self, principal, requirement, path_parameters)


def _unknown_satisfies(self: Not, principal: Principal, parameters: Any) -> Finding:
    found = _judge_not(self, principal, parameters)
    return Finding(True) if found.holds is None else found


def _passed_over(admission: Admission, on_admitted: Any) -> Admission:
    try:
        on_admitted(admission.principal, admission.request)
    except Exception:
        return admission
    return admission


async def _quoting(self: Authenticator, token: str) -> Genuine:
    try:
        return await _authenticate(self, token)
    except AuthError as refusal:
        refusal.sentence = f"{refusal.sentence}: {token}"
        raise


MUTATIONS: Final = (
    Mutation(
        "signatures are not verified",
        lambda: patch.object(verify, "verify_signature", _any_signature),
        (
            "a token that a stranger signed is 401 invalid_token",
            "a tampered copy of a token that was just seen is refused",
        ),
    ),
    Mutation(
        "the expiry is not looked at",
        lambda: patch.object(verify, "_check_times", _any_expiry),
        ("an expired token is 401 invalid_token",),
    ),
    Mutation(
        "the audience is not looked at",
        lambda: everywhere((_look_at, _any_audience)),
        ("a token for another audience is 401 invalid_token", "a token is remembered for one guard alone"),
    ),
    Mutation(
        "revocations are not asked for",
        lambda: patch.object(Authenticator, "_refuse_revoked", _no_revocation),
        ("a revoked token is 401", "a token that is revoked between two requests is refused at the second"),
    ),
    Mutation(
        "an outage is told as a bad token",
        lambda: patch.object(Authenticator, "authenticate", _outage_as_401),
        ("keys out of reach are 503", "keys out of reach are 503 on a public route"),
    ),
    Mutation(
        "what is remembered of a token is not looked at again",
        lambda: patch.object(TokenCache, "get", _remembered_for_ever),
        (
            "a token that expires between two requests is refused at the second",
            "a token whose key is withdrawn between two requests is refused at the second",
        ),
    ),
    Mutation(
        "who sends no token is admitted",
        lambda: patch.object(Guard, "admit", _without_token),
        ("every decision is told once, with its reason",),
        ("no token is 401 without an error code", "anonymous on an unknown path: 401"),
    ),
    Mutation(
        "a bad token is nobody on a public route",
        lambda: patch.object(Guard, "admit", _downgraded),
        ("an expired token is refused on a public route", "an expired token is refused on a public path"),
    ),
    Mutation(
        "of two headers the first counts",
        lambda: patch.object(token_location, "_with_scheme", _first_header),
        ("two Authorization headers are 400", "two Authorization headers are 400, good first"),
    ),
    Mutation(
        "every requirement holds",
        lambda: patch.object(Guard, "demand", _nothing_required),
        ("a missing role is 403 without an error code", "a refusal that a view demands becomes the challenge"),
    ),
    Mutation(
        "what is not known satisfies ~",
        lambda: patch.object(Not, "judge", _unknown_satisfies),
        ("who is not known to be free of a ban is refused",),
    ),
    Mutation(
        "a hook that fails is passed over",
        lambda: everywhere((concluded, _passed_over)),
        ("nobody is let in when on_admitted fails", "on_admitted refuses by raising"),
    ),
    Mutation(
        "a challenge quotes the token",
        lambda: patch.object(Authenticator, "authenticate", _quoting),
        ("an expired token is 401 invalid_token", "nothing that a token says of itself is part of an answer"),
    ),
)
