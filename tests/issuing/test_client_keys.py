"""Keys that a client publishes by itself, and assertions that are good once wherever they are shown."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing import (
    ClientEndpoints,
    ListedClients,
    RegisteredClient,
    SigningKey,
    new_client_secret,
)
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_set import KeySet, key_set_from_jwks

from .cast import at_once
from .clients import BATCH, Clients, basic, error

CREDENTIALS = {"grant_type": "client_credentials", "audience": "inventory"}


class Published:
    """Where a client publishes its keys."""

    symmetric = False

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = keys
        self.fetched = 0

    def fetch(self) -> KeySet:
        self.fetched += 1
        if not self.keys:
            raise OSError("down")
        return key_set_from_jwks({"keys": [dict(each.public_jwk or {}) for each in self.keys]})

    async def afetch(self) -> KeySet:
        return self.fetch()


def publishing(source: Any) -> Clients:
    clients = Clients()
    client = RegisteredClient(client_id="batch", jwks=source, targets={"inventory": ["stock:read"]})
    clients.endpoints = ClientEndpoints(clients.stage.issuer, ListedClients([client]), clock=clients.stage.clock)
    return clients


def test_a_client_may_publish_its_keys_and_change_them_by_itself() -> None:
    successor = SigningKey.generate("ES256")
    source = Published(BATCH)
    clients = publishing(source)
    assert clients.send("token", {**CREDENTIALS, **clients.assertion()}).status == 200
    assert clients.send("token", {**CREDENTIALS, **clients.assertion()}).status == 200
    assert source.fetched == 1
    source.keys = (successor,)
    assert clients.send("token", {**CREDENTIALS, **clients.assertion(key=successor)}).status == 200
    assert source.fetched == 2
    stranger = SigningKey.generate("ES256")
    assert error(clients.send("token", {**CREDENTIALS, **clients.assertion(key=stranger)})) == (401, "invalid_client")


def test_strangers_cannot_make_us_ask_for_its_keys_again_and_again() -> None:
    source = Published(BATCH)
    clients = publishing(source)
    for _ in range(50):
        shown = clients.assertion(key=SigningKey.generate("ES256"))
        assert clients.send("token", {**CREDENTIALS, **shown}).status in (401, 503)
    assert source.fetched <= 10
    assert clients.send("token", {**CREDENTIALS, **clients.assertion()}).status == 200


def test_keys_out_of_reach_are_503_and_no_wrong_proof() -> None:
    clients = publishing(Published())
    assert error(clients.send("token", {**CREDENTIALS, **clients.assertion()})) == (503, "temporarily_unavailable")


def test_where_keys_are_published_is_a_source_of_public_keys() -> None:
    shared = static(secret="0123456789" * 4)
    for wrong in (shared, "https://batch.example.com/jwks", 7):
        with pytest.raises(ConfigurationError, match="a source of public keys"):
            RegisteredClient(client_id="batch", jwks=wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_an_assertion_is_good_once_in_all_processes_that_share_a_redis(redis_server: Any) -> None:
    from jwt_middleware.issuing.used_in_redis import used_in_redis

    name, until = f"batch {new_client_secret()}", time.time() + 100.5
    here, there = (used_in_redis(redis_server.url, prefix="once") for _ in range(2))
    won = at_once(lambda: here.use(name, until) or there.use(name, until))
    assert won.count(True) == 1
    assert asyncio.run(there.ause(name, until)) is False
    assert asyncio.run(there.ause(f"{name} 2", until)) is True
    (place,) = [each for each in here._client.scan_iter("once:assertion:*") if here._client.pttl(each) > 0][:1]
    assert 90_000 < here._client.pttl(place) <= 100_500
    assert name.encode() not in b"".join(here._client.scan_iter("once:*"))
    first, second = (Clients(used=each) for each in (here, there))
    second.stage.clock.now = first.stage.clock.now = time.time()
    shown = first.assertion()
    assert first.send("token", {**CREDENTIALS, **shown}).status == 200
    assert error(second.send("token", {**CREDENTIALS, **shown})) == (401, "invalid_client")
    for each in (here, there):
        each._client.close()


def test_a_redis_out_of_reach_refuses_assertions_and_takes_secrets(tmp_path: Path) -> None:
    pytest.importorskip("redis", reason="needs the package redis")
    from jwt_middleware.issuing.used_in_redis import used_in_redis

    clients = Clients(used=used_in_redis(f"unix://{tmp_path}/nobody.sock"))
    shown = clients.assertion()
    assert error(clients.send("token", {**CREDENTIALS, **shown})) == (503, "temporarily_unavailable")
    assert clients.send("token", CREDENTIALS, basic("orders")).status == 200
    assert repr(used_in_redis("redis://:hunter2@localhost")) == "<UsedInRedis>"
    with pytest.raises(ConfigurationError) as refused:
        used_in_redis("http://:hunter2@localhost")
    assert "hunter2" not in str(refused.value)
