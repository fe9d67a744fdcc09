"""How Cloudflare Access spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, trusted


def cloudflare_access(team: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """What Cloudflare Access says of the caller, who may be a person or a service token.

    The token comes in a header of its own: ``Guard(..., token_from=[token_in_header("Cf-Access-Jwt-Assertion")])``.
    ``team``: what stands before ``.cloudflareaccess.com``. ``audience``: the AUD tag of the application. A service
    token has an empty subject, so its client id (``common_name``) names the caller.

    Claims of the identity provider that you added stand below ``custom``: ``groups=("custom", "groups")``.

    https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/application-token/

    Not settled: what stands below ``custom``.
    """
    issuer = f"https://{identifier(team, 'cloudflare_access(team)')}.cloudflareaccess.com"
    return trusted(
        issuer,
        audience,
        more,
        jwks_url=f"{issuer}/cdn-cgi/access/certs",
        algorithms=["RS256"],
        kind_claim=("type", "app"),  # org is the session of the whole team
        client_id="common_name",
        scopes=None,
        token_id=None,
    )
