"""How Logto spells issuer and callers."""

from collections.abc import Iterable, Mapping
from typing import Final, Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, trusted

_ORGANIZATION: Final = "urn:logto:organization:"


def logto(issuer: str, *, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """Access tokens of Logto.

    ``issuer``: ``"https://acme.logto.app/oidc"``. ``audience``: the API's resource indicator; for tokens of an
    organisation without an API ``"urn:logto:organization:ID"``. A client that names no resource gets an opaque token.
    ``tenants``: the organisations that are served.

    Permissions travel as scopes, and are scopes here. Roles come only from claims of your own.

    https://docs.logto.io/authorization/validate-access-tokens

    Not settled: that every access token has ``typ`` ``at+jwt``; ``client_id`` is demanded, which ID tokens lack.
    """
    return trusted(issuer, audience, more, required_claims=["client_id"], tenant=_organization)


def _organization(claims: Mapping[str, object]) -> object:
    named = claims.get("organization_id")
    if isinstance(named, str):
        return named
    audience = claims.get("aud")
    said = audience if isinstance(audience, tuple) else (audience,)
    found = [each.removeprefix(_ORGANIZATION) for each in said if str(each).startswith(_ORGANIZATION)]
    return found[0] if len(found) == 1 else None
