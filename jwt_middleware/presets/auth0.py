"""How Auth0 spells issuer and callers."""

from collections.abc import Iterable, Mapping
from typing import Unpack

from ..verification.mapping import Kind
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, host, trusted


def auth0(domain: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of Auth0, in its own profile and in that of RFC 9068.

    ``domain``: the tenant's (``"acme.eu.auth0.com"``) or your custom one, whichever applications use. ``audience``: the
    API's identifier, exactly. ``tenants``: the organisations that are served.

    Permissions come only where RBAC and "Add Permissions in the Access Token" are both on. Roles and groups come only
    from an Action of yours: ``roles="https://acme.example/roles"``, one literal name. Map no user metadata.

    https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles

    Not settled: whether a custom domain changes ``iss`` in every flow; the callers' token decides. Without an audience
    in its request a client gets an opaque or encrypted token, which is refused as malformed.
    """
    return trusted(
        f"https://{host(domain, 'auth0(domain)')}/",  # the slash is part of it
        audience,
        more,
        client_id=["azp", "client_id"],
        permissions="permissions",
        tenant="org_id",
        kind=_kind,
    )


def _kind(claims: Mapping[str, object]) -> Kind:
    return "machine" if str(claims.get("sub", "")).endswith("@clients") else "user"
