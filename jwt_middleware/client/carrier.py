"""Carrier: puts tokens on the requests of an httpx2 client, sync or async."""

from collections.abc import AsyncGenerator, Generator, Mapping
from typing import Final

import httpx2

from ..waiting import run
from .challenges import says_invalid_token
from .rules import Carried, TokenRule, renewal
from .targets import Targets
from .trace import pass_trace_on

SCOPES: Final = "jwt_middleware.scopes"  # in the extensions of a request: the scopes of its token, if they are known


class Carrier(httpx2.Auth):
    """``httpx2.AsyncClient(auth=Carrier({"https://inventory.example.com": forward_token("inventory")}))``.

    Each target gets the token of its rule; with None as its rule none. A request to any other origin raises
    TokenUnavailable, and nothing is sent. A token is never carried to another origin by a redirect. Where a target
    says that a token is not good (401, ``invalid_token``), it is renewed if it can be, and the request is sent once
    more if its body is at hand. Nothing else of a challenge is followed, and a 403 is never retried; ``step_up`` says
    what a target wants. The trace of the request that is being served is passed on (W3C Trace Context).

    One Carrier serves sync and async clients, threads and event loops. Raises ConfigurationError.
    """

    def __init__(
        self,
        targets: Mapping[str, TokenRule | None],
        *,
        insecure_plain_http_lets_anyone_on_the_way_read_tokens: bool = False,
    ) -> None:
        self._targets = Targets(targets, insecure_plain_http_lets_anyone_on_the_way_read_tokens)

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        rule = self._targets.rule_for(request.url)
        pass_trace_on(request.headers)
        if rule is None:
            yield request
            return
        carried = await rule.token()
        response = yield _with(request, carried)
        if not _says_invalid_token(request, response) or not _is_at_hand(request):
            return
        again = await renewal(rule, carried)
        if again is not None:
            yield _with(request, again)

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """The same, finished step by step without an event loop."""
        flow = self.async_auth_flow(request)
        try:
            sent = run(flow.__anext__())
            while True:
                response = yield sent
                sent = run(flow.asend(response))
        except StopAsyncIteration:
            return
        finally:
            run(flow.aclose())


def _with(request: httpx2.Request, carried: Carried) -> httpx2.Request:
    request.headers["Authorization"] = f"Bearer {carried.token}"
    if carried.scopes is not None:
        request.extensions = {**request.extensions, SCOPES: carried.scopes}
    return request


def _says_invalid_token(request: httpx2.Request, response: httpx2.Response) -> bool:
    """Whether the target itself, and nobody whom it redirected us to, says so of the token that it got."""
    return (
        response.status_code == 401
        and response.request is request
        and says_invalid_token(response.headers.get_list("www-authenticate"))
    )


def _is_at_hand(request: httpx2.Request) -> bool:
    """Whether the body can be sent again."""
    try:
        request.content  # noqa: B018  # raises where it is a stream, which has gone
    except httpx2.RequestNotRead:
        return False
    return True
