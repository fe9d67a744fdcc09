"""What no trusted issuer says of its callers."""

from collections.abc import Sequence

from ..verification.trusted_issuer import TrustedIssuer


def unmapped(trusted: Sequence[TrustedIssuer]) -> tuple[str, ...]:
    """Which of scopes, roles, groups and permissions no mapping names; none of them where no issuer is declared."""
    said = {
        kind
        for mapping in (each.mapping for each in trusted)
        for kind in ("scopes", "roles", "groups", "permissions")
        if getattr(mapping, kind) is not None or (kind == "permissions" and mapping.role_permissions)
    }
    return tuple(kind for kind in ("scopes", "roles", "groups", "permissions") if trusted and kind not in said)
