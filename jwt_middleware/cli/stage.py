"""Stage: requests to the services, what came of them beside what was expected, and the screen that shows both."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from rich.console import Console
from rich.text import Text

from .hops import Hop, Logs
from .mesh import Mesh

PATIENCE: Final = 2.0  # seconds in which a process that has crashed comes to its end


class Surprise(Exception):
    """Something came other than expected: a sentence that says what."""


@dataclass(frozen=True)
class Answer:
    """What a request came to, at the service that was asked and at every other one on the way."""

    status: int
    body: Any
    challenge: str
    hops: Sequence[Hop]


class Stage:
    """Where the story is played. ``expect`` and ``ask`` raise Surprise, and ChildDied for a service that is gone."""

    def __init__(self, mesh: Mesh, console: Console) -> None:
        self.mesh = mesh
        self._console = console
        self._logs = Logs(mesh)
        self._client = httpx2.Client(trust_env=False, timeout=10.0)

    def close(self) -> None:
        self._client.close()
        self._logs.close()

    def url(self, name: str, path: str) -> str:
        return self.mesh.urls[name] + path

    def ask(
        self,
        method: str,
        where: str,
        *,
        token: str | None = None,
        body: object = None,
        who: str,
        status: int,
        decided: Sequence[str] = (),
        missing: str = "",
    ) -> Answer:
        """Send one request to ``where`` (``"orders/health"``: the service, then the path) and show what came of it.

        Expected are this ``status``, exactly these decisions (``"orders admitted"``: service and reason code) and, if
        one is named, the part that was ``missing``.
        """
        got = self._send(method, where, token, body)
        hops = self._logs.hops()
        self._show_request(method, where, who, got.status_code, status)
        for hop in hops:
            self._show_hop(hop)
        self.expect(got.status_code == status, f"{method} {where}: status {status} expected, {got.status_code} came")
        came = [f"{hop.service} {hop.reason}" for hop in hops if hop.reason != "unguarded"]
        self.expect(
            not decided or came == list(decided),
            f"{method} {where}: expected the decisions {_list(decided)}, but seen were {_list(came)}",
        )
        lacked = [part for hop in hops for part in hop.missing]
        self.expect(
            not missing or any(missing in part for part in lacked),
            f"{method} {where}: expected to read that {missing} was missing, but read {_list(lacked)}",
        )
        return Answer(got.status_code, _read(got.content), got.headers.get("www-authenticate", ""), hops)

    def ask_quietly(self, method: str, where: str, *, token: str | None = None, body: object = None) -> Any:
        """Send one request while others run, and show nothing: the body of the answer, which is 200."""
        got = self._send(method, where, token, body)
        self.expect(got.status_code == 200, f"{method} {where}: status 200 expected, {got.status_code} came")
        return _read(got.content)

    def client_token(self, issuer: str, client_id: str) -> str:
        """A token that a client of ``issuer`` gets in its own name, by its secret."""
        secret = (self.mesh.secrets / f"{client_id}-secret").read_text()
        form = {"grant_type": "client_credentials"}
        got = self._client.post(self.url(issuer, "/oauth/token"), data=form, auth=(client_id, secret))
        self.expect(got.status_code == 200, f"{client_id} gets no token of {issuer}")
        self._logs.hops()
        return str(got.json()["access_token"])

    def hops(self) -> list[Hop]:
        """What the services decided since the last request."""
        return self._logs.hops()

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.check_children()
            raise Surprise(otherwise)

    def check_children(self, patience: float = 0.0) -> None:
        """Raises ChildDied. A process that crashes breaks its connections before it has ended: hence ``patience``."""
        ends = time.monotonic() + patience  # seconds
        while True:
            for child in self.mesh.children.values():
                child.check()
            if time.monotonic() >= ends:
                return
            time.sleep(0.02)

    def say(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(text, style), soft_wrap=False)

    def _send(self, method: str, where: str, token: str | None, body: object) -> httpx2.Response:
        name, _, path = where.partition("/")
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        try:
            got = self._client.request(method, self.url(name, f"/{path}"), json=body, headers=headers)
        except httpx2.HTTPError as error:
            self.check_children(PATIENCE)
            raise Surprise(f"{name} did not answer ({type(error).__name__})") from error
        if got.status_code >= 500:  # the service itself, or one behind it, may be gone
            self.check_children(PATIENCE)
        return got

    def _show_request(self, method: str, where: str, who: str, status: int, expected: int) -> None:
        came = "as expected" if status == expected else f"expected {expected}"
        service, _, path = where.partition("/")
        line = Text(f"   {who}: {method} {service} /{path}".ljust(62))
        line.append(f"{status} {came}", "green" if status == expected else "bold red")
        self._console.print(line)

    def _show_hop(self, hop: Hop) -> None:
        line = Text(f"      {hop.service:<10}", "dim")
        line.append(f"{hop.status or '':<4}{hop.reason:<20}", "green" if _let_in(hop) else "yellow")
        line.append(f"{hop.subject:<9}{hop.method} {hop.path}")
        line.truncate(self._console.width, overflow="ellipsis")
        self._console.print(line)
        for part in hop.missing:
            self._console.print(Text(f"{'':20}missing: {part}", "yellow"))


def _let_in(hop: Hop) -> bool:
    return hop.reason in ("admitted", "public", "unguarded")


def _list(texts: Sequence[str]) -> str:
    return ", ".join(texts) or "nothing"


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
