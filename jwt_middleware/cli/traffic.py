"""Traffic: callers that never stop asking, some with the token they came with and some with the newest."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Self

import httpx2

_CALLERS: Final = 4
_PATIENCE: Final = 20.0  # seconds


class Traffic:
    """Sends GET requests to ``url`` from several threads. The condition guards the fields below it."""

    def __init__(self, url: str, first_token: str) -> None:
        self._url = url
        self._first = first_token
        self._changed = threading.Condition()
        self.newest = first_token
        self.answers: Counter[tuple[str, int]] = Counter()  # (token, status; 0 for no answer at all)
        self._ended = False
        self._threads = [threading.Thread(target=self._ask_on, args=(n,), daemon=True) for n in range(_CALLERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
        for thread in self._threads:
            thread.join(_PATIENCE)

    @property
    def total(self) -> int:
        with self._changed:
            return sum(self.answers.values())

    @property
    def refused(self) -> dict[int, int]:
        """How many answers were not 200, by status; 0 stands for no answer."""
        with self._changed:
            found: Counter[int] = Counter()
            for (_, status), count in self.answers.items():
                if status != 200:
                    found[status] += count
            return dict(found)

    def answered(self, token: str) -> int:
        return sum(count for (each, _), count in self.answers.items() if each == token)

    def flow(self, *tokens: str, more: int = 40) -> bool:
        """Wait until each of ``tokens`` had this many more answers. False if that takes too long."""
        with self._changed:
            before = {token: self.answered(token) for token in tokens}
            enough: Callable[[], bool] = lambda: all(  # noqa: E731  # one question, asked in one place
                self.answered(token) >= before[token] + more for token in tokens
            )
            return self._changed.wait_for(enough, _PATIENCE)

    def _ask_on(self, number: int) -> None:
        with httpx2.Client(trust_env=False, timeout=10.0) as client:
            while not self._ended:
                token = self.newest if number % 2 else self._first
                try:
                    status = client.get(self._url, headers={"authorization": f"Bearer {token}"}).status_code
                except httpx2.HTTPError:
                    status = 0
                    time.sleep(0.05)  # a service that is gone is not asked in a tight loop
                with self._changed:
                    self.answers[token, status] += 1
                    self._changed.notify_all()
