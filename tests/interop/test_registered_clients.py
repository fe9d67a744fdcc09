"""The endpoints for registered clients, asked by clients that no one here wrote, and by our own, over real connections."""

import importlib
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from jwt_middleware import Guard, TrustedIssuer, acting_for, called_by, scope
from jwt_middleware.access.current import Passage, enter, leave
from jwt_middleware.access.request import RequestInfo
from jwt_middleware.client import (
    Carrier,
    TokenEndpoint,
    client_credentials,
    client_secret_basic,
    client_secret_post,
    exchange_token,
    private_key_jwt,
)
from jwt_middleware.issuing import (
    ClientEndpoints,
    ListedClients,
    RegisteredClient,
    SigningKey,
    SigningKeys,
    TokenIssuer,
    secret_digest,
    token_endpoint_metadata,
)
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.starlette import JWTMiddleware, require
from jwt_middleware.starlette_issuing import client_routes, key_routes
from jwt_middleware.waiting import run

from .oidc_provider import NotInstallable, installed

SECRET = "0123456789abcdefghijklmnopqrstuv"
REPORTS = "https://reports.example.com/v1"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


class Accounts:
    """An issuer with clients, and one of its resource servers, under a real server."""

    def __init__(self) -> None:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.issuer = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        private = ec.generate_private_key(ec.SECP256R1())
        self.pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self.key = SigningKey.from_pem(self.pem)
        self.tokens = TokenIssuer(self.issuer, SigningKeys())
        revocations = memory()
        secrets = [secret_digest(SECRET)]
        clients = [
            RegisteredClient(
                client_id="orders",
                secret_digests=secrets,
                audience="orders",
                targets={REPORTS: ["reports:read"], "inventory": ["stock:read"]},
                exchange_targets={"inventory": ["stock:read"]},
            ),
            RegisteredClient(
                client_id="batch",
                jwks={"keys": [dict(self.key.public_jwk)]},
                targets={"inventory": ["stock:read"]},
                assertion_audiences=[
                    f"{self.issuer}/oauth/token"
                ],  # authlib and requests-oauth2client know the old rule
            ),
            RegisteredClient(client_id="inventory", secret_digests=secrets, audience="inventory"),
        ]
        endpoints = ClientEndpoints(self.tokens, ListedClients(clients), revocations=revocations)
        metadata = token_endpoint_metadata(endpoints, f"{self.issuer}/oauth")

        @require(scope("stock:read"), called_by("orders"), acting_for("ann"))
        async def stock(request: Request) -> JSONResponse:
            return JSONResponse([each.name for each in request.user.actors])

        inventory = Starlette(routes=[Route("/stock", stock)])
        trusted = TrustedIssuer(self.issuer, audience="inventory", keys=self.tokens.keys, profile="rfc9068")
        inventory.add_middleware(JWTMiddleware, guard=Guard(trusted, revocations=revocations, observers=[]))
        app = Starlette(
            routes=[
                *key_routes(self.tokens, metadata=metadata),
                Mount("/oauth", routes=client_routes(endpoints)),
                Mount("/inventory", inventory),
            ]
        )
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        self._thread = threading.Thread(target=self._server.run, args=([self._listening],))
        self._thread.start()

    def user(self) -> str:
        return self.tokens.access_token("ann", audience="orders", client_id="shop", scopes=["stock:read"])

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._listening.close()


@pytest.fixture(scope="module")
def accounts() -> Iterator[Accounts]:
    running = Accounts()
    yield running
    running.stop()


@pytest.mark.interop
def test_openid_client(accounts: Accounts) -> None:
    try:
        source = Path(__file__).with_name("registered_clients")
        folder = installed(source, ("package.json", "package-lock.json", "client.mjs"))
    except NotInstallable as missing:
        pytest.skip(str(missing))
    question = {
        "issuer": accounts.issuer,
        "secret": SECRET,
        "pem": accounts.pem,
        "kid": accounts.key.kid,
        "subject": accounts.user(),
    }
    done = subprocess.run(
        ["node", "client.mjs"], cwd=folder, input=json.dumps(question), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    exchanged, introspected = seen.pop("exchanged"), seen.pop("introspected")
    assert exchanged.count(".") == 2
    assert (introspected["active"], introspected["sub"], introspected["act"]["sub"]) == (True, "ann", "orders")
    assert seen == {
        "client_secret_basic": "reports:read",
        "client_secret_post": "reports:read",
        "private_key_jwt": "stock:read",
        "issued_token_type": ACCESS_TOKEN,
        "revoked": {"active": False},
        "wrong_secret": seen["wrong_secret"],
        "wrong_scope": "400 invalid_scope",
        "wrong_target": "400 invalid_target",
    }
    assert seen["wrong_secret"].startswith("401 ")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own
def test_requests_oauth2client(accounts: Accounts) -> None:
    client = pytest.importorskip("requests_oauth2client", reason="needs the package requests-oauth2client")
    jwk = {**json.loads(_jwk(accounts.pem)), "kid": accounts.key.kid, "alg": "ES256"}
    with_secret = client.OAuth2Client.from_discovery_endpoint(
        f"{accounts.issuer}/.well-known/oauth-authorization-server",
        issuer=accounts.issuer,
        client_id="orders",
        client_secret=SECRET,
        testing=True,
    )
    assert with_secret.client_credentials(resource=REPORTS, scope="reports:read").scope == "reports:read"
    posting = client.OAuth2Client(
        f"{accounts.issuer}/oauth/token", auth=client.ClientSecretBasic("orders", SECRET), testing=True
    )
    assert posting.client_credentials(audience="inventory").scope == "stock:read"
    asserting = client.OAuth2Client(
        f"{accounts.issuer}/oauth/token", auth=client.PrivateKeyJwt("batch", private_jwk=jwk), testing=True
    )
    assert asserting.client_credentials().scope == "stock:read"
    exchanged = with_secret.token_exchange(
        subject_token=accounts.user(), subject_token_type=ACCESS_TOKEN, audience="inventory"
    )
    assert exchanged.issued_token_type == ACCESS_TOKEN
    inventory = client.OAuth2Client(
        f"{accounts.issuer}/oauth/token",
        introspection_endpoint=f"{accounts.issuer}/oauth/introspect",
        client_id="inventory",
        client_secret=SECRET,
        testing=True,
    )
    assert inventory.introspect_token(exchanged.access_token)["active"] is True
    assert with_secret.revoke_access_token(exchanged.access_token)
    assert inventory.introspect_token(exchanged.access_token) == {"active": False}
    for wrong, kind in (
        ({"scope": "admin", "audience": "inventory"}, client.InvalidScope),
        ({"resource": "https://elsewhere.example"}, client.InvalidTarget),
    ):
        with pytest.raises(kind):
            with_secret.client_credentials(**wrong)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_authlib(accounts: Accounts, method: str) -> None:
    authlib = pytest.importorskip("authlib.integrations.requests_client", reason="needs the package authlib")
    rfc7523, jwk = importlib.import_module("authlib.oauth2.rfc7523"), importlib.import_module("joserfc.jwk")
    url = f"{accounts.issuer}/oauth/token"
    if method == "private_key_jwt":
        key = jwk.ECKey.import_key(accounts.pem, {"kid": accounts.key.kid})
        shown = rfc7523.PrivateKeyJWT(url, alg="ES256")
        session = authlib.OAuth2Session(
            "batch", key, token_endpoint_auth_method=shown, revocation_endpoint_auth_method=shown
        )
    else:
        session = authlib.OAuth2Session("orders", SECRET, token_endpoint_auth_method=method)
    token = session.fetch_token(url, grant_type="client_credentials", audience="inventory")
    assert (token["token_type"], token["scope"]) == ("Bearer", "stock:read")
    answer = session.revoke_token(f"{accounts.issuer}/oauth/revoke", token=token["access_token"])
    assert answer.status_code == 200


def test_our_own_client_from_a_users_request_to_the_target(accounts: Accounts) -> None:
    """The whole way: ann calls orders, which exchanges her token and calls inventory, which sees who acts for whom."""
    trusted = TrustedIssuer(accounts.issuer, audience="orders", keys=accounts.tokens.keys)
    guard = Guard(trusted, observers=[])
    header = [f"Bearer {accounts.user()}"]
    info = RequestInfo(header=lambda name: header if name == "authorization" else [])
    for shown in (client_secret_basic(SECRET), client_secret_post(SECRET)):
        endpoint = TokenEndpoint(accounts.issuer, client_id="orders", authentication=shown)
        rule = exchange_token(endpoint, resource=None, audience="inventory", scopes=["stock:read"])
        entered = enter(Passage(run(guard.admit(info)).principal, guard, None, lambda _: info))
        try:
            with httpx2.Client(auth=Carrier({accounts.issuer: rule}), trust_env=False) as client:
                answer = client.get(f"{accounts.issuer}/inventory/stock")
        finally:
            leave(entered)
        assert (answer.status_code, answer.json()) == (200, ["orders"])
    batch = TokenEndpoint(accounts.issuer, client_id="batch", authentication=private_key_jwt(accounts.key))
    rule_of_its_own = client_credentials(batch, resource=None)
    with httpx2.Client(auth=Carrier({accounts.issuer: rule_of_its_own}), trust_env=False) as client:
        assert client.get(f"{accounts.issuer}/inventory/stock").status_code == 403  # it is not orders


def test_only_posts_are_taken(accounts: Accounts) -> None:
    with httpx2.Client(trust_env=False) as client:
        for name in ("token", "revoke", "introspect"):
            url = f"{accounts.issuer}/oauth/{name}"
            assert client.get(url).status_code == client.put(url).status_code == 405
            answer = client.post(f"{url}?client_id=orders&client_secret={SECRET}", data={"token": "x"})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
            assert client.post(url, json={"grant_type": "client_credentials"}).status_code == 400


def test_a_form_of_up_to_64_kilobytes_is_read(accounts: Accounts) -> None:
    form = {"client_id": "orders", "client_secret": SECRET, "token": "x"}
    with httpx2.Client(trust_env=False) as client:
        for size, status in ((60_000, 200), (70_000, 413)):
            answer = client.post(f"{accounts.issuer}/oauth/revoke", data={**form, "padding": "x" * size})
            assert answer.status_code == status


def test_nothing_is_redirected_with_its_secrets(accounts: Accounts) -> None:
    form = {"client_id": "orders", "client_secret": SECRET, "token": "x", "grant_type": "x"}
    with httpx2.Client(trust_env=False) as client:
        for name in ("token", "revoke", "introspect"):
            for path in (name, f"{name}/"):
                assert client.post(f"{accounts.issuer}/oauth/{path}", data=form).status_code in (200, 400)


def _jwk(pem: str) -> str:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from jwt.algorithms import ECAlgorithm

    private: Any = load_pem_private_key(pem.encode(), None)
    written: str = ECAlgorithm.to_jwk(private)
    return written
