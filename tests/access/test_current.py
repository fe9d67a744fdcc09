"""Who is calling, seen from any code that a request calls."""

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor

from jwt_middleware import (
    ANONYMOUS,
    Guard,
    Principal,
    RequestInfo,
    TrustedIssuer,
    carry_principal,
    current_principal,
)
from jwt_middleware.access.current import Passage, current_passage, current_token, enter
from jwt_middleware.key_sources.static import static

ALICE = Principal(subject="alice", issuer="https://issuer.example")
GUARD = Guard(TrustedIssuer("https://issuer.example", audience="a", keys=static(secret="0123456789" * 4)))
PASSAGE = Passage(ALICE, GUARD)


def test_outside_of_a_request_the_caller_is_anonymous() -> None:
    assert contextvars.Context().run(current_principal) is ANONYMOUS


def test_entering_and_clearing_a_passage() -> None:
    def inside() -> None:
        enter(PASSAGE)
        assert current_principal() is ALICE
        assert current_passage() is PASSAGE
        enter(None)
        assert current_principal() is ANONYMOUS

    contextvars.Context().run(inside)


def test_threads_and_tasks_that_carry_the_context_see_the_caller() -> None:
    async def inside() -> tuple[Principal, Principal]:
        async def task() -> Principal:
            return current_principal()

        enter(PASSAGE)
        return await asyncio.to_thread(current_principal), await asyncio.create_task(task())

    assert asyncio.run(inside()) == (ALICE, ALICE)


def test_a_thread_pool_sees_the_caller_only_by_the_wrapper() -> None:
    def inside() -> tuple[Principal, list[Principal]]:
        enter(PASSAGE)
        with ThreadPoolExecutor(2) as pool:
            carried = carry_principal(lambda _: current_principal())
            return pool.submit(current_principal).result(), list(pool.map(carried, range(8)))

    assert contextvars.Context().run(inside) == (ANONYMOUS, [ALICE] * 8)


def test_the_token_of_the_caller_is_found_where_the_guard_looks_for_it() -> None:
    def token(principal: Principal, sent: str, *, told: bool = True) -> str | None:
        def info(headers: dict[str, str]) -> RequestInfo:
            return RequestInfo(header=lambda name: [headers[name]] if name in headers else [])

        enter(Passage(principal, GUARD, {"authorization": sent}, info if told else None))
        return current_token()

    def inside() -> list[str | None]:
        return [
            current_token(),
            token(ALICE, "Bearer abc"),
            token(ALICE, "Bearer a, Bearer b"),
            token(ALICE, "Basic abc"),
            token(ALICE, "Bearer abc", told=False),
            token(ANONYMOUS, "Bearer abc"),
        ]

    assert contextvars.Context().run(inside) == [None, "abc", None, None, None, None]


def test_a_passage_shows_who_passes_and_not_the_token_of_the_request() -> None:
    passage = Passage(ANONYMOUS, GUARD, request={"headers": [(b"authorization", b"Bearer hunter2")]})
    assert repr(passage) == f"{passage}" == "<Passage of <Principal anonymous>>"
