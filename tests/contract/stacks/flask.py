"""Flask: sync views, async views, and blueprints within blueprints on an application that routes by host."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, g, got_request_exception, request
from flask.views import MethodView
from werkzeug.exceptions import HTTPException

import jwt_middleware.flask as door
from jwt_middleware import Forbidden, role

from ..exchange import Answer, Exchange, send_wsgi
from ..routes import OWN_401, ROUTES, Route, Variant
from ..table import Stack
from .starlette import static_folder

View = Callable[..., Any]
HOST = "testserver"


class Rules:
    """Takes one rule after the other, for each of its scaffolds in turn."""

    def __init__(self, app: Flask, *scaffolds: Flask | Blueprint, hosted: bool) -> None:
        self._scaffolds = scaffolds or (app,)
        self._hosted = hosted
        self._count = 0

    def add(self, rule: str, view: View, *, methods: tuple[str, ...] | None = None, host: str = HOST) -> None:
        options: dict[str, Any] = {"host": host} if self._hosted else {}
        if methods is not None:
            options["methods"] = methods
        scaffold = self._scaffolds[self._count % len(self._scaffolds)]
        self._count += 1
        scaffold.add_url_rule(rule, f"rule_{self._count}", view, **options)


def view_of(act: Callable[[], Any], *, awaited: bool) -> View:
    def view(**_: Any) -> Any:
        return act()

    async def awaited_view(**_: Any) -> Any:
        return act()

    return awaited_view if awaited else view


def acting(route: Route, variant: Variant) -> Callable[[], Any]:
    def act() -> Any:
        seen = variant.act(route, g.get("principal"), door.demand)
        if route.does == "own-401":
            return Response("own", 401, headers=OWN_401)
        if route.does == "stream":
            return Response(variant.chunks())
        return request.get_data() if route.does == "echo" else seen

    return act


def add_routes(rules: Rules, variant: Variant, *, awaited: bool) -> None:
    for route in ROUTES:
        view = view_of(acting(route, variant), awaited=awaited)
        view = door.require(*route.requires)(view) if route.requires else view
        view = getattr(door, route.mark)(view) if route.mark else view
        rules.add(route.path.replace("{", "<").replace("}", ">"), view, methods=route.methods)


def add_special(app: Flask, rules: Rules, variant: Variant, *, awaited: bool, hosted: bool) -> None:
    def noting(name: str) -> View:
        return view_of(lambda: variant.note(name, g.principal), awaited=awaited)

    def forbids() -> Any:
        variant.note("/mounted/forbids", g.principal)
        raise Forbidden(missing=("a good reason",))

    def lost() -> Any:
        return door.public(view_of(lambda: variant.note("/lost-mark"), awaited=False))()

    @door.require(role("clerk"))
    def generates() -> Iterator[bytes]:
        variant.note("/generates")
        yield from variant.chunks()

    rules.add("/by-method", door.public(noting("/by-method GET")))
    rules.add("/by-method", noting("/by-method POST"), methods=("POST",))
    rules.add("/item/<int:number>", door.public(noting("/item number")))
    rules.add("/item/<text>", noting("/item text"))
    rules.add("/lost-mark", lost)
    rules.add("/slash/", door.public(noting("/slash/")))
    rules.add("/generates", generates)
    rules.add("/by-host", noting("/by-host"))
    if hosted:
        rules.add("/by-host", door.public(noting("/by-host open")), host="open.example")

    mounted = Blueprint("mounted", __name__, url_prefix="/mounted")
    below = Rules(app, mounted, hosted=hosted)
    below.add("/public", door.public(noting("/mounted/public")))
    below.add("/private", noting("/mounted/private"))
    below.add("/clerk", door.require(role("clerk"))(noting("/mounted/clerk")))
    below.add("/forbids", view_of(forbids, awaited=awaited))
    app.register_blueprint(mounted)
    rules.add("/foreign/<path:rest>", calling(foreign(variant)))
    rules.add("/layered/<path:rest>", calling(layered(variant)))


def add_classes(rules: Rules, variant: Variant) -> None:
    class PublicClass(MethodView):
        name = "/public-class"

        def get(self) -> str:
            return variant.note(self.name, g.principal)

    class MethodClass(MethodView):
        @door.public
        def get(self) -> str:
            return variant.note("/method-class GET", g.principal)

        async def post(self) -> str:
            return variant.note("/method-class POST", g.principal)

    class RequiredClass(PublicClass):
        name = "/required-class"

    class Subclass(PublicClass):
        pass

    rules.add("/public-class", door.public(PublicClass).as_view("public"))
    rules.add("/subclass", Subclass.as_view("subclass"))
    rules.add("/method-class", MethodClass.as_view("by_method"))
    rules.add("/required-class", door.require(role("clerk"))(RequiredClass).as_view("required"))


def calling(application: Any) -> View:
    """A view that answers with what another WSGI application says."""
    return lambda rest: Response.from_app(application, {**request.environ, "PATH_INFO": f"/{rest}"})


def foreign(variant: Variant) -> Any:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [variant.note("/foreign", g.principal).encode()]

    return door.public(application)


def layered(variant: Variant) -> Flask:
    inner = Flask("layered")
    inner.before_request(lambda: None)
    inner.add_url_rule("/public", "public", door.public(lambda: variant.note("/layered")))
    return inner


def rewrite(app: Flask) -> None:
    """Change what was asked once the route is known, as a before_request may."""
    path, method = request.headers.get("X-Rewrite"), request.headers.get("X-Method")
    if path or method:
        request.method = method or request.method
        adapter = app.create_url_adapter(request)
        assert adapter is not None
        request.url_rule, arguments = adapter.match(path, request.method, return_rule=True)
        request.view_args = {**arguments}


def rewriting(wsgi_app: Any) -> Any:
    """A middleware around the application, which changes a copy."""

    def middleware(environ: Any, start_response: Any) -> Any:
        path = environ.get("HTTP_X_REWRITE_COPY")
        return wsgi_app({**environ, "PATH_INFO": path} if path else environ, start_response)

    return middleware


def caught(error: Exception) -> Any:
    return error if isinstance(error, HTTPException) else Response("caught", 418)


def build(variant: Variant, *, awaited: bool = False, hosted: bool = False) -> Callable[[Exchange], Answer]:
    static: dict[str, Any] = {"static_folder": static_folder(), "static_url_path": "/static"}
    hosts: dict[str, Any] = {"host_matching": True, "static_host": HOST} if hosted else {}
    app = Flask("contract", **static, **hosts)
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    if variant.guard is not None:
        door.JWTMiddleware(app, **variant.options)
    rules = Rules(app, *((app, outer, inner) if hosted else ()), hosted=hosted)
    add_routes(rules, variant, awaited=awaited)
    add_special(app, rules, variant, awaited=awaited, hosted=hosted)
    add_classes(rules, variant)
    for scaffold in (app, outer, inner) if variant.catch_all else ():
        scaffold.register_error_handler(Exception, caught)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.before_request(functools.partial(rewrite, app))
    app.wsgi_app = rewriting(app.wsgi_app)  # type: ignore[method-assign]  # as Flask documents it
    return lambda exchange: send(app, exchange)


def send(app: Flask, exchange: Exchange) -> Answer:
    """What Flask's 500 stands for becomes the error of the answer."""
    raised: list[Exception] = []

    def note(sender: Flask, exception: Exception, **_: Any) -> None:
        raised.append(exception)

    with got_request_exception.connected_to(note, sender=app):
        answer = send_wsgi(app, exchange)
    answer.error = next(iter(raised), answer.error)
    return answer


def _misplaced() -> None:
    app = Flask("misplaced")

    @door.require(role("clerk"))
    @app.get("/")
    def view() -> str:
        return ""


NO_HOSTS = "routes by host want host_matching; see Flask, blueprints and hosts"
LACKS = {
    "docs": "it has no documentation routes",
    "framework's CSRF check": "it has none; the door's own check is asked",
    "websocket": "WSGI has no WebSockets",
    "websocket marks": "WSGI has no WebSockets",
    "lifespan": "WSGI has no lifespan",
}
EXTRAS: dict[str, Callable[..., Any]] = {"misplaced": _misplaced}
STACKS = tuple(
    Stack(f"Flask, {way}", door.__name__, built, lacks, EXTRAS)
    for way, built, lacks in (
        ("sync views", build, {**LACKS, "hosts": NO_HOSTS}),
        ("async views", functools.partial(build, awaited=True), {**LACKS, "hosts": NO_HOSTS}),
        ("blueprints and hosts", functools.partial(build, hosted=True), LACKS),
    )
)
