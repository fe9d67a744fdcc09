"""IssuerEndpoints: where the endpoints of an issuer are, as its metadata says (RFC 8414, OpenID Connect Discovery)."""

import json
from collections.abc import Callable, Mapping
from typing import Final, Literal

import httpx2

from ..addresses import metadata_urls, origin, wrong_with_url
from ..errors import TokenOutage
from ..waiting import ask
from ..web import Document, Get, Web

Endpoint = Literal["token_endpoint", "revocation_endpoint"]

_KEPT_FOR: Final = 3600.0  # seconds that it is known where they are, when the metadata does not say


class IssuerEndpoints:
    """Endpoints at the issuer's own origin or at one of ``origins``; those in ``known`` are taken as they are.

    Two that ask at once read the metadata twice, and find the same.
    """

    def __init__(
        self,
        issuer: str,
        web: Web,
        *,
        known: Mapping[Endpoint, str],
        origins: frozenset[object],
        insecure: bool,
        clock: Callable[[], float],
    ) -> None:
        self._issuer = issuer
        self._web = web
        self._known = known
        self._origins = origins
        self._insecure = insecure
        self._clock = clock
        self._read: tuple[Mapping[str, object], float] | None = None  # the metadata, and until when it is taken

    async def url(self, name: Endpoint) -> str:
        """Where it is. Raises TokenOutage (502) where the metadata does not say, and what the web raises."""
        known = self._known.get(name)
        if known is not None:
            return known
        metadata = await self._metadata()
        try:
            return self._checked(name, metadata)
        except ValueError as error:
            raise TokenOutage(str(error), status=502) from error

    async def _metadata(self) -> Mapping[str, object]:
        read = self._read
        if read is not None and self._clock() < read[1]:
            return read[0]
        try:
            found: tuple[Mapping[str, object], float] = await ask(self._web.fetch, self._web.afetch, self._find)
        except (httpx2.HTTPError, ValueError, TimeoutError):
            if read is None:
                raise
            return read[0]  # they have hardly moved while the metadata cannot be read
        self._read = (found[0], self._clock() + found[1])
        return found[0]

    async def _find(self, get: Get) -> tuple[Mapping[str, object], float]:
        wrong: Exception = ValueError("the issuer publishes no metadata")
        for url in metadata_urls(self._issuer):
            try:
                document = await get(url)
                return self._of_the_issuer(document), document.fresh_for or _KEPT_FOR
            except ValueError as error:  # no such document here, or somebody else's: the next place may have it
                wrong = error
        raise wrong

    def _of_the_issuer(self, document: Document) -> Mapping[str, object]:
        try:
            metadata = json.loads(document.content.decode("utf-8"))
        except RecursionError:
            raise ValueError("the metadata is not JSON") from None
        if not isinstance(metadata, dict) or metadata.get("issuer") != self._issuer:  # RFC 8414 section 3.3
            raise ValueError("the metadata is of another issuer")
        self._checked("token_endpoint", metadata)
        return metadata

    def _checked(self, name: Endpoint, metadata: Mapping[str, object]) -> str:
        url, words = metadata.get(name), name.replace("_", " ")
        if not isinstance(url, str) or wrong_with_url(url, self._insecure, danger="", instead=""):
            raise ValueError(f"the metadata names no {words} that may be asked")
        if origin(url) not in self._origins:
            raise TokenOutage(
                f"the metadata names a {words} at another origin; list it in endpoint_origins if it is right",
                status=502,
            )
        return url
