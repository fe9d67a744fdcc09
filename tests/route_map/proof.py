"""A map is held against behaviour: every route, every method, callers of every kind, in both directions."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jwt_middleware import Principal
from jwt_middleware.route_map.route import UNREACHED, Access, Route, RouteMap

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ATOMS = ("scope a", "scope b", "role r", "permission p", "group g")
CLAIMS = {"scope": "scope", "role": "roles", "permission": "permissions", "group": "groups"}


@dataclass(frozen=True)
class Caller:
    """Somebody with rights, or with none, or with no good token at all."""

    kind: str  # "nobody", "bad" or "genuine"
    rights: tuple[str, ...] = ()
    tenant: str = "some-value"

    @property
    def claims(self) -> dict[str, Any]:
        said: dict[str, list[str]] = {kind: [] for kind in CLAIMS}
        for right in self.rights:
            kind, _, name = right.partition(" ")
            said[kind].append(name)
        rights = {CLAIMS[kind]: " ".join(names) if kind == "scope" else names for kind, names in said.items()}
        return {**rights, "tenant": self.tenant}

    @property
    def principal(self) -> Principal:
        said = self.claims
        return Principal(
            subject="alice",
            issuer="https://issuer.example",
            scopes=tuple(said["scope"].split()),
            roles=tuple(said["roles"]),
            permissions=tuple(said["permissions"]),
            groups=tuple(said["groups"]),
            claims=said,
        )


CALLERS = (
    Caller("nobody"),
    Caller("bad"),
    Caller("genuine", tenant="elsewhere"),
    *(Caller("genuine", (atom,)) for atom in ATOMS),
    Caller("genuine", ("scope a", "scope b")),
    Caller("genuine", ("scope a", "role r")),
    Caller("genuine", ATOMS),
)


@dataclass(frozen=True)
class Answer:
    """What came of one call: the status (0: a WebSocket that was accepted), and what ran."""

    status: int
    ran: Sequence[str]


Call = Callable[[str, str, str, Caller], Answer]  # host, method, path


def admits(route: Route, caller: Caller, parameters: Mapping[str, object]) -> bool:
    if route.access is Access.NOBODY:
        return False
    if caller.kind == "bad":
        return route.access is Access.UNGUARDED
    if caller.kind == "nobody":
        return route.access in (Access.UNGUARDED, Access.PUBLIC)
    return route.requirement is None or route.requirement.judge(caller.principal, parameters).holds is True


def differences(
    routes: RouteMap,
    call: Call,
    *,
    callers: Iterable[Caller] = CALLERS,
    parameters: Mapping[str, object] = {"tenant": "some-value"},
) -> list[str]:
    """Every sentence of the map that behaviour contradicts, and all that ran without standing in the map."""
    found = list(_beside(routes, call, parameters))
    listed: dict[tuple[str, str], list[Route]] = {}
    for route in routes.routes:
        if route.example:
            listed.setdefault((route.host, route.example), []).append(route)
    for (host, example), here in listed.items():
        methods = {*METHODS, *(method for route in here for method in route.methods)} - {"*"}
        for method in sorted(methods):
            meant = [route for route in here if method in route.methods or "*" in route.methods]
            for caller in callers:
                answer = call(host, method, example, caller)
                who = f"{method} {host}{example} by {caller}"
                refused = answer.status in (401, 403) or answer.status >= 500
                if not meant:  # it may lead to a catch-all, which is listed with another example
                    found += _unlisted(routes, method, who, answer, caller, parameters)
                for route in meant:  # of several with one path, each row must say what really runs
                    if admits(route, caller, parameters):
                        runs = bool(answer.ran) or route.endpoint.startswith(QUIET) or answer.status in (302, 308, 405)
                        if refused or not runs:
                            found.append(f"{who}: the map admits ({route.access}), the door answers {answer}")
                        wrong = [name for name in answer.ran if not route.endpoint.endswith(name)]
                        found += [f"{who}: {wrong} ran instead of {route.endpoint}"] if wrong else []
                    elif answer.ran or not (refused or answer.status == (404 if UNREACHED in route.notes else 405)):
                        found.append(f"{who}: the map refuses ({route.access} {route.words}), and got {answer}")
    return found


def remembered(call: Call) -> Call:
    """Each call is made once: what was seen can be held against many maps."""
    return functools.cache(call)


def _beside(routes: RouteMap, call: Call, parameters: Mapping[str, object]) -> Iterable[str]:
    """Paths and methods beside those that are listed, and below those that are open: nothing runs unlisted."""
    for host, example in dict.fromkeys((each.host, each.example) for each in routes.routes if each.example):
        slash = example.removesuffix("/") if example.endswith("/") else f"{example}/"
        for method, other in (("GET", slash), ("GET", f"/{example}"), ("TRACE", example), ("PURGE", example)):
            for caller in (CALLERS[0], CALLERS[2]):
                answer = call(host, method, other, caller)
                yield from _unlisted(routes, method, f"{method} {host}{other} by {caller}", answer, caller, parameters)
    for route in routes.routes:
        if route.path.endswith("/*") and not route.example and route.access in (Access.PUBLIC, Access.UNGUARDED):
            method = "GET" if "*" in route.methods else route.methods[0]
            answer = call(route.host, method, f"{route.path[:-1]}what-nobody-listed", CALLERS[0])
            if answer.status == 401:
                yield f"{route.path}: the map opens all below, and the door does not"


def _unlisted(
    routes: RouteMap, method: str, who: str, answer: Answer, caller: Caller, parameters: Mapping[str, object]
) -> Iterable[str]:
    elsewhere = [each for each in routes.routes if method in each.methods or "*" in each.methods]
    for name in answer.ran:
        if not any(each.endpoint.endswith(name) and admits(each, caller, parameters) for each in elsewhere):
            yield f"{who}: {name} ran, and the map lists no such route for this caller"


def unnoticed(
    routes: RouteMap, call: Call, *, parameters: Mapping[str, object] = {"tenant": "some-value"}
) -> list[Route]:
    """Lies about one route that the proof would not notice; hand in a call that is ``remembered``."""
    return [
        lie
        for route in routes.routes
        if route.example and str(route.requirement) != "authenticated"  # for any genuine caller, as without it
        for lie in _lies(route, any(admits(route, caller, parameters) for caller in CALLERS))
        if not differences(RouteMap(routes=(lie, *_others(routes, route))), call, parameters=parameters)
    ]


def _others(routes: RouteMap, route: Route) -> Iterable[Route]:
    here = route.host, route.example
    others = (each for each in routes.routes if each is not route and (each.host, each.example) == here)
    return (each for each in others if not _is_answered_before(each))


def _is_answered_before(route: Route) -> bool:
    return any(note.startswith("answered by") for note in route.notes)


def _lies(route: Route, runs: bool) -> Iterable[Route]:
    if route.access is Access.NOBODY:
        yield replace(route, access=Access.PUBLIC, requirement=None, notes=())
    elif route.access is Access.DECLARED:
        yield replace(route, access=Access.DEFAULT, requirement=None)
        yield replace(route, access=Access.PUBLIC, requirement=None)
    else:
        others = {Access.DEFAULT: Access.PUBLIC, Access.PUBLIC: Access.DEFAULT, Access.UNGUARDED: Access.PUBLIC}
        yield replace(route, access=others[route.access])
    seen = runs and not route.endpoint.startswith(QUIET) and not any("redirects" in note for note in route.notes)
    if seen and not _is_answered_before(route) and {*METHODS, "*"} & set(route.methods):
        yield replace(route, methods=("LINK",))  # those that it has are missing
        yield replace(route, endpoint="somewhere.else")


QUIET = (
    "starlette.",
    "fastapi.",
    "flask.",
    "django.",
    "rest_framework.",
)  # endpoints of the frameworks do not say that they ran
