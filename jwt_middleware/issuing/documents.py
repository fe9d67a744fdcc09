"""The documents by which verifiers find an issuer's keys: JWKS (RFC 7517) and metadata (RFC 8414)."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..waiting import ask
from .exchange import Answer, IssuingRequest, document_answer, preflight_answer
from .signing_keys import SigningKeys

_METADATA_MAX_AGE: Final = 3600  # seconds
_OAUTH: Final = "/.well-known/oauth-authorization-server"
_OPENID: Final = "/.well-known/openid-configuration"


def jwks_document(keys: SigningKeys) -> dict[str, object]:
    """What stands at ``jwks_uri``: the public half of every published key; of shared secrets nothing.

    Serve it as ``application/jwk-set+json``.
    """
    return {"keys": [dict(key.public_jwk) for key in keys.published if key.public_jwk]}


def metadata_document(
    issuer: str,
    *,
    jwks_uri: str | None = None,
    token_endpoint: str | None = None,
    revocation_endpoint: str | None = None,
    introspection_endpoint: str | None = None,
    grant_types: Sequence[str] = (),
    client_authentication: Sequence[str] = (),
    client_assertion_algorithms: Sequence[str] = (),
    scopes: Sequence[str] = (),
    protected_resources: Sequence[str] = (),
) -> dict[str, object]:
    """What stands at ``/.well-known/oauth-authorization-server`` of ``issuer`` (RFC 8414 sections 2 and 3).

    It says what is there and nothing else: lists without an element are left out (section 3.2), and grant types are
    named as soon as there is a token endpoint, because a reader takes silence for the authorization code. ``jwks_uri``
    is None for shared secrets only. Raises ConfigurationError.
    """
    endpoints = {
        "jwks_uri": jwks_uri,
        "token_endpoint": token_endpoint,
        "revocation_endpoint": revocation_endpoint,
        "introspection_endpoint": introspection_endpoint,
    }
    mistakes = [] if issuer else ["metadata_document(): the issuer is empty"]
    for name, url in endpoints.items():
        if url is not None and not url.startswith(("https://", "http://")):
            mistakes.append(f"metadata_document({issuer!r}): {name} is a whole URL, such as https://...")
    if (token_endpoint is None) != (not grant_types):
        mistakes.append(f"metadata_document({issuer!r}): token_endpoint and grant_types come together")
    if "none" in client_assertion_algorithms:
        mistakes.append(f"metadata_document({issuer!r}): nothing is signed with 'none'")
    if mistakes:
        raise ConfigurationError(*mistakes)
    lists = {
        "grant_types_supported": grant_types,
        "token_endpoint_auth_methods_supported": client_authentication,
        "token_endpoint_auth_signing_alg_values_supported": client_assertion_algorithms,
        "scopes_supported": scopes,
        "protected_resources": protected_resources,  # RFC 9728 section 4
    }
    document: dict[str, object] = {"issuer": issuer}
    document.update({name: url for name, url in endpoints.items() if url is not None})
    document.update({name: list(values) for name, values in lists.items() if values})
    return document


def well_known_paths(issuer: str) -> tuple[str, str, str]:
    """Where on its host the metadata of ``issuer`` is looked for: RFC 8414 inserted, OpenID appended, OpenID inserted.

    The same document stands at all three. That makes no OpenID provider: there is no login page and no ID token.
    """
    path = urlsplit(issuer).path.rstrip("/")
    return f"{_OAUTH}{path}", f"{path}{_OPENID}", f"{_OPENID}{path}"


async def jwks_answer(request: IssuingRequest, keys: SigningKeys) -> Answer:
    """The JWKS as an answer that verifiers and caches may keep as long as ``keys`` says."""
    if request.info.method == "OPTIONS":
        return preflight_answer()
    await ask(keys.look, keys.alook)
    document = jwks_document(keys)
    return document_answer(request, document, media_type="application/jwk-set+json", max_age=keys.max_age)


async def metadata_answer(request: IssuingRequest, document: object) -> Answer:
    """The metadata as an answer that may be kept for an hour."""
    if request.info.method == "OPTIONS":
        return preflight_answer()
    return document_answer(request, document, media_type="application/json", max_age=_METADATA_MAX_AGE)
