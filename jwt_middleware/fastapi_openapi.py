"""The OpenAPI document says which routes want a token, and what they answer without one (OpenAPI 3.1, section 4.8)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from .access.marks import mark_of
from .access.requirements import AllOf, AnyOf, Has, Requirement
from .fastapi_routes import requirements

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

WantsToken = Callable[[str, str], bool]


class CompletedDocument:
    """Stands in the place of ``app.openapi``, and completes what it answers, also where that is the user's own."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._original = app.openapi
        self._wanted_by: tuple[WantsToken, ...] = ()  # one for each door, and for each place where it is mounted
        self._last: dict[str, Any] | None = None

    def add(self, wants_token: WantsToken) -> None:
        self._wanted_by += (wants_token,)
        self._last = None

    def __call__(self) -> dict[str, Any]:
        document = self._original()
        if document is not self._last:  # FastAPI keeps its document: completing it once is enough
            _complete(document, self._app, self._wants_token)
            self._last = document
        return document

    def _wants_token(self, method: str, path: str) -> bool:
        return any(wants_token(method, path) for wants_token in self._wanted_by)


def complete(app: FastAPI, wants_token: WantsToken) -> None:
    """Let ``app.openapi()`` answer the completed document. ``wants_token`` is asked for method and path."""
    if not isinstance(app.openapi, CompletedDocument):
        app.openapi = CompletedDocument(app)  # type: ignore[method-assign]  # the place that FastAPI documents for it
    app.openapi.add(wants_token)


def _complete(document: dict[str, Any], app: FastAPI, wants_token: WantsToken) -> None:
    document.setdefault("components", {}).setdefault("securitySchemes", {}).setdefault(SCHEME, dict(_BEARER))
    for context in iter_route_contexts(app.routes):
        path = context.path_format
        if not isinstance(context.original_route, APIRoute) or mark_of(context.endpoint) is not None or path is None:
            continue
        for method in context.methods or ():
            operation = document.get("paths", {}).get(path, {}).get(method.lower())
            if operation is not None and wants_token(method, path):
                _complete_operation(operation, requirements(context))


def _complete_operation(operation: dict[str, Any], demanded: Sequence[Requirement]) -> None:
    scopes = [each for requirement in demanded for each in scopes_in(requirement)]
    alternatives = operation.setdefault("security", [])
    for each in alternatives:  # whatever else the route wants, it wants a token, too
        each[SCHEME] = list(dict.fromkeys([*each.get(SCHEME, ()), *scopes]))
    if not alternatives:
        alternatives.append({SCHEME: list(dict.fromkeys(scopes))})
    responses = operation.setdefault("responses", {})
    responses.setdefault("401", {"description": "No token, or one that does not pass", "content": _PROBLEM})
    responses.setdefault("403", {"description": "The caller lacks what is required", "content": _PROBLEM})


def scopes_in(requirement: Requirement) -> Iterator[str]:
    """The scopes that a requirement names, in order; those under ``~`` are not asked for."""
    if isinstance(requirement, Has) and requirement.kind == "scope":
        yield requirement.name
    elif isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from scopes_in(part)
