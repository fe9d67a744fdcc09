"""Whatever happens in between, a guard that remembers tokens answers like one that remembers nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from jwt_middleware import Guard, RequestInfo, TrustedIssuer
from jwt_middleware.access.admission import Admission
from jwt_middleware.keys.key_cache import KeyCache
from tests.verification.two_guards import Requests


def play(machine: type[Requests], sequences: int, steps: int = 25) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # what was found is small enough to read
            report_multiple_bugs=False,
        ),
    )


@pytest.fixture(autouse=True)
def _guards_may_always_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a flood of unknown key ids would end what guards learn, and real seconds would decide when it goes on."""
    defaults = KeyCache.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "burst", 1_000_000)


@pytest.mark.timeout(1200)
def test_for_any_sequence_the_answer_is_that_of_a_guard_that_remembers_nothing() -> None:
    Requests.recalled = 0
    play(Requests, settings().max_examples)
    assert Requests.recalled > 100, "nothing was remembered, so nothing was shown"


class Careless(Guard):
    """A guard that remembers what it said, and makes one mistake about it."""

    def __init__(self, fault: "Fault", memory: dict[str, Admission], *trusted: TrustedIssuer, **options: Any) -> None:
        super().__init__(*trusted, **options)
        self._fault = fault
        self._memory = memory

    async def admit(self, request: RequestInfo, recalled: bytes | None = None) -> Admission:
        admission = await super().admit(request, recalled)
        (token,) = request.header("authorization")
        known_by = self._fault.known_by(token)
        before = self._memory.get(known_by)
        if before is not None and self._fault.stays(before, admission):
            return before
        self._memory[known_by] = admission
        return admission


@dataclass(frozen=True)
class Fault:
    """``stays``: whether what was said before is said again. ``known_by``: what a token is remembered by."""

    stays: Callable[[Admission, Admission], bool]
    known_by: Callable[[str], str] = str
    shared: bool = False  # by both guards


def stays_admitted(*reasons: str) -> Callable[[Admission, Admission], bool]:
    return lambda before, now: before.refusal is None and now.refusal is not None and now.refusal.reason in reasons


FAULTS = {
    "expiry is not looked at again": Fault(stays_admitted("token_expired", "token_too_old")),
    "not-before is not looked at again": Fault(stays_admitted("token_not_yet_valid")),
    "a key that was withdrawn or replaced still vouches": Fault(stays_admitted("key_unknown", "signature_invalid")),
    "a revocation is not noticed": Fault(stays_admitted("token_revoked")),
    "a token is known by header and claims alone": Fault(
        stays_admitted("signature_invalid"), lambda token: token.rpartition(".")[0]
    ),
    "one guard answers for another's rules": Fault(
        stays_admitted("audience_mismatch", "issuer_untrusted"), shared=True
    ),
    "a refusal is remembered": Fault(lambda before, now: before.refusal is not None and now.refusal is None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    planted = FAULTS[fault]

    class Planted(Requests):
        def __init__(self) -> None:
            super().__init__()
            self.shared: dict[str, Admission] = {}

        def make_guard(self, *trusted: TrustedIssuer, **options: Any) -> Guard:
            return Careless(planted, self.shared if planted.shared else {}, *trusted, **options)

    with pytest.raises(AssertionError, match="is not the answer"):
        play(Planted, 200)
