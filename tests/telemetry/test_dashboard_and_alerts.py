"""docs/telemetry/: whatever dashboard and alerts ask for is emitted, and whatever is emitted is asked for."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware.errors import REASONS
from jwt_middleware.observers.opentelemetry.metrics import CACHE, ISSUER, OUTCOME, REASON

from .scene import KEY, every_outcome, recorded

PLACE = Path(__file__).parents[2] / "docs" / "telemetry"
PAGE = (PLACE.parent / "telemetry.md").read_text("utf-8")
ALERTS = (PLACE / "alerts.yml").read_text("utf-8")
BOARD = json.loads((PLACE / "dashboard.json").read_text("utf-8"))
EXPRESSIONS = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
VARIABLES = [each["definition"] for each in BOARD["templating"]["list"] if each["type"] == "query"]
OF_PROMETHEUS = {"job", "instance", "le"}  # labels that no application emits


def names_in(text: str) -> set[str]:
    """Every metric of ours, whatever its name: all that is not one of our labels."""
    found = {re.sub("_(bucket|count|sum)$", "", name) for name in re.findall(r"\bjwt_middleware_\w+", text)}
    return found - {name.replace(".", "_") for name in (OUTCOME, REASON, CACHE, ISSUER)}


@pytest.fixture(scope="module")
def emitted() -> dict[str, set[str]]:
    """Each metric that Prometheus would scrape, with its labels, after everything has happened."""
    with recorded(prometheus=True) as there:
        observer = there.observer(user_id_key=KEY)
        every_outcome(observer)
        every_outcome(observer, awaited=True)
        text = there.prometheus()
    found: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^(jwt_middleware\w+?)(?:_bucket|_count|_sum)?(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return {name: labels for name, labels in found.items() if not name.endswith("_created")}


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("needs promtool, of the Debian package prometheus")
    return found


def test_what_dashboard_and_alerts_ask_for_is_what_is_emitted(emitted: dict[str, set[str]]) -> None:
    shown, alerted = names_in("\n".join([*EXPRESSIONS, *VARIABLES])), names_in(ALERTS)
    assert shown == set(emitted)
    assert alerted <= set(emitted)


def test_a_name_that_nobody_emits_is_noticed(emitted: dict[str, set[str]]) -> None:
    assert names_in("rate(jwt_middleware_made_up{jwt_middleware_reason='x'}[5m])") == {"jwt_middleware_made_up"}
    assert "jwt_middleware_made_up" not in emitted


def test_labels_that_are_asked_for_are_emitted(emitted: dict[str, set[str]]) -> None:
    known = set().union(*emitted.values()) | OF_PROMETHEUS
    text = "\n".join([*EXPRESSIONS, *VARIABLES, ALERTS])
    selected = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\\?\"", text)) - {"severity"}
    grouped = {each.strip() for names in re.findall(r"\bby \(([\w, ]+)\)", text) for each in names.split(",")}
    assert selected | grouped <= known


def test_the_page_lists_what_is_emitted(emitted: dict[str, set[str]]) -> None:
    table = set(re.findall(r"^\| `jwt_middleware\.[\w.]+` \| `(jwt_middleware_\w+)` \|", PAGE, re.MULTILINE))
    assert table == set(emitted)


def test_reasons_that_are_named_exist() -> None:
    for expression in re.findall(r'jwt_middleware_reason=~"([^"]+)"', ALERTS + "\n".join(EXPRESSIONS)):
        for alternative in expression.split("|"):
            assert any(re.fullmatch(alternative, reason) for reason in REASONS), alternative


def test_panels_have_names_of_their_own_and_do_not_overlap() -> None:
    panels: list[dict[str, Any]] = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells and max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["description"].endswith(".")
    variables = {each["name"] for each in BOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(panels)))
    assert used == variables | {"__rate_interval"}


def test_the_alert_rules_are_rules(promtool: str) -> None:
    done = subprocess.run([promtool, "check", "rules", "alerts.yml"], cwd=PLACE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{ALERTS.count('- alert:')} rules found" in done.stdout


def test_the_expressions_of_the_dashboard_are_expressions(promtool: str, tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m").replace("$", "")}
        for number, expression in enumerate(EXPRESSIONS)
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")  # JSON is YAML
    done = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_fire_when_they_must_and_not_before(promtool: str, tmp_path: Path) -> None:
    tests = (PLACE / "alerts_test.yml").read_text("utf-8")
    assert set(re.findall(r"alertname: (\w+)", tests)) == set(re.findall(r"- alert: (\w+)", ALERTS))
    (tmp_path / "alerts_test.yml").write_text(tests, "utf-8")
    for rules, passes in ((ALERTS, True), (ALERTS.replace("== 0\n", "== 2\n"), False)):
        (tmp_path / "alerts.yml").write_text(rules, "utf-8")
        done = subprocess.run(
            [promtool, "test", "rules", "alerts_test.yml"], cwd=tmp_path, capture_output=True, text=True
        )
        assert (done.returncode == 0) is passes, done.stdout + done.stderr
