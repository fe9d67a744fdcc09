"""Transport: a way for requests into an application."""

from typing import Protocol

from ..request import Filled, Request
from ..seen import Seen


class Transport(Protocol):
    """A way into an application, which can be put into settings by their name."""

    @property
    def name(self) -> str: ...

    def lacks(self, setting: str, request: Request) -> str:
        """Why this cannot be sent this way; empty if it can."""

    def send(self, setting: str, request: Filled) -> Seen: ...
