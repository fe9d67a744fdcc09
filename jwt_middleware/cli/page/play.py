"""Play: what happens when somebody presses something on the page. One thing at a time."""

import secrets
import threading
from collections.abc import Mapping
from typing import Any, Final

import httpx2

from ..hops import Logs
from ..mesh import Mesh
from ..processes import ChildDied, PortTaken
from .happenings import Happenings
from .offers import EVENTS, NOBODY, PLACES, PLAYERS, WISHES, Wish
from .purse import COURIERS_MATE, STAGEHAND, OutOfReach, Purse
from .walk import asides, outcome, walked

_WISHES: Final = {wish.name: wish for wish in WISHES}
_EVENTS: Final = {event.name: event for event in EVENTS}
_PLAYERS: Final = frozenset(player.name for player in PLAYERS)


class Unknown(Exception):
    """Something was asked for that the page does not offer."""


class Play:
    """The lock guards everything below it: what is logged while it is held belongs to one request."""

    def __init__(self, mesh: Mesh) -> None:
        self._lock = threading.Lock()
        self._mesh = mesh
        self._client = httpx2.Client(trust_env=False, timeout=10.0)
        self._logs = Logs(mesh)
        self._purse = Purse(mesh, self._client)
        self._order = self._parcel = 0  # the last ones
        self._happenings = Happenings(mesh, self._purse)

    def close(self) -> None:
        self._client.close()
        self._logs.close()

    def state(self, who: str) -> dict[str, Any]:
        """Everything that the page shows besides walks. Raises Unknown."""
        with self._lock:
            return self._state(_known(who, _PLAYERS))

    def act(self, who: str, what: str) -> dict[str, Any]:
        """Send the one request of a wish as ``who``, and tell how it walked through the services. Raises Unknown."""
        wish = _WISHES[_known(what, _WISHES)]
        _known(who, _PLAYERS)
        with self._lock:
            self._prepare(wish)
            try:
                token = self._purse.token(who)
            except OutOfReach as error:
                said = f"{error}: nobody can log in, so there is no token to send."
                return {**self._state(who), "walk": None, "said": said}
            return {**self._sent(wish, token), **self._state(who)}

    def happen(self, who: str, what: str) -> dict[str, Any]:
        """Let something happen to the token of ``who``, or to the services. Raises Unknown."""
        event = _EVENTS[_known(what, _EVENTS)]
        if _known(who, _PLAYERS) == NOBODY and event.to_token:
            raise Unknown("nobody has no token")
        with self._lock:
            try:
                said = self._happenings.happen(who, event.name)
            except (OutOfReach, PortTaken, ChildDied) as error:
                said = f"That cannot be done now: {str(error).splitlines()[0]}."
            return {**self._state(who), "said": said}

    def _state(self, who: str) -> dict[str, Any]:
        places = [{"name": name, "what": what, "runs": self._mesh.runs(name)} for name, what in PLACES.items()]
        return {"places": places, "token": self._purse.shown(who), "shared": bool(self._mesh.redis_url)}

    def _sent(self, wish: Wish, token: str | None) -> dict[str, Any]:
        self._logs.hops()  # what was logged before belongs to nobody
        path = wish.path.format(order=self._order, parcel=self._parcel)
        trace = secrets.token_hex(16)
        headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        request = {"method": wish.method, "service": wish.place, "path": path}
        try:
            answer = self._client.request(
                wish.method, self._mesh.urls[wish.place] + path, json=wish.body, headers=headers
            )
        except httpx2.HTTPError:
            return {"walk": None, "said": f"{wish.place} does not answer."}
        hops = self._logs.hops()
        walk = walked(hops, trace, self._logs.routes)
        shown = {"request": request, "status": answer.status_code, "hops": walk, "asides": asides(hops, trace)}
        self._note(wish, answer)
        return {"walk": self._named(shown), "said": outcome(answer.status_code, walk)}

    def _named(self, shown: Any) -> Any:
        """Issuers by their names instead of their addresses, wherever they stand."""
        if isinstance(shown, str):
            urls = self._mesh.urls
            return shown.replace(urls["accounts"], "accounts").replace(urls["shipping"], "the partner")
        if isinstance(shown, Mapping):
            return {name: self._named(each) for name, each in shown.items()}
        return [self._named(each) for each in shown] if isinstance(shown, list | tuple) else shown

    def _prepare(self, wish: Wish) -> None:
        """See to it that there is an order, or a parcel on its way; while accounts is away, there may be none."""
        try:
            if "{order}" in wish.path and not self._order:
                self._order = self._placed()
            if "{parcel}" in wish.path:
                self._parcel = self._on_its_way()
                if not self._parcel:
                    self._asked(STAGEHAND, "POST", "orders", f"/orders/{self._placed()}/ship")
                    self._parcel = self._on_its_way()
        except (OutOfReach, httpx2.HTTPError):
            return

    def _placed(self) -> int:
        return int(self._asked(STAGEHAND, "POST", "orders", "/orders", {"item": "bolts", "quantity": 2})["id"])

    def _on_its_way(self) -> int:
        """The last parcel that was not delivered, or 0."""
        parcels = self._asked(COURIERS_MATE, "GET", "shipping", "/parcels")
        return max((int(each["number"]) for each in parcels if each["state"] == "on its way"), default=0)

    def _asked(self, who: str, method: str, place: str, path: str, body: object = None) -> Any:
        headers = {"authorization": f"Bearer {self._purse.token(who)}"}
        answer = self._client.request(method, self._mesh.urls[place] + path, json=body, headers=headers)
        if answer.status_code >= 400:
            raise OutOfReach(f"{place} answers with {answer.status_code}")
        return answer.json()

    def _note(self, wish: Wish, answer: httpx2.Response) -> None:
        """What was sent or cancelled is not the last order any more."""
        if answer.status_code < 400 and wish.name in ("order", "ship", "cancel"):
            self._order = int(answer.json()["id"]) if wish.name == "order" else 0


def _known(name: str, known: Any) -> str:
    if name not in known:
        raise Unknown("this page offers no such thing")
    return name
