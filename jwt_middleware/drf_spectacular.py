"""What drf-spectacular says of JWTAuthentication. Loaded by the Django app where drf_spectacular is installed."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class JWTScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass registers it
    """The security scheme: a bearer token that is a JWT."""

    target_class = "jwt_middleware.drf.JWTAuthentication"
    name = "JWT"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def add_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """For ``POSTPROCESSING_HOOKS``: the answers 401 and 403 of every operation that wants a token."""
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and any("JWT" in each for each in operation.get("security", ())):
                responses = operation.setdefault("responses", {})
                responses.setdefault("401", {"description": "No token, or one that does not pass"})
                responses.setdefault("403", {"description": "The caller lacks what is required"})
    return result
