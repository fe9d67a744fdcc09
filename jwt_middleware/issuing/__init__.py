"""MAKE A TOKEN: signing keys, the tokens and documents that they vouch for, and sessions. No framework, no network."""

from .account import Account
from .client_endpoints import ClientEndpoints, token_endpoint_metadata
from .cookies import SessionCookies, session_cookies
from .credentials import Credentials, LogIn
from .documents import jwks_document, metadata_document, well_known_paths
from .endings import Revoker
from .holders import Accounts
from .registered_client import ClientRegistry, ListedClients, RegisteredClient, new_client_secret, secret_digest
from .sealing import Seal, seal_from_environment, seal_from_file
from .session import Rotation, Session, SessionStore
from .session_event import SessionEvent
from .sessions import Sessions
from .signing_key import SigningKey
from .signing_keys import KeyStore, SigningKeys
from .succession import KeyRecord, Succession
from .throttle import MemoryThrottle, Throttle
from .token_issuer import TokenIssuer
from .tokens import Tokens
from .used_assertions import UsedAssertions, UsedInMemory

__all__ = [
    "Account",
    "Accounts",
    "ClientEndpoints",
    "ClientRegistry",
    "Credentials",
    "KeyRecord",
    "KeyStore",
    "ListedClients",
    "LogIn",
    "MemoryThrottle",
    "RegisteredClient",
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
    "UsedAssertions",
    "UsedInMemory",
    "jwks_document",
    "metadata_document",
    "new_client_secret",
    "seal_from_environment",
    "seal_from_file",
    "secret_digest",
    "session_cookies",
    "token_endpoint_metadata",
    "well_known_paths",
]
