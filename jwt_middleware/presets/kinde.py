"""How Kinde spells issuer and callers."""

from collections.abc import Iterable, Mapping
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, host, trusted


def kinde(domain: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of Kinde.

    ``domain``: ``"acme.kinde.com"`` or your own. ``audience``: the API's, which applications must ask for: else ``aud``
    is empty, and the token is refused. ``tenants``: the organisation codes that are served. A machine has no subject.

    Roles come where they are enabled, as objects whose ``key`` is taken. Groups of other identity providers are not
    mapped.

    https://docs.kinde.com/build/tokens/about-access-tokens/

    Not settled: the shape of roles, the lifetime and the ``typ`` of tokens. A refresh gives the same token again until
    it expires.
    """
    return trusted(
        f"https://{host(domain, 'kinde(domain)')}",
        audience,
        more,
        required_claims=[{"scp", "scope"}],  # ID tokens have neither
        client_id="azp",
        scopes=["scope", "scp"],
        roles=_keys_of_roles,
        permissions="permissions",
        tenant="org_code",
    )


def _keys_of_roles(claims: Mapping[str, object]) -> object:
    found = claims.get("roles")
    if not isinstance(found, tuple):
        return None
    return [each.get("key") if isinstance(each, Mapping) else each for each in found]
