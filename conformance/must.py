"""What must be seen: plain functions, each a sentence and a question to what was seen."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .seen import Seen

_PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True)
class Must:
    """An expectation in ``words``; ``wrong`` says what is wrong with an answer, or nothing."""

    words: str
    wrong: Callable[[Seen], str]

    def __str__(self) -> str:
        return self.words


def both(*musts: Must) -> Must:
    """All of them."""

    def wrong(seen: Seen) -> str:
        return next((said for each in musts if (said := each.wrong(seen))), "")

    return Must(", ".join(each.words for each in musts), wrong)


def either(first: Must, second: Must) -> Must:
    """One of the two."""
    return Must(f"{first.words}; or {second.words}", lambda seen: "" if not first.wrong(seen) else second.wrong(seen))


def admitted(**said: object) -> Must:
    """Let in; the application says so much of the caller, by name."""

    def wrong(seen: Seen) -> str:
        if seen.status != 200:
            return f"it is not let in: {seen}"
        if not said:
            return ""
        told = json.loads(seen.body)
        differing = [name for name, value in said.items() if told.get(name) != value]
        return f"the application was told otherwise of {', '.join(differing)}" if differing else ""

    return Must(" ".join(["200", *(f"{name}={value!r}" for name, value in said.items())]), wrong)


def status(code: int, words: str = "") -> Must:
    return Must(words or str(code), lambda seen: "" if seen.status == code else f"the status is {seen.status}")


def refused(code: int, error: str = "", scope: str = "") -> Must:
    """A refusal whose challenge is to the letter; ``error`` and ``scope`` are what it says, or must not say."""
    words = " ".join([str(code), error or "without error", *([f'scope="{scope}"'] if scope else [])])

    def wrong(seen: Seen) -> str:
        if seen.status != code:
            return f"it is answered otherwise: {seen}"
        try:
            found = seen.challenges
        except ValueError as mistake:
            return f"the challenge is malformed: {mistake}"
        if len(found) != 1 or len(seen.header("www-authenticate")) != 1:
            return f"there are {len(found)} challenges on {len(seen.header('www-authenticate'))} lines, not one"
        said = found[0].parameters
        if found[0].scheme != "Bearer" or not said:
            return "the challenge is not Bearer with a parameter"
        if (said.get("error", ""), said.get("scope", "")) != (error, scope):
            return f"the challenge says error={said.get('error')!r} and scope={said.get('scope')!r}"
        if not error and {"error_description", "error_uri"} & said.keys():
            return "the challenge explains an error that it does not name"
        return ""

    return Must(words, wrong)


no_credentials: Final = refused(401)
invalid_token: Final = refused(401, "invalid_token")
malformed: Final = refused(400, "invalid_request")
forbidden: Final = refused(403)
malformed_or_invalid: Final = either(malformed, invalid_token)


def lacks_scope(scope: str) -> Must:
    return refused(403, "insufficient_scope", scope)


def _unavailable(seen: Seen) -> str:
    if seen.status != 503:
        return f"it is answered otherwise: {seen}"
    after = seen.header("retry-after")
    if len(after) != 1 or not after[0].isdecimal():
        return "Retry-After is no number of seconds"
    return "a challenge blames the token" if seen.header("www-authenticate") else ""


unavailable: Final = Must("503, Retry-After, no challenge", _unavailable)
does_not_start: Final = Must(
    "does not start", lambda seen: "" if seen.by == "nobody" else f"it starts, and answers {seen}"
)


def field(name: str, value: str) -> Must:
    """This one field line with this value."""
    return Must(
        f"{name}: {value}",
        lambda seen: "" if list(seen.header(name.lower())) == [value] else f"{name} is {seen.header(name.lower())}",
    )


def no_field(name: str) -> Must:
    return Must(f"no {name}", lambda seen: f"{name} is there" if seen.header(name.lower()) else "")


def parameter(name: str, value: str) -> Must:
    """A parameter of the one challenge."""
    return Must(
        f'{name}="{value}"',
        lambda seen: "" if [each.parameters.get(name) for each in seen.challenges] == [value] else f"{name} differs",
    )


def body(content: bytes) -> Must:
    words = f"body {content.decode()}" if content else "no body"
    return Must(words, lambda seen: "" if seen.body == content else f"the body holds {len(seen.body)} other bytes")


def problem(**members: object) -> Must:
    """A problem document (RFC 9457) whose status is that of the answer, with these members."""

    def wrong(seen: Seen) -> str:
        if list(seen.header("content-type")) != [_PROBLEM]:
            return f"the body is {seen.header('content-type')}"
        document = json.loads(seen.body)
        expected = {"status": seen.status, **members}
        differing = [name for name, value in expected.items() if document.get(name) != value]
        texts = all(isinstance(document.get(name), str) and document[name] for name in ("type", "title", "detail"))
        return "" if texts and not differing else f"the problem differs in {', '.join(differing) or 'its texts'}"

    return Must(" ".join(["problem+json", *(f"{name}={value!r}" for name, value in members.items())]), wrong)


def fetched(*paths: str) -> Must:
    """The issuer was asked for exactly these, in this order."""
    words = f"asks the issuer for {', '.join(paths)}" if paths else "asks the issuer for nothing"
    return Must(words, lambda seen: "" if seen.fetched == paths else f"the issuer was asked for {list(seen.fetched)}")


def fetched_at_most(number: int) -> Must:
    return Must(
        f"at most {number} fetches",
        lambda seen: "" if len(seen.fetched) <= number else f"the issuer was asked {len(seen.fetched)} times",
    )


def closed(*codes: int) -> Must:
    """A WebSocket that is closed with one of these codes."""
    return Must(
        f"closed {' or '.join(map(str, codes))}",
        lambda seen: "" if seen.closed in codes else f"the close code is {seen.closed}",
    )


def _shown(seen: Seen) -> str:
    everything = f"{seen.headers!r} {seen.body!r} {seen.log}"
    parts: Sequence[str] = [part for secret in seen.secrets for part in (secret, *secret.split(".")) if len(part) >= 20]
    return "a part of the token is shown" if any(part in everything for part in parts) else ""


keeps_the_token: Final = Must("the token is shown nowhere, the log included", _shown)
