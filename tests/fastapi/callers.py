"""Who calls the applications of these tests, and what notices a caller without a token where none may be."""

import time
from collections.abc import Callable
from typing import Any, Final

import jwt
from fastapi import FastAPI
from fastapi.testclient import TestClient

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.fastapi import JWTMiddleware, current_principal
from jwt_middleware.key_sources.static import static

ISSUER: Final = "https://issuer.example"
SECRET: Final = "0123456789abcdef" * 4
BAD: Final = {"Authorization": "Bearer x.y.z"}
READER: Final[dict[str, Any]] = {"scope": "orders:read"}
CLERK: Final[dict[str, Any]] = {"roles": ["clerk"]}


def guard_for(**arguments: Any) -> Guard:
    return Guard(TrustedIssuer(ISSUER, audience="orders", keys=static(secret=SECRET)), **arguments)


def bearer(subject: str = "alice", **changes: Any) -> dict[str, str]:
    claims = {"iss": ISSUER, "aud": "orders", "sub": subject, "exp": time.time() + 300, **changes}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


def guarded(app: FastAPI, **options: Any) -> TestClient:
    """A client of ``app``, with the door in front of everything that was added before."""
    app.add_middleware(JWTMiddleware, guard=options.pop("guard", None) or guard_for(), **options)
    return TestClient(app, follow_redirects=False)


def with_route(endpoint: Callable[..., Any], **options: Any) -> TestClient:
    """A client of an application with this one endpoint, for GET and POST."""
    app = FastAPI()
    app.api_route("/", methods=["GET", "POST"], **options)(endpoint)
    return guarded(app)


def whoami() -> str:
    return current_principal().subject or "anonymous"


reached: Final[list[str]] = []


def note(name: str) -> str:
    """What a private endpoint answers; it is remembered if its caller has no token."""
    if not current_principal().is_authenticated:
        reached.append(name)
    return f"{name} {whoami()}"


async def answer() -> str:
    return whoami()


def assert_only_clerks(client: TestClient, path: str = "/", expected: str = "alice") -> None:
    """Nobody gets in but a clerk, who is answered with ``expected``, as JSON or as it is."""
    assert client.get(path).status_code == 401
    assert client.get(path, headers=BAD).status_code == 401
    refused = client.get(path, headers=bearer())
    assert (refused.status_code, refused.json()["missing"]) == (403, ["role clerk"])
    answered = client.get(path, headers=bearer(**CLERK))
    assert answered.status_code == 200
    assert expected == (answered.json() if answered.text.startswith('"') else answered.text)
