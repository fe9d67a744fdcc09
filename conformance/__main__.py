"""``python -m conformance``: ask every row, print the matrix, and write it down."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from .applications.application import Application
from .applications.ours import OURS
from .matrix import document, short
from .rows import ROWS
from .run import ask, state_of

PAGE: Final = Path(__file__).parents[1] / "docs" / "conformance.md"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m conformance", description="Ask an application what standards demand.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if docs/conformance.md is stale")
    parser.add_argument("--against", metavar="MODULE:NAME", help="ask another application, and write nothing")
    parser.add_argument("--only", default="", metavar="ID,ID", help="these rows alone, and write nothing")
    asked = parser.parse_args(arguments)
    application = OURS if asked.against is None else _named(asked.against)
    wanted = {each.strip() for each in asked.only.split(",") if each.strip()}
    rows = [row for row in ROWS if not wanted or row.id in wanted]
    results = ask(rows, application)
    print(f"{application.name}: {', '.join(results)}\n")
    print("\n".join(short(rows, results)))
    failed = any(state_of(cells) == "red" for found in results.values() for cells in found.values())
    if application is OURS and not wanted:
        page = document(rows, results, application.words)
        if asked.check and (not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page):
            print("\ndocs/conformance.md is stale: run python -m conformance and look at what has changed")
            return 1
        if not asked.check:
            PAGE.write_text(page, encoding="utf-8")
    return 1 if failed else 0


def _named(place: str) -> Application:
    module, _, name = place.partition(":")
    found = getattr(import_module(module), name)
    if not isinstance(found, Application):
        raise SystemExit(f"{place} is no Application; see conformance.applications.another")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
