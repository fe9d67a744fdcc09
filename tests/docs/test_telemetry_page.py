"""docs/telemetry.md: its events are those of the code, its code runs, and its line of the audit log is one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import Check, Decision, Guard, Verdict
from jwt_middleware.events import EVENTS
from jwt_middleware.observers.audit import AuditObserver

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "telemetry.md").read_text(encoding="utf-8")


def test_every_event_stands_there_with_levels_and_fields() -> None:
    table = PAGE.partition("| event | level |")[2].partition("\n\n")[0]
    written = {
        name: (tuple(levels.split(", ")), tuple(re.findall(r"`(\w+)`", fields)), means)
        for name, levels, fields, means in re.findall(
            r"^\| `(\w+)` \| ([A-Z, ]+) \| (.*?) \| (.*) \|$", table, re.MULTILINE
        )
    }
    assert written == {name: (each.levels, each.fields, each.means) for name, each in EVENTS.items()}


def test_the_code_runs_as_it_stands() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        found: dict[str, Any] = {}
        exec(block, found)
        assert isinstance(found["guard"], Guard)
        audit = found.get("audit")
        if audit is not None:
            audit.handlers.clear()
            audit.propagate = True
            audit.setLevel(0)


def test_the_line_of_the_audit_log_is_one() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    words = "permission('orders.close')"
    decision = Decision(
        admitted=False,
        reason="requirement_not_met",
        method="POST",
        path="/orders/7/close",
        issuer="https://idp.example.com",
        subject="alice",
        client_id="shop",
        token_id="8a1f",
        actors=("checkout",),
        requirement=words,
        checks=(Check("requirement met", False),),
        missing=("permission orders.close",),
        explanation=Verdict(words, False, "the caller has no permissions"),
    )
    observer = AuditObserver(trace_id=lambda: "4bf92f3577b34da6a3ce929d0e0e4736", clock=lambda: 1_800_000_000.0)
    assert json.loads(shown.replace("\n", " ")) == observer._entry(decision)


def anchors_of(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("name", ["telemetry.md", "hooks.md"])
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    page = (DOCS / name).read_text("utf-8")
    links = re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page)
    assert links
    for file, anchor in links:
        target = DOCS / (file or name)
        assert target.is_file(), file
        assert not anchor or anchor in anchors_of(target.read_text("utf-8")), f"{file}#{anchor}"
