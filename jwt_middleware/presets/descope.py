"""How Descope spells issuer and callers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, trusted


def descope(project: str, *, audience: str | Iterable[str] = (), **more: Unpack[Options]) -> TrustedIssuer:
    """Session tokens of a Descope project.

    ``project``: its id, which is the issuer as well; the URL that JWT templates write instead is taken too. A token has
    no ``aud`` unless the project sets one, so the issuer stands in: it is this project's alone. Say ``audience`` where
    the project sets one; without it such tokens are refused. ``tenants``: the tenants that are served.

    Roles and permissions are the project's and those in the current tenant (``dct``); those of the caller's other
    tenants never count.

    https://docs.descope.com/authorization/session-management

    Not settled: the lifetime and the ``typ`` of tokens, and the hosts of other regions.
    """
    named = identifier(project, "descope(project)")
    spellings = [named, f"https://api.descope.com/{named}"]
    return trusted(
        dict.fromkeys(spellings, named),
        audience or {"iss": spellings},
        more,
        jwks_url=f"https://api.descope.com/v2/keys/{named}",
        algorithms=["RS256"],
        kind_claim=("drn", "DS"),  # DSR is the refresh token
        client_id=None,
        scopes=None,
        roles=_OfProjectAndTenant("roles"),
        permissions=_OfProjectAndTenant("permissions"),
        tenant="dct",
    )


@dataclass(frozen=True, slots=True)
class _OfProjectAndTenant:
    name: str

    def __call__(self, claims: Mapping[str, object]) -> object:
        tenants, current = claims.get("tenants"), claims.get("dct")
        tenant = tenants.get(current) if isinstance(tenants, Mapping) and isinstance(current, str) else None
        found = [claims.get(self.name), tenant.get(self.name) if isinstance(tenant, Mapping) else None]
        lists = [each for each in found if isinstance(each, tuple)]
        return [name for each in lists for name in each] if lists else None
