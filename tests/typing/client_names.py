"""What a type checker tells users of the client's public names; checked by mypy and pyright, never run."""

from pathlib import Path
from typing import assert_type

import httpx2
import requests

from jwt_middleware import AuthUnavailable, TokenOutage, TokenUnavailable
from jwt_middleware.client import (
    Carried,
    Carrier,
    ReceivedChallenge,
    TokenEndpoint,
    TokenRule,
    client_credentials,
    client_secret_basic,
    client_secret_post,
    exchange_token,
    forward_token,
    private_key_jwt,
    received_challenges,
)
from jwt_middleware.client import requests as for_requests
from jwt_middleware.issuing import SigningKey, SigningKeys

endpoint = TokenEndpoint(
    "https://accounts.example.com", client_id="orders", authentication=client_secret_basic(Path("/run/secrets/orders"))
)
TokenEndpoint("https://a.example", client_id="orders", authentication=client_secret_post("s3"))
TokenEndpoint("https://a.example", client_id="orders", authentication=private_key_jwt(SigningKey.generate()))
TokenEndpoint("https://a.example", client_id="orders", authentication=private_key_jwt(SigningKeys()))

ours = client_credentials(endpoint, resource="https://reports.example.com", scopes=["read"])
rules: dict[str, TokenRule | None] = {
    "https://inventory.example.com": forward_token("inventory"),
    "https://reports.example.com": ours,
    "https://billing.example.com": exchange_token(endpoint, resource=["https://billing.example.com"], actor=ours),
    "https://status.example.com": None,
}
httpx2.Client(auth=Carrier(rules))
httpx2.AsyncClient(auth=Carrier(rules))
requests.Session().auth = for_requests.Carrier(rules)

client_credentials(endpoint)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # whom a token is for is always said


class OfOurOwn:
    async def token(self) -> Carried:
        return Carried("abc")

    async def renewed(self, refused: str) -> Carried | None:
        return None


own: TokenRule = OfOurOwn()


def either(ours: TokenUnavailable, outage: AuthUnavailable) -> None: ...


def answered(response: httpx2.Response, error: TokenOutage) -> None:
    challenges = received_challenges(response.headers.get_list("www-authenticate"))
    assert_type(challenges, tuple[ReceivedChallenge, ...])
    assert_type(challenges[0].parameters.get("error"), str | None)
    assert_type(error.status, int)
    assert_type(error.retry_after, int)
    either(error, error)
