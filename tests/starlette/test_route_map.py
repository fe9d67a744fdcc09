"""The map of a Starlette application says what its door does."""

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Mount, Route

from jwt_middleware import asgi, scope
from jwt_middleware.route_map.check import holes
from jwt_middleware.route_map.route import UNREACHED, UNSEEN, Access
from jwt_middleware.route_map.table import to_table
from jwt_middleware.starlette import public, require
from jwt_middleware.starlette_map import route_map

from ..route_map.proof import differences, remembered, unnoticed
from . import nasty
from .callers import application as guarded_application
from .callers import guard_for
from .nasty import application, calling, raw, view


def test_the_map_of_a_nasty_application_is_its_behaviour(tmp_path: Path) -> None:
    (tmp_path / "some-value").write_text("static")
    app = application(str(tmp_path))
    found = route_map(app)
    print(to_table(found))
    with calling(app) as made:
        call = remembered(made)
        assert "\n".join(differences(found, call)) == ""
        assert unnoticed(found, call) == []


def test_every_view_of_the_nasty_application_is_in_its_map(tmp_path: Path) -> None:
    declared = set(re.findall(r'\bview\("(\w+)"', Path(nasty.__file__).read_text("utf-8")))
    ends = {each.endpoint.rpartition(".")[2] for each in route_map(application(str(tmp_path))).routes}
    assert declared - ends == {"never_reached", "same_late", "by_host"}  # an earlier one answers, and is shown


def test_paths_that_a_mounted_application_opens_by_itself_are_rows() -> None:
    legacy = asgi.JWTMiddleware(
        raw, guard=guard_for(), public_paths=["/open", "/assets/*"], unguarded_paths=[("POST", "/login")]
    )
    api = guarded_application(Route("/x", view("x")))
    app = Starlette(routes=[Mount("/legacy", legacy), Mount("/api", api)])
    found = route_map(app)
    assert {(each.path, each.access.value) for each in found.routes} == {
        ("/legacy/*", "default"),
        ("/legacy/open", "public"),
        ("/legacy/assets/*", "public"),
        ("/legacy/login", "unguarded"),
        ("/api/x", "default"),
    }
    with calling(app) as call:
        assert "\n".join(differences(found, call)) == ""
    behind = guarded_application(Mount("/legacy", legacy))
    assert {each.access for each in route_map(behind).routes} == {Access.DEFAULT}  # the outer door lets nobody there


def test_what_no_request_reaches_is_a_hole() -> None:
    app = guarded_application(
        Mount("", routes=[Route("/a", view("a", require(scope("a"))))]), Route("/b", view("b", require(scope("b"))))
    )
    found = route_map(app)
    assert [(each.access, each.notes) for each in found.routes] == [
        (Access.DECLARED, ()),
        (Access.NOBODY, (UNREACHED,)),
    ]
    assert [(each.code, each.where.split()[1]) for each in holes(found)] == [("nobody", "/b")]


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
