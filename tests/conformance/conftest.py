"""One conversation per transport and test run: servers start once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from conformance.applications.ours import OURS
from conformance.run import Conversation, conversation


@pytest.fixture(scope="session")
def talk() -> Iterator[Callable[[str], Conversation]]:
    """Gives the conversation with the application of this project over a transport."""
    opened: dict[str, Conversation] = {}
    with ExitStack() as stack:

        def over(transport: str) -> Conversation:
            if transport not in opened:
                opened[transport] = stack.enter_context(conversation(OURS, transport))
            return opened[transport]

        yield over
