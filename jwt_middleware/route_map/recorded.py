"""A route map as JSON, and back: what is kept to be compared with the map of another day."""

import json
from dataclasses import dataclass
from typing import Any, Final

from ..access.principal import Principal
from ..access.requirements import AllOf, AnyOf, Finding, Not, Parameters, Requirement
from ..errors import ConfigurationError
from .route import Access, Route, RouteMap

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Recorded(Requirement):
    """A part of a requirement of which only the words were kept. Nobody meets it."""

    words: str

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        return Finding(None, (self.words,), None)

    def __str__(self) -> str:
        return self.words


def to_json(routes: RouteMap) -> str:
    """Stable: the same map gives the same text, on every machine where the working directory is that of the project."""
    rows = [
        {
            "path": each.path,
            "host": each.host,
            "methods": list(each.methods),
            "access": each.access.value,
            "requirement": each.words,
            "tree": None if each.requirement is None else _tree(each.requirement),
            "endpoint": each.endpoint,
            "declared_at": each.declared_at,
            "notes": list(each.notes),
        }
        for each in routes.routes
    ]
    document = {"version": _VERSION, "unmapped": list(routes.unmapped), "routes": rows}
    return json.dumps(document, indent=2, ensure_ascii=False)


def from_json(text: str) -> RouteMap:
    """Raises ConfigurationError for anything that ``to_json`` has not written."""
    try:
        document = json.loads(text)
        if document["version"] != _VERSION:
            raise ConfigurationError(
                f"the route map is of version {document['version']!r}, not {_VERSION}; record anew"
            )
        routes = tuple(
            Route(
                path=str(row["path"]),
                host=str(row["host"]),
                methods=tuple(map(str, row["methods"])),
                access=Access(row["access"]),
                requirement=None if row["tree"] is None else _requirement(row["tree"]),
                endpoint=str(row["endpoint"]),
                declared_at=str(row["declared_at"]),
                notes=tuple(map(str, row["notes"])),
            )
            for row in document["routes"]
        )
        return RouteMap(routes=routes, unmapped=tuple(map(str, document["unmapped"])))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigurationError(
            "this is no route map: write one with jwt-middleware routes APP --format json"
        ) from error


def _tree(requirement: Requirement) -> Any:
    if isinstance(requirement, AllOf | AnyOf):
        return {"all" if isinstance(requirement, AllOf) else "any": [_tree(part) for part in requirement.parts]}
    return {"not": _tree(requirement.part)} if isinstance(requirement, Not) else str(requirement)


def _requirement(tree: Any) -> Requirement:
    if isinstance(tree, str):
        return Recorded(tree)
    ((how, below),) = tree.items()
    if how == "not":
        return Not(_requirement(below))
    parts = tuple(_requirement(each) for each in below)
    return {"all": AllOf, "any": AnyOf}[how](parts)
