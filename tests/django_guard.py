"""The guards that the settings of Django's tests name."""

from jwt_middleware import ClaimMapping, Guard, TrustedIssuer, token_in_cookie
from jwt_middleware.access.token_location import authorization_header
from jwt_middleware.key_sources.static import static
from tests import tokens

trusted = TrustedIssuer(
    tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()), mapping=ClaimMapping(tenant="tenant")
)
guard = Guard(trusted)
cookie_guard = Guard(trusted, token_from=[authorization_header, token_in_cookie("session_token", secret=b"s" * 32)])
