"""Threads that fetch keys beside requests, for tests that must see them end."""

import threading

LONG = 20.0  # seconds until a test that hangs fails


def threads_end() -> None:
    """Every fetch in a thread has ended."""
    for thread in threading.enumerate():
        if thread.name == "jwt_middleware":
            thread.join(LONG)
            assert not thread.is_alive()
