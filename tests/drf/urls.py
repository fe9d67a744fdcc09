"""Views of the REST framework: functions, classes and view sets."""

from typing import Any

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action, api_view, permission_classes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from jwt_middleware import authenticated, claim, role, scope
from jwt_middleware import path as parameter
from jwt_middleware.drf import HasRequirement, current_principal, demand, public, require, unguarded

ran: list[str] = []


def answer(request: Request) -> Response:
    who = current_principal().subject or "anonymous"
    ran.append(who)
    if request.auth is not None:
        assert request.auth is current_principal()
    return Response(who)


@api_view(["GET", "POST"])
def plain(request: Request) -> Response:
    return answer(request)


@public
@api_view(["GET"])
def open_view(request: Request) -> Response:
    return answer(request)


@unguarded
@api_view(["GET"])
def login(request: Request) -> Response:
    return answer(request)


@api_view(["GET"])
@require(role("admin"))
def below(request: Request) -> Response:
    return answer(request)


@require(role("admin"))
@api_view(["GET"])
def above(request: Request) -> Response:
    return answer(request)


@api_view(["GET"])
def broken(request: Request) -> Response:
    raise ZeroDivisionError


@api_view(["GET"])
def missing(request: Request) -> Response:
    raise NotFound


@api_view(["GET"])
def demanding(request: Request) -> Response:
    demand(role("admin"))
    return answer(request)


class Admin(APIView):
    permission_classes = [require(role("admin"))]

    def get(self, request: Request) -> Response:
        return answer(request)


@require(role("admin"))
class Decorated(APIView):
    def get(self, request: Request) -> Response:
        return answer(request)


class Subclass(Decorated):
    permission_classes: Any = []


class Tenant(APIView):
    permission_classes = [require(claim("tenant", parameter("tenant_id")))]

    def get(self, request: Request, tenant_id: str) -> Response:
        return answer(request)


class ByMethod(APIView):
    http_method_names = ["get", "post", "purge", "options"]
    permission_classes = [HasRequirement]
    requirements = {"get": scope("orders:read")}

    def get(self, request: Request) -> Response:
        return answer(request)

    def post(self, request: Request) -> Response:
        return answer(request)

    def purge(self, request: Request) -> Response:
        return answer(request)


class Orders(ViewSet):
    permission_classes = [HasRequirement]
    requirements = {"list": scope("orders:read"), "create": scope("orders:write"), "close": role("admin")}

    def list(self, request: Request) -> Response:
        return answer(request)

    def create(self, request: Request) -> Response:
        return answer(request)

    def retrieve(self, request: Request, pk: str) -> Response:
        return answer(request)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        return answer(request)


class Shelf(ViewSet):
    @public
    def list(self, request: Request) -> Response:
        return answer(request)

    def create(self, request: Request) -> Response:
        return answer(request)

    @require(role("admin"))
    def retrieve(self, request: Request, pk: str) -> Response:
        return answer(request)


class Counter(ViewSet):
    """What anybody may look at and a clerk may change."""

    permission_classes = [HasRequirement]
    requirements = {"create": role("clerk")}

    @public
    def list(self, request: Request) -> Response:
        return answer(request)

    def create(self, request: Request) -> Response:
        return answer(request)

    def destroy(self, request: Request, pk: str) -> Response:
        return answer(request)


class SubCounter(Counter):
    """Inherits no mark."""


def permitted(*permissions: Any) -> Any:
    @api_view(["GET"])
    @permission_classes(permissions)
    def view(request: Request) -> Response:
        return answer(request)

    return view


class OtherFirst(APIView):
    """Somebody whom another authentication class has let in is no caller of ours."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [require(authenticated)]

    def get(self, request: Request) -> Response:
        return answer(request)


router = SimpleRouter()
router.register("orders", Orders, basename="orders")
router.register("shelf", Shelf, basename="shelf")
router.register("counter", Counter, basename="counter")
router.register("sub-counter", SubCounter, basename="sub-counter")

urlpatterns = [
    path("plain", plain),
    path("open", open_view),
    path("login", login),
    path("below", below),
    path("above", above),
    path("demanding", demanding),
    path("admin", Admin.as_view()),
    path("decorated", Decorated.as_view()),
    path("subclass", Subclass.as_view()),
    path("tenants/<str:tenant_id>", Tenant.as_view()),
    path("by-method", ByMethod.as_view(schema=None)),
    path("other-first", OtherFirst.as_view()),
    path("either", permitted(require(role("admin")) | require(scope("orders:read")))),
    path("both", permitted(require(role("admin")) & require(scope("orders:read")))),
    path("not-banned", permitted(~require(role("banned")))),
    path("private", permitted(require(authenticated))),
    path("broken", broken),
    path("missing", missing),
    path("schema", SpectacularAPIView.as_view()),
    *router.urls,
]
