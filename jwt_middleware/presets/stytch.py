"""How Stytch spells issuer and callers."""

from collections.abc import Mapping
from typing import Final, Unpack

from ..verification.mapping import Kind
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, trusted

_SESSION: Final = "https://stytch.com/session"


def stytch(project: str, *, issuer: str | None = None, b2b: bool = False, **more: Unpack[Options]) -> TrustedIssuer:
    """Session tokens, Connected Apps' and machines' access tokens of a Stytch project.

    ``project``: its id, which is the audience as well. ``issuer``: your custom domain, if you have one; by default
    ``"stytch.com/PROJECT"``, without a scheme. ``b2b``: whether it is a B2B project, whose keys stand elsewhere.
    ``tenants``: the organisations that are served.

    Roles are those of the session, for B2B projects.

    https://stytch.com/docs/guides/sessions/using-jwts

    Not settled: where the keys of B2B and of test projects stand; hand in ``jwks_url`` if they are not found.
    """
    named = identifier(project, "stytch(project)")
    where = "test" if named.startswith("project-test-") else "api"
    return trusted(
        f"stytch.com/{named}" if issuer is None else issuer,
        named,
        more,
        jwks_url=f"https://{where}.stytch.com/v1/{'b2b/' if b2b else ''}sessions/jwks/{named}",
        algorithms=["RS256"],
        required_claims=["iat", "nbf", {_SESSION, "scope"}],
        roles=(_SESSION, "roles"),
        tenant=("https://stytch.com/organization", "organization_id"),
        session_id=(_SESSION, "id"),
        kind=_kind,
    )


def _kind(claims: Mapping[str, object]) -> Kind:
    return "machine" if str(claims.get("sub", "")).startswith("m2m-") else "user"
