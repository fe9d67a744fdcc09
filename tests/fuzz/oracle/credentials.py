"""Which token a request carries (RFC 9110 section 11.6.2, RFC 6750 sections 2 and 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters, digits
from urllib.parse import unquote_to_bytes

_TOKEN68 = frozenset((ascii_letters + digits + "-._~+/").encode())
_TOKEN_CHARACTERS = frozenset((ascii_letters + digits + "!#$%&'*+-.^_`|~").encode())


class Malformed(Exception):
    """No reader could say what is meant: 400."""


@dataclass(frozen=True)
class Sent:
    """The Authorization fields of a request, and its query where that may hold a token, else None."""

    fields: Sequence[bytes]
    query: bytes | None = None

    @property
    def token(self) -> str | None:
        """The token, or None where none came. Raises Malformed."""
        named = [] if self.query is None else _in_query(self.query)
        if self.fields:
            token = _in_header(self.fields)
            if token is not None and named:
                raise Malformed  # RFC 6750 section 2: by one method at a time
            return token
        if len(named) > 1 or any(not _is_token68(each) for each in named):
            raise Malformed
        return named[0].decode() if named else None

    @property
    def by_url(self) -> bool:
        return self.query is not None and not self.fields


def _in_query(query: bytes) -> Sequence[bytes]:
    """The values of the parameter (RFC 6750 section 2.3), in a query as forms are written. Raises Malformed."""
    parts = query.split(b"&")
    if len(parts) > 100:
        raise Malformed
    pairs = [part.replace(b"+", b" ").partition(b"=") for part in parts if part]
    return [unquote_to_bytes(value) for name, _, value in pairs if unquote_to_bytes(name) == b"access_token"]


def _in_header(fields: Sequence[bytes]) -> str | None:
    if len(fields) > 1:
        raise Malformed
    scheme, space, rest = fields[0].partition(b" ")
    if scheme.lower() == b"bearer":
        text = rest.lstrip(b" ")
        if not space or not _is_token68(text):
            raise Malformed
        return text.decode()
    if _holds_another(fields[0]):
        raise Malformed
    if not scheme or not _TOKEN_CHARACTERS.issuperset(scheme) or b"\n" in rest:
        raise Malformed
    return None


def _is_token68(text: bytes) -> bool:
    bare = text.rstrip(b"=")
    return bool(bare) and _TOKEN68.issuperset(bare)


def _holds_another(field: bytes) -> bool:
    """Whether somebody has joined field lines with commas, as RFC 9110 section 5.3 allows, and one is ours."""
    words = [part.lstrip(b" \t").replace(b"\t", b" ").replace(b"\n", b" ") for part in field.split(b",")[1:]]
    return any(word.partition(b" ")[0].lower() == b"bearer" for word in words)
