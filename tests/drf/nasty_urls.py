"""Views of the REST framework with everything that makes a route map lie."""

from typing import Any

from django.urls import include, path
from rest_framework.decorators import action, api_view, permission_classes
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from jwt_middleware import claim, group, permission, role, scope
from jwt_middleware import path as parameter
from jwt_middleware.drf import HasRequirement, public, require, unguarded

ran: list[str] = []


def answer(name: str) -> Response:
    ran.append(name)
    return Response(name)


@api_view(["GET", "POST"])
def plain(request: Request) -> Response:
    return answer("plain")


@public
@api_view(["GET"])
def opened(request: Request) -> Response:
    return answer("opened")


@unguarded
@api_view(["POST"])
def login(request: Request) -> Response:
    return answer("login")


@api_view(["GET", "PUT"])
@require(role("r"))
def below(request: Request) -> Response:
    return answer("below")


@require(role("r"))
@api_view(["GET"])
def above(request: Request) -> Response:
    return answer("above")


@api_view(["GET"])
@permission_classes([require(scope("a")) | require(role("r"))])
def listed(request: Request) -> Response:
    return answer("listed")


class Things(APIView):
    permission_classes = [require(scope("a"))]

    def get(self, request: Request) -> Response:
        return answer(type(self).__name__)

    @require(permission("p"))
    def post(self, request: Request) -> Response:
        return answer(type(self).__name__)


@require(~group("g"))
class Heir(Things):
    permission_classes = [AllowAny]


class PerMethod(APIView):
    permission_classes = [HasRequirement]
    requirements = {"get": scope("a"), "put": scope("b") & role("r")}

    def get(self, request: Request) -> Response:
        return answer("PerMethod")

    def put(self, request: Request) -> Response:
        return answer("PerMethod")

    def delete(self, request: Request) -> Response:
        return answer("PerMethod")


class Orders(ViewSet):
    permission_classes = [HasRequirement]
    requirements = {"list": scope("a"), "retrieve": claim("tenant", parameter("pk")), "close": role("r")}

    def list(self, request: Request) -> Response:
        return answer("Orders")

    def create(self, request: Request) -> Response:
        return answer("Orders")

    def retrieve(self, request: Request, pk: str) -> Response:
        return answer("Orders")

    @public
    @action(detail=False)
    def recent(self, request: Request) -> Response:
        return answer("Orders")

    @action(detail=True, methods=["post", "delete"])
    def close(self, request: Request, pk: str) -> Response:
        return answer("Orders")

    @action(detail=False, permission_classes=[require(group("g"))])
    def own(self, request: Request) -> Response:
        return answer("Orders")


class Chosen(ViewSet):
    def get_permissions(self) -> list[BasePermission]:
        return [require(scope("a"))] if self.action == "list" else [require(role("r"))]

    def list(self, request: Request, **_: Any) -> Response:
        return answer("Chosen")

    def create(self, request: Request, **_: Any) -> Response:
        return answer("Chosen")

    @require(permission("p"))
    def update(self, request: Request, pk: str, **_: Any) -> Response:
        return answer("Chosen")


class Mapped(ViewSet):
    permission_classes = [HasRequirement]
    requirements = {"close": scope("a"), "reopen": role("r"), "shelf": group("g"), "metadata": permission("p")}
    lookup_value_regex = "[a-z]{2,4}-value"

    @action(detail=True, methods=["post"], url_path="shut/(?P<n>[0-9]+)")
    def close(self, request: Request, **_: Any) -> Response:
        return answer("Mapped")

    @close.mapping.delete
    def reopen(self, request: Request, **_: Any) -> Response:
        return answer("Mapped")

    @action(detail=False, methods=["get", "options"])
    def shelf(self, request: Request, **_: Any) -> Response:
        return answer("Mapped")


class ByHand(ViewSet):
    """Methods beside the actions run, too."""

    permission_classes = [HasRequirement]
    requirements = {"show": scope("a"), "put": role("r")}
    http_method_names = ["get", "put", "delete"]

    def show(self, request: Request) -> Response:
        return answer("ByHand")

    def put(self, request: Request) -> Response:
        return answer("ByHand")

    def delete(self, request: Request) -> Response:
        return answer("ByHand")

    def post(self, request: Request) -> Response:
        return answer("ByHand")


class OwnHead(APIView):
    permission_classes = [HasRequirement]
    requirements = {"get": scope("a"), "head": role("r"), "trace": group("g")}

    def get(self, request: Request) -> Response:
        return answer("OwnHead")

    def head(self, request: Request) -> Response:
        return answer("OwnHead")

    def trace(self, request: Request) -> Response:
        return answer("OwnHead")


class OwnOptions(APIView):
    permission_classes = [require(scope("a")) & ~require(role("r"))]

    def options(self, request: Any, *_: Any, **__: Any) -> Response:
        return answer("OwnOptions")


orders, chosen, mapped = SimpleRouter(), DefaultRouter(), DefaultRouter(trailing_slash=False)
mapped.register("mapped", Mapped, "mapped")
orders.register("orders", Orders, "orders")
chosen.register("chosen", Chosen, "chosen")

urlpatterns: list[Any] = [
    path("plain", plain),
    path("opened", opened),
    path("login", login),
    path("below", below),
    path("above", above),
    path("listed", listed),
    path("things", Things.as_view()),
    path("heir", Heir.as_view()),
    path("per-method", PerMethod.as_view()),
    path("by-hand", ByHand.as_view({"get": "show"})),
    path("own-head", OwnHead.as_view()),
    path("own-options", OwnOptions.as_view()),
    path("as-view", OwnOptions.as_view(permission_classes=[require(permission("p"))])),
    path("", include(orders.urls)),
    path("", include(mapped.urls)),
    path("api/", include((chosen.urls, "api"))),
]
