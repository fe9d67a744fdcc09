"""Every preset takes its good token, and no other audience, kind or tenant."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from jwt_middleware import TrustedIssuer, presets
from tests.presets.cases import Case, cases
from tests.presets.signing import NOW, keys, refusal, sign
from tests.presets.test_samples import SAMPLES

CASES: Final = cases(SAMPLES)


def trusted(case: Case, **more: Any) -> TrustedIssuer:
    return case.preset(**{"keys": keys(case.header), **case.arguments, **more})


def token(case: Case, changes: Mapping[str, Any] | None = None, **header: Any) -> str:
    times = {"iat": int(NOW) - 10, "exp": int(NOW) + 50}
    return sign({**case.header, **header}, {**times, **case.good, **(changes or {})})


def rows(part: str) -> list[Any]:
    return [
        pytest.param(case, *row, id=f"{name}: {row[:-1]}")
        for name, case in CASES.items()
        for row in getattr(case, part)
    ]


def test_every_preset_has_a_case_with_a_wrong_audience_and_another_kind() -> None:
    covered = {case.preset.__name__ for case in CASES.values()}
    assert covered == set(presets.__all__) - {"Options"}
    assert all(case.audience and case.others for case in CASES.values())


def test_every_preset_that_knows_tenants_has_a_case_with_another_one() -> None:
    for name in {case.preset.__name__ for case in CASES.values()}:
        of_preset = [case for case in CASES.values() if case.preset.__name__ == name]
        knows = any(trusted(case).mapping.tenant is not None for case in of_preset)
        assert not knows or any(case.tenants for case in of_preset), name


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_good_token_passes(case: Case) -> None:
    assert refusal(trusted(case), token(case)) == ""


@pytest.mark.parametrize(("case", "changes", "reason"), rows("audience"))
def test_a_token_for_somebody_else_is_refused(case: Case, changes: Mapping[str, Any], reason: str) -> None:
    assert refusal(trusted(case), token(case, changes)) == reason


@pytest.mark.parametrize(("case", "changes", "reason"), rows("others"))
def test_another_kind_of_token_is_refused(case: Case, changes: Mapping[str, Any], reason: str) -> None:
    assert refusal(trusted(case), token(case, changes)) == reason


@pytest.mark.parametrize(("case", "more", "changes", "reason"), rows("tenants"))
def test_another_tenant_is_refused(
    case: Case, more: Mapping[str, Any], changes: Mapping[str, Any], reason: str
) -> None:
    assert refusal(trusted(case, **more), token(case, changes)) == reason


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("kind", ["logout+jwt", "id+jwt", "dpop+jwt", "application/okta-internal-at+jwt", "JOSE"])
def test_a_header_of_another_kind_is_refused(case: Case, kind: str) -> None:
    assert refusal(trusted(case), token(case, typ=kind)) == "kind_refused"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_token_that_is_bound_to_its_sender_is_refused(case: Case) -> None:
    assert refusal(trusted(case), token(case, {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})) == (
        "sender_bound"
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_audience_is_ever_left_open(case: Case) -> None:
    rules = trusted(case).rules
    assert rules.audience
    assert (rules.audience_claim,) in rules.required_claims
    claim = rules.audience_claim
    assert isinstance(claim, str)
    assert refusal(trusted(case), token(case, {claim: None})) in ("claim_missing", "issuer_untrusted")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_only_what_the_user_adds_can_make_it_stricter(case: Case) -> None:
    own = case.arguments.get("claim_values", {})
    strict = trusted(case, required_claims=["extra"], claim_values={**own, "level": ["gold"]})
    both = {"extra": "x", "level": "gold"}
    assert refusal(strict, token(case, both)) == ""
    assert refusal(strict, token(case, {**both, "extra": None})) == "claim_missing"
    assert refusal(strict, token(case, {**both, "level": "tin"})) == "claim_refused"
    for changes, reason in (*case.audience, *case.others):
        assert refusal(strict, token(case, {**both, **changes})) == reason
