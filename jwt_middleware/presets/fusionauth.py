"""How FusionAuth spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, address, trusted


def fusionauth(issuer: str, *, url: str, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of FusionAuth that are signed with a key pair.

    ``issuer``: what the tenant's settings say, which is free text (``"acme.com"``). ``url``: where FusionAuth answers.
    ``audience``: the application's id, or that of the target entity. ``tenants``: the tenants that are served.

    ID tokens have the same audience; access tokens are told by ``applicationId``, ``roles`` or ``permissions``.

    https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/tokens

    Not settled: which claims other grants leave out. The key set also holds public keys that were imported for other
    providers, whose owners could sign in FusionAuth's name: where you imported any, hand in ``keys=static(pem={kid:
    pem})`` with your own.
    """
    return trusted(
        issuer,
        audience,
        more,
        jwks_url=f"{address(url, 'fusionauth(url)')}/.well-known/jwks.json",
        required_claims=[{"applicationId", "roles", "permissions"}],
        client_id="applicationId",
        roles="roles",
        permissions="permissions",
        tenant="tid",
        session_id="sid",
    )
