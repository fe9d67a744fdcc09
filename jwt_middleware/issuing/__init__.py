"""MAKE A TOKEN: signing keys, the tokens and documents that they vouch for, and sessions. No framework, no network."""

from .account import Account
from .cookies import SessionCookies, session_cookies
from .credentials import Credentials, LogIn
from .documents import jwks_document, metadata_document, well_known_paths
from .sealing import Seal, seal_from_environment, seal_from_file
from .session import Rotation, Session, SessionStore
from .sessions import Accounts, Revoker, SessionEvent, Sessions, Tokens
from .signing_key import SigningKey
from .signing_keys import KeyStore, SigningKeys
from .succession import KeyRecord, Succession
from .throttle import MemoryThrottle, Throttle
from .token_issuer import TokenIssuer

__all__ = [
    "Account",
    "Accounts",
    "Credentials",
    "KeyRecord",
    "KeyStore",
    "LogIn",
    "MemoryThrottle",
    "Revoker",
    "Rotation",
    "Seal",
    "Session",
    "SessionCookies",
    "SessionEvent",
    "SessionStore",
    "Sessions",
    "SigningKey",
    "SigningKeys",
    "Succession",
    "Throttle",
    "TokenIssuer",
    "Tokens",
    "jwks_document",
    "metadata_document",
    "seal_from_environment",
    "seal_from_file",
    "session_cookies",
    "well_known_paths",
]
