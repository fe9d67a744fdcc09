"""From verified claims to a Principal, as the issuer's mapping says."""

from collections.abc import Mapping

from ..errors import InvalidToken
from ..verification.claims import Claims
from ..verification.mapping import ClaimMapping, references, resolve, several, single
from .principal import Principal


def principal_of(claims: Claims, mapping: ClaimMapping) -> Principal:
    """Name the caller.

    Raises InvalidToken for a token that names neither a subject nor a client, and for one that a mapping function
    stumbles over: the token is odd then, and the request must not end in a server error.
    """
    try:
        return _principal(claims, mapping)
    except InvalidToken:
        raise
    except Exception as error:
        raise InvalidToken("claim_malformed") from error


def _principal(claims: Claims, mapping: ClaimMapping) -> Principal:
    values = claims.values
    subject = single(values, mapping.subject)
    client_id = single(values, mapping.client_id)
    if subject is None and client_id is None:
        raise InvalidToken("claim_missing")
    scopes, scopes_known = several(values, mapping.scopes, split=True)
    roles, roles_known = several(values, mapping.roles)
    groups, groups_known = several(values, mapping.groups)
    permissions, permissions_known = several(values, mapping.permissions)
    known = {"scopes": scopes_known, "roles": roles_known, "groups": groups_known, "permissions": permissions_known}
    return Principal(
        subject=f"client:{client_id}" if subject is None else subject,
        issuer=claims.issuer,
        client_id=client_id,
        kind="machine" if subject is None or subject == client_id else "user",
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


def _actor(values: Mapping[str, object], mapping: ClaimMapping) -> Mapping[str, object] | None:
    candidates = (
        [mapping.actor(values)]
        if callable(mapping.actor)
        else [resolve(values, each) for each in references(mapping.actor)]
    )
    return next((found for found in candidates if isinstance(found, Mapping)), None)
