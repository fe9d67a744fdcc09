"""What is special to the Flask door; what every door does stands in the contract table."""

import functools
import threading
import time
import types
from collections.abc import Iterator
from typing import Any
from wsgiref.types import WSGIEnvironment
from wsgiref.util import FileWrapper, setup_testing_defaults

import jwt
import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    copy_current_request_context,
    current_app,
    g,
    request,
    send_file,
    stream_with_context,
)
from flask.typing import ResponseReturnValue
from flask.views import MethodView, View
from werkzeug.exceptions import NotFound

from jwt_middleware import (
    ANONYMOUS,
    AuthError,
    ConfigurationError,
    Decision,
    Forbidden,
    Guard,
    TrustedIssuer,
    authenticated,
    authorization_header,
    carry_principal,
    claim,
    path,
    role,
    scope,
    token_in_cookie,
)
from jwt_middleware.access.current import current_passage
from jwt_middleware.flask import JWTMiddleware, current_principal, demand, public, require, unguarded
from jwt_middleware.key_sources.static import static

ISSUER = "https://issuer.example"
SECRET = "0123456789abcdef" * 4


def guard_for(audience: str = "orders", **arguments: Any) -> Guard:
    return Guard(TrustedIssuer(ISSUER, audience=audience, keys=static(secret=SECRET)), **arguments)


def bearer(subject: str = "alice", audience: str = "orders", **changes: Any) -> dict[str, str]:
    claims = {"iss": ISSUER, "aud": audience, "sub": subject, "exp": time.time() + 300, **changes}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


READER = {"scope": "orders:read"}


def whoami() -> str:
    return current_principal().subject or "anonymous"


def build(**options: Any) -> Flask:
    """A factory as Flask's documentation writes it: the door comes before the routes."""
    app = Flask("shop", static_folder=None)
    app.testing = True
    JWTMiddleware(app, guard=guard_for(), **options)
    app.add_url_rule("/", "whoami", whoami)
    return app


@pytest.fixture
def app() -> Flask:
    return build()


@pytest.fixture(autouse=True)
def nobody_is_left_behind() -> Iterator[None]:
    yield
    assert current_passage() is None


# Where the principal is


def test_the_caller_is_in_g_and_current_principal(app: Flask) -> None:
    @app.get("/both")
    def both() -> str:
        assert g.principal is current_principal()
        return whoami()

    assert app.test_client().get("/both", headers=bearer()).text == "alice"
    assert current_passage() is None


def test_after_request_and_teardown_see_the_caller(app: Flask) -> None:
    seen: list[str] = []

    @app.after_request
    def after(response: Response) -> Response:
        seen.append(f"after {whoami()}")
        return response

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append(f"teardown {whoami()}")

    app.test_client().get("/", headers=bearer())
    app.test_client().get("/")
    assert seen == ["after alice", "teardown alice", "after anonymous", "teardown anonymous"]


def test_an_async_view_sees_the_caller(app: Flask) -> None:
    @app.get("/async")
    @require(scope("orders:read"))
    async def view() -> str:
        demand(authenticated)
        return whoami()

    client = app.test_client()
    assert client.get("/async", headers=bearer(**READER)).text == "alice"
    assert client.get("/async", headers=bearer()).status_code == 403
    assert client.get("/async").status_code == 401


@pytest.mark.parametrize("with_context", [True, False])
def test_a_streamed_body_sees_its_caller_and_nobody_afterwards(app: Flask, with_context: bool) -> None:
    seen: list[str] = []

    @app.get("/stream")
    def stream() -> ResponseReturnValue:
        def chunks() -> Iterator[str]:
            try:
                seen.append(f"first {whoami()}")
                if with_context:
                    demand(authenticated)
                yield whoami()
                yield whoami()
            finally:
                seen.append(f"closed {whoami()}")

        return stream_with_context(chunks()) if with_context else chunks()

    assert app.test_client().get("/stream", headers=bearer(), buffered=True).text == "alicealice"
    assert seen[0] == "first alice" and seen[-1] == "closed alice"
    response = app.test_client().get("/stream", headers=bearer("bob"))
    response.close()
    assert seen[-1] == "closed bob"
    assert current_passage() is None


def test_a_generator_view_is_refused_before_it_starts(app: Flask) -> None:
    @app.get("/generator")
    @require(scope("orders:read"))
    def generator() -> Iterator[str]:
        yield whoami()

    client = app.test_client()
    assert client.get("/generator", headers=bearer()).status_code == 403
    assert client.get("/generator", headers=bearer(**READER)).text == "alice"


def test_a_sent_file_keeps_the_way_of_the_server(app: Flask, tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("content")
    app.add_url_rule("/file", "file", lambda: send_file(tmp_path / "a.txt"))
    environ: WSGIEnvironment = {"HTTP_AUTHORIZATION": bearer()["Authorization"], "wsgi.file_wrapper": FileWrapper}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = "/file"
    body = app(environ, lambda *_: lambda data: None)
    assert isinstance(body, FileWrapper)
    assert b"".join(body) == b"content"
    body.close()


def test_a_view_that_calls_its_own_application_keeps_its_own_caller(app: Flask) -> None:
    @app.get("/batch")
    def batch() -> str:
        inner = current_app.test_client()
        names = [inner.get("/", headers=bearer("bob")).text, inner.get("/").status]
        assert g.principal.subject == "alice"
        return f"{names} {whoami()}"

    assert app.test_client().get("/batch", headers=bearer()).text == "['bob', '401 UNAUTHORIZED'] alice"


def test_two_guarded_applications_in_one_thread(app: Flask) -> None:
    other = Flask("other")
    other.testing = True
    JWTMiddleware(other, guard=guard_for("stock"))
    other.add_url_rule("/", "whoami", whoami)

    @app.get("/outer")
    def outer() -> str:
        client = other.test_client()
        assert client.get("/", headers=bearer("carol")).status_code == 401
        return client.get("/", headers=bearer("bob", "stock")).text + whoami()

    assert app.test_client().get("/outer", headers=bearer()).text == "bobalice"


def test_the_caller_of_an_outer_application_counts_for_nothing_in_an_unguarded_inner_one(app: Flask) -> None:
    inner = Flask("inner")
    inner.testing = True

    @inner.get("/")
    @require(authenticated)
    def private() -> str:
        return "reached"

    @app.get("/outer")
    def outer() -> str:
        with pytest.raises(ConfigurationError, match="nothing guards"):
            inner.test_client().get("/")
        return "refused"

    assert app.test_client().get("/outer", headers=bearer()).text == "refused"


def test_a_shared_application_context_hands_no_caller_on(app: Flask) -> None:
    with app.app_context():
        assert app.test_client().get("/", headers=bearer()).text == "alice"
        g.principal = "theirs"
        assert app.test_client().get("/").status_code == 401


def test_an_open_view_that_calls_its_guarded_application_gains_no_caller() -> None:
    app = build(guarded_paths=["/"])

    @app.get("/open")
    def view() -> str:
        app.test_client().get("/", headers=bearer())
        return f"{'principal' in g} {whoami()}"

    assert app.test_client().get("/open").text == "False anonymous"


def test_a_kept_client_context_and_a_test_request_context(app: Flask) -> None:
    with app.test_client() as client:
        client.get("/", headers=bearer())
        assert g.principal.subject == "alice"
        client.get("/")
        assert g.principal is ANONYMOUS
    with app.test_request_context("/", headers=bearer()):
        assert app.preprocess_request() is None
        assert current_principal().subject == "alice"
    assert current_passage() is None


def test_threads_of_a_view_see_the_caller_when_carried(app: Flask) -> None:
    @app.get("/thread")
    def view() -> str:
        seen: list[str] = []

        def work() -> None:
            demand(scope("orders:read"))
            seen.append(whoami())

        thread = threading.Thread(target=carry_principal(copy_current_request_context(work)))
        thread.start()
        thread.join(20)
        return "".join(seen)

    assert app.test_client().get("/thread", headers=bearer(**READER)).text == "alice"


def test_callers_in_parallel_threads_never_mix(app: Flask) -> None:
    barrier = threading.Barrier(6, timeout=20)

    @app.get("/slow")
    @require(authenticated)
    def slow() -> ResponseReturnValue:
        barrier.wait()
        first = whoami() + g.principal.subject

        def chunks() -> Iterator[str]:
            barrier.wait()
            yield f"{first}{whoami()}"

        return Response(chunks())

    found: dict[str, str] = {}

    def call(name: str) -> None:
        found[name] = app.test_client().get("/slow", headers=bearer(name), buffered=True).text

    threads = [threading.Thread(target=call, args=(f"c{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {f"c{number}": f"c{number}" * 3 for number in range(6)}


# Deny by default


def test_everything_but_marked_routes_is_guarded(tmp_path: Any) -> None:
    (tmp_path / "a.css").write_text("css")
    app = Flask("shop", static_folder=str(tmp_path), static_url_path="/static")
    app.testing = True
    JWTMiddleware(app, guard=guard_for())
    app.add_url_rule("/slash/", "slash", public(lambda: "slash"))
    app.add_url_rule("/private", "private", lambda: "private", methods=["GET", "POST"])
    app.add_url_rule("/open", "open", public(lambda: "open"))
    app.add_url_rule("/split", "split_get", public(lambda: "open"), methods=["GET"])
    app.add_url_rule("/split", "split_post", lambda: "private", methods=["POST"])
    client = app.test_client()
    cases = [
        ("GET", "/private", 401, 200),
        ("HEAD", "/private", 401, 200),
        ("OPTIONS", "/private", 401, 200),
        ("DELETE", "/private", 401, 405),
        ("GET", "/unknown", 401, 404),
        ("GET", "/slash", 401, 308),
        ("GET", "/slash/", 200, 200),
        ("GET", "/static/a.css", 401, 200),
        ("GET", "/open", 200, 200),
        ("HEAD", "/open", 200, 200),
        ("DELETE", "/open", 405, 405),
        ("GET", "/split", 200, 200),
        ("POST", "/split", 401, 200),
        ("DELETE", "/split", 401, 405),
    ]
    for method, where, anonymous, genuine in cases:
        answer = client.open(where, method=method, buffered=True)
        assert answer.status_code == anonymous, (method, where)
        seen = client.open(where, method=method, headers=bearer(), buffered=True)
        assert seen.status_code == genuine, (method, where)
        if method == "HEAD":
            assert answer.data == b""


def test_a_preflight_passes_and_cors_headers_reach_refusals(app: Flask) -> None:
    @app.after_request
    def cors(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "https://app.example"
        return response

    app.add_url_rule("/boss", "boss", require(role("boss"))(lambda: "boss"))
    client = app.test_client()
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    assert client.options("/boss", headers=asked).status_code == 200
    assert client.options("/boss", headers={"Origin": "https://app.example"}).status_code == 401
    for answer in (client.get("/boss"), client.get("/boss", headers=bearer(roles=["clerk"]))):
        assert answer.status_code in (401, 403)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert answer.content_type == "application/problem+json"


def test_nothing_of_the_application_runs_before_the_guard() -> None:
    app = Flask("shop")
    app.testing = True
    app.add_url_rule("/", "whoami", whoami)

    @app.url_value_preprocessor
    def tenant(endpoint: str | None, values: dict[str, Any] | None) -> None:
        raise NotFound

    @app.before_request
    def reached() -> str:
        raise AssertionError("reached")

    JWTMiddleware(app, guard=guard_for())
    assert app.test_client().get("/").status_code == 401
    assert app.test_client().get("/", headers=bearer()).status_code == 404


@pytest.mark.parametrize("where", ["app", "blueprint"])
def test_a_method_or_route_that_is_rewritten_after_the_guard_looked_is_not_public_any_more(where: str) -> None:
    class Item(MethodView):
        @public
        def get(self) -> str:
            return "get"

        def delete(self) -> str:
            return "deleted"

    app = build()
    shop = Blueprint("shop", __name__)
    shop.add_url_rule("/item", view_func=Item.as_view("item"))
    shop.add_url_rule("/open", "open", public(lambda: "open"))
    shop.add_url_rule("/private", "private", lambda: "private")

    def rewrite() -> None:
        request.method = request.headers.get("X-HTTP-Method-Override", request.method)
        if "X-Endpoint" in request.headers:
            (request.url_rule,) = app.url_map.iter_rules(request.headers["X-Endpoint"])

    (app if where == "app" else shop).before_request(rewrite)
    app.register_blueprint(shop)
    client = app.test_client()
    override = {"X-HTTP-Method-Override": "DELETE"}
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"}
    assert client.get("/item").text == "get"
    assert client.get("/item", headers=override).status_code == 401
    assert client.options("/item", headers=preflight).status_code == 200
    assert client.options("/item", headers={**override, **preflight}).status_code == 401
    assert client.get("/item", headers={**override, **bearer()}).text == "deleted"
    assert client.get("/open", headers={"X-Endpoint": "shop.private"}).status_code == 401
    assert client.get("/open", headers={"X-Endpoint": "shop.private", **bearer()}).text == "private"


def test_a_mark_that_did_not_hold_is_told_as_a_refusal() -> None:
    reasons: list[str] = []

    class Told:
        def decided(self, decision: Decision) -> None:
            reasons.append(decision.reason)

    app = Flask("shop", static_folder=None)
    JWTMiddleware(app, guard=guard_for(observers=[Told()]))
    app.add_url_rule("/open", "open", public(lambda: "open"))
    app.add_url_rule("/private", "private", lambda: "private")

    @app.before_request
    def rewrite() -> None:
        if "X-Rewrite" in request.headers:
            (request.url_rule,) = app.url_map.iter_rules("private")

    client = app.test_client()
    assert client.get("/open").text == "open"
    assert client.get("/open", headers={"X-Rewrite": "yes"}).status_code == 401
    assert reasons == ["public", "public", "token_missing"]


def test_path_options() -> None:
    app = build(public_paths=["/health"], unguarded_paths=["/login"], guarded_paths=["/health", "/login", "/api/*"])
    for rule in ("/health", "/login", "/api/<path:rest>", "/page"):
        app.add_url_rule(rule, rule, lambda rest="": whoami())

    @app.get("/touched")
    def touched() -> str:
        return str("principal" in g)

    client = app.test_client()
    bad = {"Authorization": "Bearer x.y.z"}
    assert client.get("/health").text == "anonymous"
    assert client.get("/health", headers=bad).status_code == 401
    assert client.get("/login", headers=bad).text == "anonymous"
    assert client.get("/page", headers=bad).text == "anonymous"
    assert client.get("/touched", headers=bearer()).text == "False"
    for guarded in ("/api/a", "/api/../b", "/api/a\\b", "/api//a", "/page/../api/a"):
        assert client.get(guarded).status_code == 401, guarded


# Marks


def test_marks_of_functions_and_of_bad_tokens(app: Flask) -> None:
    app.add_url_rule("/public", "public", public(lambda: whoami()))
    app.add_url_rule("/unguarded", "unguarded", unguarded(lambda: whoami()))
    client = app.test_client()
    bad = {"Authorization": "Bearer x.y.z"}
    assert client.get("/public").text == "anonymous"
    assert client.get("/public", headers=bearer()).text == "alice"
    assert client.get("/public", headers=bad).status_code == 401
    assert client.get("/unguarded", headers=bad).text == "anonymous"
    assert client.get("/unguarded", headers=bearer()).text == "alice"


def test_marks_of_classes_count_for_the_class_itself_only(app: Flask) -> None:
    @public
    class Whole(MethodView):
        def get(self) -> str:
            return "get"

    class Heir(Whole):
        def post(self) -> str:
            return "post"

    class Single(MethodView):
        @public
        def get(self) -> str:
            return "get"

        def post(self) -> str:
            return "post"

    class SingleHeir(Single):
        pass

    class Listed(MethodView):
        decorators = [public]

        def get(self) -> str:
            return "get"

    class ListedHeir(Listed):
        pass

    class Covert(MethodView):
        decorators = [lambda view: public(view)]

        def get(self) -> str:
            return "get"

    class CovertHeir(Covert):
        pass

    class Elsewhere(MethodView):
        @public
        def get(self) -> str:
            return "get"

        def post(self) -> str:
            return "post"

        def dispatch_request(self, **arguments: Any) -> str:
            return self.post()

    class Plain(View):
        @public
        def dispatch_request(self) -> str:
            return "plain"

    class PlainHeir(Plain):
        pass

    for cls in (Whole, Heir, Single, SingleHeir, Listed, ListedHeir, Covert, CovertHeir, Elsewhere, Plain, PlainHeir):
        app.add_url_rule(f"/{cls.__name__}", view_func=cls.as_view(cls.__name__))
    client = app.test_client()
    opened = {name: client.get(f"/{name}").status_code for name in app.view_functions}
    assert {name for name, status in opened.items() if status == 200} == {
        "Whole",
        "Single",
        "Listed",
        "Covert",
        "Plain",
    }
    assert set(opened.values()) == {200, 401}
    assert client.head("/Single").status_code == 200
    assert client.post("/Single").status_code == 401
    assert client.delete("/Whole").status_code == 405
    assert client.delete("/Single").status_code == 401


# require and demand


def test_require_on_functions_reads_parameters_of_the_route(app: Flask) -> None:
    @app.get("/tenants/<tenant_id>")
    @require(claim("tenant", path("tenant_id")), scope("orders:read"))
    def tenant(tenant_id: str) -> str:
        return tenant_id

    client = app.test_client()
    assert client.get("/tenants/acme", headers=bearer(tenant="acme", **READER)).text == "acme"
    refused = client.get("/tenants/other", headers=bearer(tenant="acme", **READER))
    assert refused.status_code == 403
    assert refused.json is not None and refused.json["missing"] == ["claim tenant equal to path('tenant_id')"]


@pytest.mark.parametrize("form", ["class", "heir", "decorators", "method", "as_view", "reused"])
def test_require_on_classes(app: Flask, form: str) -> None:
    demanded = require(scope("orders:read"))

    class Bare(MethodView):
        def get(self, number: int) -> str:
            return str(number)

    view: Any
    if form in ("class", "heir"):
        demanded(Bare)
        view = type("Heir", (Bare,), {"decorators": [lambda view: view]}) if form == "heir" else Bare
        view = view.as_view("orders")
    elif form == "decorators":
        Bare.decorators = [demanded]
        view = Bare.as_view("orders")
    elif form == "method":
        Bare.get = demanded(Bare.get)  # type: ignore[method-assign]  # what the decorator syntax does
        view = Bare.as_view("orders")
    elif form == "as_view":
        view = demanded(Bare.as_view("orders"))
    else:
        Bare.init_every_request = False
        view = demanded(Bare).as_view("orders")
    app.add_url_rule("/orders/<int:number>", view_func=view)
    client = app.test_client()
    assert client.get("/orders/7", headers=bearer(**READER)).text == "7"
    assert client.get("/orders/7", headers=bearer()).status_code == 403
    assert client.get("/orders/7").status_code == 401
    assert client.delete("/orders/7", headers=bearer(**READER)).status_code == 405


def test_a_subclass_adds_to_what_its_parent_requires(app: Flask) -> None:
    @require(scope("orders:read"))
    class Parent(MethodView):
        def get(self) -> str:
            return "reached"

    @require(role("boss"))
    class Child(Parent):
        pass

    app.add_url_rule("/child", view_func=Child.as_view("child"))
    client = app.test_client()
    assert client.get("/child", headers=bearer(roles=["boss"])).status_code == 403
    assert client.get("/child", headers=bearer(**READER)).status_code == 403
    assert client.get("/child", headers=bearer(roles=["boss"], **READER)).text == "reached"


def test_require_twice_demands_both(app: Flask) -> None:
    @app.get("/both")
    @require(scope("orders:read"))
    @require(role("boss"))
    def both() -> str:
        return "both"

    client = app.test_client()
    assert client.get("/both", headers=bearer(**READER)).status_code == 403
    assert client.get("/both", headers=bearer(roles=["boss"])).status_code == 403
    assert client.get("/both", headers=bearer(roles=["boss"], **READER)).text == "both"


def test_demand_in_views_and_for_a_whole_blueprint(app: Flask) -> None:
    orders = Blueprint("orders", __name__, url_prefix="/orders")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    orders.before_request(lambda: demand(scope("orders:read")))

    @inner.get("/<tenant>")
    def one(tenant: str) -> str:
        demand(claim("tenant", path("tenant")))
        return "reached"

    orders.register_blueprint(inner)
    app.register_blueprint(orders)
    client = app.test_client()
    assert client.get("/orders/inner/acme", headers=bearer(tenant="acme")).status_code == 403
    assert client.get("/orders/inner/other", headers=bearer(tenant="acme", **READER)).status_code == 403
    assert client.get("/orders/inner/acme", headers=bearer(tenant="acme", **READER)).text == "reached"


def test_a_catch_all_of_the_application_or_a_blueprint_swallows_no_challenge(app: Flask) -> None:
    orders = Blueprint("orders", __name__, url_prefix="/orders")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    for scaffold in (app, orders, inner):
        scaffold.register_error_handler(Exception, lambda error: ("swallowed", 200))
    for blueprint in (orders, inner):
        blueprint.add_url_rule("/boss", "boss", require(role("boss"))(lambda: "boss"))

    @inner.get("/public")
    @public
    def opened() -> str:
        demand(authenticated)
        return "reached"

    orders.register_blueprint(inner)
    app.register_blueprint(orders)

    @app.get("/raises")
    def raises() -> str:
        raise Forbidden(missing=["a stamp"])

    client = app.test_client()
    for where in ("/raises", "/orders/boss", "/orders/inner/boss", "/orders/inner/public"):
        assert client.get(where).status_code == 401, where
    for where in ("/raises", "/orders/boss", "/orders/inner/boss"):
        assert client.get(where, headers=bearer()).status_code == 403, where
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    for where in ("/raises", "/orders/boss", "/orders/inner/boss"):
        assert client.get(where).status_code == 401, where


def test_a_handler_for_auth_errors_of_the_users_own_is_respected(app: Flask) -> None:
    orders = Blueprint("orders", __name__)
    orders.add_url_rule("/boss", "boss", require(role("boss"))(lambda: "boss"))
    app.register_blueprint(orders)

    @app.errorhandler(AuthError)
    def theirs(error: AuthError) -> ResponseReturnValue:
        return f"theirs {error.reason}", error.status

    answer = app.test_client().get("/boss", headers=bearer())
    assert (answer.status_code, answer.text) == (403, "theirs requirement_not_met")


def test_other_exceptions_and_answers_pass_untouched(app: Flask) -> None:
    @app.get("/breaks")
    def breaks() -> str:
        raise KeyError("theirs")

    app.add_url_rule("/own401", "own401", lambda: ("own", 401))
    client = app.test_client()
    with pytest.raises(KeyError):
        client.get("/breaks", headers=bearer())
    own = client.get("/own401", headers=bearer())
    assert (own.text, own.headers.get("WWW-Authenticate")) == ("own", None)
    assert current_passage() is None


def test_require_takes_partials_and_bound_methods(app: Flask) -> None:
    class Shop:
        def orders(self) -> str:
            return "orders"

    demanded = require(scope("orders:read"))
    app.add_url_rule("/bound", "bound", demanded(Shop().orders))
    app.add_url_rule("/partial", "partial", demanded(functools.partial(Shop().orders)))
    client = app.test_client()
    for where in ("/bound", "/partial"):
        assert client.get(where, headers=bearer()).status_code == 403
        assert client.get(where, headers=bearer(**READER)).text == "orders"


# Mistakes of the developer


def test_require_without_the_door_refuses_and_explains() -> None:
    app = Flask("bare")
    app.testing = True
    app.add_url_rule("/", "private", require(authenticated)(lambda: "reached"))
    with pytest.raises(ConfigurationError, match="JWTMiddleware"):
        app.test_client().get("/", headers=bearer())
    with pytest.raises(ConfigurationError, match="JWTMiddleware"):
        demand(authenticated)


def test_an_empty_require_and_a_require_on_what_is_no_view_are_errors() -> None:
    with pytest.raises(ConfigurationError, match="demands nothing"):
        require()
    with pytest.raises(ConfigurationError, match="not a Flask view"):
        require(authenticated)(dict)
    with pytest.raises(ConfigurationError, match="decorates views"):
        require(authenticated)("view")  # type: ignore[type-var]  # the mistake


@pytest.mark.parametrize("scaffold", ["Flask('app')", "Blueprint('part', 'part')"])
def test_require_above_the_route_decorator_is_found_when_the_module_is_imported(scaffold: str) -> None:
    module = types.ModuleType("written_by_a_user")
    source = f"""
from flask import Blueprint, Flask
from jwt_middleware import authenticated
from jwt_middleware.flask import require
part = {scaffold}
@require(authenticated)
@part.route("/")
def private():
    return "reached"
"""
    with pytest.raises(ConfigurationError, match="above the route decorator of private"):
        exec(source, module.__dict__)


def test_require_above_the_route_decorator_is_found_in_a_factory() -> None:
    def create_app() -> Flask:
        app = build()

        @require(authenticated)
        @app.get("/private")
        def private() -> str:
            return "reached"

        return app

    with pytest.raises(ConfigurationError, match="above the route decorator"):
        create_app()


def test_require_above_the_route_decorator_fails_closed_where_the_import_cannot_see_it(app: Flask) -> None:
    def private() -> str:
        return "reached"

    elsewhere = types.FunctionType(private.__code__, {})  # its module knows no application
    app.add_url_rule("/private", "private", elsewhere)
    _decorated_out_of_sight(elsewhere)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="above the route decorator"):
            app.test_client().get("/private", headers=bearer())


def _decorated_out_of_sight(view: Any) -> None:
    require(authenticated)(view)


def test_public_together_with_require_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="keep one"):
        public(require(authenticated)(lambda: "x"))
    with pytest.raises(ConfigurationError, match="keep one"):
        require(authenticated)(public(lambda: "x"))


def test_public_together_with_require_in_a_class_is_found_at_the_first_request() -> None:
    class OnMethod(MethodView):
        @require(role("boss"))
        def get(self) -> str:
            return "x"

    class OnList(MethodView):
        decorators = [require(role("boss"))]

        def get(self) -> str:
            return "x"

    class Inside(MethodView):
        @public
        def get(self) -> str:
            return "x"

    for view in (public(OnMethod), public(OnList), require(role("boss"))(Inside)):
        app = build()
        app.add_url_rule("/view", view_func=view.as_view("view"))
        with pytest.raises(ConfigurationError, match="requires"):
            app.test_client().get("/")


def test_require_on_a_class_whose_route_was_made_before_is_found_at_the_first_request(app: Flask) -> None:
    class Late(MethodView):
        def get(self) -> str:
            return "reached"

    app.add_url_rule("/late", view_func=Late.as_view("late"))
    require(authenticated)(Late)
    with pytest.raises(ConfigurationError, match="made before"):
        app.test_client().get("/late", headers=bearer())


def test_wrong_arguments_are_found_when_the_door_is_built(app: Flask) -> None:
    with pytest.raises(ConfigurationError, match="guarded already"):
        JWTMiddleware(app, guard=guard_for())
    with pytest.raises(ConfigurationError, match="Guard"):
        JWTMiddleware(Flask("x"), guard="guard")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="application itself"):
        JWTMiddleware(Flask("x").wsgi_app, guard=guard_for())  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="public_paths"):
        JWTMiddleware(Flask("x"), guard=guard_for(), public_paths="/health")


# Preflights


PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}


def cors_by_decorator(view: Any) -> Any:
    """Answers preflights by itself and says so, as Flask documents it for decorators of views."""

    @functools.wraps(view)
    def answering() -> Any:
        answer = current_app.make_default_options_response() if request.method == "OPTIONS" else Response(view())
        answer.headers["Access-Control-Allow-Origin"] = "https://app.example"
        return answer

    answering.provide_automatic_options = False  # type: ignore[attr-defined]  # Flask's documented name
    answering.required_methods = {"OPTIONS"}  # type: ignore[attr-defined]  # the same
    return answering


def test_a_preflight_runs_no_view_that_does_not_say_that_it_looks_at_the_method(app: Flask) -> None:
    ran: list[str] = []

    def view() -> str:
        ran.append(request.method)
        return "secret"

    class Both(MethodView):
        def get(self) -> str:
            return "secret"

        def options(self) -> str:
            ran.append("class")
            return "secret"

    app.add_url_rule("/function", "function", view, methods=["GET", "OPTIONS"])
    app.add_url_rule("/class", view_func=Both.as_view("class"))
    app.add_url_rule("/none", "none", view, methods=["OPTIONS"], provide_automatic_options=False)
    client = app.test_client()
    for where in ("/function", "/class", "/none"):
        answer = client.options(where, headers=PREFLIGHT)
        assert (answer.status_code, answer.data) == (200, b""), where
        assert "OPTIONS" in answer.headers["Allow"]
        assert client.options(where).status_code == 401, where
    assert ran == []
    assert client.options("/function", headers={**PREFLIGHT, **bearer()}).text == "secret"


def test_a_preflight_reaches_what_answers_it(app: Flask) -> None:
    class Marked(MethodView):
        def get(self) -> str:
            return "secret"

        @public
        def options(self) -> str:
            return "by hand"

    app.add_url_rule("/decorated", "decorated", cors_by_decorator(lambda: "secret"))
    app.add_url_rule("/marked", view_func=Marked.as_view("marked"))
    client = app.test_client()
    decorated = client.options("/decorated", headers=PREFLIGHT)
    assert (decorated.status_code, decorated.data) == (200, b"")
    assert decorated.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert client.options("/marked", headers=PREFLIGHT).text == "by hand"
    assert client.get("/decorated").status_code == 401
    assert client.get("/marked").status_code == 401


# What a before_request makes of a request


def rerouting(app: Flask) -> None:
    @app.before_request
    def reroute() -> None:
        request.method = request.args.get("_method", request.method)
        endpoint = request.headers.get("X-Endpoint", request.endpoint)
        (request.url_rule,) = app.url_map.iter_rules(endpoint)


def test_an_unguarded_path_that_is_led_elsewhere_is_asked_for_a_token() -> None:
    app = build(unguarded_paths=["/login"])
    app.add_url_rule("/login", "login", whoami)
    app.add_url_rule("/private", "private", whoami)
    rerouting(app)
    client = app.test_client()
    elsewhere = {"X-Endpoint": "private"}
    assert client.get("/login").text == "anonymous"
    assert client.get("/login", headers=elsewhere).status_code == 401
    assert client.get("/login", headers={**elsewhere, "Authorization": "Bearer x.y.z"}).status_code == 401
    assert client.get("/login", headers={**elsewhere, **bearer()}).text == "alice"


def test_a_cookie_that_needed_no_proof_needs_it_once_the_method_is_an_unsafe_one() -> None:
    app = Flask("shop")
    app.testing = True
    trusted = TrustedIssuer(ISSUER, audience="orders", keys=static(secret=SECRET))
    cookie = token_in_cookie("session", secret=b"s" * 32)
    JWTMiddleware(app, guard=Guard(trusted, token_from=[authorization_header, cookie]))
    app.add_url_rule("/item", "item", whoami, methods=["GET", "DELETE"])
    rerouting(app)
    client = app.test_client()
    client.set_cookie("session", bearer()["Authorization"].removeprefix("Bearer "))
    assert client.get("/item").text == "alice"
    assert client.get("/item?_method=DELETE").status_code == 403
    assert client.get("/item?_method=HEAD").text == "alice"
