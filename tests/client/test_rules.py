"""Rules, and what only httpx2 can tell of the tokens that they find."""

import asyncio
import threading
from collections.abc import Callable

import httpx2
import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.client import (
    Carrier,
    TokenEndpoint,
    client_credentials,
    client_secret_basic,
    exchange_token,
    forward_token,
)
from jwt_middleware.client.carrier import SCOPES

from .servers import Listener, TokenServer
from .test_carrier import RESOURCE, endpoint

ENDPOINT = TokenEndpoint("https://idp.example", client_id="orders", authentication=client_secret_basic("s3"))


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: forward_token(""),
        lambda: client_credentials("https://idp.example", resource=None),  # type: ignore[arg-type]  # a mistake
        lambda: client_credentials(ENDPOINT, resource="inventory"),
        lambda: client_credentials(ENDPOINT, resource="https://a.example#x"),
        lambda: client_credentials(ENDPOINT, resource=None, scopes="abc"),
        lambda: client_credentials(ENDPOINT, resource=None, scopes=["a b"]),
        lambda: client_credentials(ENDPOINT, resource=None, audience=[""]),
        lambda: exchange_token(ENDPOINT, resource=None, actor="token"),  # type: ignore[arg-type]  # the same
    ],
)
def test_mistakes_in_a_rule_are_found_when_it_is_made(mistake: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError):
        mistake()


def test_the_granted_scopes_are_told(target: Listener, issuer: TokenServer) -> None:
    issuer.said["scope"] = "read"
    rule = client_credentials(endpoint(issuer), resource=RESOURCE, scopes=["read", "write"])
    with httpx2.Client(auth=Carrier({target.origin: rule}), trust_env=False) as client:
        assert client.get(target.origin).request.extensions[SCOPES] == ("read",)


def test_a_hundred_calls_at_once_cause_one_token_request(target: Listener, issuer: TokenServer) -> None:
    carrier = Carrier({target.origin: client_credentials(endpoint(issuer), resource=RESOURCE)})
    issuer.may_answer.clear()

    async def calls() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(auth=carrier, trust_env=False, timeout=20) as client:
            tasks = [asyncio.create_task(client.get(target.origin)) for _ in range(100)]
            await asyncio.sleep(0)
            threading.Timer(0, issuer.may_answer.set).start()
            return await asyncio.gather(*tasks)

    assert {each.status_code for each in asyncio.run(calls())} == {200}
    assert (len(issuer.asked), set(target.tokens)) == (1, {"token-1"})
