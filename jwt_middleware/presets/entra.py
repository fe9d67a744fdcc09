"""How Microsoft Entra ID spells issuer and callers."""

from collections.abc import Iterable, Mapping
from typing import Final, Unpack
from uuid import UUID

from ..errors import ConfigurationError
from ..verification.declared import KeyIssuers
from ..verification.mapping import Kind
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, several, trusted

_LOGIN: Final = "https://login.microsoftonline.com"
_ANY_TENANT: Final = f"{_LOGIN}/{{tenantid}}/v2.0"  # written in keys that sign for every tenant


def entra(tenant_ids: str | Iterable[str], *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of Entra ID, versions 1 and 2, of users, applications and managed identities.

    ``tenant_ids``: of the tenants that are served, GUIDs. ``audience``: the API's client id, and its App ID URI as well
    for version 1; the API's own registration decides which version it gets. One caller is one (issuer, subject):
    ``sub`` is another one in each API, ``subject="oid"`` is the same in all.

    Application roles, and the application permissions of apps, are roles. Where a user has more groups than fit, the
    token only points to them: then ``groups_complete`` is false, and no requirement about groups holds. A token without
    ``scp`` or ``roles`` is refused: an ID token of the same registration would look like it. The keys of several
    tenants are Microsoft's for all of them; each names the tenants that it signs for.

    https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference

    Not settled: national clouds have other addresses. Applications with claims mapping or SAML sign-on have keys of
    their own; hand in ``jwks_url`` with ``?appid=``. Tokens for Microsoft Graph can be verified by nobody else.
    """
    ids = [_guid(each, "entra(tenant_ids)") for each in several(tenant_ids, "entra(tenant_ids)")]
    issuers = {issuer: each for each in ids for issuer in (_v2(each), f"https://sts.windows.net/{each}/")}
    shared = len(set(ids)) > 1
    return _of_entra(
        {issuer: issuer for issuer in issuers},
        audience,
        more,
        ids,
        jwks_url=f"{_LOGIN}/{'common' if shared else ids[0]}/discovery/v2.0/keys",
        # a set of one tenant alone may name no issuer
        key_issuers={issuer: [_ANY_TENANT, _v2(each), *([] if shared else [None])] for issuer, each in issuers.items()},
    )


def entra_external_id(
    name: str, tenant_id: str, *, audience: str | Iterable[str], **more: Unpack[Options]
) -> TrustedIssuer:
    """Access tokens of Entra External ID, for customers.

    ``name``: what stands before ``.ciamlogin.com``. ``tenant_id``: a GUID. Everything else is as with ``entra``.

    https://learn.microsoft.com/en-us/entra/external-id/customers/overview-customers-ciam

    Not settled: whether the issuer begins with the name or the tenant's id, and whether it ends in a slash. All four
    are taken, with the keys of this tenant alone, and callers always get the first. With an own domain for sign-in
    declare a TrustedIssuer with the issuer that its discovery document names.
    """
    name, tenant = identifier(name, "entra_external_id(name)"), _guid(tenant_id, "entra_external_id(tenant_id)")
    spellings = [f"https://{each}.ciamlogin.com/{tenant}/v2.0{slash}" for each in (name, tenant) for slash in ("", "/")]
    return _of_entra(
        dict.fromkeys(spellings, spellings[0]),
        audience,
        more,
        [tenant],
        jwks_url=f"https://{name}.ciamlogin.com/{tenant}/discovery/v2.0/keys",
    )


def _of_entra(
    issuers: Mapping[str, str],
    audience: str | Iterable[str],
    more: Options,
    tenants: list[str],
    *,
    jwks_url: str,
    key_issuers: KeyIssuers | None = None,
) -> TrustedIssuer:
    return trusted(
        issuers,
        audience,
        more,
        jwks_url=jwks_url,
        key_issuers=key_issuers,
        algorithms=["RS256"],
        required_claims=["tid", {"scp", "roles"}, {"azp", "appid"}],
        tenants=tenants,
        client_id=["azp", "appid"],
        scopes="scp",
        roles="roles",
        groups="groups",
        tenant="tid",
        session_id="sid",
        token_id="uti",
        kind=_kind,
    )


def _kind(claims: Mapping[str, object]) -> Kind:
    return "machine" if claims.get("idtyp") == "app" or "scp" not in claims else "user"


def _v2(tenant: str) -> str:
    return f"{_LOGIN}/{tenant}/v2.0"


def _guid(given: str, what: str) -> str:
    try:
        return str(UUID(given))
    except (ValueError, AttributeError, TypeError):
        raise ConfigurationError(f"{what}: write the tenant's id, a GUID; its domain is not part of a token") from None
