"""StepUp: what a target wants before it serves a caller: more scopes, or another login (RFC 6750, RFC 9470)."""

from collections.abc import Iterable
from dataclasses import dataclass

from .challenges import received_challenges


@dataclass(frozen=True, slots=True)
class StepUp:
    """What a target says is missing. It is told to the application and never followed: the target may be hostile.

    ``scopes``: with which it would be served. ``acr_values``: how its caller should have logged in, what is preferred
    first. ``max_age``: how many seconds ago at most.
    """

    scopes: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    max_age: int | None = None


def step_up(status: int, challenges: Iterable[str]) -> StepUp | None:
    """What an answer wants, by its status and the lines of its WWW-Authenticate; None where it wants nothing of that.

    ``step_up(response.status_code, response.headers.get_list("www-authenticate"))``, or with requests
    ``[response.headers.get("www-authenticate", "")]``.
    """
    wanted = {403: "insufficient_scope", 401: "insufficient_user_authentication"}.get(status)
    for each in received_challenges(challenges) if wanted else ():
        said = each.parameters
        if each.scheme != "bearer" or said.get("error") != wanted:
            continue
        age = said.get("max_age", "")
        return StepUp(
            _names(said.get("scope", "")),
            _names(said.get("acr_values", "")),
            int(age) if age.isascii() and age.isdigit() and len(age) < 10 else None,
        )
    return None


def _names(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in said.split(" ") if each))
