"""MAKE A TOKEN: signing keys, and the tokens and documents that they vouch for. No framework, no network."""

from .documents import jwks_document, metadata_document
from .signing_key import SigningKey
from .signing_keys import SigningKeys
from .token_issuer import TokenIssuer

__all__ = ["SigningKey", "SigningKeys", "TokenIssuer", "jwks_document", "metadata_document"]
