"""Which room takes how long to import."""

from benchmarks.imports import ELSE, FILES, by_room

TIMES = """\
import time:       100 |        100 |   _io
import time:       200 |        300 | jwt
import time:         7 |          7 |     logging
import time:        30 |         30 |   jwt_middleware.keys.key
import time:        12 |         12 |   jwt_middleware.keys.pace
import time:         5 |          5 |   jwt_middleware.guard
import time:         4 |         58 | jwt_middleware
"""


def test_what_comes_after_jwt_is_told_by_room() -> None:
    assert by_room(TIMES) == {"jwt_middleware.keys": 42, FILES: 9, ELSE: 7}
