"""The map of a Flask application says what its door does."""

import contextvars
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, redirect
from flask.views import MethodView, View
from werkzeug.routing import BaseConverter, Rule

from jwt_middleware import authenticated, claim, group, path, permission, role, scope
from jwt_middleware.flask import JWTMiddleware, public, require, unguarded
from jwt_middleware.flask_map import route_map
from jwt_middleware.route_map.route import UNSEEN, Access
from jwt_middleware.route_map.table import to_table

from ..route_map.proof import Answer, Caller, differences, remembered, unnoticed
from .test_flask_door import bearer, guard_for

ran: contextvars.ContextVar[list[str]] = contextvars.ContextVar("ran")


def named(name: str, *decorators: Callable[[Any], Any]) -> Any:
    def view(**values: Any) -> str:
        ran.get().append(name)
        return name

    view.__qualname__ = view.__name__ = name
    for each in decorators:
        view = each(view)
    return view


def moved() -> Any:
    ran.get().append("moved")
    return redirect("/health")


class Things(MethodView):
    @public
    def get(self, **values: Any) -> str:
        ran.get().append("Things")
        return "things"

    @require(scope("a"))
    def post(self) -> str:
        return self.get()

    def delete(self) -> str:
        return self.get()


class Heir(Things):
    """Inherits methods, and no mark."""

    def get(self, **values: Any) -> str:
        ran.get().append("Heir")
        return "heir"


@require(role("r") | scope("b"))
class Guarded(MethodView):
    def get(self) -> str:
        ran.get().append("Guarded")
        return "guarded"

    @require(~group("g"))
    def put(self) -> str:
        return self.get()


class Dispatching(View):
    @require(scope("b"))
    def dispatch_request(self) -> str:
        ran.get().append("Dispatching")
        return "dispatching"


class Traced(MethodView):
    """Takes no more than it says."""

    methods = ["GET", "TRACE"]

    def get(self) -> str:
        ran.get().append("Traced")
        return "traced"

    @require(scope("a"))
    def trace(self) -> str:
        return self.get()

    def post(self) -> str:
        return self.get()


class Decorated(View):
    methods = ["GET", "OPTIONS"]
    decorators = [require(permission("p"))]

    def dispatch_request(self) -> str:
        ran.get().append("Decorated")
        return "decorated"


def application(**paths: Any) -> Flask:
    app = Flask(__name__)
    app.testing = False
    JWTMiddleware(app, guard=guard_for(), **paths)
    app.add_url_rule("/", view_func=named("home"))
    app.add_url_rule("/health", view_func=named("health", public))
    app.add_url_rule("/login", view_func=named("login", unguarded), methods=["POST"])
    app.add_url_rule("/any", view_func=named("any_genuine", require(authenticated)), methods=["GET", "PATCH"])
    app.add_url_rule("/orders", view_func=named("list_orders", require(scope("a"))), methods=["GET"])
    app.add_url_rule("/orders", view_func=named("place_order", require(scope("a"), role("r"))), methods=["POST"])
    app.add_url_rule("/orders", view_func=named("too_late", public), methods=["GET", "PUT"])
    app.add_url_rule("/items/<name>", view_func=named("item", public))
    app.add_url_rule("/items/secret", view_func=named("secret", require(role("r"))))
    app.add_url_rule("/numbers/<int(fixed_digits=4):number>", view_func=named("number", require(~role("r"))))
    app.add_url_rule("/kinds/<any(big, small):kind>", view_func=named("kind", public))
    app.add_url_rule("/tenants/<tenant>/of", view_func=named("tenant", require(claim("tenant", path("tenant")))))
    app.add_url_rule("/options", view_func=named("options", require(scope("a"))), methods=["OPTIONS", "GET"])
    app.add_url_rule("/slash/", view_func=named("slash", public))
    app.add_url_rule("/things", view_func=Things.as_view("things"))
    app.add_url_rule("/heir", view_func=Heir.as_view("heir"))
    app.add_url_rule("/guarded", view_func=Guarded.as_view("guarded"))
    app.add_url_rule("/decorated", view_func=Decorated.as_view("decorated"))
    app.add_url_rule("/dispatching", view_func=Dispatching.as_view("dispatching"))
    app.add_url_rule("/loose/", view_func=named("loose", public), strict_slashes=False)
    app.add_url_rule("/pages/", view_func=named("pages", public), defaults={"page": 1})
    app.add_url_rule("/pages/<int:page>", endpoint="pages")
    app.add_url_rule("/other-name", endpoint="list_orders", alias=True)
    app.add_url_rule(
        "/unusual", view_func=named("unusual", require(scope("a"))), methods=["PURGE"], provide_automatic_options=False
    )
    app.add_url_rule("/traced", view_func=Traced.as_view("traced"))
    app.add_url_rule("/few/<int(max=3):number>", view_func=named("few", public))
    app.add_url_rule("/share/<float(max=0.5):share>", view_func=named("share", public))
    app.add_url_rule("/code/<string(length=3):code>", view_func=named("code", public))
    app.add_url_rule("/between/<path:rest>/end", view_func=named("between", public))
    app.url_map.add(Rule("/any-method", endpoint="list_orders"))
    app.add_url_rule("/old", endpoint="old", redirect_to="/health")
    app.add_url_rule("/moved", view_func=moved)
    app.add_url_rule("/by-path", view_func=named("by_path"))
    app.add_url_rule("/by-path-shut", view_func=named("by_path_shut", require(scope("a"))))
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    inner.add_url_rule("/needs", view_func=named("inner_needs", require(permission("p") | group("g"))))
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    outer.add_url_rule("/open", view_func=named("outer_open", public))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.register_blueprint(inner, url_prefix="/again", name="again")
    app.add_url_rule("/<path:rest>", view_func=named("catch_all", require(group("g"))))
    return app


def caller_of(app: Flask) -> Callable[[str, str, str, Caller], Answer]:
    client = app.test_client()

    def call(host: str, method: str, path: str, caller: Caller) -> Answer:
        headers = {"Authorization": "Bearer x.y.z"} if caller.kind == "bad" else {}
        if caller.kind == "genuine":
            headers = bearer(**caller.claims)
        here: list[str] = []
        ran.set(here)
        return Answer(client.open(path, method=method, headers=headers).status_code, here)

    return call


PATHS = (
    {"public_paths": ["/by-path", "/static/*"], "unguarded_paths": ["/by-path-shut"]},
    {"guarded_paths": ["/orders", "/outer/*", ("POST", "/things")]},
)


@pytest.mark.parametrize("paths", PATHS)
def test_the_map_of_a_nasty_application_is_its_behaviour(paths: dict[str, Any]) -> None:
    app = application(**paths)
    found = route_map(app)
    print(to_table(found))
    call = remembered(caller_of(app))
    assert "\n".join(differences(found, call)) == ""
    assert unnoticed(found, call) == []


def test_every_view_of_the_nasty_application_is_in_its_map() -> None:
    declared = set(re.findall(r'\bnamed\("(\w+)"', Path(__file__).read_text("utf-8")))
    ends = {each.endpoint.rpartition(".")[2] for each in route_map(application()).routes}
    assert declared - ends == {"open", "shut", "of_api", "of_shop", "of_tenant", "of_inner"}  # of other applications


SERVER = "example.org:5000"


@pytest.mark.parametrize("whole_hosts", [False, True])
@pytest.mark.filterwarnings("ignore:Current server name")  # of a path that begins with two slashes
def test_the_map_of_an_application_of_many_hosts_is_its_behaviour(whole_hosts: bool) -> None:
    app = Flask(__name__, static_folder=None, host_matching=whole_hosts, subdomain_matching=not whole_hosts)
    app.testing = False
    if not whole_hosts:  # for Flask 3.0 the name of a server is the one host there is
        app.config["SERVER_NAME"] = SERVER
    JWTMiddleware(app, guard=guard_for())

    def on(sub: str) -> dict[str, Any]:
        return {"host": f"{sub}.{SERVER}"} if whole_hosts else {"subdomain": sub}

    app.add_url_rule("/orders", view_func=named("of_api", public), **on("api"))
    app.add_url_rule("/orders", view_func=named("of_shop", require(scope("a"))), **on("shop"))
    app.add_url_rule("/of", view_func=named("of_tenant", require(claim("tenant", path("tenant")))), **on("<tenant>"))
    inner = Blueprint("inner", __name__, url_prefix="/inner", subdomain=None if whole_hosts else "inner")
    here: dict[str, Any] = on("inner") if whole_hosts else {}
    inner.add_url_rule("/open", view_func=named("of_inner", public), **here)
    app.register_blueprint(inner)
    client = app.test_client()

    def call(host: str, method: str, path: str, caller: Caller) -> Answer:
        here: list[str] = []
        ran.set(here)
        named_host = host.replace("<tenant>", "some-value")
        url = f"http://{named_host}" if whole_hosts else f"http://{named_host}.{SERVER}"
        headers = {"Authorization": "Bearer x.y.z"} if caller.kind == "bad" else {}
        headers = bearer(**caller.claims) if caller.kind == "genuine" else headers
        return Answer(client.open(path, base_url=url, method=method, headers=headers).status_code, here)

    found, asked = route_map(app), remembered(call)
    assert len(found.routes) == 4
    assert "\n".join(differences(found, asked)) == ""
    assert unnoticed(found, asked) == []


def test_without_the_door_everything_is_unguarded_and_what_requires_something_is_for_nobody() -> None:
    app = Flask(__name__)
    app.add_url_rule("/open", view_func=named("open"))
    app.add_url_rule("/shut", view_func=named("shut", require(scope("a"))))
    found = route_map(app)
    assert {each.path: each.access for each in found.routes} == {
        "/open": Access.UNGUARDED,
        "/shut": Access.NOBODY,
        "/static/<path:filename>": Access.UNGUARDED,
    }


def test_where_no_example_is_found_the_mark_counts_and_the_row_says_so() -> None:
    class Odd(BaseConverter):
        regex = "odd{9}"

    app = Flask(__name__, static_folder=None)
    app.url_map.converters["odd"] = Odd
    JWTMiddleware(app, guard=guard_for())
    app.add_url_rule("/<odd:x>", view_func=named("open", public))
    app.add_url_rule("/more/<odd:x>", view_func=named("shut", require(scope("a"))))
    found = route_map(app).routes
    assert [(each.access, each.notes) for each in found] == [(Access.PUBLIC, (UNSEEN,)), (Access.DECLARED, (UNSEEN,))]
