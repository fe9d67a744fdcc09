"""What fails a build, and what does not."""

import pytest

from jwt_middleware import ConfigurationError, Requirement, TrustedIssuer, authenticated, group, permission, role, scope
from jwt_middleware.access.marks import Mark
from jwt_middleware.key_sources.static import static
from jwt_middleware.presets import auth0
from jwt_middleware.route_map.by_path import by_path_alone
from jwt_middleware.route_map.check import holes
from jwt_middleware.route_map.report import allowances, report
from jwt_middleware.route_map.route import UNSEEN, Access, Route, RouteMap, access_of
from jwt_middleware.route_map.unmapped import unmapped
from jwt_middleware.verification.mapping import ClaimMapping


def one(access: Access, requirement: Requirement | None = None, path: str = "/x", *methods: str) -> Route:
    return Route(path=path, methods=methods or ("GET", "HEAD"), access=access, requirement=requirement)


def codes(*routes: Route, unmapped: tuple[str, ...] = (), **asked: object) -> list[str]:
    return [each.code for each in holes(RouteMap(routes=routes, unmapped=unmapped), **asked)]  # type: ignore[arg-type]  # as it is asked


@pytest.mark.parametrize("access", [Access.PUBLIC, Access.UNGUARDED])
@pytest.mark.parametrize(
    ("allowed", "found"),
    [
        ([], ["open"]),
        (["/x"], []),
        (["/*"], []),
        (["GET /x"], ["open"]),
        (["GET /x", "HEAD /x"], []),
        (["* /x"], []),
        (["/x/*"], ["open"]),
        (["/y"], ["open"]),
    ],
)
def test_what_is_open_must_be_allowed_by_name(access: Access, allowed: list[str], found: list[str]) -> None:
    assert codes(one(access), allowed=allowed) == found


def test_an_allowance_for_one_method_leaves_the_others_forgotten() -> None:
    (hole,) = holes(RouteMap(routes=(one(Access.PUBLIC),)), allowed=["GET /x"])
    assert str(hole) == "open: HEAD /x: is public; require something, or allow it by name"


def test_on_another_host_it_is_another_route() -> None:
    route = Route(path="/x", host="admin.example", methods=("GET",), access=Access.PUBLIC)
    assert codes(route, allowed=["/x"]) == ["open"]
    assert codes(route, allowed=["admin.example/x"]) == []


@pytest.mark.parametrize("entry", ["", "health", "GET", "get health"])
def test_an_allowance_that_names_no_path_is_a_mistake(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="allows no route"):
        codes(allowed=[entry])


def test_what_declares_nothing_is_a_hole_only_where_that_was_asked() -> None:
    assert codes(one(Access.DEFAULT)) == []
    assert codes(one(Access.DEFAULT), declared_only=True) == ["undeclared"]
    assert codes(one(Access.DECLARED, authenticated), declared_only=True) == []


def test_a_route_whose_path_could_not_be_tried_is_a_hole_until_it_is_allowed() -> None:
    route = Route(path="/x", methods=("GET",), access=Access.DECLARED, requirement=scope("a"), notes=(UNSEEN,))
    assert codes(route) == ["unseen"]
    assert codes(route, allowed=["/x"]) == []


def test_what_nobody_can_reach_is_a_hole() -> None:
    assert codes(one(Access.NOBODY, scope("a"))) == ["nobody"]


def test_what_no_trusted_issuer_says_cannot_be_required() -> None:
    route = one(Access.DECLARED, (role("r") | ~group("g")) & permission("p") & scope("a"))
    assert codes(route, unmapped=()) == []
    assert codes(route, unmapped=("roles",)) == ["unmapped"]
    assert codes(route, unmapped=("groups", "permissions")) == ["unmapped", "unmapped"]


def test_what_is_unmapped_is_what_no_issuer_names() -> None:
    keys = static(secret="0123456789abcdef" * 4)

    def trusts(mapping: ClaimMapping) -> TrustedIssuer:
        return TrustedIssuer("https://issuer.example", audience="a", keys=keys, mapping=mapping)

    bare = trusts(ClaimMapping(roles=None, groups=None, permissions=None))
    assert unmapped([bare]) == ("roles", "groups", "permissions")
    assert unmapped([bare, trusts(ClaimMapping(roles=None))]) == ("roles",)
    assert unmapped([trusts(ClaimMapping(permissions=None, role_permissions={"r": ["p"]}))]) == ()
    assert unmapped([]) == ()
    assert "groups" in unmapped([auth0("tenant.eu.auth0.com", audience="orders")])


@pytest.mark.parametrize(
    ("marks", "requirement", "access"),
    [
        ([], None, Access.UNGUARDED),
        ([], scope("a"), Access.NOBODY),
        ([None], None, Access.DEFAULT),
        ([Mark.PUBLIC], None, Access.PUBLIC),
        ([Mark.UNGUARDED], None, Access.UNGUARDED),
        ([Mark.UNGUARDED], scope("a"), Access.NOBODY),
        ([Mark.PUBLIC], scope("a"), Access.DECLARED),
        ([Mark.UNGUARDED, Mark.PUBLIC], None, Access.PUBLIC),
        ([Mark.UNGUARDED, None], scope("a"), Access.DECLARED),
        ([None, Mark.UNGUARDED], scope("a"), Access.NOBODY),
        ([None, Mark.UNGUARDED], None, Access.DEFAULT),
    ],
)
def test_the_strictest_door_decides(marks: list[Mark | None], requirement: Requirement | None, access: Access) -> None:
    assert access_of(marks, requirement) is access


def test_an_application_whose_routes_nobody_knows_is_told_by_its_paths() -> None:
    alone = by_path_alone(["/health"], [("POST", "/login")], [])
    assert [(each.path, each.methods, each.access.value) for each in alone] == [
        ("/login", ("POST",), "unguarded"),
        ("/health", ("*",), "public"),
        ("/*", ("*",), "default"),
    ]
    assert [each.access.value for each in by_path_alone([], [], ["/api/*"])] == ["default", "unguarded"]


def test_an_allow_list_has_comments() -> None:
    assert allowances("# who may\n/health  # everybody\n\nPOST /login\n") == ["/health", "POST /login"]


def test_a_report_fails_for_a_hole_and_for_a_change_that_is_checked() -> None:
    from jwt_middleware.route_map.recorded import to_json

    was, now = RouteMap(routes=(one(Access.DEFAULT),)), RouteMap(routes=(one(Access.PUBLIC),))
    assert not report(now).failed
    assert report(now, check=True).failed
    assert report(now, check=True, allowed=["/x"]).text == "no hole in 1 routes"
    changed = report(now, recorded=to_json(was))
    assert (changed.failed, changed.text.splitlines()[0]) == (False, "GET /x: default -> public")
    assert report(now, recorded=to_json(was), check=True, allowed=["/x"]).failed
    assert report(now, recorded=to_json(now)).text == "nobody gained or lost access"
