"""Signature and registered claims (RFC 7515 section 5.2, RFC 7519 section 4.1).

The only file that touches PyJWT's algorithms.
"""

from collections.abc import Mapping
from typing import Any, Final

from jwt.algorithms import Algorithm, ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

from ..errors import InvalidToken
from ..keys.key import Key
from .claims import Claims
from .compact import Unverified
from .json_object import parse_object
from .kinds import refuse_other_kinds
from .mapping import resolve
from .rules import TokenRules, Value

_ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "HS256": HMACAlgorithm(HMACAlgorithm.SHA256),
    "HS384": HMACAlgorithm(HMACAlgorithm.SHA384),
    "HS512": HMACAlgorithm(HMACAlgorithm.SHA512),
    "RS256": RSAAlgorithm(RSAAlgorithm.SHA256),
    "RS384": RSAAlgorithm(RSAAlgorithm.SHA384),
    "RS512": RSAAlgorithm(RSAAlgorithm.SHA512),
    "PS256": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256),
    "PS384": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA384),
    "PS512": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA512),
    "ES256": ECAlgorithm(ECAlgorithm.SHA256),
    "ES384": ECAlgorithm(ECAlgorithm.SHA384),
    "ES512": ECAlgorithm(ECAlgorithm.SHA512),
    "EdDSA": OKPAlgorithm(),
    "Ed25519": OKPAlgorithm(),
    "Ed448": OKPAlgorithm(),
}
_FARTHEST: Final = 2.0**53  # seconds; beyond it a float no longer tells one second from the next


def verify(unverified: Unverified, key: Key, rules: TokenRules, now: float) -> Claims:
    """Signature first, then times, issuer, audience and kind of token. ``now`` is in seconds since the epoch.

    ``key`` must have been chosen for the token's algorithm. Raises InvalidToken.
    """
    verify_signature(unverified, key)
    claims = look_at(unverified, rules, now, key.kid)
    if rules.key_issuers is not None and key.issuer not in rules.key_issuers[_iss(claims.values)]:
        raise InvalidToken("key_unknown")
    return claims


def verify_signature(unverified: Unverified, key: Key) -> None:
    """Verify with PyJWT's algorithm of that name. Raises InvalidToken."""
    algorithm = _ALGORITHMS.get(unverified.header.algorithm)
    if algorithm is None or unverified.header.algorithm not in key.algorithms:
        raise InvalidToken("algorithm_refused")
    material: Any = key.material
    try:
        genuine = algorithm.verify(unverified.signing_input, material, unverified.signature)
    except Exception as error:  # whatever a library raises on a foreign signature, the answer is no
        raise InvalidToken("signature_invalid") from error
    if genuine is not True:
        raise InvalidToken("signature_invalid")


def look_at(unverified: Unverified, rules: TokenRules, now: float, key_id: str | None = None) -> Claims:
    """Check everything the payload says against ``rules``. The answer is only worth what the signature is."""
    values = parse_object(unverified.payload)
    for alternatives in rules.required_claims:
        if all(resolve(values, reference) in (None, "", ()) for reference in alternatives):
            raise InvalidToken("claim_missing")
    expires_at = _time(values, "exp")
    if expires_at is None:  # whatever is required besides, no token lives for ever
        raise InvalidToken("claim_missing")
    not_before, issued_at = _time(values, "nbf"), _time(values, "iat")
    _check_times(expires_at, not_before, issued_at, rules, now)
    issuer = rules.issuers.get(_iss(values))
    if issuer is None:
        raise InvalidToken("issuer_untrusted")
    audience = _audience(resolve(values, rules.audience_claim))
    if rules.audience.isdisjoint(audience):
        raise InvalidToken("audience_mismatch")
    if rules.audience_claim != "aud" and "aud" in values and rules.audience.isdisjoint(_audience(values["aud"])):
        raise InvalidToken("audience_mismatch")  # RFC 7519 section 4.1.3: who is not named in aud must refuse
    refuse_other_kinds(unverified.header.kind, values, rules.kinds)
    for reference, accepted in rules.claim_values.items():
        if not _is_one_of(resolve(values, reference), accepted):
            raise InvalidToken("claim_refused")
    return Claims(
        issuer=issuer,
        subject=None if values.get("sub") == "" else _text(values, "sub"),  # empty is absent: the caller is a client
        audience=audience,
        expires_at=expires_at,
        not_before=not_before,
        issued_at=issued_at,
        token_id=_text(values, "jti"),
        session_id=_text(values, "sid"),
        values=values,
        key_id=key_id,
    )


def _check_times(
    expires_at: float, not_before: float | None, issued_at: float | None, rules: TokenRules, now: float
) -> None:
    if now >= expires_at + rules.leeway:
        raise InvalidToken("token_expired")
    if not_before is not None and now < not_before - rules.leeway:
        raise InvalidToken("token_not_yet_valid")
    if issued_at is not None and now < issued_at - rules.leeway:
        raise InvalidToken("token_not_yet_valid")
    if rules.max_age is not None:
        if issued_at is None:
            raise InvalidToken("claim_missing")
        if now >= issued_at + rules.max_age + rules.leeway:
            raise InvalidToken("token_too_old")


def _iss(values: Mapping[str, object]) -> str | None:
    found = values.get("iss")
    if found is not None and not isinstance(found, str):
        raise InvalidToken("issuer_untrusted")
    return found


def _is_one_of(found: object, accepted: tuple[Value, ...]) -> bool:
    """Exactly, by type too: neither is true 1, nor "true" true."""
    return any(type(each) is type(found) and each == found for each in accepted)


def _time(values: Mapping[str, object], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2): a JSON number, and neither true nor a text."""
    if name not in values:
        return None
    found = values[name]
    if isinstance(found, bool) or not isinstance(found, int | float) or not -_FARTHEST <= found <= _FARTHEST:
        raise InvalidToken("claim_malformed")
    return float(found)


def _text(values: Mapping[str, object], name: str) -> str | None:
    if name not in values:
        return None
    found = values[name]
    if not isinstance(found, str) or not found:
        raise InvalidToken("claim_malformed")
    return found


def _audience(found: object) -> tuple[str, ...]:
    audience = (found,) if isinstance(found, str) else found
    if not isinstance(audience, tuple) or not all(isinstance(each, str) and each for each in audience):
        raise InvalidToken("claim_malformed")
    return audience
