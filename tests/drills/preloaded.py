"""What gunicorn serves, and imports in its parent before it forks where it is told to.

Not a test: ``gunicorn --preload tests.drills.preloaded:app``. ``DRILL_FORK``: the parent is asking for its keys at the
very moment of the fork. ``DRILL_SNAPSHOT``: where the keys are kept.
"""

import os
import threading
from typing import Any

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.wsgi import JWTMiddleware

guard = Guard(
    TrustedIssuer(os.environ["DRILL_ISSUER"], audience="orders", snapshot=os.environ.get("DRILL_SNAPSHOT")),
    observers=[],
)
held = threading.Event()


def hold_the_lock() -> None:
    """For ever, in a thread that does not exist in a child."""
    with guard._trusts.declared[0].keys._flights.lock:
        held.set()
        threading.Event().wait()


if os.environ.get("DRILL_FORK"):
    guard.ready()  # a thread of the parent begins to fetch, and the provider does not answer it
    threading.Thread(target=hold_the_lock, daemon=True).start()
    held.wait(20)


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


app = JWTMiddleware(application, guard=guard, unguarded_paths=["/health"])
