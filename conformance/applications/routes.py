"""The routes of the application of this project, for ASGI and WSGI alike."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from jwt_middleware import Principal, Requirement, acting_for, called_by, claim, group, permission, role, scope
from jwt_middleware.access.requirements import Finding, Parameters
from jwt_middleware.issuing.signing_key import thumbprint

from .settings import ageing

EVENTS: Final = {"Content-Type": "text/event-stream"}
PUBLIC: Final = ("/public", "/thumbprint", "/later/*")


@dataclass(frozen=True, slots=True)
class Detail(Requirement):
    """A kind of requirement of the application's own: one entry of ``authorization_details`` (RFC 9396)."""

    type: str
    action: str

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        details = principal.claims.get("authorization_details")
        for detail in details if isinstance(details, tuple) else ():
            if isinstance(detail, Mapping) and detail.get("type") == self.type:
                actions = detail.get("actions")
                if isinstance(actions, tuple) and self.action in actions:
                    return Finding(True)
        return Finding(False, (str(self),), None)

    def __str__(self) -> str:
        return f"authorization to {self.action} a {self.type}"


_DEMANDS: Final[Mapping[str, Requirement]] = {
    "/read": scope("read"),
    "/read-and-write": scope("read") & scope("write"),
    "/read-by-rank": scope("read") | scope("write") | scope("admin"),  # the wider scopes hold the narrower one
    "/clerks": role("clerk"),
    "/staff": group("staff"),
    "/close": permission("orders.close"),
    "/premium": claim("entitlements", "premium"),
    "/for-b": called_by("b"),
    "/for-a": called_by("a"),
    "/read-for-b": called_by("b") & acting_for() & scope("read"),
    "/pay": Detail("payment", "initiate"),
}
Reply = tuple[int, Mapping[str, str], bytes]


def reply(path: str, body: bytes, principal: Principal, demand: Callable[[Requirement], None]) -> Reply:
    """What the application answers. ``demand`` raises where the caller lacks something."""
    if path in _DEMANDS:
        demand(_DEMANDS[path])
    if path.startswith("/objects/"):
        demand(claim("sub", path.removeprefix("/objects/")))
    if path == "/hidden" and not principal.has_role("clerk"):
        return 404, {"Content-Type": "text/plain"}, b"there is nothing here"
    if path == "/echo":
        return 200, {"Content-Type": "text/plain"}, body
    if path == "/thumbprint":
        return 200, {"Content-Type": "text/plain"}, thumbprint(json.loads(body)).encode()
    if path.startswith("/later/"):
        ageing.pass_time(float(path.removeprefix("/later/")))
    if path == "/cors":
        return 200, {"Access-Control-Allow-Origin": "https://app.example"}, b""
    headers = {"Content-Type": "application/json"}
    if path == "/cached":
        headers["Cache-Control"] = "max-age=60"
    return 200, headers, json.dumps(_told(principal)).encode()


def _told(principal: Principal) -> dict[str, object]:
    return {
        "subject": principal.subject,
        "issuer": principal.issuer.rpartition("/")[2],
        "kind": principal.kind,
        "scopes": list(principal.scopes),
    }
