"""How GitLab CI spells its jobs."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, several, trusted


def gitlab_ci(
    *,
    audience: str | Iterable[str],
    project_ids: str | Iterable[str],
    issuer: str = "https://gitlab.com",
    protected_refs_only: bool = True,
    **more: Unpack[Options],
) -> TrustedIssuer:
    """ID tokens of GitLab CI jobs.

    One issuer serves everybody: name the projects by their numeric ids, as texts. ``audience``: one of your own, which
    the job asks for (``id_tokens: {TOKEN: {aud: ...}}``). ``issuer``: the address of your own instance.
    ``protected_refs_only``: jobs of other branches and tags, which more people can push, are refused.

    Nothing is taken for a role. Values such as ``ref_protected`` are texts: compare with ``"true"``, never with
    ``True``.

    https://docs.gitlab.com/ci/secrets/id_token_authentication/

    Not settled: the ``typ`` of tokens. For merge requests of forks the project is the fork, which is refused.
    """
    return trusted(
        issuer,
        audience,
        more,
        algorithms=["RS256"],
        claim_values={
            "project_id": several(project_ids, "gitlab_ci(project_ids)"),
            **({"ref_protected": "true"} if protected_refs_only else {}),
        },
        accept_id_tokens=True,
        client_id=None,
        scopes=None,
        tenant="namespace_path",
        kind="machine",
    )
