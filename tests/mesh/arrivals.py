"""What locust runs: requests arrive when they were drawn to arrive, whether those before them were answered or not.

Started by ``tests.mesh.run``, which says in variables where the services, the wallet and the file for answers are.
"""

import json
import os
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]  # it has no types
from gevent.pool import Pool  # type: ignore[import-untyped]  # it has no types
from locust import FastHttpUser, constant, task

from tests.mesh.routes import NORTHERN, ROUTES
from tests.mesh.visits import Visit, visits

_SAID = json.loads(os.environ["MESH"])


class Arrivals(FastHttpUser):  # type: ignore[misc]  # locust is not typed for us
    """One user who begins every request in a greenlet of its own."""

    host = "http://127.0.0.1"
    wait_time = constant(0)
    concurrency = 500
    max_retries = 0
    connection_timeout = network_timeout = 15.0

    @task  # type: ignore[untyped-decorator]  # the same
    def arrive(self) -> None:
        self.client.client.redirect_response_codes = frozenset()
        self.client.cookiejar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        wallet, pool = Wallet(Path(_SAID["wallet"])), Pool()
        began = time.monotonic()
        with Path(_SAID["answers"]).open("w") as self.answers:
            for visit in visits(_SAID["seed"], _SAID["rate"], _SAID["seconds"]):
                gevent.sleep(max(0.0, began + visit.at - time.monotonic()))
                pool.spawn(self.make, visit, *wallet.token_for(visit))
            pool.join(timeout=20)
        self.environment.runner.quit()

    def make(self, visit: Visit, number: int, token: str | None) -> None:
        route = ROUTES[visit.route]
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        sent = time.time()
        url = _SAID["addresses"][route.service] + route.path.format(order=2 + visit.number % (NORTHERN - 1))
        with self.client.request(
            route.method, url, name=route.name, headers=headers, json=route.body, catch_response=True
        ) as response:
            answered = time.time()
            response.success()  # the model judges
        found = response.headers or {}
        self.answers.write(
            json.dumps(
                {
                    "number": visit.number,
                    "slot": visit.slot,
                    "route": visit.route,
                    "token": number,
                    "sent": sent,
                    "answered": answered,
                    "status": response.status_code,
                    "retry_after": found.get("retry-after") or "",
                    "challenge": found.get("www-authenticate") or "",
                    "about": about(response.content),
                    "error": type(response.error).__name__ if response.status_code == 0 else "",
                }
            )
            + "\n"
        )


class Wallet:
    """The tokens in use, read again whenever they have changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = 0
        self._slots: dict[str, list[tuple[int, str | None]]] = {}

    def token_for(self, visit: Visit) -> tuple[int, str | None]:
        changed = self._path.stat().st_mtime_ns
        if changed != self._changed:
            self._slots = json.loads(self._path.read_text())
            self._changed = changed
        held = self._slots[visit.slot]
        number, text = held[visit.number % len(held)]
        return number, text or None


def about(content: bytes | None) -> Mapping[str, Any]:
    """Of whom a body speaks; a list of orders by whose they are."""
    try:
        body = json.loads(content or b"null")
    except ValueError:
        return {}
    if isinstance(body, list):
        return {"tenants": sorted({each["tenant"] for each in body if isinstance(each, dict) and "tenant" in each})}
    found = body if isinstance(body, dict) else {}
    return {name: found[name] for name in ("placed_by", "tenant", "sent_by", "code") if name in found}
