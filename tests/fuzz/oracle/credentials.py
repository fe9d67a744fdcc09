"""Which token a request carries (RFC 9110 section 11.6.2, RFC 6750 sections 2.1 and 3.1)."""

from collections.abc import Sequence
from string import ascii_letters, digits

_TOKEN68 = frozenset((ascii_letters + digits + "-._~+/").encode())
_TOKEN_CHARACTERS = frozenset((ascii_letters + digits + "!#$%&'*+-.^_`|~").encode())


class Malformed(Exception):
    """No reader could say what is meant: 400."""


def token_of(fields: Sequence[bytes]) -> str | None:
    """The token of these field lines, or None where none stands there. Raises Malformed."""
    if not fields:
        return None
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
