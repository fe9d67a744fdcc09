"""How PropelAuth spells issuer and callers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Unpack

from ..errors import ConfigurationError
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted

_MEMBERSHIPS: Final = "org_id_to_org_member_info"


def propelauth(issuer: str, *, organization: str | None = None, **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of PropelAuth.

    ``issuer``: the auth URL of the environment, which is yours alone and stands in for ``aud``, which is never written.
    ``keys``: the verifier key of the dashboard, ``static(pem=...)``; it is changed by hand. ``organization``: the id of
    the one whose members are served, with what they are there. Without it a caller's tenant, roles and permissions are
    those of the only organisation, and unknown where there are several; ``tenants`` then names those that are served.

    https://docs.propelauth.com/reference/api/user

    Not settled: the header of tokens, and tokens for one active organisation.
    """
    if "keys" not in more:
        raise ConfigurationError("propelauth(keys=...): hand in static(pem=...) with the verifier key of the dashboard")
    chosen: Options = more if organization is None else {**more, "tenants": organization}
    return trusted(
        issuer,
        {"iss": issuer},
        chosen,
        algorithms=["RS256"],
        required_claims=["iat", "user_id"],
        client_id=None,
        scopes=None,
        roles=_Membership("inherited_user_roles_plus_current_role", organization),
        permissions=_Membership("user_permissions", organization),
        tenant=_Membership("org_id", organization),
    )


@dataclass(frozen=True, slots=True)
class _Membership:
    """What a caller is in one organisation."""

    name: str
    organization: str | None

    def __call__(self, claims: Mapping[str, object]) -> object:
        found = claims.get(_MEMBERSHIPS)
        if not isinstance(found, Mapping):
            return None
        if self.organization is None and len(found) != 1:
            return None
        chosen = found.get(self.organization or next(iter(found)))
        return chosen.get(self.name) if isinstance(chosen, Mapping) else None
