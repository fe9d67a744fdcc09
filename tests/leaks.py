"""A plugin of pytest: whatever this run logs, warns, answers, represents, traces or measures holds no token and no secret.

It looks at every log record of every logger (ours down to DEBUG), every refusal's body and headers, the exceptions below a
refusal with the objects of ours in their frames, every mistake's text, what tests print, and whatever else is handed to
``search``. Looked for are compact tokens, private keys, and each secret that was made or taken in during the run; a test
that shows one fails, and the report says where, but not what. ``@pytest.mark.plants_secrets("why")`` is for a test whose own
code prints one.
"""

import functools
import logging
import re
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final

import pytest

_TOKEN: Final = re.compile(r"eyJ[\w-]{12,}")  # base64url of {" : the header of a token, or its claims
_WHOLE: Final = re.compile(r"eyJ[\w-]{12,}(\.[\w-]*)*")
_PRIVATE: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|[\"']d[\"']: ?[\"'][\w-]{20,}")
_WORD: Final = re.compile(r"[\w-]{16,}")
_FRAMES: Final = 3  # how often the objects at one line of code are represented
_MINE: Final = "jwt_middleware"


class Leaks:
    """What must not be seen, and what was seen of it. The lock guards the latter: servers log in their threads."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._lock = threading.Lock()
        self._seen: list[str] = []
        self._frames: Counter[tuple[str, int]] = Counter()
        self.late: list[str] = []  # seen when its test was over

    def made(self, text: str) -> str:
        """A token or a secret that was made, to be looked for from now on; the same text."""
        parts = text.split(".")
        # header and claims of a token are found by their looks; what they share with others is no secret
        for part in parts[2:] if len(parts) == 3 and text.startswith("eyJ") else parts:
            self._secrets.update(_WORD.findall(part))
        return text

    def search(self, where: str, text: str) -> None:
        """Note what of ``text`` must not be seen."""
        if len(text) < 16:
            return
        kinds = []
        if "eyJ" in text and _TOKEN.search(text):
            kinds.append("a token")
        if _PRIVATE.search(text):
            kinds.append("a private key")
        if not self._secrets.isdisjoint(_WORD.findall(text)):
            kinds.append("a secret, or the signature of a token")
        if kinds:
            with self._lock:
                self._seen.append(f"{where} shows {' and '.join(kinds)}: {self.masked(text)[:400]!r}")

    def search_late(self, where: str, text: str) -> None:
        """The same, when no test is left that could fail."""
        before = self.taken()
        self.search(where, text)
        self.late += self.taken()
        with self._lock:
            self._seen = before + self._seen

    def masked(self, text: str) -> str:
        """The text without what must not be seen: a report is a log, too."""
        hidden = _PRIVATE.sub("<private key>", _WHOLE.sub("<token>", text))
        return _WORD.sub(lambda word: "<secret>" if word[0] in self._secrets else word[0], hidden)

    def taken(self) -> list[str]:
        """What was seen since it was last asked for."""
        with self._lock:
            seen, self._seen = self._seen, []
        return seen

    def search_exception(self, where: str, error: BaseException | None) -> None:
        """The texts of a chain of exceptions, and how the objects of ours in their frames represent themselves."""
        passed: set[int] = set()
        while error is not None and id(error) not in passed:
            passed.add(id(error))
            self.search(f"{where}: {type(error).__name__}", f"{error} {error!r}")
            self._search_frames(where, error.__traceback__)
            error = error.__cause__ or error.__context__

    def _search_frames(self, where: str, trace: TracebackType | None) -> None:
        for frame, line in traceback.walk_tb(trace):
            place = (frame.f_code.co_filename, line)
            if _MINE not in place[0] or self._frames[place] >= _FRAMES:
                continue
            self._frames[place] += 1
            for name, value in list(frame.f_locals.items()):
                if type(value).__module__.startswith(f"{_MINE}."):
                    self.search(f"{where}: the repr of {name} in {frame.f_code.co_qualname}", repr(value))


LEAKS: Final = Leaks()
made = LEAKS.made
search = LEAKS.search


def _before(owner: Any, name: str, look: Callable[..., None]) -> None:
    """Let ``look`` see the arguments of a method each time that it is called."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def seen(*args: Any, **kwargs: Any) -> Any:
        look(*args, **kwargs)
        return method(*args, **kwargs)

    setattr(owner, name, seen)


def _after(owner: Any, name: str, look: Callable[[Any, Any], None]) -> None:
    """Let ``look`` see the object, or what a method gives, each time that it was called."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def seen(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = method(self, *args, **kwargs)
        look(self, found)
        return found

    setattr(owner, name, seen)


def _record(_: logging.Logger, record: logging.LogRecord) -> None:
    where = f"the log {record.name}"
    try:
        search(where, record.getMessage())
    except Exception:  # a record that cannot be written is its logger's business
        search(where, repr(record.args))
    for name in ("reason", "path", "method", "subject", "issuer", "error", "missing", "cause"):
        value = getattr(record, name, None)
        if value is not None:
            search(f"{where}, field {name}", str(value))
    if record.exc_info and record.exc_info[1] is not None:
        LEAKS.search_exception(f"{where}, its traceback", record.exc_info[1])


def _refused(_: Any, decision: Any, refusal: BaseException | None, *__: Any) -> None:
    search("a decision", repr(decision))
    LEAKS.search_exception("a refusal", refusal)


def _secret_of_key(key: Any, _: object) -> None:
    if isinstance(key.material, bytes):
        made(key.material.decode("latin-1"))


def _secret_of_client(client: Any, _: object) -> None:
    if isinstance(client.secret, str):
        made(client.secret)


def _refresh_token(_: Any, token: str) -> None:
    for part in token.split(".")[1:]:  # what stands before them is the name of the session
        made(part)


def _answer(answer: Any, _: object) -> None:
    if answer.status >= 400:
        search("the answer of an issuing endpoint", f"{answer.headers!r} {answer.body!r}")


def watch() -> None:
    """Look at what the package does, where everything of one kind passes."""
    from jwt_middleware import Guard, TokenOutage
    from jwt_middleware.access.challenge import Challenge
    from jwt_middleware.client.client_authentication import ClientSecret
    from jwt_middleware.errors import ConfigurationError
    from jwt_middleware.issuing.exchange import Answer
    from jwt_middleware.issuing.refresh_token import RefreshTokens
    from jwt_middleware.keys.key import Key

    _before(logging.Logger, "handle", _record)
    logging.getLogger(_MINE).setLevel(logging.DEBUG)
    _before(Guard, "_tell", _refused)
    for error in (ConfigurationError, TokenOutage):
        _after(error, "__init__", lambda mistake, _: search(type(mistake).__name__, str(mistake)))
    _after(
        Challenge,
        "__init__",
        lambda challenge, _: search("a refusal's answer", f"{challenge.headers!r} {challenge.body!r}"),
    )
    _after(Answer, "__init__", _answer)
    _after(Key, "__init__", _secret_of_key)
    _after(ClientSecret, "__init__", _secret_of_client)
    for method in ("first", "successor"):
        _after(RefreshTokens, method, _refresh_token)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "plants_secrets(why): this test itself prints or logs a token or a secret")
    watch()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()  # type: ignore[attr-defined]  # a hook wrapper's own kind
    for name, content in report.sections:
        if name.endswith((f"stdout {call.when}", f"stderr {call.when}")):
            search(f"what was printed ({name.lower()})", content)
    seen = LEAKS.taken()
    if seen and item.get_closest_marker("plants_secrets") is None:
        report.outcome = "failed"
        report.longrepr = "\n".join(["tokens or secrets were seen:", *dict.fromkeys(seen)])


def pytest_warning_recorded(warning_message: Any, nodeid: str) -> None:
    """Told when the test is over: so the run fails, and not the next test."""
    LEAKS.search_late(f"a warning of {nodeid}", str(warning_message.message))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What threads have logged after the last test."""
    LEAKS.late += LEAKS.taken()
    if LEAKS.late:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in LEAKS.late:
        terminalreporter.write_line(line)
