"""What is wrong with the answer to a request: with whom it lets in, how it refuses, what it shows, what it costs."""

import json
import re
from collections.abc import Sequence
from typing import Final

from conformance.challenge_grammar import challenges
from tests.forgery.recipe import NOW

from .doors import Answer, Door, Fields
from .oracle.credentials import Sent
from .oracle.verdict import Verdict, verdict_on
from .requests import Case, Request

_FIELD_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.1
_FIELD_VALUE: Final = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")  # section 5.5, none of it obsolete
_CALLS: Final = 1_000  # of functions for any request
_CALLS_PER_FIELD: Final = 12  # of a query, of which 100 are read
_CALLS_PER_BYTE: Final = 1.0  # of a token that is not too large to be read
_MOST: Final = 16_384


class Complaint(AssertionError):
    """Something about an answer is wrong."""


def play(case: Case, door: Door, sentences: dict[str, bytes]) -> None:
    """Send one request after the other. Raises Complaint.

    ``sentences``: the body of each refusal by its code, seen so far: they are fixed.
    """
    for number, request in enumerate(case.requests):
        sent = [(line.name.encode(), line.value) for line in request.lines]
        credentials = sent_by(case, request, door.fields(sent))
        verdict = verdict_on(request.path, credentials, NOW + request.at)
        answer = door.send(request, sent)
        wrong = _wrong(request, verdict, answer, sentences)
        if wrong:
            raise Complaint(f"request {number}: {wrong}; the oracle says {verdict}")


def sent_by(case: Case, request: Request, fields: Fields) -> Sent:
    """Where the application of this case may look for a token."""
    values = [value for name, value in fields if name == b"authorization"]
    return Sent(values, request.query_string if case.by_query else None)


def _wrong(request: Request, verdict: Verdict, answer: Answer, sentences: dict[str, bytes]) -> str:
    values = [line.value for line in (*request.lines, *request.query)]
    if answer.error:
        return f"a server would answer 500: {answer.error}"
    if answer.status != verdict.status:
        return f"it is answered {answer.status}"
    if any(not _FIELD_NAME.fullmatch(name) or not _FIELD_VALUE.fullmatch(value) for name, value in answer.fields):
        return "a field is not legal"
    if _shows_token(values, answer):
        return "a part of the token is shown, or logged"
    size = max(map(len, values), default=0)
    bound = _CALLS + _CALLS_PER_FIELD * min(100, request.query_string.count(b"&"))
    if answer.work > bound + (_CALLS_PER_BYTE * size if size <= _MOST else 0):
        return f"{answer.work} calls for {size} bytes"
    return (
        _wrongly_admitted(verdict, answer)
        if answer.status == 200
        else _wrongly_refused(request, verdict, answer, sentences)
    )


def _wrongly_admitted(verdict: Verdict, answer: Answer) -> str:
    told = json.loads(dict(answer.fields)["x-caller"])
    caller = verdict.caller
    expected = ("", "") if caller is None else (caller.issuer, caller.subject)
    if (told["issuer"], told["subject"]) != expected:
        return "the application was told of somebody else"
    kept = [value for name, value in answer.fields if name.lower() == "cache-control"]
    right = answer.by_websocket or kept == (["private"] if verdict.private else [])
    return "" if right else f"caches are told {kept}"


def _wrongly_refused(request: Request, verdict: Verdict, answer: Answer, sentences: dict[str, bytes]) -> str:
    written = [value for name, value in answer.fields if name == "www-authenticate"]
    try:
        found = [each for value in written for each in challenges(value)]
    except ValueError as mistake:
        return f"the challenge is malformed: {mistake}"
    if len(written) != 1 or len(found) != 1 or found[0].scheme != "Bearer":
        return "there is not one challenge"
    said = found[0].parameters
    if (said.get("error", ""), said.get("scope", "")) != (verdict.error, verdict.scope):
        return f"the challenge says error={said.get('error')!r} and scope={said.get('scope')!r}"
    if ("cache-control", "no-store") not in answer.fields:
        return "a cache may keep it"
    if request.method == "HEAD" and not answer.by_websocket:
        return "HEAD has a body" if answer.body else ""
    problem = json.loads(answer.body)
    if problem["status"] != answer.status or ("content-length", str(len(answer.body))) not in answer.fields:
        return "the body is another one"
    fixed = sentences.setdefault(f"{problem['code']} {verdict.scope}", answer.body) == answer.body
    return "" if fixed else f"the sentence for {problem['code']} is not fixed"


def _shows_token(values: Sequence[bytes], answer: Answer) -> bool:
    shown = f"{answer.fields} {answer.body.decode('latin-1')} {answer.log}"
    for value in values:
        for segment in re.split(r"[ .,=&]", value.decode("latin-1")):
            if len(segment) >= 24 and (segment[:16] in shown or segment[-16:] in shown):
                return True
    return False
