"""Who takes a bad token is not measured, and not named."""

from collections.abc import Callable

import pytest

from benchmarks import ours
from benchmarks.applications.driven import WSGI, Driven
from benchmarks.applications.wsgi import null, null_ours
from benchmarks.frameworks import fit_to_be_measured
from benchmarks.ours import Check
from benchmarks.refusing import passes, who_refuses
from benchmarks.samples import ALGORITHMS, bad_tokens, token


def unchecked(token: str) -> object:
    return token


def refuses_everything(token: str) -> object:
    raise ValueError


def not_installed() -> Check:
    raise ImportError


def fit(algorithm: str, **contestants: Callable[[], Check]) -> set[str]:
    return set(who_refuses(contestants, passes, token(algorithm), bad_tokens(algorithm).values()))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_ours_takes_the_good_token_and_refuses_the_bad_ones(algorithm: str) -> None:
    assert fit(algorithm, ours=lambda: ours.cold_check(ours.trusted(algorithm))) == {"ours"}


def test_who_checks_nothing_or_is_not_there_is_left_out() -> None:
    contestants: dict[str, Callable[[], Check]] = {
        "ours": lambda: ours.cold_check(ours.trusted("HS256")),
        "unchecked": lambda: unchecked,
        "broken": lambda: refuses_everything,
        "missing": not_installed,
    }
    assert fit("HS256", **contestants) == {"ours"}


@pytest.mark.parametrize("taken", bad_tokens("HS256"))
def test_who_takes_one_of_the_bad_tokens_is_left_out(taken: str) -> None:
    good, bad = token("HS256"), dict(bad_tokens("HS256"))
    check = ours.cold_check(ours.trusted("HS256"))

    def lenient(text: str) -> object:
        return text if text == bad[taken] else check(text)

    contestants: dict[str, Callable[[], Check]] = {"ours": lambda: check, "lenient": lambda: lenient}
    assert set(who_refuses(contestants, passes, good, bad.values())) == {"ours"}


def test_an_application_that_lets_a_bad_token_in_is_left_out() -> None:
    applications: dict[str, Callable[[], Driven]] = {"guarded": lambda: WSGI(null_ours()), "open": lambda: WSGI(null)}
    assert set(fit_to_be_measured(applications)) == {"guarded"}
