"""Signature and registered claims (RFC 7515 section 5.2, RFC 7519 section 4.1).

The only file that touches PyJWT's algorithms.
"""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, Final

from jwt.algorithms import Algorithm, ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

from ..drafts import draft_of
from ..errors import InvalidToken
from ..keys.key import Key
from .claims import Claims
from .compact import Unverified
from .json_object import parse_object
from .kinds import refuse_other_kinds
from .mapping import resolve
from .rules import TokenRules, Value


class KeyedHMAC(HMACAlgorithm):
    """PyJWT's HMAC with a secret that was taken in once, and not for each token: that would be half of the check."""

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        keyed = key.copy()
        keyed.update(msg)
        return compare_digest(keyed.finalize(), sig)


_ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "HS256": KeyedHMAC(HMACAlgorithm.SHA256),
    "HS384": KeyedHMAC(HMACAlgorithm.SHA384),
    "HS512": KeyedHMAC(HMACAlgorithm.SHA512),
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
_FARTHEST: Final = 2**53  # seconds; beyond it a float no longer tells one second from the next
_EMPTY: Final = (None, "", ())  # what stands for nothing where a claim is required
_ClaimsDraft: Final = draft_of(Claims)


def verify(
    unverified: Unverified, key: Key, rules: TokenRules, now: float, values: Mapping[str, object] | None = None
) -> Claims:
    """Signature first, then times, issuer, audience and kind of token. ``now`` is in seconds since the epoch.

    ``key`` must have been chosen for the token's algorithm. ``values``: the payload, where it has been parsed already.
    Raises InvalidToken.
    """
    verify_signature(unverified, key)
    claims = look_at(unverified, rules, now, key.kid, values)
    if rules.key_issuers is not None and key.issuer not in rules.key_issuers[_iss(claims.values)]:
        raise InvalidToken("key_unknown")
    return claims


def verify_signature(unverified: Unverified, key: Key) -> None:
    """Verify with PyJWT's algorithm of that name. Raises InvalidToken."""
    name = unverified.header.algorithm
    algorithm = _ALGORITHMS.get(name)
    if algorithm is None or name not in key.algorithms:
        raise InvalidToken("algorithm_refused")
    material: Any = key.keyed.get(name, key.material)
    signature = unverified.signature
    try:
        genuine = algorithm.verify(unverified.signing_input, material, signature)
    except Exception as error:  # whatever a library raises on a foreign signature, the answer is no
        raise InvalidToken("signature_invalid") from error
    if genuine is not True:
        raise InvalidToken("signature_invalid")


def look_at(
    unverified: Unverified,
    rules: TokenRules,
    now: float,
    key_id: str | None = None,
    values: Mapping[str, object] | None = None,
) -> Claims:
    """Check everything the payload says against ``rules``. The answer is only worth what the signature is.

    Every new token comes this way: what an ordinary one holds is judged in line, and a function looks at what is not
    plainly right.
    """
    if values is None:
        values = parse_object(unverified.payload)
    get = values.get
    for name in rules.required_names:
        if get(name) in _EMPTY:
            raise InvalidToken("claim_missing")
    for alternatives in rules.required_others:
        if all(resolve(values, reference) in _EMPTY for reference in alternatives):
            raise InvalidToken("claim_missing")
    expires_at, not_before, issued_at = get("exp"), get("nbf"), get("iat")
    if type(expires_at) is not int or expires_at > _FARTHEST or expires_at < 0:
        expires_at = _time(values, "exp")
    if expires_at is None:  # whatever is required besides, no token lives for ever
        raise InvalidToken("claim_missing")
    if type(not_before) is not int or not_before > _FARTHEST or not_before < 0:
        not_before = _time(values, "nbf")
    if type(issued_at) is not int or issued_at > _FARTHEST or issued_at < 0:
        issued_at = _time(values, "iat")
    _check_times(expires_at, not_before, issued_at, rules, now)
    said = get("iss")
    issuer = rules.issuers.get(said if type(said) is str else _iss(values))
    if issuer is None:
        raise InvalidToken("issuer_untrusted")
    claim = rules.audience_claim
    named = get(claim) if type(claim) is str else resolve(values, claim)
    audience = (named,) if type(named) is str and named else _audience(named)
    if rules.audience.isdisjoint(audience):
        raise InvalidToken("audience_mismatch")
    if claim != "aud" and "aud" in values and rules.audience.isdisjoint(_audience(values["aud"])):
        raise InvalidToken("audience_mismatch")  # RFC 7519 section 4.1.3: who is not named in aud must refuse
    kind = unverified.header.kind
    if kind != "at+jwt" or "cnf" in values or not rules.kinds.typed:
        refuse_other_kinds(kind, values, rules.kinds)
    if rules.claim_values:
        for reference, accepted in rules.claim_values.items():
            if not _is_one_of(resolve(values, reference), accepted):
                raise InvalidToken("claim_refused")
    subject, token_id, session_id = get("sub"), get("jti"), get("sid")
    claims = _ClaimsDraft()
    claims.issuer = issuer
    # an empty one is absent: the caller is a client
    claims.subject = subject or None if type(subject) is str else _no_text(values, "sub")
    claims.audience = audience
    claims.expires_at = float(expires_at)
    claims.not_before = None if not_before is None else float(not_before)
    claims.issued_at = None if issued_at is None else float(issued_at)
    claims.token_id = token_id if type(token_id) is str and token_id else _no_text(values, "jti")
    claims.session_id = session_id if type(session_id) is str and session_id else _no_text(values, "sid")
    claims.values = values
    claims.key_id = key_id
    claims.__class__ = Claims
    return claims  # type: ignore[no-any-return]  # it has become one


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


def _no_text(values: Mapping[str, object], name: str) -> str | None:
    """None where a claim is absent. Raises InvalidToken: what stands there is no text, or an empty one."""
    if name in values:
        raise InvalidToken("claim_malformed")
    return None


def _audience(found: object) -> tuple[str, ...]:
    audience = (found,) if isinstance(found, str) else found
    if not isinstance(audience, tuple):
        raise InvalidToken("claim_malformed")
    for each in audience:
        if not (isinstance(each, str) and each):
            raise InvalidToken("claim_malformed")
    return audience
