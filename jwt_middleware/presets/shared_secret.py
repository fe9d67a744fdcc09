"""In-house services that sign with a secret which the verifier shares."""

from typing import Unpack

from ..errors import ConfigurationError
from ..verification.declared import Audience
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted


def shared_secret(
    issuer: str,
    *,
    audience: Audience,
    without_iss: bool = False,
    **more: Unpack[Options],
) -> TrustedIssuer:
    """Tokens of a service of your own, signed with a shared secret (HS256, HS384, HS512).

    ``keys``: ``static(secret=...)``, or ``file(..., secret=True)``, which rotates. ``issuer``: what ``iss`` says.
    ``without_iss``: tokens carry none, and callers get ``issuer`` all the same; one that carries it is refused.
    ``audience``: what ``aud`` says; where tokens carry none, the claim that stands in for it and what that says:
    ``audience={"token_type": "access"}`` also keeps refresh tokens out. Names stand where RFC 9068 puts them:
    ``roles``, ``groups``, ``permissions``, ``scope``, ``client_id``; say ``subject="user_id"`` and the like where they
    do not.

    Whoever can verify these tokens can make them: prefer a key pair between services that do not trust one another.

    https://www.rfc-editor.org/rfc/rfc7518#section-3.2

    Not settled: nothing; both ends are yours.
    """
    keys = more.get("keys")
    if keys is None or not keys.symmetric:
        raise ConfigurationError("shared_secret(keys=...): hand in static(secret=...) or file(..., secret=True)")
    nameless: dict[str | None, str] = {None: issuer}
    return trusted(
        nameless if without_iss else issuer,
        audience,
        more,
        roles="roles",
        groups="groups",
        permissions="permissions",
        session_id="sid",
    )
