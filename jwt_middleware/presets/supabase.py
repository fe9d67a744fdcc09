"""How Supabase Auth spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, address, identifier, several, trusted


def supabase(
    project: str,
    *,
    database_roles: str | Iterable[str] = "authenticated",
    anonymous_users: bool = False,
    **more: Unpack[Options],
) -> TrustedIssuer:
    """Tokens of signed-in users of a Supabase project.

    ``project``: its reference (``"qhzvwmrtkdlpnysbxgce"``), or the https address of your own server or domain. ``aud``
    is the same word everywhere, so the issuer binds a token to the project. ``database_roles``: what ``role`` may say;
    the keys ``anon`` and ``service_role`` are not taken. ``anonymous_users``: whether users without an account are.

    Roles are ``role`` and ``app_metadata.roles``, which servers write; users write ``user_metadata``, which is never
    mapped. A project whose key set is empty signs with a shared secret: ``keys=static(secret=...)``.

    https://supabase.com/docs/guides/auth/jwt-fields

    Not settled: while a project moves from a secret to keys it signs with both; only one of them is taken here.
    """
    what = "supabase(project)"
    own = isinstance(project, str) and ":" in project
    base = address(project, what) if own else f"https://{identifier(project, what)}.supabase.co"
    return trusted(
        f"{base}/auth/v1",
        "authenticated",
        more,
        jwks_url=f"{base}/auth/v1/.well-known/jwks.json",
        required_claims=["sub", "session_id"],
        claim_values={
            "role": several(database_roles, "supabase(database_roles)"),
            "is_anonymous": [True, False, None] if anonymous_users else [False, None],
        },
        roles=["role", ("app_metadata", "roles")],
        session_id="session_id",
    )
