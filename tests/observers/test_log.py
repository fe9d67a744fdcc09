"""One log line for every refusal."""

import logging
from dataclasses import replace

import pytest

from jwt_middleware import Check, Decision, Verdict
from jwt_middleware.observers.log import LogObserver

REFUSED = Decision(
    admitted=False,
    reason="requirement_not_met",
    method="GET",
    path="/orders\r\nforged=line",
    issuer="https://issuer.example",
    subject="alice\nforged",
    checks=(Check("token present", True), Check("requirement met", False)),
    missing=("role clerk",),
)


def test_a_refusal_is_one_line_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "jwt_middleware")
    LogObserver().decided(REFUSED)
    (record,) = caplog.records
    line = record.getMessage()
    assert record.levelno == logging.INFO
    assert "reason=requirement_not_met" in line
    assert "role clerk" in line
    assert "check='requirement met'" in line
    assert "\n" not in line and "\r" not in line


def test_an_outage_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    LogObserver().decided(Decision(admitted=False, reason="keys_unavailable", cause="TimeoutError"))
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "cause=TimeoutError" in record.getMessage()


def test_admissions_are_logged_by_choice(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "jwt_middleware")
    admitted = Decision(admitted=True, reason="admitted", method="GET", path="/orders")
    LogObserver().decided(admitted)
    assert caplog.records == []
    LogObserver(admissions=True).decided(admitted)
    assert "admitted reason=admitted" in caplog.records[0].getMessage()


def test_a_decision_knows_which_check_failed() -> None:
    assert REFUSED.failed == "requirement met"
    assert Decision(admitted=True, reason="admitted").failed == ""


def test_an_explanation_is_logged_where_it_was_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "jwt_middleware")
    parts = (Verdict("scope('a')", True), Verdict("role('r')", False, "the caller has no roles\nforged"))
    explained = replace(REFUSED, explanation=Verdict("scope('a') & role('r')", False, parts=parts))
    for observer in (LogObserver(), LogObserver(explanations=True)):
        observer.decided(explained)
    LogObserver(explanations=True).decided(REFUSED)
    silent, told, nothing = (each.getMessage() for each in caplog.records)
    assert "because=" not in silent + nothing
    assert (
        "because=\"no: scope('a') & role('r') [yes: scope('a'); no: role('r') (the caller has no roles\\nforged)]"
        in told
    )
    assert "\n" not in told
