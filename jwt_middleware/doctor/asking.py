"""One bounded GET of the doctor's: it wants to see redirects and headers, which a guard never looks at."""

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import httpx2

_TIMEOUT: Final = 10.0  # seconds
_MOST: Final = 1_048_576  # bytes


class Unreachable(Exception):
    """Nothing was answered. The text is fit to be printed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``clock`` is how many seconds the server's clock is ahead of ours, if it says the time."""

    status: int
    body: bytes
    cache_control: str
    location: str
    clock: float | None


def ask(url: str) -> Answer:
    """Follows no redirect, and uses no proxy of the environment, as a guard. Raises Unreachable."""
    try:
        with httpx2.Client(follow_redirects=False, trust_env=False, timeout=_TIMEOUT) as client:
            began = time.time()
            with client.stream("GET", url, headers={"accept": "application/json"}) as response:
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _MOST:
                        raise Unreachable(f"the answer is larger than {_MOST} bytes")
                    if time.time() - began > _TIMEOUT:
                        raise Unreachable(f"the answer takes longer than {_TIMEOUT:.0f} seconds")
            middle = (began + time.time()) / 2
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise Unreachable(f"{type(error).__name__}: {str(error)[:300]}") from None
    headers = response.headers
    return Answer(
        response.status_code,
        body,
        headers.get("cache-control", "")[:300],
        headers.get("location", "")[:300],
        _ahead(headers.get("date", ""), middle),
    )


def _ahead(date: str, ours: float) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() + 0.5 - ours  # it says whole seconds
    except (ValueError, TypeError):
        return None
