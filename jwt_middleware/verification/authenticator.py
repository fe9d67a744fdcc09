"""Token to claims, revocation included."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

from ..drafts import draft_of
from ..errors import AuthError, AuthUnavailable, InvalidToken
from ..keys.key import Key
from ..waiting import ask
from .claims import Claims
from .compact import Header, Unverified, read_header
from .json_object import parse_object
from .mapping import ClaimMapping, single, subject_of
from .trusts import Trust, Trusts
from .verify import look_at, verify

_MAX_HEADERS: Final = 1_000  # each is smaller than the largest token


class RevocationStore(Protocol):
    """Knows what was revoked. Raises whatever it likes when it cannot say: the request is then answered 503."""

    def is_revoked(self, claims: Claims) -> bool: ...

    async def ais_revoked(self, claims: Claims) -> bool: ...


@runtime_checkable
class RevocationCopy(RevocationStore, Protocol):
    """A store that this process holds a copy of: what is known of a token may be used again after one look-up.

    ``look_up`` never waits and never raises; None, when it must be asked, decides nothing.
    """

    def look_up(self, claims: Claims) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Genuine:
    """A token that was verified: what it says, whom it was trusted for, and the generation of keys that verified it.

    ``named`` is what it says under the names by which tokens are withdrawn.
    """

    claims: Claims
    trust: Trust
    generation: int
    named: Claims


_Draft: Final = draft_of(Genuine)


class Authenticator:
    """Says whether a token is genuine. Holds only the header segments of those that were: they come again and again."""

    def __init__(self, trusts: Trusts, revocations: RevocationStore | None, clock: Callable[[], float]) -> None:
        self.max_size = trusts.max_size  # bytes; a larger token is nobody's
        self._trusts = trusts
        self._revocations = revocations
        self._clock = clock
        self._headers: dict[bytes, Header] = {}

    async def authenticate(self, token: str) -> Genuine:
        """Raises InvalidToken, or AuthUnavailable when issuers, keys or revocations are out of reach."""
        unverified = read_header(token, self.max_size, self._headers)
        header = unverified.header
        trust, values = self._trusts.only, None
        if trust is None:
            values = parse_object(unverified.payload)
            trust = await self._trusts.named(values.get("iss"))
        rules = trust.issuer.rules
        if len(token) > rules.max_size:
            raise InvalidToken("token_too_large")
        if header.algorithm not in rules.algorithms:
            raise InvalidToken("algorithm_refused")
        keys = trust.keys
        generation = keys.generation
        key = keys.at_hand(header.kid, header.algorithm)
        if key is None or keys.generation != generation:
            key, generation = await self._wait_for_key(unverified, trust)
        claims = verify(unverified, key, rules, self._clock(), values)
        if header.segment not in self._headers:
            self._remember(header)
        named = claims
        if self._revocations is not None:
            named = _as_named(claims, trust.issuer.mapping)
            await self._refuse_revoked(named, self._revocations)
        genuine = _Draft()
        genuine.claims = claims
        genuine.trust = trust
        genuine.generation = generation
        genuine.named = named
        genuine.__class__ = Genuine
        return genuine  # type: ignore[no-any-return]  # it has become one

    async def _wait_for_key(self, unverified: Unverified, trust: Trust) -> tuple[Key, int]:
        """The key, and the generation of keys that it belongs to: what it verifies is no longer worth than that."""
        # nobody makes us fetch for what is refused anyway
        _ = unverified.signature, look_at(unverified, trust.issuer.rules, self._clock())
        header = unverified.header
        while True:
            generation = trust.keys.generation
            key = await trust.keys.find(header.kid, header.algorithm)
            if generation == trust.keys.generation:
                return key, generation

    def _remember(self, header: Header) -> None:
        """Only an issuer we trust adds a header here, and a header says the same whenever it comes."""
        if len(self._headers) >= _MAX_HEADERS:
            self._headers = {}
        self._headers[header.segment] = header

    async def _refuse_revoked(self, claims: Claims, store: RevocationStore) -> None:
        try:
            revoked = await ask(store.is_revoked, store.ais_revoked, claims)
        except AuthError:
            raise
        except Exception as error:
            raise AuthUnavailable("revocations_unavailable") from error
        if revoked is not False:  # a store that answers nothing has not said that the token is good
            raise InvalidToken("token_revoked")


def _as_named(claims: Claims, mapping: ClaimMapping) -> Claims:
    """The claims under the names that a principal has: what is read from it must be what is withdrawn."""
    values = claims.values
    try:
        return replace(
            claims,
            subject=subject_of(values, mapping),
            session_id=single(values, mapping.session_id),
            token_id=single(values, mapping.token_id),
        )
    except Exception as error:  # a function of the mapping's stumbled: the token is odd
        raise InvalidToken("claim_malformed") from error
