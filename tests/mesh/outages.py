"""What fails when, and what that permits: statuses and causes, as the documentation has them, and nothing else."""

from dataclasses import dataclass
from typing import Final

from .routes import Route

COPY_SERVES: Final = 30.0  # seconds: docs/revocation.md, "When the store is out of reach"
LONGEST_REST: Final = 30.0  # seconds: docs/service-to-service.md, "after a failure nothing is asked"
HEARD_WITHIN: Final = 1.0  # seconds: docs/service-to-service.md, "within the second in which they hear of it"
NOTICED_WITHIN: Final = 3.0  # seconds until a connection that was cut is seen, or made anew
YOUNG: Final = 15.0  # seconds in which a key that signs may not have been seen by everybody
UNKNOWN_KEY: Final = "an unknown key id"
CUT: Final = 0  # in place of a status: no answer, for the connection was refused, or cut


@dataclass(frozen=True, slots=True)
class Outage:
    """``what`` (a service, or "redis") is down from ``since`` until ``until``, when it was seen to answer again."""

    what: str
    since: float
    until: float

    def touches(self, since: float, until: float) -> bool:
        return since <= self.until and until >= self.since

    def after(self, wait: float) -> "Outage":
        return Outage(self.what, self.since, self.until + wait)


def permitted(
    route: Route, outage: Outage, sent: float, answered: float, flaw: str = "", key_since: float | None = None
) -> dict[int, str]:
    """The statuses that this outage permits for a request of that time, and what to call the cause of each."""
    permits: dict[int, str] = {}
    near = outage.after(NOTICED_WITHIN)
    if route.service == outage.what and outage.touches(sent, answered):
        permits[CUT] = f"{outage.what} is down: no connection"
    if outage.what in route.asks and near.touches(sent, answered):
        permits[502] = f"{outage.what} is down, and {route.service} asks it: 502"
    if outage.what == "accounts" and route.exchanges:
        # after a failure nothing is asked for as long again as it had failed, and 30 seconds at most
        rested = near.after(min(LONGEST_REST, outage.until - outage.since))
        if rested.touches(sent, answered):
            permits[503] = "accounts is down, and a token has to be exchanged: 503"
    if outage.what == "accounts" and near.touches(sent, answered):
        if flaw == UNKNOWN_KEY:
            permits[503] = "accounts is down, and nobody knows the key that a forgery names: 503"
        elif key_since is not None and outage.since - YOUNG < key_since <= outage.until:
            permits[503] = "accounts is down, and its youngest key is not known everywhere: 503"
    if outage.what == "redis":
        blind = Outage("redis", outage.since + COPY_SERVES - NOTICED_WITHIN, near.until)
        if route.mark != "unguarded" and blind.since <= blind.until and blind.touches(sent, answered):
            permits[503] = "redis is down for longer than a copy serves: 503"
            if route.asks:
                permits[502] = "redis is down for longer than the copy serves of whom is asked: 502"
        elif route.name in _ASKS_REDIS and near.touches(sent, answered):
            permits[503] = "redis is down, and sessions lie there: 503"
    return permits


_ASKS_REDIS: Final = frozenset({"accounts: sessions"})
