"""Tokens: what whoever logs in or refreshes is given, and how much of it they may ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from .account import Account
from .asked import asked
from .session import Session
from .token_issuer import TokenIssuer

# why nothing was given
Refused = Literal["refresh_refused", "scope_refused", "resource_refused"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What whoever logged in or refreshed is given. Durations are whole seconds from now."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    session_expires_in: int
    session: Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """Scopes and audience of one token: all that was granted, or fewer; never none of the audience."""

    scopes: tuple[str, ...]
    audience: tuple[str, ...]


def wanted(
    scopes: Sequence[str] | None,
    resources: Sequence[str] | None,
    *,
    granted: Sequence[str],
    audience: Sequence[str],
) -> Wanted | Refused:
    """What is asked for, None meaning everything; or why it is refused."""
    asked_for = Wanted(
        tuple(granted if scopes is None else scopes), tuple(audience if resources is None else resources)
    )
    if not set(asked_for.scopes) <= set(granted):
        return "scope_refused"
    if not asked_for.audience or not set(asked_for.audience) <= set(audience):
        return "resource_refused"
    return asked_for


async def access_token(issuer: TokenIssuer, session: Session, account: Account, wanted: Wanted) -> str:
    """An access token of this session; of how and when somebody logged in it says what the session does."""
    await asked(issuer.keys.look, issuer.keys.alook)
    return issuer.token_for(
        replace(account, scopes=wanted.scopes, acr=session.acr, amr=session.amr),
        audience=wanted.audience,
        client_id=session.client_id,
        session_id=session.session_id,
        logged_in_at=session.logged_in_at,
    )


def handed_out(access: str, refresh: str, session: Session, *, now: float, lifetime: float, absolute: float) -> Tokens:
    """Both tokens, with how long they last. ``lifetime`` is that of access tokens, ``absolute`` that of sessions."""
    left, whole = session.expires_at - now, session.logged_in_at + absolute - now
    return Tokens(access, refresh, max(1, int(lifetime)), max(0, ceil(left)), max(0, ceil(whole)), session)
