"""A map as JSON and back, and for people."""

import json

import pytest

from jwt_middleware import ANONYMOUS, ConfigurationError, claim, group, path, role, scope
from jwt_middleware.route_map.recorded import Recorded, from_json, to_json
from jwt_middleware.route_map.route import Access, Route, RouteMap
from jwt_middleware.route_map.table import to_markdown, to_table

ROUTES = RouteMap(
    routes=(
        Route(
            path="/health", methods=("GET", "HEAD"), access=Access.PUBLIC, declared_at="app.py:3", endpoint="app.health"
        ),
        Route(
            path="/orders/{id}",
            methods=("DELETE",),
            access=Access.DECLARED,
            requirement=(scope("a") | role("r") & ~group("g")) & claim("tenant", path("id")),
            host="{sub}.example.org",
            notes=("a note | with a bar",),
        ),
    ),
    unmapped=("groups",),
)


def test_what_was_recorded_is_read_again() -> None:
    again = from_json(to_json(ROUTES))
    assert to_json(again) == to_json(ROUTES)
    assert [each.words for each in again.routes] == [each.words for each in ROUTES.routes]
    assert again.unmapped == ("groups",)


def test_nobody_meets_what_was_recorded() -> None:
    assert Recorded("scope('a')").judge(ANONYMOUS, {}).holds is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "routes": [{}], "unmapped": []}', "[" * 100_000]
)
def test_anything_else_is_refused_with_a_mend(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--format json"):
        from_json(text)


def test_a_map_of_another_version_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="version 7"):
        from_json(json.dumps({"version": 7}))


def test_the_table_has_a_line_for_each_route_and_note() -> None:
    assert to_table(ROUTES).splitlines() == [
        "methods   route                          access    requirement                                                             declared at",
        "--------  -----------------------------  --------  ----------------------------------------------------------------------  -----------",
        "GET,HEAD  /health                        public                                                                            app.py:3",
        "DELETE    {sub}.example.org/orders/{id}  declared  (scope('a') | (role('r') & ~group('g'))) & claim('tenant', path('id'))",
        "            a note | with a bar",
    ]


def test_markdown_keeps_its_columns() -> None:
    head, line, health, orders = to_markdown(ROUTES).splitlines()
    assert head == "| methods | route | access | requirement | declared at |"
    assert health == "| GET,HEAD | `/health` | public |  | app.py:3 |"
    assert orders.count("|") - orders.count("\\|") == 6
