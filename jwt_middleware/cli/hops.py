"""What each service decided about one request, read from what the services log."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .mesh import Mesh

RouteRow = tuple[Sequence[str], str, str, str]  # methods, path, access, requirement in words


@dataclass
class Hop:
    """One request as one service saw it: what its guard decided, about whom, and the status it answered with.

    ``trace`` is shared by all that one request has caused, ``parent`` is the ``span`` of the hop that asked.
    ``decision`` is the last record about it, ``principal`` whom the door had attached.
    """

    service: str
    method: str
    path: str
    at: float = 0.0  # seconds since the epoch
    trace: str = ""
    span: str = ""
    parent: str = ""
    reason: str = "nobody asked"
    subject: str = ""
    missing: tuple[str, ...] = ()
    status: int = 0
    decision: Mapping[str, Any] = field(default_factory=dict)
    principal: Mapping[str, Any] | None = None


class Logs:
    """Reads on in the log of each service. A service writes its decision before it answers: nothing is awaited."""

    def __init__(self, mesh: Mesh) -> None:
        self._files = {name: mesh.log(name).open("rb") for name in mesh.children}
        self._rests = dict.fromkeys(self._files, b"")
        self.routes: dict[str, Sequence[RouteRow]] = {}

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def hops(self) -> list[Hop]:
        """Everything since the last call, in the order of the decisions."""
        return sorted((hop for name in self._files for hop in self._new(name)), key=lambda hop: hop.at)

    def _new(self, name: str) -> Iterable[Hop]:
        lines = self._lines(name)
        for line in lines:
            self.routes[name] = line.get("routes") or self.routes.get(name, ())
        return _hops(name, lines)

    def _lines(self, name: str) -> list[dict[str, Any]]:
        text = self._rests[name] + self._files[name].read()
        *whole, self._rests[name] = text.split(b"\n")
        return [json.loads(line) for line in whole if line.startswith(b"{")]


def _hops(service: str, lines: Iterable[dict[str, Any]]) -> Iterable[Hop]:
    """What a view demands is decided after the admission: of two decisions about one request the later one counts."""
    found: dict[str, Hop] = {}
    for line in lines:
        told = line.get("decision") or line.get("answer")
        if told is None:
            continue
        new = Hop(service, told["method"], told["path"], told["at"], told["trace"], told["span"], told["parent"])
        hop = found.setdefault(told["span"], new)
        if "answer" in line:
            hop.status, hop.principal = told["status"], told["principal"]
        else:
            hop.reason, hop.subject, hop.missing = told["reason"], told["subject"], tuple(told["missing"])
            hop.decision = told
    return found.values()
