"""The map of a Starlette application says what its door does."""

from pathlib import Path

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Mount, Route

from jwt_middleware import scope
from jwt_middleware.route_map.route import UNSEEN, Access
from jwt_middleware.route_map.table import to_table
from jwt_middleware.starlette import public, require
from jwt_middleware.starlette_map import route_map

from ..route_map.proof import differences
from .callers import application as guarded_application
from .nasty import application, caller_of, view


def test_the_map_of_a_nasty_application_is_its_behaviour(tmp_path: Path) -> None:
    (tmp_path / "some-value").write_text("static")
    app = application(str(tmp_path))
    found = route_map(app)
    print(to_table(found))
    assert "\n".join(differences(found, caller_of(app))) == ""


def test_where_no_example_is_found_the_mark_counts_and_the_row_says_so() -> None:
    class Odd(Convertor[str]):
        regex = "odd{9}"

        def convert(self, value: str) -> str:
            return value

        def to_string(self, value: str) -> str:
            return value

    register_url_convertor("odd_in_this_test", Odd())
    app = guarded_application(
        Route("/{x:odd_in_this_test}", view("open", public)),
        Mount("/more/{x:odd_in_this_test}", routes=[Route("/shut", view("shut", require(scope("a"))))]),
    )
    found = route_map(app).routes
    assert [(each.access, each.notes) for each in found] == [(Access.PUBLIC, (UNSEEN,)), (Access.DECLARED, (UNSEEN,))]
