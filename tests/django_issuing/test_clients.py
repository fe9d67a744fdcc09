"""Registered clients in Django: in the database or in settings, given tokens, and taken away."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from jwt_middleware import ConfigurationError
from jwt_middleware.client import private_key_jwt
from jwt_middleware.django.issuing.client_registry import UsedInCache
from jwt_middleware.django.issuing.conf import issuing
from jwt_middleware.django.issuing.models import KeptClient
from jwt_middleware.issuing import ListedClients, RegisteredClient, SigningKey, secret_digest

pytestmark = pytest.mark.django_db

SECRET = "0123456789abcdefghijklmnopqrstuv"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
_FORM = "application/x-www-form-urlencoded"
User: Any = get_user_model()
KEY = SigningKey.generate("ES256")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    cache.clear()
    settings.ROOT_URLCONF = "tests.django_issuing.client_urls"
    settings.JWT_ISSUING = dict(settings.JWT_ISSUING)
    settings.JWT_MIDDLEWARE = {
        "ISSUER": settings.JWT_ISSUING["ISSUER"],
        "AUDIENCE": "orders",
        "KEYS": "jwt_middleware.django.issuing.own_keys.own_keys",
        "OBSERVERS": [],
    }
    issuing().keys.prepare()


def orders(**given: Any) -> KeptClient:
    made: KeptClient = KeptClient.objects.create(
        **{
            "client_id": "orders",
            "secret_digests": [secret_digest(SECRET)],
            "audience": ["orders"],
            "targets": {"inventory": ["stock:read"]},
            "exchange_targets": {"inventory": ["read"]},
            **given,
        }
    )
    return made


def send(path: str, **form: Any) -> tuple[int, dict[str, Any]]:
    answer = Client(enforce_csrf_checks=True).generic("POST", f"/oauth/{path}", urlencode(form), content_type=_FORM)
    assert answer["cache-control"] == "no-store"
    return answer.status_code, json.loads(answer.content or b"{}")


def by_secret(path: str, secret: str = SECRET, **form: Any) -> tuple[int, dict[str, Any]]:
    return send(path, client_id="orders", client_secret=secret, **form)


def token(**form: Any) -> tuple[int, dict[str, Any]]:
    return by_secret("token", **{"grant_type": "client_credentials", **form})


def test_a_client_in_the_database_gets_a_token_and_revokes_it() -> None:
    orders()
    KeptClient.objects.create(client_id="inventory", secret_digests=[secret_digest(SECRET)], audience=["inventory"])
    status, said = token()
    assert (status, said["scope"]) == (200, "stock:read")
    asked = {"client_id": "inventory", "client_secret": SECRET, "token": said["access_token"]}
    assert send("introspect", **asked)[1]["active"]
    assert by_secret("revoke", token=said["access_token"]) == (200, {})
    assert send("introspect", **asked) == (200, {"active": False})


def test_a_users_token_is_exchanged() -> None:
    orders()
    User.objects.create_user("ann", password="paper-clip")
    subject = issuing().issuer.access_token("1", audience="orders", client_id="shop", scopes=["read", "write"])
    status, said = token(grant_type=EXCHANGE, subject_token=subject, subject_token_type=ACCESS_TOKEN)
    assert (status, said["scope"]) == (200, "read")


def test_whoever_is_disabled_or_has_another_secret_is_nobody() -> None:
    row = orders()
    assert by_secret("token", "another secret than that one", grant_type="client_credentials")[0] == 401
    row.enabled = False
    row.save()
    assert token() == (401, {"error": "invalid_client", "error_description": token()[1]["error_description"]})


def test_an_assertion_is_good_once_in_every_process() -> None:
    KeptClient.objects.create(client_id="batch", jwks={"keys": [dict(KEY.public_jwk)]}, targets={"inventory": []})
    form, _ = private_key_jwt(KEY).proof("batch", issuing().issuer.issuer)
    assert send("token", grant_type="client_credentials", **form)[0] == 200
    assert send("token", grant_type="client_credentials", **form)[0] == 401
    assert not UsedInCache().use("a", 10**10) or not UsedInCache().use("a", 10**10)


class Published:
    """Where a client publishes its keys: a server on the loopback interface, and how often it was asked."""

    def __init__(self) -> None:
        published = self
        self.keys = [KEY]
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published.asked += 1
                body = json.dumps({"keys": [dict(each.public_jwk or {}) for each in published.keys]}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/jwks"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def published() -> Iterator[Published]:
    made = Published()
    yield made
    made.stop()


def test_keys_that_a_client_publishes_are_fetched_once_and_again_when_it_has_another(published: Published) -> None:
    row = KeptClient.objects.create(client_id="batch", jwks_uri=published.url, targets={"inventory": []})

    def status(key: SigningKey) -> int:
        form, _ = private_key_jwt(key).proof("batch", issuing().issuer.issuer)
        return send("token", grant_type="client_credentials", **form)[0]

    assert (status(KEY), status(KEY), published.asked) == (200, 200, 1)
    successor = SigningKey.generate("ES256")
    published.keys = [successor]
    assert (status(successor), published.asked) == (200, 2)
    row.targets = {}  # another row, read at once
    row.save()
    assert status(successor) == 400
    row.enabled = False
    row.save()
    assert status(successor) == 401


def test_a_form_with_large_tokens_is_read_and_one_that_is_too_large_is_not() -> None:
    orders()
    roles = [f"role-{number:04}" for number in range(800)]
    subject = issuing().issuer.access_token("1", audience="orders", client_id="shop", scopes=["read"], roles=roles)
    assert len(subject) > 8192
    assert token(grant_type=EXCHANGE, subject_token=subject, subject_token_type=ACCESS_TOKEN)[0] == 200
    assert token(padding="x" * 65_536) == (413, token(padding="x" * 65_536)[1])


def test_a_json_body_is_refused() -> None:
    answer = Client().post("/oauth/token", {"grant_type": "client_credentials"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_clients_in_settings(configure: Callable[..., Any]) -> None:
    given: dict[str, Any] = {
        "client_id": "orders",
        "secret_digests": [secret_digest(SECRET)],
        "targets": {"inventory": ["stock:read"]},
    }
    for clients in ([given], [RegisteredClient(**given)], ListedClients([RegisteredClient(**given)])):
        configure(CLIENTS=clients)
        assert token()[0] == 200
    for wrong in ([{"client": "orders"}], [{"client_id": "orders"}], [given, given]):
        with pytest.raises(ConfigurationError, match="JWT_ISSUING"):
            configure(CLIENTS=wrong)


def test_refresh_tokens_that_stay_are_taken_here(configure: Callable[..., Any]) -> None:
    User.objects.create_user("ann", password="paper-clip")
    found = configure(ROTATE_REFRESH_TOKENS=False)
    orders(client_id=found.sessions.client_id)
    begun = Client().post("/auth/login", {"username": "ann", "password": "paper-clip"}, content_type="application/json")
    refresh_token = begun.json()["refresh_token"]
    for _ in range(2):
        status, said = send(
            "token",
            grant_type="refresh_token",
            refresh_token=refresh_token,
            client_id=found.sessions.client_id,
            client_secret=SECRET,
        )
        assert (status, said["refresh_token"]) == (200, refresh_token)


def test_the_metadata_says_where_the_endpoints_are(configure: Callable[..., Any]) -> None:
    assert "token_endpoint" not in Client().get("/.well-known/oauth-authorization-server").json()
    configure(CLIENTS_URL="https://accounts.example.com/oauth")
    said = Client().get("/.well-known/oauth-authorization-server").json()
    assert said["token_endpoint"] == "https://accounts.example.com/oauth/token"


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("jwt_clients", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_gives_secrets_and_keeps_only_their_hashes() -> None:
    first = command("add", "orders")
    KeptClient.objects.filter(pk="orders").update(targets={"inventory": ["stock:read"]})
    assert by_secret("token", first, grant_type="client_credentials")[0] == 200
    second, third = command("new-secret", "orders"), command("new-secret", "orders")
    found = [by_secret("token", each, grant_type="client_credentials")[0] for each in (first, second, third)]
    assert found == [401, 200, 200]
    assert command("list") == "orders"
    assert not any(each in str(KeptClient.objects.values()) for each in (first, second, third))
    command("disable", "orders")
    assert command("list") == "orders (disabled)"
    assert by_secret("token", third, grant_type="client_credentials")[0] == 401
    for mistake in (["add", "orders"], ["disable", "nobody"], ["add"]):
        with pytest.raises(CommandError):
            command(*mistake)


def test_the_admin_takes_only_clients_that_can_be_used_and_shows_no_secret(admin_client: Client, settings: Any) -> None:
    settings.JWT_MIDDLEWARE = {**settings.JWT_MIDDLEWARE, "GUARDED_PATHS": ["/api/*"]}
    row = orders()
    page = admin_client.get(f"/admin/jwt_middleware_issuing/keptclient/{row.pk}/change/").content.decode()
    assert "exchange_targets" in page
    assert "sha256:" not in page
    KeptClient(client_id="waiting").clean()  # for its first secret
    KeptClient(client_id="batch", jwks_uri="https://batch.example.com/jwks").clean()
    with pytest.raises(ValidationError, match="either jwks or jwks_uri"):
        KeptClient(client_id="batch", jwks_uri="https://batch.example.com/jwks", jwks={"keys": []}).clean()
    with pytest.raises(ValidationError, match="not https"):
        KeptClient(client_id="batch", jwks_uri="http://batch.example.com/jwks").clean()
    mistakes: list[dict[str, Any]] = [{"targets": ["inventory"]}, {"jwks": {"keys": []}}, {"secret_digests": ["plain"]}]
    for wrong in mistakes:
        with pytest.raises(ValidationError):
            KeptClient(**{"client_id": "wrong", **wrong}).clean()
