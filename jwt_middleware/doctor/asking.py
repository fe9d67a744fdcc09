"""One bounded GET of the doctor's: it wants to see redirects and headers, which a guard never looks at."""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

import httpx2

_TIMEOUT: Final = 10.0  # seconds
_MOST: Final = 1_048_576  # bytes
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


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


def ask(url: str, tls: ssl.SSLContext, headers: Mapping[str, str] = _NOTHING) -> Answer:
    """Follows no redirect, and uses no proxy of the environment, as a guard. Raises Unreachable."""
    try:
        with httpx2.Client(verify=tls, follow_redirects=False, trust_env=False, timeout=_TIMEOUT) as client:
            began = time.time()
            with client.stream("GET", url, headers={"accept": "application/json", **headers}) as response:
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _MOST:
                        raise Unreachable(f"the answer is larger than {_MOST} bytes")
                    if time.time() - began > _TIMEOUT:
                        raise Unreachable(f"the answer takes longer than {_TIMEOUT:.0f} seconds")
            middle = (began + time.time()) / 2
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise Unreachable(_why(error)) from None
    said = response.headers
    return Answer(
        response.status_code,
        body,
        said.get("cache-control", "")[:300],
        said.get("location", "")[:300],
        _ahead(said.get("date", ""), middle),
    )


def _why(error: BaseException) -> str:
    """In words, from the innermost cause that says something."""
    if isinstance(error, httpx2.TimeoutException):
        return f"there is no answer within {_TIMEOUT:.0f} seconds"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "the name of the host is not known here (DNS)"
        if isinstance(cause, ConnectionRefusedError):
            return "nobody listens there: the connection is refused"
        cause = cause.__cause__ or cause.__context__
    return f"{type(error).__name__}: {str(error)[:300]}"


def _ahead(date: str, ours: float) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() + 0.5 - ours  # it says whole seconds
    except (ValueError, TypeError):
        return None
