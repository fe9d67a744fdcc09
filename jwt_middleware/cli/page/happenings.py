"""What may happen to a token or to the services, and what is said about it."""

from collections.abc import Callable, Mapping

from ..mesh import Mesh
from .purse import Purse


class Happenings:
    """Does what an ``Event`` of the page announces."""

    def __init__(self, mesh: Mesh, purse: Purse) -> None:
        self._mesh = mesh
        self._purse = purse
        self._by_name: Mapping[str, Callable[[str], str]] = {
            "tamper": self._tamper,
            "expire": self._expire,
            "end": self._end,
            "renew": self._renew,
            "rotate": self._rotate,
            "stop": self._stop,
            "start": self._start,
        }

    def happen(self, who: str, name: str) -> str:
        """Let it happen. A sentence for whoever watches. Raises OutOfReach, PortTaken and ChildDied."""
        return self._by_name[name](who)

    def _tamper(self, who: str) -> str:
        self._purse.tamper(who)
        return "The token now says that its holder is a manager and may do everything. Its signature is the old one."

    def _expire(self, who: str) -> str:
        self._purse.expire(who)
        return "The token is an hour older now, and has expired."

    def _end(self, who: str) -> str:
        self._purse.end(who)
        if who == "partner":
            return "The partner's issuer has withdrawn the token. The device still holds it."
        if self._mesh.redis_url:
            return (
                "Logged out. The token is still held, but every service hears through Redis that its session is over."
            )
        return "Logged out. There is no Redis, so only accounts knows: the others take the token until it expires."

    def _renew(self, who: str) -> str:
        self._purse.renew(who)
        return "A new token."

    def _rotate(self, _: str) -> str:
        self._purse.rotate()
        return (
            "accounts signs with a new key. Tokens that the old one has signed stay good; log in again for a new one."
        )

    def _stop(self, _: str) -> str:
        self._mesh.stop("accounts")
        return "accounts is stopped. The others have its public keys, and go on; nobody new can log in."

    def _start(self, _: str) -> str:
        if not self._mesh.runs("accounts"):
            self._mesh.start("accounts")
        return "accounts runs again, with the keys that it had."
