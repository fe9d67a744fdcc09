"""trio is refused in plain words, not with an outage."""

import pytest
import trio

from jwt_middleware import ConfigurationError

from .callers import OneLoop
from .conftest import Figure
from .issuers import Clock, Issuer


def test_trio_is_refused_in_plain_words(issuer: Issuer, clock: Clock, figure: Figure) -> None:
    asked = OneLoop(issuer.guard(clock))
    asked.__exit__()
    for _ in range(20):
        with pytest.raises(ConfigurationError) as refused:
            trio.run(asked.one, issuer.token())
        assert "trio is not supported" in str(refused.value)
        assert "uvicorn" in str(refused.value)
    figure("fetches for 20 requests", len(issuer.web.asked), limit=0)
