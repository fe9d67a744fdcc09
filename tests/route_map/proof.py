"""A map is held against behaviour: every route, every method, callers of every kind, in both directions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jwt_middleware import Principal
from jwt_middleware.route_map.route import Access, Route, RouteMap

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ATOMS = ("scope a", "scope b", "role r", "permission p", "group g")
CLAIMS = {"scope": "scope", "role": "roles", "permission": "permissions", "group": "groups"}


@dataclass(frozen=True)
class Caller:
    """Somebody with rights, or with none, or with no good token at all."""

    kind: str  # "nobody", "bad" or "genuine"
    rights: tuple[str, ...] = ()

    @property
    def claims(self) -> dict[str, Any]:
        said: dict[str, list[str]] = {kind: [] for kind in CLAIMS}
        for right in self.rights:
            kind, _, name = right.partition(" ")
            said[kind].append(name)
        return {CLAIMS[kind]: " ".join(names) if kind == "scope" else names for kind, names in said.items()}

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
            claims={"tenant": "some-value", **said},
        )


CALLERS = (
    Caller("nobody"),
    Caller("bad"),
    Caller("genuine"),
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
    found = []
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
                    elsewhere = [each for each in routes.routes if method in each.methods or "*" in each.methods]
                    for name in answer.ran:
                        if not any(
                            each.endpoint.endswith(name) and admits(each, caller, parameters) for each in elsewhere
                        ):
                            found.append(f"{who}: {name} ran, and the map lists no such route for this caller")
                for route in meant:  # of several with one path, each row must say what really runs
                    if admits(route, caller, parameters):
                        runs = bool(answer.ran) or route.endpoint.startswith(QUIET) or answer.status in (302, 308, 405)
                        if refused or not runs:
                            found.append(f"{who}: the map admits ({route.access}), the door answers {answer}")
                        wrong = [name for name in answer.ran if not route.endpoint.endswith(name)]
                        found += [f"{who}: {wrong} ran instead of {route.endpoint}"] if wrong else []
                    elif answer.ran or not (refused or answer.status == 405):
                        found.append(f"{who}: the map refuses ({route.access} {route.words}), and got {answer}")
    return found


QUIET = (
    "starlette.",
    "fastapi.",
    "flask.",
    "django.",
    "rest_framework.",
)  # endpoints of the frameworks do not say that they ran
