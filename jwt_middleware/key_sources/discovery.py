"""Keys of an issuer that says itself where they are (OpenID Connect Discovery 1.0, RFC 8414)."""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..addresses import metadata_urls, origin, wrong_with_url
from ..errors import ConfigurationError
from ..keys.key_set import KeySet, key_set_from_jwks
from ..web import Document, Get, Web
from ..web_bounds import Bounds
from .jwks_url import web

_KEPT_FOR: Final = 300.0  # seconds that metadata is kept when it does not say


@dataclass(slots=True, unsafe_hash=True)  # what is compared never changes
class Discovery:
    """A key source that asks the issuer first. See ``discovery``. Two are equal that were declared alike."""

    issuer: str
    jwks_origins: frozenset[tuple[str, str, int | None]]
    insecure: bool
    web: Web = field(repr=False)
    symmetric: bool = False
    clock: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)
    # where the keys are, and until when
    _known: tuple[str, float] | None = field(default=None, repr=False, compare=False)

    @property
    def timeout(self) -> float:
        return self.web.timeout

    def fetch(self) -> KeySet:
        return self.read()[1]

    async def afetch(self) -> KeySet:
        return (await self.aread())[1]

    def read(self) -> tuple[Sequence[Document], KeySet]:
        return self.web.fetch(self._find)

    async def aread(self) -> tuple[Sequence[Document], KeySet]:
        return await self.web.afetch(self._find)

    def may_be_at(self, urls: Sequence[str]) -> bool:
        """Whether the keys may have been read there."""
        return len(urls) == 1 and not wrong_with_url(urls[0], self.insecure) and origin(urls[0]) in self.jwks_origins

    async def _find(self, get: Get) -> tuple[Sequence[Document], KeySet]:
        known = self._known
        self._known = None  # should the keys not be there any more, the next fetch asks the issuer again
        if known is None or self.clock() >= known[1]:
            url, kept_for = await self._jwks_uri(get)
            known = (url, self.clock() + kept_for)
        document = await get(known[0])
        most = self.web.bounds.max_keys
        found = key_set_from_jwks(document.content, fresh_for=document.fresh_for, max_keys=most)
        self._known = known
        return [document], found

    async def _jwks_uri(self, get: Get) -> tuple[str, float]:
        """Where the keys are, from the first document that is this issuer's, and for how many seconds that holds."""
        wrong: Exception = ValueError("the issuer publishes no metadata")
        for url in metadata_urls(self.issuer):
            try:
                document = await get(url)
                metadata = self._metadata(document.content)
            except ValueError as error:  # no such document here, or somebody else's: the next place may have it
                wrong = error
                continue
            return self._checked(metadata), _KEPT_FOR if document.fresh_for is None else document.fresh_for
        raise wrong

    def _metadata(self, content: bytes) -> dict[str, object]:
        try:
            metadata = json.loads(content.decode("utf-8"))
        except RecursionError:
            raise ValueError("the metadata is not JSON") from None
        if not isinstance(metadata, dict) or metadata.get("issuer") != self.issuer:  # RFC 8414 section 3.3
            raise ValueError("the metadata is of another issuer")
        return metadata

    def _checked(self, metadata: dict[str, object]) -> str:
        url = metadata.get("jwks_uri")
        wrong = wrong_with_url(url, self.insecure)
        if wrong or not isinstance(url, str):
            raise ValueError(f"the metadata names a bad jwks_uri: {wrong}")
        if origin(url) not in self.jwks_origins:
            raise ValueError("the metadata names keys at another origin; list it in jwks_origins if it is right")
        return url


def discovery(
    issuer: str,
    *,
    jwks_origins: Iterable[str] = (),
    ca_file: str | os.PathLike[str] | None = None,
    bearer_token_file: str | os.PathLike[str] | None = None,
    timeout: float = 4.5,  # seconds, at most 60
    max_body: int = 524_288,  # bytes, at most 1048576
    max_keys: int = 500,  # at most 5000
    min_fresh: float = 60.0,  # seconds
    max_fresh: float = 3600.0,  # seconds
    insecure_plain_http_lets_anyone_on_the_way_forge_tokens: bool = False,
) -> Discovery:
    """The keys that ``issuer`` names in its metadata; the first document whose issuer is this one counts.

    The keys stand at the issuer's own origin, or at one of ``jwks_origins`` (``"https://keys.example.com"``). The other
    arguments are those of ``jwks_url``; ``timeout`` covers metadata and keys together. Raises ConfigurationError.
    """
    insecure = insecure_plain_http_lets_anyone_on_the_way_forge_tokens
    where, mistakes = f"discovery({issuer!r})", list[str]()
    listed = [jwks_origins] if isinstance(jwks_origins, str) else list(jwks_origins)
    bounds = Bounds(timeout, max_body, max_keys, min_fresh, max_fresh)
    found = web([issuer, *listed], where, bounds, ca_file, bearer_token_file, mistakes)
    for url in (issuer, *listed):
        wrong = wrong_with_url(url, insecure)
        if wrong:
            mistakes.append(f"{where}: {url!r}: {wrong}")
    if mistakes or found is None:
        raise ConfigurationError(*mistakes)
    origins = frozenset(origin(url) for url in (issuer, *listed))
    return Discovery(issuer, origins, insecure, found)
