"""Clients that ask for tokens, and the endpoints that they ask, over a clock that stands still."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt

from jwt_middleware.access.request import RequestInfo
from jwt_middleware.client import private_key_jwt
from jwt_middleware.issuing import ClientEndpoints, ListedClients, RegisteredClient, SigningKey, secret_digest
from jwt_middleware.issuing.exchange import Answer, IssuingRequest
from jwt_middleware.waiting import run

from .cast import Stage
from .test_signing_keys import ISSUER

SECRETS = {name: f"{name}: a s3cret + 100% random é" for name in ("orders", "web", "inventory", "other")}
BATCH = SigningKey.generate("ES256")
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
CATALOGUE = "https://catalogue.example.com/v1"


def listed() -> list[RegisteredClient]:
    return [
        RegisteredClient(
            client_id="orders",
            secret_digests=[secret_digest(SECRETS["orders"])],
            audience="orders",
            targets={"inventory": ["stock:read", "stock:write"], CATALOGUE: ["stock:read"], "billing": ["bills:read"]},
            exchange_targets={"inventory": ["read", "stock:read"], CATALOGUE: ["read"], "billing": ["bills:read"]},
        ),
        RegisteredClient(
            client_id="batch", jwks={"keys": [dict(BATCH.public_jwk)]}, targets={"inventory": ["stock:read"]}
        ),
        RegisteredClient(client_id="web", secret_digests=[secret_digest(SECRETS["web"])]),
        RegisteredClient(
            client_id="inventory",
            secret_digests=[secret_digest("an older secret of inventory"), secret_digest(SECRETS["inventory"])],
            audience=["inventory", CATALOGUE],
            exchange_targets={"suppliers": ["read"]},
        ),
        RegisteredClient(client_id="other", secret_digests=[secret_digest(SECRETS["other"])], audience="other"),
    ]


class Clients:
    """``token``, ``revoke`` and ``introspect`` send forms and give what came back."""

    def __init__(self, **given: Any) -> None:
        self.stage = Stage(client_id="web", rotation=False)
        clock = self.stage.clock
        self.endpoints = ClientEndpoints(
            self.stage.issuer,
            ListedClients(listed()),
            **{"sessions": [self.stage.sessions], "revocations": self.stage.revocations, "clock": clock, **given},
        )

    def send(self, endpoint: str, form: Any, headers: Mapping[str, Sequence[str]] | None = None, **more: Any) -> Answer:
        sent = {"content-type": ["application/x-www-form-urlencoded"], **(headers or {})}
        body = form if isinstance(form, bytes) else urlencode(form, doseq=True).encode()
        info = RequestInfo(method="POST", header=lambda name: sent.get(name, []))
        return run(self.endpoints.answer(endpoint, IssuingRequest(info=info, body=body, address="192.0.2.1", **more)))

    def post(self, client: str, endpoint: str, **form: Any) -> Answer:
        """By ``client``, with its own way of proving who it is."""
        if client == "batch":
            return self.send(endpoint, {**form, **self.assertion()})
        return self.send(endpoint, form, basic(client))

    def assertion(self, **given: Any) -> dict[str, str]:
        shown = private_key_jwt(given.pop("key", BATCH), clock=self.stage.clock, **given)
        return dict(shown.proof("batch", ISSUER)[0])

    def token(self, client: str = "orders", **form: Any) -> dict[str, Any]:
        answer = self.post(client, "token", **{"grant_type": "client_credentials", **form})
        assert answer.status == 200, answer.body
        said: dict[str, Any] = json.loads(answer.body)
        return said

    def exchanged(self, subject: str, client: str = "orders", **form: Any) -> dict[str, Any]:
        return self.token(
            client, **{"grant_type": EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS, **form}
        )

    def user(self, subject: str = "ann", **given: Any) -> str:
        """A user's access token, as a login gives it."""
        defaults: dict[str, Any] = {
            "audience": "orders",
            "client_id": "shop",
            "scopes": ["read", "write"],
            "roles": ["clerk"],
        }
        return self.stage.issuer.access_token(subject, **{**defaults, **given})

    def introspected(self, token: str, client: str = "inventory", **form: Any) -> dict[str, Any]:
        answer = self.post(client, "introspect", token=token, **form)
        assert answer.status == 200, answer.body
        said: dict[str, Any] = json.loads(answer.body)
        return said


def basic(client: str, secret: str | None = None, scheme: str = "Basic") -> dict[str, list[str]]:
    pair = f"{quote_plus(client)}:{quote_plus(SECRETS[client] if secret is None else secret)}"
    return {"authorization": [f"{scheme} {base64.b64encode(pair.encode()).decode()}"]}


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def error(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal that is one to the letter of RFC 6749 section 5.2."""
    headers = dict(answer.headers)
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert ("www-authenticate" in headers) == (answer.status == 401)
    said = json.loads(answer.body)
    assert set(said) == {"error", "error_description"}
    return answer.status, said["error"]
