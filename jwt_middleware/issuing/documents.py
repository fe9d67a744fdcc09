"""The documents by which verifiers find an issuer's keys: JWKS (RFC 7517) and metadata (RFC 8414)."""

from ..errors import ConfigurationError
from .signing_keys import SigningKeys


def jwks_document(keys: SigningKeys) -> dict[str, object]:
    """What stands at ``jwks_uri``: the public half of every published key. Serve it as ``application/jwk-set+json``."""
    return {"keys": [dict(key.public_jwk) for key in keys.published]}


def metadata_document(issuer: str, *, jwks_uri: str, token_endpoint: str | None = None) -> dict[str, object]:
    """What stands at ``/.well-known/oauth-authorization-server`` of ``issuer`` (RFC 8414 sections 2 and 3)."""
    if not issuer or not jwks_uri.startswith(("https://", "http://")):
        raise ConfigurationError(f"metadata_document({issuer!r}): jwks_uri is the whole URL of the key set")
    document: dict[str, object] = {"issuer": issuer, "jwks_uri": jwks_uri, "response_types_supported": []}
    if token_endpoint is not None:
        document["token_endpoint"] = token_endpoint
    return document
