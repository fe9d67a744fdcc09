"""How Better Auth spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, address, trusted


def better_auth(
    url: str, *, audience: str | Iterable[str] | None = None, oauth_provider: bool = False, **more: Unpack[Options]
) -> TrustedIssuer:
    """Tokens of Better Auth's JWT plugin, or of its OAuth provider plugin.

    ``url``: the base URL, which is issuer and audience of the JWT plugin by default. ``oauth_provider``: access tokens
    of that plugin instead, whose issuer is below ``/api/auth`` and whose ``audience`` you must name.

    The JWT plugin writes the whole user, so nothing of it is taken for a role. Where the admin plugin, and nobody else,
    sets the role, say ``roles="role"``.

    https://www.better-auth.com/docs/plugins/jwt

    Not settled: nothing tells a token of the JWT plugin from another of the same audience but its issuer. Tokens cannot
    be withdrawn, and keys do not rotate by default. Where your paths differ, hand in ``jwks_url``.
    """
    base = address(url, "better_auth(url)")
    keys = f"{base}/api/auth/jwks"
    if oauth_provider:
        return trusted(
            f"{base}/api/auth",
            () if audience is None else audience,
            more,
            jwks_url=keys,
            required_claims=["azp"],
            client_id="azp",
            session_id="sid",
        )
    return trusted(base, base if audience is None else audience, more, jwks_url=keys, client_id=None, scopes=None)
