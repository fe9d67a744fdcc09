"""The rows tell a good application from a naive one, and can be asked of any."""

from dataclasses import replace
from pathlib import Path

import pytest

import conformance.__main__ as command
from conformance.applications.another import another
from conformance.applications.naive import NAIVE
from conformance.applications.ours import OURS
from conformance.applications.settings import clock
from conformance.issuer import serving_issuers
from conformance.keys import Signers
from conformance.rows import ROWS
from conformance.run import ask, state_of

# what naive code does not look at must not end its tests either
pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


def test_a_naive_application_has_at_least_thirty_red_rows() -> None:
    cells = ask(ROWS, NAIVE)["scope"]
    red = {name for name, found in cells.items() if state_of(found) == "red"}
    let_in = {name for name, found in cells.items() if any(cell.wrong and cell.seen.status == 200 for cell in found)}
    assert len(red) >= 30, sorted(red)
    assert len(let_in) >= 20, sorted(let_in)
    assert {"A-01", "A-10", "B-13", "B-14", "B-26", "B-30", "B-40", "C-03", "F-02"} <= red
    assert state_of(cells["A-02"]) == "held", "it does let in good tokens"


def test_the_rows_are_asked_of_any_application_by_its_url_and_a_way_to_sign() -> None:
    routes = ("/public", "/read", "/read-and-write", "/read-by-rank", "/clerks", "/staff", "/close", "/echo", "/cached")
    with serving_issuers() as issuers, OURS.transports["uvicorn"](issuers) as served:
        issuers.publish("uvicorn", "default")
        host, port = served.address  # type: ignore[attr-defined]  # uvicorn is reached by sockets
        found = another(
            f"http://{host}:{port}/default/protected",
            issuer=issuers.url("uvicorn", "default"),
            audience="orders",
            algorithm="ES256",
            kid="ec",
            sign=Signers()["ec"].sign,
            routes={path: f"/default{path}" for path in routes},
            now=clock,
        )
        cells = ask(ROWS, found)["another"]
    red = {name: [cell.wrong for cell in cells if cell.wrong] for name, cells in cells.items()}
    assert {name: wrong for name, wrong in red.items() if wrong} == {}
    assert sum(not cell.not_asked for found in cells.values() for cell in found) > 200


def test_the_command_asks_one_row_of_a_named_application(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--against", "conformance.applications.naive:NAIVE", "--only", "A-01"]) == 1
    shown = capsys.readouterr().out
    assert "A-01  ✗" in shown
    assert "Authorization: bEaReR <good token>" in shown
    assert "scope: 3 requests of 3, 1 rows red." in shown


def test_the_command_refuses_what_is_no_application() -> None:
    with pytest.raises(SystemExit, match="no Application"):
        command.main(["--against", "conformance.rows:ROWS"])


def test_a_stale_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "conformance.md"
    monkeypatch.setattr(command, "PAGE", page)
    monkeypatch.setattr(command, "OURS", replace(OURS, transports={"scope": OURS.transports["scope"]}))
    monkeypatch.setattr(command, "ROWS", tuple(row for row in ROWS if row.id in ("A-04", "C-07")))
    assert command.main(["--check"]) == 1, "a page that is not there is stale"
    assert command.main([]) == 0
    written = page.read_text(encoding="utf-8")
    assert command.main(["--check"]) == 0
    page.write_text(written.replace("More than one space", "Any space"), encoding="utf-8")
    assert command.main(["--check"]) == 1
    assert command.main([]) == 0
    assert page.read_text(encoding="utf-8") == written
