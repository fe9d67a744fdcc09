"""What each service decided about one request, read from what the services log."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .mesh import Mesh


@dataclass
class Hop:
    """One request as one service saw it: what its guard decided, about whom, and the status it answered with."""

    service: str
    method: str
    path: str
    at: float = 0.0
    reason: str = "nobody asked"
    subject: str = ""
    missing: tuple[str, ...] = ()
    status: int = 0


class Logs:
    """Reads on in the log of each service. A service writes its decision before it answers: nothing is awaited."""

    def __init__(self, mesh: Mesh) -> None:
        self._files = {name: mesh.log(name).open("rb") for name in mesh.children}
        self._rests = dict.fromkeys(self._files, b"")

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def hops(self) -> list[Hop]:
        """Everything since the last call, in the order of the decisions."""
        return sorted((hop for name in self._files for hop in _hops(name, self._lines(name))), key=lambda hop: hop.at)

    def _lines(self, name: str) -> list[dict[str, Any]]:
        text = self._rests[name] + self._files[name].read()
        *whole, self._rests[name] = text.split(b"\n")
        return [json.loads(line) for line in whole if line.startswith(b"{")]


def _hops(service: str, lines: Iterable[dict[str, Any]]) -> list[Hop]:
    hops: list[Hop] = []
    for line in lines:
        decision, answer = line.get("decision"), line.get("answer")
        if decision:
            hop = _admitted(hops, decision)
            if hop is None:
                hop = Hop(service, decision["method"], decision["path"], decision["at"])
                hops.append(hop)
            hop.reason, hop.subject, hop.missing = decision["reason"], decision["subject"], tuple(decision["missing"])
        if answer:
            hop = next((each for each in hops if not each.status and each.path == answer["path"]), None)
            if hop is None:
                hop = Hop(service, answer["method"], answer["path"], hops[-1].at if hops else 0.0)
                hops.append(hop)
            hop.status = answer["status"]
    return hops


def _admitted(hops: Iterable[Hop], decision: Mapping[str, Any]) -> Hop | None:
    """The request that was let in before and is refused now: what a view demands is decided after the admission."""
    if decision["admitted"]:
        return None
    asked = decision["method"], decision["path"], decision["subject"], "admitted"
    return next(
        (hop for hop in hops if not hop.status and asked == (hop.method, hop.path, hop.subject, hop.reason)), None
    )
