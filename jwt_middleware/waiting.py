"""One text for sync and async callers: ask, wait_for, within, run, later.

Whatever may wait is written once, as ``async def``. An async door awaits it; a sync door calls ``run``, which finishes
it without any event loop: under ``run`` every ``ask`` takes the blocking form of its leaf, so nothing ever suspends.
Whether a loop happens to run in this thread is never asked: under gevent and test clients the answer is wrong.
Whoever awaits does so on asyncio; anything else, such as trio, is a ConfigurationError in plain words. asyncio is
loaded where it is needed: a sync application has no use for it, and it would be a tenth of what a start costs.
"""

import logging
import math
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from .errors import ConfigurationError
from .events import event

if TYPE_CHECKING:
    import asyncio

P = ParamSpec("P")
T = TypeVar("T")

_NO_LOOP: Final = (
    "jwt_middleware: an asynchronous application was called without an asyncio event loop; trio is not supported: serve"
    " the application on asyncio, as uvicorn does"
)
_sync: ContextVar[bool] = ContextVar("jwt_middleware_sync", default=False)
_tasks: "set[asyncio.Task[None]]" = set()  # the loop holds its tasks weakly; a task must not vanish half-way
_log = logging.getLogger("jwt_middleware")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Finish ``coroutine`` here and now, in this thread. Private to sync doors.

    Raises what the coroutine raises, and RuntimeError if something in it waited outside of ``ask`` and ``wait_for``.
    """
    token = _sync.set(True)
    try:
        coroutine.send(None)
    except StopIteration as finished:
        return finished.value  # type: ignore[no-any-return]  # StopIteration is not generic
    finally:
        _sync.reset(token)
    coroutine.close()
    raise RuntimeError("a coroutine waited outside of ask(); it cannot be finished without an event loop")


async def ask(call: Callable[P, T], acall: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Reach the outside world: ``call`` under ``run``, else ``acall``, awaited. Never hold a lock while asking."""
    if not _sync.get():
        running_loop()
        return await acall(*args, **kwargs)
    token = _sync.set(False)  # the outside world may start an event loop of its own, which is no business of this run
    try:
        return call(*args, **kwargs)
    finally:
        _sync.reset(token)


async def wait_for(future: "Future[T]", seconds: float) -> T:
    """Wait for what another thread or task is fetching. Cancelling this wait never cancels the other's work.

    Raises TimeoutError after ``seconds``, and what the future holds if it failed.
    """
    if _sync.get():
        return future.result(seconds)
    import asyncio

    loop = running_loop()
    woken = asyncio.Event()

    def wake(_: "Future[T]") -> None:
        with suppress(RuntimeError):  # this waiter's loop is closed: nobody is left to be woken
            loop.call_soon_threadsafe(woken.set)

    future.add_done_callback(wake)
    async with asyncio.timeout(seconds):
        await woken.wait()
    return future.result(0)


class OutOfTime(Exception):
    """What was awaited did not come in time."""


async def within(awaited: Awaitable[T], seconds: float) -> T:
    """Await for so long at most, then cancel what is awaited. Raises OutOfTime, which no other code raises.

    Under another event loop than asyncio there is no timer, and it is awaited to its end.
    """
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio
        return await awaited
    limit = asyncio.timeout(None if seconds == math.inf else seconds)
    try:
        async with limit:
            return await awaited
    except TimeoutError:
        if limit.expired():
            raise OutOfTime from None
        raise


def later(work: Callable[[], Coroutine[Any, Any, None]], *, apart: bool = False) -> Callable[[], bool]:
    """Run ``work`` beside the request: a task on the loop, a daemon thread without one. Its failure is only logged.

    ``apart``: in a thread even where a loop is, so that the work does not end with the loop. It starts with an empty
    context: no principal of the request that happened to start it is seen there. The answer tells, when it is called,
    whether the work is over: done, cancelled, or lost with a loop that was closed.
    """
    if apart or _sync.get():
        thread = threading.Thread(target=lambda: run(_logged(work)), name="jwt_middleware", daemon=True)
        thread.start()
        return lambda: not thread.is_alive()
    loop = running_loop()
    for lost in [task for task in list(_tasks) if task.get_loop().is_closed()]:
        _tasks.discard(lost)
    task = loop.create_task(_logged(work), context=Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return lambda: task.done() or loop.is_closed()


def running_loop() -> "asyncio.AbstractEventLoop":
    """The event loop of this thread. Raises ConfigurationError where there is none."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(_NO_LOOP) from None


async def _logged(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await work()
    except Exception as error:  # noqa: BLE001  # nobody awaits this work; whatever it is, it must be seen
        _log.error(
            "work beside a request failed: %s",
            type(error).__name__,
            extra=event("work_failed", error=type(error).__name__),
        )
