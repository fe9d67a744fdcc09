"""Strict reading of the three segments of a signed JWT (RFC 7515 section 7.1, RFC 8725 section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ..base64url import decode
from ..drafts import draft_of
from ..errors import InvalidToken
from .json_object import parse_object

# parameters that change what the signature means or what the payload is; no access token needs them
_REFUSED_PARAMETERS: Final = frozenset({"crit", "b64", "zip", "enc"})
_MAX_KID: Final = 1024  # characters
_NOTHING_KNOWN: Final[Mapping[bytes, "Header"]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Header:
    """What the first ``segment`` of a token says; nothing of it may be believed.

    ``kind`` is the kind of token: the media type ``typ`` in lower case without ``application/``, empty if absent.
    """

    segment: bytes = field(repr=False)
    algorithm: str
    kid: str | None = field(repr=False)
    kind: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself before verification: nothing here may be believed.

    Payload and signature are decoded when somebody asks, and raise InvalidToken where they are not canonical base64url:
    most of what is refused is refused for its header, or for its signature.
    """

    header: Header
    signing_input: bytes = field(repr=False)
    payload_segment: bytes = field(repr=False)
    signature_segment: bytes = field(repr=False)

    @property
    def payload(self) -> bytes:
        try:
            return decode(self.payload_segment)
        except ValueError:
            raise InvalidToken from None

    @property
    def signature(self) -> bytes:
        try:
            return decode(self.signature_segment)
        except ValueError:
            raise InvalidToken from None


_Draft: Final = draft_of(Unverified)
_HeaderDraft: Final = draft_of(Header)


def read(token: str, max_size: int) -> Unverified:
    """Take a token apart. ``max_size`` is in bytes. Raises InvalidToken for everything but three canonical segments.

    The payload is not parsed: that waits for the signature.
    """
    unverified = read_header(token, max_size)
    _ = unverified.payload, unverified.signature  # canonical, or this raises
    return unverified


def read_header(token: str, max_size: int, known: Mapping[bytes, Header] = _NOTHING_KNOWN) -> Unverified:
    """The same, but for payload and signature, which are looked at when somebody asks for them.

    ``known`` holds header segments that were read before: an issuer's tokens share a handful of them.
    """
    if len(token) > max_size:
        raise InvalidToken("token_too_large")
    try:
        signing_input, _, signature = token.encode("ascii").rpartition(b".")
    except ValueError:
        raise InvalidToken from None
    segment, second, payload = signing_input.partition(b".")
    if not second:  # one or two segments: whatever the first one says
        raise InvalidToken
    draft = _Draft()
    draft.header = known.get(segment) or _header(segment)
    draft.signing_input = signing_input
    draft.payload_segment = payload  # of four segments two, with a character between them that base64url has not
    draft.signature_segment = signature
    draft.__class__ = Unverified
    return draft  # type: ignore[no-any-return]  # it has become one


def _header(segment: bytes) -> Header:
    """Read the first segment. Raises InvalidToken."""
    try:
        header = parse_object(decode(segment))
    except ValueError:
        raise InvalidToken from None
    if not _REFUSED_PARAMETERS.isdisjoint(header):
        raise InvalidToken
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or not isinstance(kind, str):
        raise InvalidToken
    kind = kind.lower().removeprefix("application/")
    if not kind and "typ" in header:  # who names no kind writes no typ
        raise InvalidToken
    if "kid" in header and (not isinstance(kid, str) or len(kid) > _MAX_KID):
        raise InvalidToken
    draft = _HeaderDraft()
    draft.segment = segment
    draft.algorithm = algorithm
    draft.kid = kid
    draft.kind = kind
    draft.__class__ = Header
    return draft  # type: ignore[no-any-return]  # it has become one
