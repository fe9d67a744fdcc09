"""How authentik spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted


def authentik(issuer: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of an authentik provider.

    ``issuer``: ``"https://auth.example.com/application/o/orders/"`` with its slash, or the bare address with a slash in
    global mode. It is built from the host that the request for the token went to, so an internal host name is another
    issuer. ``audience``: the provider's client id. Choose a signing key for the provider: without one authentik signs
    with the client secret, which a service must not hold.

    Groups are groups, entitlements are permissions. Access tokens are ID tokens with ``azp`` and ``uid``, so both are
    demanded. Scopes are not in the token.

    https://docs.goauthentik.io/add-secure-apps/providers/oauth2/

    Not settled: the claims of entitlements; whether newer versions write scopes. An encrypted token is refused.
    """
    return trusted(
        issuer,
        audience,
        more,
        algorithms=["RS256", "ES256"],
        required_claims=["azp", "uid"],
        client_id="azp",
        groups="groups",
        roles="roles",
        permissions="entitlements",
        session_id="sid",
        token_id="uid",
    )
