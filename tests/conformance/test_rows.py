"""Every row holds, over every transport."""

from collections.abc import Callable

import pytest

from conformance.applications.ours import OURS
from conformance.row import Row
from conformance.rows import ROWS
from conformance.run import Conversation

ASKED = [row for row in ROWS if row.tries]


@pytest.mark.parametrize("transport", OURS.transports)
@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.id)
def test_row_holds(row: Row, transport: str, talk: Callable[[str], Conversation]) -> None:
    cells = talk(transport).ask(row)
    assert [f"{cell.asked.request} ({cell.asked.setting}): {cell.wrong}" for cell in cells if cell.wrong] == []
    asked = [cell for cell in cells if not cell.not_asked]
    asgi_only = all(each.request.kind == "websocket" or each.setting in ("cors", "slow-keys") for each in row.tries)
    assert asked or (asgi_only and transport in ("environ", "gunicorn"))
