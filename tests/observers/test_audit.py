"""One line of JSON for every decision."""

import json
import logging
from dataclasses import replace

import pytest

from jwt_middleware import Check, Decision, Guard, RequestInfo, TrustedIssuer, Verdict, role
from jwt_middleware.key_sources.static import static
from jwt_middleware.observers.audit import AuditObserver
from jwt_middleware.waiting import run
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

REFUSED = Decision(admitted=False, reason="token_missing", method="GET", path="/orders", checks=(Check("a", False),))


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "jwt_middleware.audit"]


def test_who_what_which_rule_why_and_in_which_trace(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jwt_middleware.audit")
    observer = AuditObserver(trace_id=lambda: "abc", clock=lambda: 1_800_000_000.25)
    guard = Guard(TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec"))), observers=[observer])
    token = mint(client_id="shop", jti="one", act={"sub": "checkout"}, roles=["clerk"])
    request = RequestInfo(
        method="POST", path="/orders", header=lambda name: [f"Bearer {token}"] if name == "authorization" else []
    )
    caller = guard.conclude(run(guard.admit(request))).principal
    with pytest.raises(Exception, match="lacks"):
        guard.demand(caller, role("boss"), {})
    admitted, refused = lines(caplog)
    who = {"issuer": ISSUER, "subject": "alice", "client_id": "shop", "token_id": "one", "actors": ["checkout"]}
    assert admitted == {
        "time": "2027-01-15T08:00:00.250+00:00",
        "event": "decision",
        "outcome": "admitted",
        "reason": "admitted",
        **who,
        "method": "POST",
        "path": "/orders",
        "requirement": "",
        "check": "",
        "missing": [],
        "because": [],
        "cause": "",
        "trace_id": "abc",
    }
    assert {**refused, **who} == refused
    assert (refused["outcome"], refused["reason"], refused["requirement"]) == (
        "refused",
        "requirement_not_met",
        "role('boss')",
    )
    assert refused["missing"] == ["role boss"] and refused["check"] == "requirement met"
    assert isinstance(refused["because"], list) and "clerk" in refused["because"][0]
    assert token not in caplog.text and token.split(".")[1] not in caplog.text


@pytest.mark.parametrize("evil", ["\r\n{}", "\x00\x1b[31m", "\u2028\u0085", '"},{"a":"', "\ud800", "ä"])
def test_what_callers_send_starts_no_line_and_no_field(caplog: pytest.LogCaptureFixture, evil: str) -> None:
    caplog.set_level(logging.INFO, "jwt_middleware.audit")
    AuditObserver().decided(replace(REFUSED, path=evil, method=evil, subject=evil, missing=[evil]))
    (record,) = caplog.records
    line = record.getMessage()
    assert line.isascii() and line.isprintable()
    entry = json.loads(line)
    assert entry["path"] == entry["method"] == entry["subject"] == entry["missing"][0] == evil


def test_every_text_and_list_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jwt_middleware.audit")
    long = "x" * 100_000
    verdict = Verdict(long, False, long, parts=[Verdict(long, False, long) for _ in range(100)])
    fields = dict.fromkeys(("method", "path", "issuer", "subject", "client_id", "token_id", "requirement"), long)
    many = replace(REFUSED, missing=[long] * 100, actors=[long] * 100, explanation=verdict, **fields)  # type: ignore[arg-type]  # texts
    AuditObserver(trace_id=lambda: long).decided(many)
    (record,) = caplog.records
    assert len(record.getMessage()) < 50_000
    (entry,) = lines(caplog)
    assert {len(str(entry[name])) for name in fields} == {512}
    assert len(entry["missing"]) == len(entry["because"]) == len(entry["actors"]) == 20  # type: ignore[arg-type]  # lists


def test_refusals_alone_by_choice_and_nothing_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jwt_middleware.audit")
    admitted = Decision(admitted=True, reason="admitted")
    for decision in (admitted, REFUSED):
        AuditObserver(admissions=False).decided(decision)
    assert [each["outcome"] for each in lines(caplog)] == ["refused"]
    caplog.clear()
    caplog.set_level(logging.WARNING, "jwt_middleware.audit")
    AuditObserver(trace_id=lambda: 1 / 0).decided(REFUSED)  # type: ignore[arg-type,return-value]  # never called
    assert caplog.records == []
