"""Credentials: what somebody logs in with, read strictly from the body of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import InvalidToken
from ..verification.json_object import parse_object
from .account import Account
from .exchange import MAX_BODY, IssuingRequest
from .holders import Accounts


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody logs in with, as it came. ``values`` is the whole body, for a second factor and the like.

    ``source`` is the framework's own request.
    """

    username: str = field(repr=False)
    password: str = field(repr=False)
    values: Mapping[str, object] = field(repr=False)
    source: object = field(default=None, repr=False)


class LogIn(Accounts, Protocol):
    """Accounts that can also say whether credentials are right."""

    def log_in(self, credentials: Credentials) -> Account | None:
        """The account; None if it is unknown or disabled, or the password is wrong, all at the same cost."""

    async def alog_in(self, credentials: Credentials) -> Account | None: ...


class BodyRefused(Exception):
    """A body that cannot be read; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def json_body(request: IssuingRequest) -> Mapping[str, object]:
    """The JSON object in the body; an empty body is an empty object. Raises BodyRefused.

    A form is refused: browsers send one across sites without asking (Fetch standard, section 2.2.2).
    """
    if len(request.body) > MAX_BODY:
        raise BodyRefused("body_too_large")
    if not request.body:
        return {}
    types = request.info.header("content-type")
    if len(types) != 1 or types[0].partition(";")[0].strip().lower() != "application/json":
        raise BodyRefused("content_type_refused")
    try:
        return parse_object(request.body)
    except InvalidToken:
        raise BodyRefused("body_malformed") from None


def text_in(body: Mapping[str, object], name: str) -> str | None:
    """A text of the body; None if it is not there. Raises BodyRefused for anything else."""
    found = body.get(name)
    if found is not None and (not isinstance(found, str) or "\0" in found):  # databases stumble over NUL
        raise BodyRefused("body_malformed")
    return found


def credentials_in(body: Mapping[str, object], source: object) -> Credentials:
    """Raises BodyRefused unless both username and password are there."""
    username, password = text_in(body, "username"), text_in(body, "password")
    if not username or not password:
        raise BodyRefused("body_malformed")
    return Credentials(username, password, body, source)


def scopes_in(body: Mapping[str, object]) -> Sequence[str] | None:
    """``scope``: scopes separated by blanks (RFC 6749 section 3.3); None if it is not there."""
    found = text_in(body, "scope")
    return None if found is None else [each for each in found.split(" ") if each]


def resources_in(body: Mapping[str, object]) -> Sequence[str] | None:
    """``resource``: one audience or a list of them (RFC 8707); None if it is not there."""
    found = body.get("resource")
    if found is None:
        return None
    several = (found,) if isinstance(found, str) else found
    if not isinstance(several, tuple) or not all(isinstance(each, str) for each in several):
        raise BodyRefused("body_malformed")
    return several
