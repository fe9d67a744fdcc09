"""How Zitadel spells issuer and callers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted

_TENANT: Final = "urn:zitadel:iam:user:resourceowner:id"


def zitadel(
    issuer: str,
    *,
    audience: str | Iterable[str],
    project: str | None = None,
    organization: str | None = None,
    **more: Unpack[Options],
) -> TrustedIssuer:
    """Access tokens of Zitadel, for applications whose access tokens are JWTs.

    ``issuer``: the instance's address without a slash. ``audience``: the id of the project or of the client; callers
    ask for a project with the scope ``urn:zitadel:iam:org:project:id:{id}:aud``. ``project``: whose roles count, where
    tokens carry those of several. ``tenants``: the organisations whose users are served.

    A role is held for an organisation. Only those held for ``organization`` count; without one those of the caller's
    own organisation, where the token names it, else those of the only organisation that is named. Roles that are held
    for several organisations are not known: a role in one must not open the door of another.

    https://zitadel.com/docs/apis/openidoauth/claims

    Not settled: the lifetime and the ``typ`` of tokens. ``jti`` tells access tokens from ID tokens, which have none.
    """
    claim = "urn:zitadel:iam:org:project:roles" if project is None else f"urn:zitadel:iam:org:project:{project}:roles"
    return trusted(
        issuer,
        audience,
        more,
        required_claims=["jti"],
        client_id=["azp", "client_id"],
        roles=_Roles(claim, organization),
        tenant=_TENANT,
    )


@dataclass(frozen=True, slots=True)
class _Roles:
    """The names of the roles that are held for one organisation."""

    claim: str
    organization: str | None

    def __call__(self, claims: Mapping[str, object]) -> object:
        found = claims.get(self.claim)
        if not isinstance(found, Mapping):
            return None
        held = {role: set(where) for role, where in found.items() if isinstance(where, Mapping)}
        organization = self.organization or claims.get(_TENANT)
        if organization is None:
            named = set().union(*held.values())
            if len(named) > 1:
                return None
            organization = next(iter(named), None)
        return [role for role, where in held.items() if organization in where]
