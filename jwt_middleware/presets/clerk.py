"""How Clerk spells issuer and callers."""

from collections.abc import Iterable, Mapping
from typing import Unpack

from ..errors import ConfigurationError
from ..verification.mapping import Kind
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, several, trusted


def clerk(
    issuer: str, *, origins: str | Iterable[str] = (), audience: str | Iterable[str] = (), **more: Unpack[Options]
) -> TrustedIssuer:
    """Session tokens of Clerk, versions 1 and 2.

    ``issuer``: the Frontend API URL (``"https://clerk.acme.example"``). ``origins``: the web origins whose tokens are
    taken: a session token has no ``aud``, and ``azp``, which is the origin and no client, stands in. ``audience``
    instead: for JWT templates that write one. ``tenants``: the organisations that are served.

    Roles and permissions are those in the active organisation, as version 1 spells them: ``"org:admin"``,
    ``"org:reports:read"``. A user who still has to choose an organisation (``sts: pending``) is refused. Tokens live
    for a minute, so the leeway is 5 seconds. ``unsafe_metadata`` is the user's own and is never mapped.

    https://clerk.com/docs/guides/sessions/session-tokens

    Not settled: that the lowest bit of a mask is the first permission; tokens for machines beyond their subject
    (``mch_...``), for which a template must write the audience; a privacy setting that leaves ``azp`` out is refused.
    """
    if bool(origins) == bool(audience):
        raise ConfigurationError("clerk(): say origins, or audience where a JWT template writes one")
    by_origin = several(origins, "clerk(origins)") if origins else ()
    return trusted(
        issuer,
        {"azp": by_origin} if origins else audience,
        more,
        algorithms=["RS256"],
        required_claims=["sub", *(["sid"] if origins else [])],
        claim_values={"sts": ["active", None]},
        leeway=5.0,
        client_id=None,
        scopes=None,
        roles=_roles,
        permissions=_permissions,
        tenant=[("o", "id"), "org_id"],
        session_id="sid",
        kind=_kind,
    )


def _roles(claims: Mapping[str, object]) -> object:
    organization = claims.get("o")
    if not isinstance(organization, Mapping):
        return claims.get("org_role")
    said = organization.get("rol")
    return f"org:{said}" if isinstance(said, str) and said else None


def _permissions(claims: Mapping[str, object]) -> object:
    """Version 2 packs them: one mask for each feature of the organisation says which of its names hold there."""
    organization = claims.get("o")
    if not isinstance(organization, Mapping):
        return claims.get("org_permissions")
    names, masks = _split(organization.get("per")), _split(organization.get("fpm"))
    features = [each.partition(":")[2] for each in _split(claims.get("fea")) if "o" in each.partition(":")[0]]
    if len(features) != len(masks) or not all(mask.isascii() and mask.isdigit() for mask in masks):
        return None
    return [
        f"org:{feature}:{name}"
        for feature, mask in zip(features, masks, strict=True)
        for place, name in enumerate(names)
        if int(mask) >> place & 1
    ]


def _split(found: object) -> list[str]:
    return [part for part in found.split(",") if part] if isinstance(found, str) else []


def _kind(claims: Mapping[str, object]) -> Kind:
    return "machine" if str(claims.get("sub", "")).startswith("mch_") else "user"
