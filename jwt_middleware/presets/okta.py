"""How Okta spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted


def okta(issuer: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of an Okta custom authorization server.

    ``issuer``: ``"https://acme.okta.com/oauth2/default"``, with the id of the server. Tokens of the org server
    (``"https://acme.okta.com"``) are for Okta alone and are refused. ``audience``: that of the server
    (``"api://default"``).

    ``sub`` of a user is the login name, which can change; ``subject="uid"`` is stable but only users have it:
    ``subject=["uid", "sub"]``. Groups come where a groups claim is configured.

    https://developer.okta.com/docs/guides/validate-access-tokens/

    Not settled: nothing that we know of.
    """
    return trusted(
        issuer,
        audience,
        more,
        algorithms=["RS256"],
        required_claims=["cid"],  # ID tokens have none
        client_id="cid",
        scopes="scp",
        groups="groups",
    )
