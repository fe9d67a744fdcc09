"""How Firebase Authentication spells issuer and callers."""

from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, trusted


def firebase(project: str, **more: Unpack[Options]) -> TrustedIssuer:
    """ID tokens of Firebase Authentication and Identity Platform: what its clients send as bearer tokens.

    ``project``: the project's id, which is the audience as well. ``tenants``: the tenants that are served, where
    Identity Platform has several.

    Custom claims stand at the top, under any name, and only the Admin SDK writes them: ``roles="roles"``.

    https://firebase.google.com/docs/auth/admin/verify-id-tokens

    Not settled: session cookies have another issuer and other keys; the emulator's tokens are not signed. Neither is
    taken. Whether a user was disabled, the token does not say.
    """
    return trusted(
        f"https://securetoken.google.com/{identifier(project, 'firebase(project)')}",
        project,
        more,
        jwks_url="https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        algorithms=["RS256"],
        accept_id_tokens=True,
        required_claims=["sub", "auth_time", "firebase"],
        client_id=None,
        scopes=None,
        token_id=None,
        tenant=("firebase", "tenant"),
    )
