"""From verified claims to a Principal, as the issuer's mapping says."""

from collections.abc import Mapping

from ..errors import InvalidToken
from ..verification.claims import Claims
from ..verification.mapping import ClaimMapping, Kind, brought_by, references, resolve, several, single, subject_of
from ..verification.trusted_issuer import TrustedIssuer
from .principal import Principal


def principal_of(claims: Claims, issuer: TrustedIssuer) -> Principal:
    """Name the caller.

    Raises InvalidToken for a token that names neither a subject nor a client, for a caller of a tenant that is not
    served, and for a token that a mapping function stumbles over: the token is odd then, and the request must not end
    in a server error.
    """
    try:
        principal = _principal(claims, issuer.mapping)
    except InvalidToken:
        raise
    except Exception as error:
        raise InvalidToken("claim_malformed") from error
    if issuer.rules.tenants is not None and principal.tenant not in issuer.rules.tenants:
        raise InvalidToken("tenant_refused")
    return principal


def _principal(claims: Claims, mapping: ClaimMapping) -> Principal:
    values = claims.values
    subject, client_id = subject_of(values, mapping), single(values, mapping.client_id)
    if subject is None:
        raise InvalidToken("claim_missing")
    scopes, scopes_known = several(values, mapping.scopes, split=True)
    roles, roles_known = several(values, mapping.roles)
    groups, groups_known = several(values, mapping.groups)
    permissions, permissions_known = several(values, mapping.permissions)
    scopes = tuple(dict.fromkeys((*scopes, *brought_by(scopes, mapping.scope_hierarchy))))
    if mapping.role_permissions:
        permissions = tuple(dict.fromkeys((*permissions, *brought_by(roles, mapping.role_permissions))))
        permissions_known = roles_known and (permissions_known or mapping.permissions is None)
    known = {"scopes": scopes_known, "roles": roles_known, "groups": groups_known, "permissions": permissions_known}
    return Principal(
        subject=subject,
        issuer=claims.issuer,
        client_id=client_id,
        kind=_kind(values, mapping, subject in (client_id, f"client:{client_id}")),
        scopes=scopes,
        roles=roles,
        groups=groups,
        permissions=permissions,
        incomplete=frozenset(field for field, said in known.items() if not said),
        tenant=single(values, mapping.tenant),
        session_id=single(values, mapping.session_id),
        token_id=single(values, mapping.token_id),
        actor=_actor(values, mapping),
        expires_at=claims.expires_at,
        claims=values,
    )


def _kind(values: Mapping[str, object], mapping: ClaimMapping, is_client: bool) -> Kind:
    if mapping.kind is None:
        return "machine" if is_client else "user"
    found = mapping.kind(values) if callable(mapping.kind) else mapping.kind
    if found not in ("user", "machine"):
        raise InvalidToken("claim_malformed")
    return found


def _actor(values: Mapping[str, object], mapping: ClaimMapping) -> Mapping[str, object] | None:
    candidates = (
        [mapping.actor(values)]
        if callable(mapping.actor)
        else [resolve(values, each) for each in references(mapping.actor)]
    )
    return next((found for found in candidates if isinstance(found, Mapping)), None)
