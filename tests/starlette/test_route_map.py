"""The map of a Starlette application says what its door does."""

from pathlib import Path

from jwt_middleware.route_map.table import to_table
from jwt_middleware.starlette_map import route_map

from ..route_map.proof import differences
from .nasty import application, caller_of


def test_the_map_of_a_nasty_application_is_its_behaviour(tmp_path: Path) -> None:
    (tmp_path / "some-value").write_text("static")
    app = application(str(tmp_path))
    found = route_map(app)
    print(to_table(found))
    assert "\n".join(differences(found, caller_of(app))) == ""
