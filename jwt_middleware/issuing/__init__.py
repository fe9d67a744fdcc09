"""MAKE A TOKEN: signing keys, and the tokens and documents that they vouch for. No framework, no network."""

from .account import Account
from .documents import jwks_document, metadata_document, well_known_paths
from .sealing import Seal, seal_from_environment, seal_from_file
from .signing_key import SigningKey
from .signing_keys import KeyStore, SigningKeys
from .succession import KeyRecord, Succession
from .token_issuer import TokenIssuer

__all__ = [
    "Account",
    "KeyRecord",
    "KeyStore",
    "Seal",
    "SigningKey",
    "SigningKeys",
    "Succession",
    "TokenIssuer",
    "jwks_document",
    "metadata_document",
    "seal_from_environment",
    "seal_from_file",
    "well_known_paths",
]
