"""The events in the standard log, by name: what they are called, at which level they come, which fields they bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of record: a formatter finds its name in ``record.event`` and each field as ``record.<field>``."""

    levels: tuple[Level, ...]
    fields: tuple[str, ...]
    means: str


_REFUSED: Final = ("reason", "method", "path", "issuer", "subject", "check", "missing", "cause")

EVENTS: Final[Mapping[str, Event]] = MappingProxyType(
    {
        "refused": Event(("INFO", "ERROR"), _REFUSED, "a request was refused; ERROR where it could not be decided"),
        "admitted": Event(("DEBUG",), ("reason", "method", "path", "issuer", "subject"), "a request was let in"),
        "decision": Event(("INFO",), (), "one line of the audit log, in `jwt_middleware.audit`"),
        "development_issuer": Event(("WARNING",), (), "an issuer is trusted whose keys are for development"),
        "keys_not_fetched": Event(("WARNING",), ("issuer", "error"), "an issuer's keys could not be fetched"),
        "keys_skipped": Event(("WARNING",), ("issuer",), "some keys of an issuer are not used"),
        "snapshot_not_used": Event(("WARNING",), ("issuer",), "the snapshot of keys is not used"),
        "snapshot_not_written": Event(("WARNING",), ("issuer", "error"), "the snapshot of keys is not written"),
        "revocations_lost": Event(("ERROR",), ("error",), "revocations are out of reach"),
        "revocations_back": Event(("WARNING",), (), "revocations are in reach again"),
        "revocation_unreadable": Event(("ERROR",), (), "an entry among the revocations is left out"),
        "hook_failed": Event(("ERROR",), ("hook", "error"), "a hook failed, and the refusal went out all the same"),
        "work_failed": Event(("ERROR",), ("error",), "work beside a request failed"),
        "router_not_found": Event(("WARNING",), (), "no router was found behind the door: marks do not count"),
        "route_not_predicted": Event(("WARNING",), ("error",), "a route could not be predicted, so it is guarded"),
        "socket_closed_before": Event(("DEBUG",), ("error",), "a connection was closed before we could"),
        "refresh_token_reused": Event(("WARNING",), (), "a refresh token was used again, and its session ended"),
        "token_large": Event(("WARNING",), ("size",), "an access token was made that proxies may refuse"),
        "token_not_had": Event(("WARNING",), ("error",), "a token for a call of our own could not be had"),
        "service_not_decided": Event(("ERROR",), ("error",), "a request of a service could not be decided"),
    }
)


def event(name: str, **fields: object) -> dict[str, object]:
    """For ``extra`` of a log call."""
    return {"event": name, **fields}
