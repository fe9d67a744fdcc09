"""What a client sends: a form, read strictly (RFC 6749 section 3.2), and every way to say no to it (section 5.2)."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from .exchange import MAX_FORM, Answer, IssuingRequest
from .refusals import NO_STORE

Form = Mapping[str, Sequence[str]]

_JSON: Final = ("content-type", "application/json")
_SEVERAL: Final = frozenset({"resource", "audience"})  # RFC 8707 section 2, RFC 8693 section 2.1
_SENTENCES: Final = MappingProxyType(
    {
        "invalid_request": "the request is malformed, or lacks or repeats a parameter",
        "invalid_client": "the client is unknown, or did not prove who it is",
        "invalid_grant": "the grant is not valid, or was given to another client",
        "unauthorized_client": "the client may not use this grant type",
        "unsupported_grant_type": "this grant type is not supported",
        "unsupported_token_type": "tokens of this kind cannot be revoked",
        "invalid_scope": "a scope is asked for that is not granted",
        "invalid_target": "a target is asked for that is not granted",
        "temporarily_unavailable": "this cannot be decided at the moment",
    }
)


class Refused(Exception):
    """The request is refused with one of OAuth's error codes."""

    def __init__(self, error: str, *, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after


def form_of(request: IssuingRequest) -> Form:
    """The parameters; empty ones are absent, and none but ``resource`` and ``audience`` is repeated. Raises Refused."""
    types = request.info.header("content-type")
    if len(types) != 1 or types[0].partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refused("invalid_request")
    if len(request.body) > MAX_FORM:
        raise Refused("invalid_request", status=413)
    try:
        text = request.body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=100)
    except ValueError:  # of which a UnicodeError is one
        raise Refused("invalid_request") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in value:  # databases stumble over it
            raise Refused("invalid_request")
        found.setdefault(name, []).append(value)
    if any(len(values) > 1 and name not in _SEVERAL for name, values in found.items()):
        raise Refused("invalid_request")
    return {name: kept for name, values in found.items() if (kept := [each for each in values if each])}


def one(form: Form, name: str) -> str | None:
    """The value of a parameter, or None."""
    return form.get(name, (None,))[0]


def required(form: Form, name: str) -> str:
    """The value of a parameter that must be there. Raises Refused."""
    found = one(form, name)
    if found is None:
        raise Refused("invalid_request")
    return found


def scopes_in(form: Form) -> tuple[str, ...] | None:
    """``scope``; None if it is not there. Raises Refused for what is no scope (RFC 6749 section 3.3)."""
    found = one(form, "scope")
    if found is None:
        return None
    scopes = tuple(dict.fromkeys(each for each in found.split(" ") if each))
    if not scopes or any(not "\x21" <= letter <= "\x7e" or letter in '"\\' for each in scopes for letter in each):
        raise Refused("invalid_scope")
    return scopes


def said(content: object) -> Answer:
    """An answer with tokens or what is known of them: nobody keeps it (RFC 6749 section 5.1)."""
    return Answer(200, (_JSON, NO_STORE, ("pragma", "no-cache")), json.dumps(content).encode())


def nothing_said() -> Answer:
    """200 and no content (RFC 7009 section 2.2)."""
    return Answer(200, (NO_STORE,), b"")


def refusal(refused: Refused) -> Answer:
    """A refusal to the letter of RFC 6749 section 5.2; nothing of the request is repeated."""
    headers = [_JSON, NO_STORE, ("pragma", "no-cache")]
    if refused.status == 401:
        headers.append(("www-authenticate", 'Basic realm="clients", charset="UTF-8"'))
    if refused.retry_after:
        headers.append(("retry-after", str(refused.retry_after)))
    body = {"error": refused.error, "error_description": _SENTENCES[refused.error]}
    return Answer(refused.status, tuple(headers), json.dumps(body).encode())
