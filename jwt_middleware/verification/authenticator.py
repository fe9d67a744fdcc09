"""Token to claims, revocation included."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..errors import AuthError, AuthUnavailable, InvalidToken
from ..keys.key_cache import KeyCache
from ..waiting import ask
from .claims import Claims
from .compact import Header, Unverified, read
from .json_object import parse_object
from .trusted_issuer import TrustedIssuer
from .verify import look_at, verify

_MAX_HEADERS: Final = 1_000  # each is smaller than the largest token


class RevocationStore(Protocol):
    """Knows what was revoked. Raises whatever it likes when it cannot say: the request is then answered 503."""

    def is_revoked(self, claims: Claims) -> bool: ...

    async def ais_revoked(self, claims: Claims) -> bool: ...


@dataclass(frozen=True, slots=True)
class Trust:
    """One trusted issuer with what keeps its keys fresh."""

    issuer: TrustedIssuer
    keys: KeyCache


@dataclass(frozen=True, slots=True)
class Genuine:
    """A token that was verified: what it says, whom it was trusted for, and the generation of keys that verified it."""

    claims: Claims
    trust: Trust
    generation: int


class Authenticator:
    """Says whether a token is genuine. Holds only the header segments of those that were: they come again and again."""

    def __init__(
        self, trusts: Sequence[Trust], revocations: RevocationStore | None, clock: Callable[[], float]
    ) -> None:
        self._trusts: Mapping[str, Trust] = {trust.issuer.issuer: trust for trust in trusts}
        self._only = trusts[0] if len(trusts) == 1 else None
        self._max_size = max(trust.issuer.rules.max_size for trust in trusts)
        self._revocations = revocations
        self._clock = clock
        self._headers: dict[bytes, Header] = {}

    async def authenticate(self, token: str) -> Genuine:
        """Raises InvalidToken, or AuthUnavailable when keys or revocations are out of reach."""
        unverified = read(token, self._max_size, self._headers)
        header = unverified.header
        trust = self._only or self._trust_for(unverified)
        rules = trust.issuer.rules
        if len(token) > rules.max_size:
            raise InvalidToken("token_too_large")
        if header.algorithm not in rules.algorithms:
            raise InvalidToken("algorithm_refused")
        current = trust.keys.current
        if current is None or current.select(header.kid, header.algorithm) is None:
            look_at(unverified, rules, self._clock())  # nobody makes us fetch for a token that is refused anyway
        key = await trust.keys.find(header.kid, header.algorithm)
        generation = trust.keys.generation
        claims = verify(unverified, key, rules, self._clock())
        if header.segment not in self._headers:
            self._remember(header)
        if self._revocations is not None:
            await self._refuse_revoked(claims, self._revocations)
        return Genuine(claims, trust, generation)

    def _remember(self, header: Header) -> None:
        """Only an issuer we trust adds a header here, and a header says the same whenever it comes."""
        if len(self._headers) >= _MAX_HEADERS:
            self._headers = {}
        self._headers[header.segment] = header

    def _trust_for(self, unverified: Unverified) -> Trust:
        """The issuer is looked up among those we trust, never believed."""
        issuer = parse_object(unverified.payload).get("iss")
        trust = self._trusts.get(issuer) if isinstance(issuer, str) else None
        if trust is None:
            raise InvalidToken("issuer_untrusted")
        return trust

    async def _refuse_revoked(self, claims: Claims, store: RevocationStore) -> None:
        try:
            revoked = await ask(store.is_revoked, store.ais_revoked, claims)
        except AuthError:
            raise
        except Exception as error:
            raise AuthUnavailable("revocations_unavailable") from error
        if revoked is not False:  # a store that answers nothing has not said that the token is good
            raise InvalidToken("token_revoked")
