"""One text for sync and async callers."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, waiting
from jwt_middleware.waiting import ask, later, run, wait_for
from tests.threads import threads_end


def blocking(word: str) -> str:
    return f"blocking {word}"


async def awaited(word: str) -> str:
    return f"awaited {word}"


async def question() -> str:
    return await ask(blocking, awaited, "answer")


def test_run_takes_the_blocking_form() -> None:
    assert run(question()) == "blocking answer"


def test_await_takes_the_awaited_form() -> None:
    assert asyncio.run(question()) == "awaited answer"


def test_run_takes_the_blocking_form_although_a_loop_runs_in_this_thread() -> None:
    async def main() -> str:
        return run(question())

    assert asyncio.run(main()) == "blocking answer"


def test_an_await_after_run_in_the_same_task_is_async_again() -> None:
    async def main() -> tuple[str, str]:
        return run(question()), await question()

    assert asyncio.run(main()) == ("blocking answer", "awaited answer")


def test_a_loop_started_by_the_blocking_form_is_async_inside() -> None:
    async def outer() -> str:
        return await ask(lambda: asyncio.run(question()), question)

    assert run(outer()) == "awaited answer"


def test_run_raises_what_the_coroutine_raises() -> None:
    async def broken() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        run(broken())


def test_run_refuses_a_coroutine_that_waits_outside_of_ask() -> None:
    async def waits() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="outside of ask"):
        run(waits())


def test_wait_for_under_run_gets_the_result_of_another_thread() -> None:
    future: Future[int] = Future()
    threading.Thread(target=future.set_result, args=(7,)).start()
    assert run(wait_for(future, 5.0)) == 7


def test_wait_for_awaited_gets_the_result_of_another_thread() -> None:
    future: Future[int] = Future()

    async def main() -> int:
        threading.Thread(target=future.set_result, args=(7,)).start()
        return await wait_for(future, 5.0)

    assert asyncio.run(main()) == 7


def test_wait_for_raises_what_the_future_holds() -> None:
    future: Future[int] = Future()
    future.set_exception(LookupError("from the leader"))
    with pytest.raises(LookupError):
        run(wait_for(future, 5.0))
    with pytest.raises(LookupError):
        asyncio.run(wait_for(future, 5.0))


def test_wait_for_gives_up_in_time() -> None:
    future: Future[int] = Future()
    with pytest.raises(TimeoutError):
        run(wait_for(future, 0.01))
    with pytest.raises(TimeoutError):
        asyncio.run(wait_for(future, 0.01))
    future.set_result(1)  # the loop that waited is closed by now: nothing breaks


def test_a_cancelled_wait_leaves_the_future_alone() -> None:
    future: Future[int] = Future()

    async def main() -> None:
        task = asyncio.create_task(wait_for(future, 5.0))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not future.cancelled()
    future.set_result(1)


marker: contextvars.ContextVar[str] = contextvars.ContextVar("marker", default="clean")


def _seen_beside(done: "Future[str]") -> Coroutine[Any, Any, None]:
    async def work() -> None:
        done.set_result(marker.get())

    return work()


def test_later_runs_in_a_thread_without_a_loop_and_with_a_clean_context() -> None:
    done: Future[str] = Future()

    async def request() -> None:
        marker.set("a request's")
        later(lambda: _seen_beside(done))

    contextvars.copy_context().run(run, request())
    assert done.result(5.0) == "clean"


def test_later_runs_as_a_task_on_the_loop_with_a_clean_context() -> None:
    done: Future[str] = Future()

    async def request() -> str:
        marker.set("a request's")
        later(lambda: _seen_beside(done))
        return await wait_for(done, 5.0)

    assert asyncio.run(request()) == "clean"


def test_later_logs_a_failure_by_class_name_only(caplog: pytest.LogCaptureFixture) -> None:
    reached: Future[None] = Future()

    async def broken() -> None:
        reached.set_result(None)
        raise LookupError("a secret text")

    async def request() -> None:
        later(broken)
        await wait_for(reached, 5.0)
        await asyncio.sleep(0)

    asyncio.run(request())
    assert "LookupError" in caplog.text
    assert "a secret text" not in caplog.text


def test_later_tells_whether_its_work_is_over() -> None:
    go_on: Future[None] = Future()

    async def work() -> None:
        await wait_for(go_on, 5.0)

    async def on_a_loop() -> None:
        is_over = later(work)
        assert not is_over()
        await asyncio.sleep(0)
        assert not is_over()
        go_on.set_result(None)
        while not is_over():
            await asyncio.sleep(0)

    asyncio.run(on_a_loop())


def test_work_apart_is_in_a_thread_and_outlives_the_loop() -> None:
    go_on: Future[None] = Future()
    where: Future[str] = Future()

    async def work() -> None:
        where.set_result(threading.current_thread().name)
        await wait_for(go_on, 5.0)

    async def request() -> Callable[[], bool]:
        return later(work, apart=True)

    is_over = asyncio.run(request())
    assert where.result(5.0) == "jwt_middleware"
    assert not is_over()
    go_on.set_result(None)
    threads_end()
    assert is_over()


def test_work_on_a_loop_that_was_closed_is_over_and_forgotten() -> None:
    never: Future[None] = Future()

    async def work() -> None:
        await wait_for(never, 5.0)

    async def request() -> Callable[[], bool]:
        is_over = later(work)
        await asyncio.sleep(0)
        return is_over

    loop = asyncio.new_event_loop()
    is_over = loop.run_until_complete(request())
    [task] = asyncio.all_tasks(loop)
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # that it never ends is what is tested
    assert not is_over()
    loop.close()
    assert is_over()
    assert task in waiting._tasks
    asyncio.run(request())
    assert task not in waiting._tasks


@pytest.mark.parametrize("wait", ["ask", "wait_for", "later"])
def test_anything_but_asyncio_is_refused_in_plain_words(wait: str) -> None:
    async def work() -> None: ...

    async def waits() -> None:
        if wait == "ask":
            await ask(blocking, awaited, "answer")
        elif wait == "wait_for":
            await wait_for(Future(), 1.0)
        else:
            later(work)

    with pytest.raises(ConfigurationError, match="trio is not supported") as refused:
        waits().send(None)
    assert "uvicorn" in str(refused.value)
