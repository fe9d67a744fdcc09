"""What happens while requests arrive: keys rotate, sessions end, a service restarts, the issuer and Redis are killed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from .outages import NOTICED_WITHIN, Outage
from .processes import Mesh
from .wallet import Wallet

ISSUER_IS_DOWN_FOR = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds after the beginning.

    No more is asked of a key set than docs/keys.md promises while strangers name keys that are not there: five fetches
    at once, and one more in 30 seconds. So nothing rotates shortly before the issuer dies and while the bucket fills
    again, and such strangers come no more when the issuer has returned.
    """

    seconds: float

    @property
    def restart(self) -> float:
        return self.seconds * 0.13

    @property
    def issuer(self) -> tuple[float, float]:
        return self.seconds * 0.3, self.seconds * 0.3 + ISSUER_IS_DOWN_FOR

    @property
    def redis(self) -> tuple[float, float]:
        """A quarter of the time: in three minutes longer than a copy serves, in one minute shorter."""
        return self.seconds * 0.68, self.seconds * (0.93 if self.seconds >= 150 else 0.8)

    @property
    def rotations(self) -> list[float]:
        dies, returns = self.issuer
        every = self.seconds / 12
        return [at for at in (every * (n + 0.5) for n in range(12)) if not dies - 5 < at < returns + 35]


@dataclass
class Happenings:
    """``outages`` and ``counts`` are what the model and the report need. ``broken``: what should not have failed."""

    mesh: Mesh
    wallet: Wallet
    outages: list[Outage] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    failed: list[tuple[float, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, schedule: Schedule) -> None:
        dies, returns = schedule.issuer
        blind, sees = schedule.redis
        timed = [(at, "keys rotated", self.wallet.rotate) for at in schedule.rotations]
        for at, outage in ((schedule.restart, self._restart), (dies, self._issuer_dies), (blind, self._redis_dies)):
            until = {dies: returns, blind: sees}.get(at, at)
            if until < schedule.seconds:
                timed.append((at, "outages", lambda outage=outage, last=until - at: outage(last)))  # type: ignore[misc]  # defaults bind
        self._threads = [
            threading.Thread(target=self._one_by_one, args=(sorted(timed, key=lambda each: each[0]),)),
            threading.Thread(target=self._callers),
        ]
        for each in self._threads:
            each.start()

    def end(self) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def unexplained(self) -> list[str]:
        """What a caller did by itself (log in, refresh, log out) and failed while nothing was down."""
        return [
            what
            for at, what in self.failed
            if not any(
                each.what in ("accounts", "redis") and each.after(NOTICED_WITHIN).touches(at - 10, at)
                for each in self.outages
            )
        ]

    def _one_by_one(self, timed: list[tuple[float, str, Callable[[], None]]]) -> None:
        began = time.monotonic()
        for at, what, do in timed:
            if self._over.wait(max(0.0, began + at - time.monotonic())):
                return
            self._try(what, do)
        self._over.wait()  # a process ends with the thread that started it

    def _callers(self) -> None:
        """Every 2 seconds something, in turn."""
        leave, anew = (
            ("sessions ended", self.wallet.leave),
            ("sessions begun", self.wallet.begin_leaving),
        )
        turns = [
            ("tokens refreshed", self.wallet.refresh),
            leave,
            anew,
            ("tokens revoked", self.wallet.revoke_exchanged),
            leave,
            anew,
            ("tokens forged", self.wallet.forge),
            leave,
            anew,
            ("tokens of machines", self.wallet.machines),
        ]
        number = 0
        while not self._over.wait(2):
            what, do = turns[number % len(turns)]
            if self._try(what, do) or do is not self.wallet.leave:
                number += 1  # a session that could not be ended is tried again

    def _try(self, what: str, do: Callable[[], None]) -> bool:
        try:
            do()
        except httpx2.HTTPError as error:
            self.failed.append((time.time(), f"{what}: {_short(error)}"))
            return False
        self.counts[what] = self.counts.get(what, 0) + 1
        return True

    def _restart(self, _: float) -> None:
        self._outage("inventory", lambda: self.mesh.end("inventory"), lambda: self.mesh.start("inventory"), 0.0)

    def _issuer_dies(self, seconds: float) -> None:
        self._outage("accounts", lambda: self.mesh.kill("accounts"), lambda: self.mesh.start("accounts"), seconds)
        self.wallet.forge_no_unknown_key_ids()

    def _redis_dies(self, seconds: float) -> None:
        self._outage("redis", self.mesh.redis.kill, self.mesh.redis.start, seconds)

    def _outage(self, what: str, down: Callable[[], None], up: Callable[[], None], seconds: float) -> None:
        since = time.time()
        going_on = Outage(what, since, float("inf"))
        self.outages.append(going_on)
        down()
        self._over.wait(seconds)
        up()
        self.outages[self.outages.index(going_on)] = Outage(what, since, time.time())


def _short(error: httpx2.HTTPError) -> str:
    return str(error.response.status_code) if isinstance(error, httpx2.HTTPStatusError) else type(error).__name__
