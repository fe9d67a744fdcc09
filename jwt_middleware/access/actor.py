"""Actor: one who acts for another, and the chain of them that a delegated token names (RFC 8693 section 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_ACTORS: Final = 10  # in one token


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: a ``subject`` within ``issuer``; ``client_id`` where the token says it.

    What else stands beside these in ``act``, such as an expiry or roles, means nothing (RFC 8693 section 4.1).
    """

    subject: str
    issuer: str
    client_id: str | None = None

    @property
    def name(self) -> str:
        """What an issuer calls a machine: its client id, or else its subject."""
        return self.subject if self.client_id is None else self.client_id


def actors_in(act: Mapping[str, object] | None, issuer: str) -> tuple[Actor, ...]:
    """The chain of ``act``: who acts now comes first, whoever acted before them after. Raises ValueError.

    An actor without an issuer of its own is one of ``issuer``, who signed the token.
    """
    found: list[Actor] = []
    link: object = act
    while link is not None:
        if not isinstance(link, Mapping) or len(found) == MAX_ACTORS:
            raise ValueError("the chain of actors is malformed or too long")
        found.append(_actor(link, issuer))
        link = link.get("act")
    return tuple(found)


def chain_of(act: object) -> Mapping[str, object] | None:
    """``act`` as it stands, if it is a chain of actors that can be read. Raises ValueError."""
    if act is None:
        return None
    if not isinstance(act, Mapping):
        raise ValueError("the chain of actors is malformed or too long")
    actors_in(act, "whoever signed")
    return act


def _actor(link: Mapping[str, object], issuer: str) -> Actor:
    subject, client_id, of = link.get("sub"), link.get("client_id"), link.get("iss", issuer)
    if not all(each is None or (isinstance(each, str) and each) for each in (subject, client_id)):
        raise ValueError("an actor has a name of the wrong type")
    if not isinstance(of, str) or not of or (subject is None and client_id is None):
        raise ValueError("an actor has no name")
    return Actor(
        str(subject) if subject is not None else f"client:{client_id}",
        of,
        None if client_id is None else str(client_id),
    )
