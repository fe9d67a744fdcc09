"""RegisteredClient: a service that may ask for tokens; ClientRegistry (Protocol): where clients are known."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Final, Protocol

from ..errors import ConfigurationError
from ..keys.key import Key
from ..keys.key_cache import KeyCache, KeySource
from ..keys.key_set import KeySet, key_set_from_jwks

Targets = Mapping[str, Sequence[str]]  # from an audience to the scopes that are granted there

_PREFIX: Final = "sha256:"
_SHORTEST: Final = 22  # characters: 128 bits in base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """A confidential client. It shows one of its secrets, or assertions that one of its keys has signed.

    ``secret_digests`` are what ``secret_digest`` makes of its secrets: two of them while one is replaced. ``jwks``
    holds its public keys, or says where they are, so that it may change them by itself: a key source such as
    ``jwks_url("https://batch.example.com/jwks")``, which is asked within bounds. ``audience``: what tokens for this
    client carry in ``aud``; only such tokens may it exchange or introspect. ``targets``: for whom it may have tokens of
    its own, and with which scopes; ``exchange_targets``: the same for tokens of its callers, which never get more than
    the caller's token has. ``assertion_audiences``: what else than the issuer its assertions may name, for clients that
    know the old rule. Raises ConfigurationError.
    """

    client_id: str
    secret_digests: Sequence[str] = field(default=(), repr=False)
    jwks: Mapping[str, object] | KeySource | None = field(default=None, repr=False, hash=False)
    audience: str | Sequence[str] = ()
    targets: Targets = field(default_factory=lambda: MappingProxyType({}), hash=False)
    exchange_targets: Targets = field(default_factory=lambda: MappingProxyType({}), hash=False)
    assertion_audiences: Sequence[str] = ()
    _listed: KeySet = field(init=False, repr=False, compare=False)
    _fetched: KeyCache | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        where, mistakes = f"RegisteredClient({self.client_id!r})", list[str]()
        if not _is_name(self.client_id) or self.client_id.startswith("client:"):
            mistakes.append(f"{where}: client_id is a text without blanks around it that does not begin with 'client:'")
        if not all(isinstance(each, str) and each.startswith(_PREFIX) for each in self.secret_digests):
            mistakes.append(f"{where}: secret_digests takes what secret_digest(secret) gives, never a secret")
        keys, cache = KeySet(()), None
        if isinstance(self.jwks, Mapping):
            try:
                keys = key_set_from_jwks(self.jwks)
            except ValueError as error:
                mistakes.append(f"{where}: jwks: {error}")
            if not len(keys):
                mistakes.append(f"{where}: jwks holds no key that can be used")
        elif self.jwks is not None:
            if not callable(getattr(self.jwks, "afetch", None)) or getattr(self.jwks, "symmetric", True):
                mistakes.append(f"{where}: jwks is a dict, or a source of public keys such as jwks_url(...)")
            else:
                cache = KeyCache(self.jwks, issuer=f"the client {self.client_id!r}")
        if not self.secret_digests and self.jwks is None:
            mistakes.append(f"{where}: needs secret_digests or jwks, or anybody could be this client")
        audience = (self.audience,) if isinstance(self.audience, str) else tuple(self.audience)
        for name in ("targets", "exchange_targets"):
            given = getattr(self, name)
            if not isinstance(given, Mapping) or not all(map(_is_target, given.items())):
                mistakes.append(f"{where}: {name} takes a dict from each audience to a list of scopes")
                continue
            object.__setattr__(self, name, MappingProxyType({each: tuple(scopes) for each, scopes in given.items()}))
        if self.exchange_targets and not audience:
            mistakes.append(
                f"{where}: exchange_targets needs audience: only tokens that are meant for it are exchanged"
            )
        if mistakes:
            raise ConfigurationError(*mistakes)
        object.__setattr__(self, "audience", audience)
        object.__setattr__(self, "_listed", keys)
        object.__setattr__(self, "_fetched", cache)

    def knows(self, secret: str) -> bool:
        """Whether this is one of its secrets; each is compared, and takes as long whatever is wrong with it."""
        digest = _digest(secret)
        return sum(hmac.compare_digest(digest, each) for each in self.secret_digests) > 0

    async def key(self, kid: str | None, algorithm: str) -> Key | None:
        """Its key that may have signed an assertion. Raises InvalidToken and AuthUnavailable where keys are fetched."""
        if self._fetched is not None:
            return await self._fetched.find(kid, algorithm)
        return self._listed.select(kid, algorithm)


class ClientRegistry(Protocol):
    """Where clients are known. Raises whatever it likes when it cannot say: the request is then answered 503."""

    def find(self, client_id: str) -> RegisteredClient | None: ...

    async def afind(self, client_id: str) -> RegisteredClient | None: ...


class ListedClients:
    """Clients that are named in code or settings. Raises ConfigurationError for one that is named twice."""

    def __init__(self, clients: Iterable[RegisteredClient]) -> None:
        listed = tuple(clients)
        self._clients = {each.client_id: each for each in listed}
        if len(self._clients) != len(listed):
            raise ConfigurationError("ListedClients(): a client_id is named twice")

    def find(self, client_id: str) -> RegisteredClient | None:
        return self._clients.get(client_id)

    async def afind(self, client_id: str) -> RegisteredClient | None:
        return self._clients.get(client_id)


def new_client_secret() -> str:
    """A secret of 256 bits, to be shown once to whoever runs the service; keep only its ``secret_digest``."""
    return token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """What is kept of a secret. A plain hash, so the secret must be random: made by ``new_client_secret``.

    Raises ConfigurationError for one that is too short for that (128 bits, RFC 6749 section 10.10).
    """
    if len(secret) < _SHORTEST:
        raise ConfigurationError("secret_digest(): a client secret holds at least 22 random characters")
    return _digest(secret)


def _digest(secret: str) -> str:
    return _PREFIX + sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name != "" and name == name.strip() and name.isprintable()


def _is_target(item: tuple[object, object]) -> bool:
    audience, scopes = item
    return (
        isinstance(audience, str)
        and audience != ""
        and isinstance(scopes, list | tuple)
        and all(isinstance(each, str) and each and " " not in each for each in scopes)
    )
