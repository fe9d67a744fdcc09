"""The token of the current caller, as something of our own that we may send on."""

from ..access.current import current_passage, current_token
from ..access.principal import Principal
from ..errors import AuthError, TokenUnavailable
from ..verification.compact import read
from ..verification.json_object import parse_object


def callers_token() -> tuple[Principal, str]:
    """Who is calling and the token that proved it. Raises TokenUnavailable where there is no caller, or no token left.

    A request may be rewritten on its way through the application: what it holds now counts only if it says what the
    guard has verified.
    """
    passage, token = current_passage(), current_token()
    if passage is None or token is None:
        raise TokenUnavailable("there is no caller here whose token could be used")
    principal = passage.principal
    seconds_left = passage.guard.seconds_left(principal)
    if seconds_left is not None and seconds_left <= 0:  # in work that goes on after its request
        raise TokenUnavailable("the caller's token has expired meanwhile")
    try:
        verified = parse_object(read(token, len(token)).payload) == principal.claims
    except AuthError:  # which would blame the caller
        verified = False
    if not verified:
        raise TokenUnavailable("the request no longer holds the token that its caller was admitted with")
    return principal, token
