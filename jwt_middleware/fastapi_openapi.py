"""The OpenAPI document says which routes want a token, and what they answer without one (OpenAPI 3.1, section 4.8)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from .access.marks import mark_of, requirement_of
from .access.requirements import AllOf, AnyOf, Has, Requirement

SCHEME: Final = "JWT"  # the name of the security scheme
_BEARER: Final = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_PROBLEM: Final = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "code": {"type": "string"},
                "missing": {"type": "array", "items": {"type": "string"}},
            },
        }
    }
}


def complete(app: FastAPI, is_public_path: Callable[[str, str], bool]) -> None:
    """Let ``app.openapi()`` answer the completed document, also where the user has a function of their own."""
    original = app.openapi
    if getattr(original, "__name__", "") == "completed":
        return
    last: dict[str, Any] | None = None

    def completed() -> dict[str, Any]:
        nonlocal last
        document = original()
        if document is not last:  # FastAPI keeps its document: completing it once is enough
            _complete(document, app, is_public_path)
            last = document
        return document

    app.openapi = completed  # type: ignore[method-assign]  # the place that FastAPI documents for it


def _complete(document: dict[str, Any], app: FastAPI, is_public_path: Callable[[str, str], bool]) -> None:
    document.setdefault("components", {}).setdefault("securitySchemes", {}).setdefault(SCHEME, dict(_BEARER))
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = context.path_format
        if not isinstance(route, APIRoute) or mark_of(context.endpoint) is not None or path is None:
            continue
        for method in context.methods or ():
            operation = document.get("paths", {}).get(path, {}).get(method.lower())
            if operation is not None and not is_public_path(method, path):
                _complete_operation(operation, requirement_of(context.endpoint))


def _complete_operation(operation: dict[str, Any], requirement: Requirement | None) -> None:
    scopes = list(dict.fromkeys(scopes_in(requirement)))
    demanded = operation.setdefault("security", [])
    if not any(SCHEME in each for each in demanded):
        demanded.append({SCHEME: scopes})
    elif scopes:
        for each in demanded:
            each[SCHEME] = list(dict.fromkeys([*each.get(SCHEME, ()), *scopes]))
    responses = operation.setdefault("responses", {})
    responses.setdefault("401", {"description": "No token, or one that does not pass", "content": _PROBLEM})
    responses.setdefault("403", {"description": "The caller lacks what is required", "content": _PROBLEM})


def scopes_in(requirement: Requirement | None) -> Iterator[str]:
    """The scopes that a requirement names, in order; those under ``~`` are not asked for."""
    if isinstance(requirement, Has) and requirement.kind == "scope":
        yield requirement.name
    elif isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from scopes_in(part)
