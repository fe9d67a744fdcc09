"""Who is calling, and what they may do: bearer tokens (JWTs) verified in front of any Python web application."""

from .access.actor import Actor
from .access.current import carry_principal, current_principal
from .access.delegation import acting_for, called_by
from .access.principal import ANONYMOUS, Principal
from .access.refusal_body import detail_and_code, plain_text, problem_json
from .access.request import RequestInfo
from .access.requirements import Requirement, authenticated, claim, group, path, permission, role, scope
from .access.streams import until_expiry
from .access.token_cookie import token_in_cookie
from .access.token_location import (
    authorization_header,
    token_in_header,
    token_in_query_that_leaks_into_logs,
    token_in_websocket_protocol,
)
from .decisions import Check, Decision, Observer, Verdict
from .errors import (
    AuthError,
    AuthUnavailable,
    ConfigurationError,
    Forbidden,
    InvalidToken,
    MalformedRequest,
    MissingToken,
    TokenOutage,
    TokenUnavailable,
)
from .guard import Guard
from .keys.freshness import Freshness
from .keys.key_state import KeyState
from .verification.authenticator import RevocationStore
from .verification.claims import Claims
from .verification.development import DEVELOPMENT_ISSUER, DevelopmentIssuerWarning
from .verification.mapping import ClaimMapping
from .verification.trusted_issuer import TrustedIssuer

__all__ = [
    "ANONYMOUS",
    "DEVELOPMENT_ISSUER",
    "Actor",
    "AuthError",
    "AuthUnavailable",
    "Check",
    "ClaimMapping",
    "Claims",
    "ConfigurationError",
    "Decision",
    "DevelopmentIssuerWarning",
    "Forbidden",
    "Freshness",
    "Guard",
    "InvalidToken",
    "KeyState",
    "MalformedRequest",
    "MissingToken",
    "Observer",
    "Principal",
    "RequestInfo",
    "Requirement",
    "RevocationStore",
    "TokenOutage",
    "TokenUnavailable",
    "TrustedIssuer",
    "Verdict",
    "acting_for",
    "authenticated",
    "authorization_header",
    "called_by",
    "carry_principal",
    "claim",
    "current_principal",
    "detail_and_code",
    "group",
    "path",
    "permission",
    "plain_text",
    "problem_json",
    "role",
    "scope",
    "token_in_cookie",
    "token_in_header",
    "token_in_query_that_leaks_into_logs",
    "token_in_websocket_protocol",
    "until_expiry",
]
