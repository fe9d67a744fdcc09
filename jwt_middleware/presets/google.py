"""How Google spells issuer and callers: service accounts, users, and the Identity-Aware Proxy."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final, Unpack

from ..errors import ConfigurationError
from ..verification.declared import ClaimValues
from ..verification.mapping import From, Kind
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, several, trusted

_ISSUER: Final = "https://accounts.google.com"
_SPELLINGS: Final = {_ISSUER: _ISSUER, "accounts.google.com": _ISSUER}  # one caller, however it is spelled


def google_service_accounts(
    *,
    audience: str | Iterable[str],
    emails: str | Iterable[str] = (),
    subjects: str | Iterable[str] = (),
    **more: Unpack[Options],
) -> TrustedIssuer:
    """ID tokens of Google service accounts: Cloud Run, Pub/Sub push, Cloud Scheduler, Cloud Tasks.

    ``audience``: what callers ask for, often the URL of this service. Every service account in the world can ask for
    it: name the ones that are let in, by ``emails`` or by ``subjects`` (their numeric ids).

    https://cloud.google.com/run/docs/authenticating/service-to-service

    Not settled: some senders put the path of the request into the default audience; set one explicitly there.
    """
    if bool(emails) == bool(subjects):
        raise ConfigurationError("google_service_accounts(): name who is let in, by emails or by subjects")
    if emails:
        named: ClaimValues = {"email": several(emails, "google_service_accounts(emails)"), "email_verified": True}
    else:
        named = {"sub": several(subjects, "google_service_accounts(subjects)")}
    return _of_google(audience, more, claim_values=named, kind="machine")


def google_users(*, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """ID tokens of people who signed in with Google.

    ``audience``: your own client ids. Everybody with a Google account gets such a token; ``tenants`` lets in the people
    of some Workspace domains only. Name people by ``subject``, never by e-mail address.

    https://developers.google.com/identity/gsi/web/guides/verify-google-id-token

    Not settled: nothing that we know of.
    """
    return _of_google(audience, more, tenant="hd", kind="user")


def google_iap(*, audience: str | Iterable[str], **more: Unpack[Options]) -> TrustedIssuer:
    """What Google's Identity-Aware Proxy says of the caller.

    The token comes in a header of its own: ``Guard(..., token_from=[token_in_header("X-Goog-IAP-JWT-Assertion")])``.
    ``audience``: of the protected resource, ``"/projects/NUMBER/apps/ID"`` or
    ``"/projects/NUMBER/global/backendServices/ID"``. ``tenants``: the Workspace domains that are served. Access levels
    are no groups and are not mapped. Health checks carry no token: mark their route as public.

    https://cloud.google.com/iap/docs/signed-headers-howto

    Not settled: the form of the audience for Cloud Run, and the claims of external identities.
    """
    return trusted(
        "https://cloud.google.com/iap",
        audience,
        more,
        jwks_url="https://www.gstatic.com/iap/verify/public_key-jwk",
        algorithms=["ES256"],
        accept_id_tokens=True,
        client_id=None,
        scopes=None,
        token_id=None,
        tenant="hd",
    )


def _of_google(
    audience: str | Iterable[str],
    more: Options,
    *,
    kind: Kind,
    claim_values: ClaimValues = MappingProxyType({}),
    tenant: From = None,
) -> TrustedIssuer:
    return trusted(
        _SPELLINGS,
        audience,
        more,
        jwks_url="https://www.googleapis.com/oauth2/v3/certs",
        algorithms=["RS256"],
        accept_id_tokens=True,  # Google's access tokens are opaque
        claim_values=claim_values,
        client_id="azp",
        scopes=None,
        token_id=None,
        tenant=tenant,
        kind=kind,
    )
