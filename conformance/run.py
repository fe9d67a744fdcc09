"""Ask rows of an application: send what they say, and compare what is seen with what must be seen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from .applications.application import Application
from .issuer import IssuerServer, serving_issuers
from .request import fill
from .row import Row, Try
from .seen import Seen
from .tokens import Facts
from .transports.transport import Transport

State = Literal["held", "red", "not asked"]


@dataclass(frozen=True)
class Cell:
    """What became of one try: why it was ``not_asked``, or what was ``seen`` and what is ``wrong`` with it."""

    asked: Try
    not_asked: str = ""
    seen: Seen = field(default_factory=Seen)
    wrong: str = ""

    @property
    def by_server(self) -> bool:
        """Whether the server answered, so that the request never arrived."""
        return not self.not_asked and self.seen.by == "server"


def state_of(cells: Sequence[Cell]) -> State:
    """What became of a whole row."""
    if any(cell.wrong for cell in cells):
        return "red"
    return "held" if any(not cell.not_asked for cell in cells) else "not asked"


class Conversation:
    """One application behind one transport, with the issuers that it trusts there."""

    def __init__(self, application: Application, transport: Transport, issuers: IssuerServer) -> None:
        self.transport = transport
        self._application = application
        self._issuers = issuers
        self._published: set[str] = set()

    def ask(self, row: Row) -> list[Cell]:
        """Every try of ``row``, in order."""
        began = len(self._issuers.asked)
        return [self._try(each, began) for each in row.tries]

    def _try(self, each: Try, began: int) -> Cell:
        not_asked = self._application.lacks(each) or self.transport.lacks(each.setting, each.request)
        if not_asked:
            return Cell(each, not_asked)
        self._publish(each)
        seen, wrong = Seen(), ""
        for turn in range(each.times):
            seen = replace(self._send(each, turn), fetched=self._fetched(each.setting, began))
            wrong = self._wrong(each, seen)
            if wrong:
                break
        return Cell(each, seen=seen, wrong=wrong)

    def _publish(self, each: Try) -> None:
        if self._application.issuer is not None:
            return
        if each.setting not in self._published:
            self._published.add(each.setting)
            self._issuers.publish(self.transport.name, each.setting)
        if each.issuer is not None:
            each.issuer.change(self._issuers.documents(self.transport.name, each.setting))

    def _send(self, each: Try, turn: int) -> Seen:
        issuer = self._application.issuer or self._issuers.url(self.transport.name, each.setting)
        application = self._application
        facts = Facts(issuer, application.audience, application.now(), application.keys, turn)
        filled = fill(each.request, facts)
        return replace(self.transport.send(each.setting, filled), secrets=filled.secrets)

    def _fetched(self, setting: str, began: int) -> tuple[str, ...]:
        place = f"/{self.transport.name}/{setting}"
        return tuple(path.replace(place, "/issuer") for path in self._issuers.asked[began:] if place in path)

    def _wrong(self, each: Try, seen: Seen) -> str:
        known = seen.by == "server"  # else somebody refused, and who it was cannot be told
        if seen.refused_by_server and each.server_first and (not known or self.transport.name in each.server_first):
            return ""
        if known:
            return f"the server answered first: {seen.status}"
        try:
            return each.must.wrong(seen)
        except Exception as error:  # noqa: BLE001  # an answer of another shape than the question has in mind
            return f"the answer cannot be read: {type(error).__name__}: {error}"


@contextmanager
def conversation(application: Application, transport: str) -> Iterator[Conversation]:
    """Open one way into ``application``, and the issuers that it trusts."""
    with serving_issuers() as issuers, application.transports[transport](issuers) as opened:
        yield Conversation(application, opened, issuers)


Results = Mapping[str, Mapping[str, Sequence[Cell]]]  # by transport, by id of the row


def ask(rows: Iterable[Row], application: Application) -> Results:
    """Ask ``rows`` of ``application`` over every transport it has."""
    asked = list(rows)
    results: dict[str, dict[str, Sequence[Cell]]] = {}
    for name in application.transports:
        with conversation(application, name) as opened:
            results[name] = {row.id: opened.ask(row) for row in asked}
    return results
