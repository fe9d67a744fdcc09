"""TokenEndpoint: where we get tokens of our own, and as whom (RFC 6749 section 3.2)."""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import httpx2

from ..addresses import metadata_urls, origin, wrong_with_url
from ..durations import Duration, checked
from ..errors import ConfigurationError, TokenOutage
from ..web import Document, Get, Web, certificates
from ..web_bounds import Bounds
from .client_authentication import ClientAuthentication
from .held_tokens import HeldTokens
from .token_answer import Granted, granted

Form = Sequence[tuple[str, str]]

_KEPT_FOR: Final = 3600.0  # seconds that it is known where the endpoint is, when its metadata does not say
_RETRIED: Final = (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError)  # nothing was answered, at once


class TokenEndpoint:
    """An issuer's token endpoint, as one client of it knows it. Build one and share it: it holds the tokens.

    The endpoint is found in the metadata of ``issuer`` (OpenID Connect Discovery, RFC 8414), at its own origin or at
    one of ``endpoint_origins``; or ``token_endpoint`` says where it is. ``authentication`` shows who we are.
    ``timeout``: seconds for one question to it; a request waits twice that for a token, at most. Redirects are not
    followed and proxies of the environment are not used: whoever answers there gets our secret. Raises
    ConfigurationError.
    """

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        authentication: ClientAuthentication,
        token_endpoint: str | None = None,
        endpoint_origins: Iterable[str] = (),
        ca_file: str | os.PathLike[str] | None = None,
        timeout: Duration = 4.5,  # seconds, at most 60
        insecure_plain_http_lets_anyone_on_the_way_read_secrets: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        mistakes: list[str] = []
        where = f"TokenEndpoint({issuer!r})"
        origins = [endpoint_origins] if isinstance(endpoint_origins, str) else list(endpoint_origins)
        self._insecure = insecure_plain_http_lets_anyone_on_the_way_read_secrets
        for url in (issuer, *origins, *([] if token_endpoint is None else [token_endpoint])):
            wrong = self._wrong(url)
            if wrong:
                mistakes.append(f"{where}: {url!r}: {wrong}")
        if not isinstance(client_id, str) or not client_id:
            mistakes.append(f"{where}: client_id is {client_id!r}; write what the issuer calls us")
        if not callable(getattr(authentication, "proof", None)):
            mistakes.append(
                f"{where}: authentication is one of client_secret_basic, client_secret_post, private_key_jwt"
            )
        seconds = checked(timeout, "timeout", where, mistakes, least=0.01, most=60)
        try:
            tls = certificates(None if ca_file is None else os.fspath(ca_file), needed=True)
        except ValueError as error:
            mistakes.append(f"{where}: ca_file is {ca_file!r}: {error}")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self.issuer = issuer
        self.client_id = client_id
        self._authentication = authentication
        self._origins = frozenset(origin(url) for url in (issuer, *origins))
        self._clock = clock
        bounds = Bounds(seconds, max_body=65_536, max_keys=1, min_fresh=60.0, max_fresh=86_400.0)
        self._web = Web(bounds, None, None, tls)
        self._known = None if token_endpoint is None else (token_endpoint, float("inf"))
        self._held = HeldTokens(clock, wait=2 * seconds + 1)

    async def token(self, form: Form, beside: Form = ()) -> Granted:
        """The token that this form asks for; what is sent ``beside`` makes no other of it. Raises TokenOutage."""
        return await self._held.find(_key(form), lambda: self._ask([*form, *beside]))

    async def renewed(self, form: Form, refused: str, beside: Form = ()) -> Granted | None:
        """Another one, since its target says that ``refused`` is not good. None: there is none to be had now."""
        return await self._held.renewed(_key(form), refused, lambda: self._ask([*form, *beside]))

    def _ask(self, form: Form) -> Granted:
        """Ask the endpoint, in a thread that may wait."""
        url = self._endpoint()
        try:
            return self._post(url, form)
        except _RETRIED:
            return self._post(url, form)  # once: a connection may break, and an outage is for others to wait out

    def _post(self, url: str, form: Form) -> Granted:
        fields, headers = self._authentication.proof(self.client_id, self.issuer)
        reply = self._web.post(url, urlencode([*form, *fields.items()]).encode(), headers)
        return granted(reply)

    def _endpoint(self) -> str:
        known = self._known
        if known is not None and self._clock() < known[1]:
            return known[0]
        try:
            url, kept_for = self._web.fetch(self._find)
        except (httpx2.HTTPError, ValueError, TimeoutError):
            if known is None:
                raise
            return known[0]  # it has hardly moved while its metadata cannot be read
        self._known = (url, self._clock() + kept_for)
        return url

    async def _find(self, get: Get) -> tuple[str, float]:
        wrong: Exception = ValueError("the issuer publishes no metadata")
        for url in metadata_urls(self.issuer):
            try:
                document = await get(url)
                return self._named_by(document), document.fresh_for or _KEPT_FOR
            except ValueError as error:  # no such document here, or somebody else's: the next place may have it
                wrong = error
        raise wrong

    def _named_by(self, document: Document) -> str:
        try:
            metadata = json.loads(document.content.decode("utf-8"))
        except RecursionError:
            raise ValueError("the metadata is not JSON") from None
        if not isinstance(metadata, dict) or metadata.get("issuer") != self.issuer:  # RFC 8414 section 3.3
            raise ValueError("the metadata is of another issuer")
        url = metadata.get("token_endpoint")
        if not isinstance(url, str) or self._wrong(url):
            raise ValueError("the metadata names no token endpoint that may be asked")
        if origin(url) not in self._origins:
            raise TokenOutage(
                "the metadata names a token endpoint at another origin; list it in endpoint_origins if it is right",
                status=502,
            )
        return url

    def _wrong(self, url: object) -> str:
        return wrong_with_url(
            url, self._insecure, danger="anyone on the way could read our secret", instead="use authentication"
        )

    def __repr__(self) -> str:
        return f"<TokenEndpoint of {self.issuer!r} for {self.client_id!r}>"


def _key(form: Form) -> bytes:
    """What a token is kept by: a hash, so that no token of a caller is remembered longer than its request."""
    return sha256(repr(sorted(form)).encode("utf-8", "surrogatepass")).digest()
