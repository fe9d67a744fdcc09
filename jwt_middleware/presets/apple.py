"""How Sign in with Apple spells its callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted


def apple(*, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """ID tokens of Sign in with Apple.

    ``audience``: your own client ids (the app's bundle id, the service's id). The subject is another one for each team.

    https://developer.apple.com/documentation/signinwithapple/verifying-a-user

    Not settled: booleans such as ``email_verified`` may be texts. A ``nonce`` is not compared: the app that asked for
    the token must.
    """
    return trusted(
        "https://appleid.apple.com",
        audience,
        more,
        jwks_url="https://appleid.apple.com/auth/keys",
        algorithms=["RS256"],
        accept_id_tokens=True,
        required_claims=["sub"],
        client_id="aud",
        scopes=None,
        token_id=None,
    )
