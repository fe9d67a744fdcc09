"""Every way to say no.

    AuthError                 the request may not pass; a door turns it into a challenge
    ├── MalformedRequest          400  the credentials cannot be read at all
    ├── MissingToken              401  no token came, and the route wants one
    ├── InvalidToken              401  a token came and is not acceptable
    ├── Forbidden                 403  a genuine caller who may not do this
    └── AuthUnavailable           503  keys or revocations are out of reach: nobody's fault, try again
    ConfigurationError        the developer's mistake, found when something is built
    TokenUnavailable          our own outbound call has no token to send; never a challenge
    └── TokenOutage               503 or 502, and an AuthUnavailable as well: the token endpoint is down, or refuses us

Each AuthError carries a stable reason code and the one fixed sentence that belongs to it. Nothing from a token, a key
or a header is ever part of a sentence: what went wrong below stands in ``__cause__``, for the log.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

REASONS: Final = MappingProxyType(
    {
        # 400: the credentials cannot be read (RFC 6750 section 3.1, invalid_request)
        "header_malformed": "the credentials in the request are malformed",
        "several_tokens": "the request carries more than one token",
        # 401 without an error code: no credentials (RFC 6750 section 3.1)
        "token_missing": "this resource needs a bearer token",
        # 401: a token came and is not acceptable (invalid_token)
        "token_malformed": "the token is not a well-formed signed JWT",
        "token_too_large": "the token is larger than this service accepts",
        "issuer_untrusted": "the token was not issued by a trusted issuer",
        "algorithm_refused": "the token is signed with an algorithm that is not accepted",
        "kind_refused": "the token is not an access token for this service",
        "key_unknown": "the token was signed with an unknown key",
        "signature_invalid": "the signature of the token is not valid",
        "claim_missing": "the token lacks a claim that this service needs",
        "claim_malformed": "a claim of the token has the wrong type or value",
        "claim_refused": "a claim of the token says what this service does not accept",
        "tenant_refused": "the token belongs to a tenant that this service does not serve",
        "token_expired": "the token has expired",
        "token_not_yet_valid": "the token is not valid yet",
        "token_too_old": "the token was issued too long ago",
        "audience_mismatch": "the token is not meant for this service",
        "sender_bound": "the token is bound to a sender and cannot be used as a bearer token",
        "token_revoked": "the token has been revoked",
        # 403: a genuine caller who may not do this
        "requirement_not_met": "the caller lacks what this operation requires",
        "user_refused": "the caller's account may not be used",
        "csrf_failed": "the request lacks proof that it comes from an allowed origin",
        # 503: we cannot decide
        "issuers_unavailable": "the list of trusted issuers cannot be reached at the moment",
        "keys_unavailable": "the keys of the issuer cannot be reached at the moment",
        "sessions_unavailable": "sessions cannot be reached at the moment",
        "token_unavailable": "a token for another service cannot be had at the moment",
        "revocations_unavailable": "the revocation list cannot be reached at the moment",
        "hooks_unavailable": "what this service asks about its callers cannot be answered at the moment",
    }
)


class AuthError(Exception):
    """The request may not pass. ``reason`` is a key of ``REASONS``, ``sentence`` the fixed text that belongs to it.

    ``told`` says that observers have heard of it: what an application raises by itself is told when it is answered.
    """

    status = 401
    told = False

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.sentence = REASONS[reason]
        super().__init__(self.sentence)


class MalformedRequest(AuthError):
    """The credentials cannot be read: broken header, two tokens (RFC 6750 section 3.1, ``invalid_request``)."""

    status = 400

    def __init__(self, reason: str = "header_malformed") -> None:
        super().__init__(reason)


class MissingToken(AuthError):
    """No token came. The challenge carries no error code (RFC 6750 section 3.1)."""

    def __init__(self, reason: str = "token_missing") -> None:
        super().__init__(reason)


class InvalidToken(AuthError):
    """A token came and is not acceptable (RFC 6750 section 3.1, ``invalid_token``)."""

    def __init__(self, reason: str = "token_malformed") -> None:
        super().__init__(reason)


class Forbidden(AuthError):
    """A genuine caller who may not do this.

    ``missing`` says in words which parts of the requirement failed; ``scopes`` are all the scopes that would cure it,
    and empty where scopes alone would not (RFC 6750 section 3.1, ``insufficient_scope``). ``because`` says in one line
    which part decided, where the guard explains refusals to callers.
    """

    status = 403
    because = ""

    def __init__(
        self, reason: str = "requirement_not_met", *, missing: Sequence[str] = (), scopes: Sequence[str] = ()
    ) -> None:
        super().__init__(reason)
        self.missing = tuple(missing)
        self.scopes = tuple(scopes)


class AuthUnavailable(AuthError):
    """Keys or revocations are out of reach and nothing usable is cached: 503, never 401.

    ``retry_after`` is in whole seconds (RFC 9110 section 10.2.3).
    """

    status = 503

    def __init__(self, reason: str = "keys_unavailable", *, retry_after: int = 5) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ConfigurationError(Exception):
    """The developer's mistake: says what is wrong, where, and how to mend it; all mistakes of one place at once."""

    def __init__(self, *mistakes: str) -> None:
        self.mistakes = mistakes
        super().__init__(mistakes[0] if len(mistakes) == 1 else "".join(f"\n  - {mistake}" for mistake in mistakes))


class TokenUnavailable(Exception):
    """Our own outbound call could not get or send a token. Never becomes a challenge: the caller's token was fine.

    As it stands the call was wrong in itself, such as one to a target that is on no list.
    """


class TokenOutage(TokenUnavailable, AuthUnavailable):
    """The token endpoint is out of reach (503), or refuses us (502, and ``refused`` is its error code).

    It is an AuthUnavailable as well: raised in a view, it is answered so by every door, with ``retry_after`` in whole
    seconds and no challenge. What it says in words is for the log.
    """

    def __init__(self, words: str, *, status: int = 503, retry_after: int = 1, refused: str = "") -> None:
        AuthUnavailable.__init__(self, "token_unavailable", retry_after=retry_after)
        self.args = (words,)
        self.status = status
        self.refused = refused
