"""accounts and shipping run in threads; the others find their keys there and get tokens, as they do in earnest."""

import importlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1]))

PASSWORDS = {
    "clerk": "paper-clip",
    "manager": "corner-office",
    "southern-clerk": "rubber-band",
    "auditor": "red-pencil",
    "operator": "night-shift",
}
VARIABLES = {"accounts": "ISSUER", "orders": "ORDERS_URL", "inventory": "INVENTORY_URL", "shipping": "PARTNER_ISSUER"}
Headers = Callable[[str], dict[str, str]]


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The four modules, each served where the others look for it; import them only after it."""
    from make_secrets import make

    os.environ["SECRETS"] = str(tmp_path_factory.mktemp("secrets"))
    make(Path(os.environ["SECRETS"]))
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in VARIABLES}
        for name, bound in sockets.items():
            bound.bind(("127.0.0.1", 0))
            os.environ[VARIABLES[name]] = f"http://127.0.0.1:{bound.getsockname()[1]}"
        modules = {name: importlib.import_module(name) for name in VARIABLES}
        for name, bound in sockets.items():
            stack.enter_context(served(modules[name].app, bound))
        yield modules


@contextmanager
def served(app: Any, bound: socket.socket) -> Iterator[None]:
    bound.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    yield
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def accounts(mesh: dict[str, Any]) -> Any:
    return mesh["accounts"]


@pytest.fixture
def courier(mesh: dict[str, Any]) -> dict[str, str]:
    """The header that a courier's device sends, with a token of the partner's issuer; a new one each time."""
    return courier_of(mesh)


def courier_of(mesh: dict[str, Any]) -> dict[str, str]:
    secret = Path(os.environ["SECRETS"], "courier-secret").read_text()
    form = {"grant_type": "client_credentials"}
    answer = TestClient(mesh["shipping"].app).post("/oauth/token", data=form, auth=("courier", secret))
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="session")
def headers(accounts: Any) -> Headers:
    """The header that somebody sends who has logged in, once in a run: passwords are slow on purpose."""
    client = TestClient(accounts.app)

    @cache
    def logged_in(name: str) -> dict[str, str]:
        answer = client.post("/login", json={"username": name, "password": PASSWORDS[name]})
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return logged_in


@pytest.fixture(scope="session")
def callers(headers: Headers, mesh: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Everybody who may call somebody, people and machines, by what they are called in these tests."""
    secret = Path(os.environ["SECRETS"], "orders-secret").read_text()
    clerks = headers("clerk")["Authorization"].removeprefix("Bearer ")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": clerks,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": "shipping",
    }
    client = TestClient(mesh["accounts"].app)
    exchanged = client.post("/oauth/token", data=form, auth=("orders", secret)).json()["access_token"]
    form = {"grant_type": "client_credentials"}
    own = client.post("/oauth/token", data=form, auth=("orders", secret)).json()["access_token"]
    return {
        **{name: headers(name) for name in PASSWORDS},
        "courier": courier_of(mesh),
        "orders": {"Authorization": f"Bearer {own}"},
        "orders for the clerk": {"Authorization": f"Bearer {exchanged}"},
    }


@pytest.fixture
def becomes_ready() -> Callable[[Callable[[], Any]], Any]:
    """Ask a service whether it is ready until it is: the first answer may come before its keys do."""

    def asked(get: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 20
        answer = get()
        while answer.status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.01)
            answer = get()
        return answer

    return asked
