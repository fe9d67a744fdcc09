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
from .rules import TokenRules

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

# Claims that only other kinds of token carry, where ``typ`` does not settle the kind.
_ID_TOKEN_CLAIMS: Final = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})  # OpenID Connect Core
_OTHER_KINDS: Final = frozenset(
    {"events", "htm", "htu"}
)  # security events and logout (RFC 8417), DPoP proofs (RFC 9449)
_REFUSED_TYPES: Final = frozenset({"id", "refresh", "offline", "logout"})  # ``typ`` and ``token_use`` as claims


def verify(unverified: Unverified, key: Key, rules: TokenRules, now: float) -> Claims:
    """Signature first, then times, issuer, audience and kind of token. ``now`` is in seconds since the epoch.

    ``key`` must have been chosen for the token's algorithm. Raises InvalidToken.
    """
    verify_signature(unverified, key)
    return look_at(unverified, rules, now)


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


def look_at(unverified: Unverified, rules: TokenRules, now: float) -> Claims:
    """Check everything the payload says against ``rules``. The answer is only worth what the signature is."""
    values = parse_object(unverified.payload)
    for name in rules.required_claims:
        if values.get(name) in (None, "", ()):
            raise InvalidToken("claim_missing")
    expires_at = _time(values, "exp")
    if expires_at is None:  # whatever is required besides, no token lives for ever
        raise InvalidToken("claim_missing")
    not_before, issued_at = _time(values, "nbf"), _time(values, "iat")
    _check_times(expires_at, not_before, issued_at, rules, now)
    issuer = values.get("iss")
    if issuer != rules.issuer:
        raise InvalidToken("issuer_untrusted")
    audience = _audience(values.get("aud"))
    if rules.audience.isdisjoint(audience):
        raise InvalidToken("audience_mismatch")
    _check_kind(unverified.header.kind, values, rules)
    return Claims(
        issuer=rules.issuer,
        subject=_text(values, "sub"),
        audience=audience,
        expires_at=expires_at,
        not_before=not_before,
        issued_at=issued_at,
        token_id=_text(values, "jti"),
        session_id=_text(values, "sid"),
        values=values,
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


def _check_kind(kind: str, values: Mapping[str, object], rules: TokenRules) -> None:
    if kind not in rules.kinds:
        raise InvalidToken("kind_refused")
    if "cnf" in values:
        raise InvalidToken("sender_bound")  # RFC 9449 section 7.2, RFC 8705 section 3: never a bearer token
    if kind == "at+jwt":
        return
    if not _ID_TOKEN_CLAIMS.isdisjoint(values) or not _OTHER_KINDS.isdisjoint(values):
        raise InvalidToken("kind_refused")
    for name in ("typ", "token_use"):
        said = values.get(name)
        if isinstance(said, str) and said.lower() in _REFUSED_TYPES:
            raise InvalidToken("kind_refused")


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
