"""How WorkOS spells issuer and callers: AuthKit sessions, and Connect."""

from collections.abc import Iterable
from typing import Final, Unpack

from ..errors import ConfigurationError
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, trusted

_SHARED: Final = "https://api.workos.com"  # the issuer of older environments, the same for everybody


def workos(client: str, *, issuer: str | None = None, **more: Unpack[Options]) -> TrustedIssuer:
    """Session tokens of WorkOS AuthKit.

    ``client``: the client id (``"client_01..."``). ``issuer``: that of newer environments holds the client id and is
    the default; say your own authentication domain if you have one. A session token has no ``aud``, so the issuer
    stands in. The issuer of older environments, ``"https://api.workos.com"``, is everybody's: with it ``tenants`` must
    name the organisations that are served.

    ``actor`` is the member of staff who impersonates a user.

    https://workos.com/docs/reference/authkit/session-tokens

    Not settled: the ``typ`` of tokens. The key set is that of the client.
    """
    own = f"{_SHARED}/user_management/{identifier(client, 'workos(client)')}" if issuer is None else issuer
    if own == _SHARED and not more.get("tenants"):
        raise ConfigurationError(
            f"workos(issuer={_SHARED!r}): it is everybody's issuer; name your organisations, tenants="
        )
    return trusted(
        own,
        {"iss": own} if own != _SHARED else {"org_id": more["tenants"]},
        more,
        jwks_url=f"{_SHARED}/sso/jwks/{identifier(client, 'workos(client)')}",
        algorithms=["RS256"],
        required_claims=["sub", "sid"],
        client_id=None,
        scopes=None,
        roles=["roles", "role"],
        permissions="permissions",
        tenant="org_id",
        session_id="sid",
    )


def workos_connect(issuer: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of WorkOS Connect, for applications of others and for machines.

    ``issuer``: the AuthKit domain. ``sid`` names the consent, not a session, and is not mapped.

    https://workos.com/docs/authkit/connect/token-claims

    Not settled: the ``typ`` of tokens.
    """
    return trusted(issuer, audience, more, algorithms=["RS256"], required_claims=["client_id"], tenant="org_id")
