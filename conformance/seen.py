"""Seen: what came back, and what else was noticed meanwhile."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from .challenge_grammar import Challenge, challenges

# how the applications that ship with the rows tell their own answers from those of the server in front of them
ANSWERED_BY: Final = "x-answered-by"
APPLICATION: Final = "application"
NOT_STARTED: Final = "configuration error"

_DESCRIPTION: Final = re.compile(r', error_description="[^"]*"')


@dataclass(frozen=True)
class Seen:
    """One answer. ``closed`` is the close code of a WebSocket, which was accepted if ``status`` is 101.

    ``by``: who answered; "nobody" when the application did not start with this configuration, "somebody" where an
    application does not tell its answers from those of its server. ``fetched`` are the
    issuer's paths that were asked for since the row began, ``log`` what the application logged, ``secrets`` the tokens
    that were sent.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    by: Literal["application", "server", "nobody", "somebody"] = "server"
    closed: int = 0
    error: str = ""  # the class of an exception that the application let out
    fetched: tuple[str, ...] = ()
    log: str = ""
    secrets: tuple[str, ...] = ()

    def header(self, name: str) -> Sequence[str]:
        """Every value of a field, in order."""
        return [value for each, value in self.headers if each.lower() == name]

    @property
    def challenges(self) -> Sequence[Challenge]:
        """Raises ValueError for a WWW-Authenticate that is not to the letter."""
        return [each for value in self.header("www-authenticate") for each in challenges(value)]

    @property
    def refused_by_server(self) -> bool:
        """Whether a server may have refused by itself, if only by hanging up."""
        return self.by in ("server", "somebody") and (self.status >= 400 or not self.status)

    def __str__(self) -> str:
        """What was seen, without what differs from run to run."""
        if self.by == "nobody":
            return "does not start"
        if self.by == "server":
            return "refused by the server" if self.refused_by_server else f"{self.status} by the server"
        if self.error:
            return f"raised {self.error}"
        said = [str(self.status)] if self.status else []
        if self.closed:
            said.append(f"closed {self.closed}")
        said += [_DESCRIPTION.sub("", value) for value in self.header("www-authenticate")]
        if self.header("retry-after"):
            said.append("Retry-After")
        return " ".join(said)


def seen_from(
    status: int, headers: Sequence[tuple[str, str]], body: bytes, *, closed: int = 0, marked: bool = True
) -> Seen:
    """What came back from an application that marks its answers, or, if not ``marked``, from one that does not."""
    marks = [value for name, value in headers if name.lower() == ANSWERED_BY]
    rest = tuple((name, value) for name, value in headers if name.lower() != ANSWERED_BY)
    seen = Seen(status, rest, body, closed=closed)
    if not marked:
        return replace(seen, by="somebody")
    if marks == [APPLICATION]:
        return replace(seen, by="application")
    return replace(seen, by="nobody") if marks == [NOT_STARTED] else seen
