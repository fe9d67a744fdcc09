"""Application: whom the rows are asked of, and what the rows need to know of it."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from ..issuer import IssuerServer
from ..keys import Signer, Signers
from ..row import Try
from ..transports.transport import Transport

AUDIENCE: Final = "orders"
Open = Callable[[IssuerServer], AbstractContextManager[Transport]]


def everything(name: str) -> bool:  # noqa: ARG001  # asked like the narrower ones
    return True


@dataclass(frozen=True)
class Application:
    """How an application is reached, and what it can be asked.

    ``transports`` open each way into it; ``now`` is its clock. ``issuer`` is None where it trusts whom the issuer
    server plays; else nothing that is published can be changed. ``settings`` and ``paths`` say whether it can be
    configured so and has such a route; ``words`` say what is special about a setting.
    """

    name: str
    transports: Mapping[str, Open]
    now: Callable[[], float] = time.time
    audience: str = AUDIENCE
    issuer: str | None = None
    keys: Mapping[str, Signer] = field(default_factory=Signers)
    settings: Callable[[str], bool] = everything
    paths: Callable[[str], bool] = everything
    words: Callable[[str], str] = str

    def lacks(self, each: Try) -> str:
        """Why this cannot be asked; empty if it can."""
        if not self.settings(each.setting):
            return f"there is no setting {each.setting}"
        if not self.paths(each.request.path):
            return f"there is no route {each.request.path}"
        if self.issuer is not None and each.issuer is not None:
            return "its issuer cannot be changed"
        unknown = sorted(token.key for token in each.request.tokens if token.key not in self.keys)
        return f"there is no key to sign with: {unknown[0]}" if unknown else ""
