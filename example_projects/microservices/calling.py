"""Asking another service: with the token that its rule says, in the same trace, and with its refusals told apart."""

import ssl
from typing import Any

from httpx2 import AsyncClient, HTTPError, Limits
from starlette.exceptions import HTTPException
from tracing import pass_on

from jwt_middleware.client import Carrier

ITS_ANSWER = (403, 404, 409)  # say something of the request, and go to our caller as they are


class Refused(Exception):
    """The other service said no, and why."""

    def __init__(self, status: int, answer: Any) -> None:
        self.status, self.answer = status, answer


def client(carrier: Carrier) -> AsyncClient:
    """The carrier alone decides which target gets which token; a target that it does not list is not even asked."""
    trusted = ssl.create_default_context()  # SSL_CERT_FILE names other authorities than those of the system
    hooks = {"request": [pass_on]}
    kept = Limits(keepalive_expiry=2.0)  # seconds; uvicorn hangs up after 5, and no request may meet that
    return AsyncClient(auth=carrier, event_hooks=hooks, limits=kept, verify=trusted, trust_env=False, timeout=5.0)


async def ask(asked: AsyncClient, method: str, url: str, body: object = None) -> Any:
    """What the service answers. Raises Refused, TokenOutage (the door makes 503 of it), and HTTPException (502).

    A 401 means that the other side does not take our token: our caller's was good, and hears nothing of it.
    """
    try:
        answer = await asked.request(method, url, json=body)
        content = answer.json()
    except (HTTPError, ValueError) as error:
        raise HTTPException(502, "a service that was asked does not answer") from error
    if answer.status_code in ITS_ANSWER:
        raise Refused(answer.status_code, content)
    if answer.status_code >= 400:
        raise HTTPException(502, "a service that was asked did not take the request")
    return content
