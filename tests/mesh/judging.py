"""One answer held against the model: as it says, wrongly admitted, wrongly refused, or refused as an outage permits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .callers import CALLERS
from .outages import CUT, HEARD_WITHIN, Outage, permitted
from .routes import ADMITTED, FORBIDDEN, NOT_THERE, ROUTES, UNKNOWN, model

_LET_IN: Final = ADMITTED | NOT_THERE | {409}  # the view has run


@dataclass(slots=True)
class Token:
    """What whoever got a token knows of it. Times are those of ``time.time``; ``text`` reaches no report."""

    number: int
    caller: str
    text: str = field(default="", repr=False)
    flaw: str = ""  # why it is good for nothing, from the beginning
    ending: float | None = None  # when somebody first asked to revoke it
    ended: float | None = None  # when that was confirmed
    key_since: float | None = None  # when the key that signed it took over


@dataclass(frozen=True, slots=True)
class Answer:
    """What was sent, and what came back."""

    number: int
    slot: str
    route: str
    token: int
    sent: float
    answered: float
    status: int
    retry_after: str = ""
    challenge: str = ""
    about: Mapping[str, object] = field(default_factory=dict)  # of whom the body speaks
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``fault`` is empty where the model holds; ``cause`` says why a good caller was refused all the same."""

    fault: str = ""
    cause: str = ""


AS_IT_SHOULD_BE: Final = Verdict()


def judge(answer: Answer, token: Token, outages: Sequence[Outage]) -> Verdict:
    caller, route = CALLERS[token.caller], ROUTES[answer.route]
    right = model(caller, route, _may_be_good(answer, token))
    if not _must_be_good(answer, token):
        right |= model(caller, route, False)
        if _is_being_revoked(answer, token) and (route.asks or route.exchanges):
            right |= {502}  # one service has heard of it, and another not yet
    if answer.status in right:
        wrong = _wrong_about(answer, token) or _wrong_challenge(answer)
        return Verdict(f"WRONG ANSWER: {wrong}") if wrong else AS_IT_SHOULD_BE
    if answer.status in _LET_IN or (right == UNKNOWN and answer.status in FORBIDDEN):  # 403: the token was taken
        return Verdict(f"WRONGLY ADMITTED: {answer.status} where the model says {_words(right)}")
    causes = {}
    for outage in outages:
        causes.update(permitted(route, outage, answer.sent, answer.answered, token.flaw, token.key_since))
    if answer.status not in causes:
        return Verdict(f"WRONGLY REFUSED: {answer.status or answer.error} where the model says {_words(right)}")
    if answer.status == 503 and not answer.retry_after.isdigit():
        return Verdict("WRONG ANSWER: 503 without Retry-After")
    return Verdict(cause=causes[answer.status])


def _may_be_good(answer: Answer, token: Token) -> bool:
    """Whether anything lets this token pass at that time."""
    return not token.flaw and (token.ended is None or answer.sent < token.ended + HEARD_WITHIN)


def _must_be_good(answer: Answer, token: Token) -> bool:
    """Whether nothing speaks against it, not even a revocation that is under way."""
    return not token.flaw and (token.ending is None or answer.answered < token.ending)


def _is_being_revoked(answer: Answer, token: Token) -> bool:
    return _may_be_good(answer, token) and not _must_be_good(answer, token)


def _wrong_about(answer: Answer, token: Token) -> str:
    """Whether a body speaks of somebody else than who called, or shows a tenant what is another's."""
    caller = CALLERS[token.caller]
    for name, of_caller in (("placed_by", caller.subject), ("tenant", caller.tenant)):
        if answer.status in ADMITTED and name in answer.about and answer.about[name] != of_caller:
            if answer.route == "orders: place" or name == "tenant":
                return f"{name} is {answer.about[name]!r}, and {of_caller!r} called"
    tenants = answer.about.get("tenants")
    if isinstance(tenants, list) and not set(tenants) <= {caller.tenant}:
        return f"orders of {tenants}, shown to {caller.tenant!r}"
    if answer.route == "shipping: send" and answer.about.get("sent_by", caller.subject) != caller.subject:
        return f"sent_by is {answer.about['sent_by']!r}, and {caller.subject!r} called"
    return ""


def _wrong_challenge(answer: Answer) -> str:
    """RFC 6750 section 3: a 401 says how to authenticate; without a token it names no error."""
    if answer.status == 401:
        if not answer.challenge.startswith("Bearer"):
            return "401 without a Bearer challenge"
        if (answer.slot == "nobody") == ("error=" in answer.challenge):
            return "the challenge does not fit to what was sent"
    return ""


def _words(statuses: frozenset[int]) -> str:
    return " or ".join(str(each) if each != CUT else "no answer" for each in sorted(statuses))
