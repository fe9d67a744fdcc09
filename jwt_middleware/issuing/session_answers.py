"""What the endpoints of sessions answer when all is well: tokens, or what a session shows of itself."""

import json
from collections.abc import Iterable
from typing import Final

from .exchange import Answer
from .refusals import NO_STORE
from .session import Session
from .tokens import Tokens

_JSON: Final = ("content-type", "application/json")


def tokens_answer(tokens: Tokens, cookies: Iterable[tuple[str, str]] | None) -> Answer:
    """What somebody was given (RFC 6749 section 5.1); where ``cookies`` carry the tokens, the body holds none."""
    said: dict[str, object] = {
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "refresh_token_timeout": tokens.refresh_expires_in,
        "authorization_expires_in": tokens.session_expires_in,
        "scope": " ".join(tokens.session.scopes),
    }
    if cookies is not None:
        return json_answer(said, cookies)
    return json_answer({"access_token": tokens.access_token, "refresh_token": tokens.refresh_token, **said})


def shown(session: Session, own: Session) -> dict[str, object]:
    """A session as its holder sees it. Times are in whole seconds since the epoch."""
    return {
        "id": session.session_id,
        "client_id": session.client_id,
        "logged_in_at": int(session.logged_in_at),
        "refreshed_at": int(session.refreshed_at),
        "expires_at": int(session.expires_at),
        "address": session.address,
        "agent": session.agent,
        "this_one": session.session_id == own.session_id,
    }


def json_answer(said: object, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """200, and kept by nobody."""
    return Answer(200, (_JSON, NO_STORE, *headers), json.dumps(said).encode())
