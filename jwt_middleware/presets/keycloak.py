"""How Keycloak spells issuer and callers."""

from collections.abc import Iterable, Mapping
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, several, trusted


def keycloak(
    issuer: str, *, audience: str | Iterable[str], client: str | None = None, **more: Unpack[Options]
) -> TrustedIssuer:
    """Access tokens of a Keycloak realm.

    ``issuer``: the realm's (``"https://sso.example.com/realms/acme"``). ``audience``: this service's client id; the
    realm must write it, by an Audience mapper or because callers have roles of this client. On a fresh realm ``aud`` is
    ``account`` only, and such tokens are refused. ``client``: whose client roles count besides the realm's; by default
    those of the audience. ``tenants``: the organisations that are served.

    Groups come with a mapper, often as paths (``"/warehouse/north"``). A token without ``sub`` (no ``basic`` scope,
    since Keycloak 25) is its client: users of one client are one caller then. Say ``required_claims=["sub"]`` to refuse
    it.

    https://www.keycloak.org/docs/latest/server_admin/#audience-support

    Not settled: what older releases write for callers of several organisations. Two organisations or more are no
    tenant. Service accounts are users of the realm and look like users.
    """
    audiences = several(audience, "keycloak(audience)")
    clients = audiences if client is None else several(client, "keycloak(client)")
    return trusted(
        issuer,
        audiences,
        more,
        kind_claim=("typ", "Bearer"),  # ID, Refresh, Offline and Logout are signed with the same keys
        client_id="azp",
        roles=[("realm_access", "roles"), *(("resource_access", each, "roles") for each in clients)],
        groups="groups",
        tenant=_only_organization,
        session_id=["sid", "session_state"],
    )


def _only_organization(claims: Mapping[str, object]) -> object:
    found = claims.get("organization")
    if isinstance(found, Mapping):
        found = tuple(found)
    return found[0] if isinstance(found, tuple) and len(found) == 1 else None
