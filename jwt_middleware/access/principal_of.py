"""From verified claims to a Principal, as the issuer's mapping says."""

from collections.abc import Callable, Mapping
from typing import Final

from ..drafts import draft_of
from ..errors import InvalidToken
from ..verification.claims import Claims
from ..verification.mapping import ClaimMapping, Kind, brought_by, references, resolve, several, single
from ..verification.trusted_issuer import TrustedIssuer
from .actor import chain_of
from .principal import Principal

_MULTIPLES: Final = ("scopes", "roles", "groups", "permissions")
_NOTHING: Final[frozenset[str]] = frozenset()
_Draft: Final = draft_of(Principal)


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
    """What most tokens hold is read in line, as a call for each field would cost more than all else that is done here:

    a text under one name, texts under one name, scopes in one text. ``single`` and ``several`` read whatever differs.
    """
    values = claims.values
    get = values.get
    singles = []
    for source in (mapping.subject, mapping.client_id, mapping.tenant, mapping.session_id, mapping.token_id):
        found = get(source) if type(source) is str else source
        singles.append(found if found is None or (found and type(found) is str) else single(values, source))
    subject, client_id, tenant, session_id, token_id = singles
    if subject is None:
        if client_id is None:
            raise InvalidToken("claim_missing")
        subject = f"client:{client_id}"
    here = "_claim_names" not in values  # else some claims are kept elsewhere
    multiples = []
    for source in (mapping.roles, mapping.groups, mapping.permissions):
        found = get(source) if here and type(source) is str else None
        if type(found) is tuple:
            for each in found:
                if type(each) is not str or not each:
                    break
            else:
                multiples.append((found if len(set(found)) == len(found) else tuple(dict.fromkeys(found)), True))
                continue
        multiples.append(several(values, source))
    (roles, roles_known), (groups, groups_known), (permissions, permissions_known) = multiples
    found = get(mapping.scopes) if here and type(mapping.scopes) is str else None
    if type(found) is str:
        parts = found.split(" ")
        scopes, scopes_known = tuple(dict.fromkeys(parts if "" not in parts else filter(None, parts))), True
    else:
        scopes, scopes_known = several(values, mapping.scopes, split=True)
    if mapping.scope_hierarchy:
        scopes = tuple(dict.fromkeys((*scopes, *brought_by(scopes, mapping.scope_hierarchy))))
    if mapping.role_permissions:
        permissions = tuple(dict.fromkeys((*permissions, *brought_by(roles, mapping.role_permissions))))
        permissions_known = roles_known and (permissions_known or mapping.permissions is None)
    incomplete = _NOTHING
    if not (scopes_known and roles_known and groups_known and permissions_known):
        known = (scopes_known, roles_known, groups_known, permissions_known)
        incomplete = frozenset([name for name, said in zip(_MULTIPLES, known, strict=True) if not said])
    kind: Kind = "user"
    if mapping.kind is not None:
        kind = _kind(values, mapping.kind)
    elif client_id is not None and (subject == client_id or subject == f"client:{client_id}"):
        kind = "machine"
    principal = _Draft()
    principal.subject = subject
    principal.issuer = claims.issuer
    principal.client_id = client_id
    principal.kind = kind
    principal.scopes = scopes
    principal.roles = roles
    principal.groups = groups
    principal.permissions = permissions
    principal.incomplete = incomplete
    principal.tenant = tenant
    principal.session_id = session_id
    principal.token_id = token_id
    principal.actor = None if type(mapping.actor) is str and mapping.actor not in values else _actor(values, mapping)
    principal.expires_at = claims.expires_at
    principal.claims = values
    principal.__class__ = Principal
    return principal  # type: ignore[no-any-return]  # it has become one


def _kind(values: Mapping[str, object], said: Kind | Callable[[Mapping[str, object]], Kind]) -> Kind:
    found = said(values) if callable(said) else said
    if found not in ("user", "machine"):
        raise InvalidToken("claim_malformed")
    return found


def _actor(values: Mapping[str, object], mapping: ClaimMapping) -> Mapping[str, object] | None:
    candidates = (
        [mapping.actor(values)]
        if callable(mapping.actor)
        else [resolve(values, each) for each in references(mapping.actor)]
    )
    return chain_of(next((found for found in candidates if found is not None), None))
