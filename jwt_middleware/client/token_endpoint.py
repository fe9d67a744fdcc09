"""TokenEndpoint: where we get tokens of our own, and give them back; as whom (RFC 6749 section 3.2, RFC 7009)."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import httpx2

from ..addresses import origin, wrong_with_url
from ..durations import Duration, checked
from ..errors import ConfigurationError, TokenOutage
from ..waiting import ask, run
from ..web import Reply, Web, certificates
from ..web_bounds import Bounds
from .client_authentication import ClientAuthentication
from .held_tokens import HeldTokens
from .issuer_endpoints import Endpoint, IssuerEndpoints
from .token_answer import Granted, granted, refuse_what_is_no_success

Form = Sequence[tuple[str, str]]

_RETRIED: Final = (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError)  # nothing was answered, at once


class TokenEndpoint:
    """An issuer's token endpoint, as one client of it knows it. Build one and share it: it holds the tokens.

    The endpoint is found in the metadata of ``issuer`` (OpenID Connect Discovery, RFC 8414), at its own origin or at
    one of ``endpoint_origins``; or ``token_endpoint`` says where it is, and ``revocation_endpoint`` where tokens are
    given back. ``authentication`` shows who we are.
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
        revocation_endpoint: str | None = None,
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
        given: dict[Endpoint, str | None]
        given = {"token_endpoint": token_endpoint, "revocation_endpoint": revocation_endpoint}
        known: dict[Endpoint, str] = {name: url for name, url in given.items() if url is not None}
        for url in (issuer, *origins, *known.values()):
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
        bounds = Bounds(seconds, max_body=65_536, max_keys=1, min_fresh=60.0, max_fresh=86_400.0)
        self._web = Web(bounds, None, None, tls)
        self._endpoints = IssuerEndpoints(
            issuer,
            self._web,
            known=known,
            origins=frozenset(origin(url) for url in (issuer, *origins)),
            insecure=self._insecure,
            clock=clock,
        )
        self._held = HeldTokens(clock, wait=2 * seconds + 1)

    async def token(self, form: Form, beside: Form = ()) -> Granted:
        """The token that this form asks for; what is sent ``beside`` makes no other of it. Raises TokenOutage."""
        return await self._held.find(_key(form), lambda: self._ask([*form, *beside]))

    async def renewed(self, form: Form, refused: str, beside: Form = ()) -> Granted | None:
        """Another one, since its target says that ``refused`` is not good. None: there is none to be had now."""
        return await self._held.renewed(_key(form), refused, lambda: self._ask([*form, *beside]))

    async def arevoke(self, token: str) -> None:
        """Give a token back (RFC 7009): a token of ours, whoever holds it now. It is forgotten here as well.

        Raises TokenOutage when that could not be done, and then the token is good still: ask again later.
        """
        try:
            reply = await self._sent("revocation_endpoint", [("token", token)])
        except (httpx2.HTTPError, OSError, ValueError) as error:  # of which a TimeoutError is one
            raise TokenOutage("the revocation endpoint cannot be reached; the token is still good") from error
        refuse_what_is_no_success(reply, "revocation endpoint")
        self._held.forget(token)

    def revoke(self, token: str) -> None:
        """The same, without an event loop."""
        run(self.arevoke(token))

    async def arevoke_held(self) -> int:
        """Give back every token that is held, such as at the end of a process. How many there were.

        Raises TokenOutage at the first one for which it cannot be done: the others are held, and good, still.
        """
        tokens = self._held.tokens()
        for token in tokens:
            await self.arevoke(token)
        return len(tokens)

    def revoke_held(self) -> int:
        """The same, without an event loop."""
        return run(self.arevoke_held())

    def _ask(self, form: Form) -> Granted:
        """Ask for a token, in a thread that may wait."""
        return granted(run(self._sent("token_endpoint", form)))

    async def _sent(self, endpoint: Endpoint, form: Form) -> Reply:
        url = await self._endpoints.url(endpoint)
        try:
            return await self._post(url, form)
        except _RETRIED:
            return await self._post(url, form)  # once: a connection may break, and an outage is for others to wait out

    async def _post(self, url: str, form: Form) -> Reply:
        fields, headers = self._authentication.proof(self.client_id, self.issuer)
        content = urlencode([*form, *fields.items()]).encode()
        return await ask(self._web.post, self._web.apost, url, content, headers)

    def _wrong(self, url: object) -> str:
        return wrong_with_url(
            url, self._insecure, danger="anyone on the way could read our secret", instead="use authentication"
        )

    def __repr__(self) -> str:
        return f"<TokenEndpoint of {self.issuer!r} for {self.client_id!r}>"


def _key(form: Form) -> bytes:
    """What a token is kept by: a hash, so that no token of a caller is remembered longer than its request."""
    return sha256(repr(sorted(form)).encode("utf-8", "surrogatepass")).digest()
