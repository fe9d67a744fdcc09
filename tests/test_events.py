"""Every record of the log is an event that is listed, with its level and its fields."""

import ast
import functools
import logging
from pathlib import Path
from typing import Any

from jwt_middleware.events import EVENTS

PACKAGE = Path(__file__).parents[1] / "jwt_middleware"
LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")


@functools.cache
def sources() -> list[tuple[str, ast.Module]]:
    """What logs; the command line and its demo talk to people."""
    files = [file for file in PACKAGE.rglob("*.py") if "cli" not in file.relative_to(PACKAGE).parts]
    texts = [(str(file.relative_to(PACKAGE)), file.read_text("utf-8")) for file in files]
    return [(name, ast.parse(text)) for name, text in texts if "logging" in text]


def calls() -> list[tuple[str, str, ast.Call]]:
    """File, method and call of everything that is logged."""
    found = []
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                if isinstance(node.func.value, ast.Name) and "log" in node.func.value.id:
                    found.append((name, node.func.attr, node))
    return found


def made_by(call: ast.Call) -> tuple[str, set[str]]:
    """The name and the fields of ``extra=event("name", field=...)``."""
    extra = next((each.value for each in call.keywords if each.arg == "extra"), None)
    assert isinstance(extra, ast.Call) and ast.unparse(extra.func) == "event", ast.unparse(call)
    name = ast.literal_eval(extra.args[0])
    fields = {each.arg for each in extra.keywords if each.arg is not None}
    if any(each.arg is None for each in extra.keywords):  # the fields of a decision, in the log observer
        fields |= {"reason", "method", "path", "issuer", "subject"}
    return name, fields


def test_every_record_is_an_event_with_the_fields_that_are_listed() -> None:
    found: dict[str, set[str]] = {}
    for file, method, call in calls():
        name, fields = made_by(call)
        assert fields == set(EVENTS[name].fields), f"{file}: {name}"
        if method != "log":
            assert method.upper() in EVENTS[name].levels, f"{file}: {name}"
        found.setdefault(name, set()).add(file)
    assert set(found) == set(EVENTS)
    for name in set(EVENTS) - {"hook_failed"}:
        assert len(found[name]) == 1, f"{name} is logged in several files: {found[name]}"


def test_no_field_has_a_name_that_records_have_already() -> None:
    record: Any = logging.makeLogRecord({})
    fields = {"event", *(field for each in EVENTS.values() for field in each.fields)}
    assert not [field for field in fields if hasattr(record, field) or field in ("message", "asctime")]


def test_there_are_two_loggers() -> None:
    made = [node for _, tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {ast.literal_eval(call.args[0]) for call in made if ast.unparse(call.func) == "logging.getLogger"}
    assert names == {"jwt_middleware", "jwt_middleware.audit"}
