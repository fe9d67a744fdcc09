"""How GitHub Actions spells its workflows."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, several, trusted


def github_actions(
    *,
    audience: str | Iterable[str],
    repository_ids: str | Iterable[str],
    repository_owner_ids: str | Iterable[str],
    issuer: str = "https://token.actions.githubusercontent.com",
    **more: Unpack[Options],
) -> TrustedIssuer:
    """Tokens of GitHub Actions workflows.

    One issuer serves everybody: name the repositories and owners by their numeric ids, as texts, because names can be
    registered again by others. ``audience``: one of your own that the workflow asks for. ``issuer``: another one for
    GitHub Enterprise. Narrow it further by ``claim_values={"ref": "refs/heads/main", "environment": "production"}``.

    Nothing is taken for a role. The subject of newer repositories holds ids as well.

    https://docs.github.com/en/actions/reference/security/oidc

    Not settled: nothing that we know of. Organisations can change what the subject says.
    """
    return trusted(
        issuer,
        audience,
        more,
        algorithms=["RS256"],
        claim_values={
            "repository_id": several(repository_ids, "github_actions(repository_ids)"),
            "repository_owner_id": several(repository_owner_ids, "github_actions(repository_owner_ids)"),
        },
        client_id=None,
        scopes=None,
        tenant="repository_owner",
        kind="machine",
    )
