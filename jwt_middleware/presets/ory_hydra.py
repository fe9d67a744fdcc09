"""How Ory Hydra spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted


def ory_hydra(issuer: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of Ory Hydra and Ory Network, where the JWT strategy is on.

    ``issuer``: as configured, often with a final slash. ``audience``: each client must be allowed to ask for it, and
    must ask: else ``aud`` is empty, and the token is refused.

    Roles and the like are what your consent application puts into the session, below ``ext`` unless you say otherwise:
    ``roles=("ext", "roles")``.

    https://www.ory.com/docs/oauth2-oidc/jwt-access-token

    Not settled: tokens of the jwt-bearer grant were seen with an empty key id; they fit only where one key alone is
    published.
    """
    return trusted(
        issuer,
        audience,
        more,
        required_claims=["client_id"],  # ID tokens have none
        scopes=["scope", "scp"],
    )
