"""accounts runs in a thread; orders and inventory find its keys there, as they do in earnest."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1]))

PASSWORDS = {"clerk": "paper-clip", "manager": "corner-office", "operator": "night-shift"}
Headers = Callable[[str], dict[str, str]]


@pytest.fixture(scope="session")
def accounts() -> Iterator[Any]:
    """The module, served at its issuer's address; import orders and inventory only after it."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen()
    os.environ["ISSUER"] = f"http://127.0.0.1:{bound.getsockname()[1]}"
    import accounts

    server = uvicorn.Server(uvicorn.Config(accounts.app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    yield accounts
    server.should_exit = True
    thread.join()
    bound.close()


@pytest.fixture
def headers(accounts: Any) -> Headers:
    """The header that somebody sends who has logged in."""
    client = TestClient(accounts.app)

    def logged_in(name: str) -> dict[str, str]:
        answer = client.post("/login", json={"username": name, "password": PASSWORDS[name]})
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return logged_in


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
