"""A site with every kind of view: functions, classes, async ones, includes, the admin, streams."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin, UserPassesTestMixin
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from jwt_middleware import Forbidden, claim, role, scope
from jwt_middleware import path as parameter
from jwt_middleware.django import current_principal, demand, public, require, unguarded

ran: list[str] = []


def seen(request: HttpRequest) -> HttpResponse:
    principal = current_principal()
    assert request.principal is principal  # type: ignore[attr-defined]  # hung there by the door
    ran.append(principal.subject or "anonymous")
    return HttpResponse(principal.subject or "anonymous")


def private(request: HttpRequest) -> HttpResponse:
    return seen(request)


async def async_private(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    assert user is request.user
    return seen(request)


@public
def public_view(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated == current_principal().is_authenticated
    return seen(request)


@unguarded
async def login(request: HttpRequest) -> HttpResponse:
    return seen(request)


@require(scope("orders:read"), role("clerk"))
def clerk(request: HttpRequest) -> HttpResponse:
    return seen(request)


@require(role("admin"))
async def async_admin(request: HttpRequest) -> HttpResponse:
    return seen(request)


@require(claim("tenant", parameter("tenant_id")))
def tenant(request: HttpRequest, tenant_id: str) -> HttpResponse:
    return seen(request)


@require(role("clerk"))
@csrf_exempt
def exempt(request: HttpRequest) -> HttpResponse:
    return seen(request)


def demanding(request: HttpRequest) -> HttpResponse:
    demand(role("admin"))
    return seen(request)


def forbidding(request: HttpRequest) -> HttpResponse:
    raise Forbidden(missing=("a good reason",))


def rendering(request: HttpRequest) -> SimpleTemplateResponse:
    """Refuses while the answer is rendered, when the view has long returned."""

    class Rendering(SimpleTemplateResponse):
        @property
        def rendered_content(self) -> str:
            demand(role("admin"))
            ran.append("rendered")
            return "rendered"

    return Rendering("none")


async def async_forbidding(request: HttpRequest) -> HttpResponse:
    raise Forbidden(missing=("a good reason",))


class Forbidding(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        raise Forbidden(missing=("a good reason",))


def decorated(view: Any) -> Any:
    def refusing(request: HttpRequest) -> HttpResponse:
        raise Forbidden(missing=("a good reason",))

    return refusing


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


class ByMethod(View):
    @public
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


@public
class PublicClass(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class Subclass(PublicClass):
    pass


class SubclassOfMethod(ByMethod):
    pass


@method_decorator(public, name="dispatch")
class PublicDispatch(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class SubclassOfDispatch(PublicDispatch):
    pass


@require(role("admin"))
class AdminClass(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class SubclassOfAdmin(AdminClass):
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


@method_decorator(require(role("admin")), name="dispatch")
class AdminDispatch(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class AdminMethod(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)

    @require(role("admin"))
    def post(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


@require(role("admin"))
class AsyncAdminClass(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class AsyncAdminMethod(View):
    @require(role("admin"))
    async def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class Permitted(PermissionRequiredMixin, View):
    permission_required = "orders.close"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


class Tested(UserPassesTestMixin, View):
    raise_exception = True

    def test_func(self) -> bool:
        user: Any = self.request.user
        return bool(user.has_perm("orders.close"))

    def get(self, request: HttpRequest) -> HttpResponse:
        return seen(request)


@login_required
def logged_in(request: HttpRequest) -> HttpResponse:
    return seen(request)


@permission_required("orders.close", raise_exception=True)
def permitted(request: HttpRequest) -> HttpResponse:
    return seen(request)


def stream(request: HttpRequest) -> HttpResponseBase:
    def chunks() -> Iterator[str]:
        for _ in range(3):
            yield f"{current_principal().subject};"

    return StreamingHttpResponse(chunks())


async def async_stream(request: HttpRequest) -> HttpResponseBase:
    async def chunks() -> AsyncIterator[str]:
        for _ in range(3):
            yield f"{current_principal().subject};"

    return StreamingHttpResponse(chunks())


def whoami(request: HttpRequest) -> JsonResponse:
    user: Any = request.user
    return JsonResponse({"name": user.get_username(), "kind": type(user).__name__})


nested = [
    path("private", private),
    path("forbidding", forbidding),
    path("public", public_view),
    path("<str:tenant_id>/tenant", tenant),
]

urlpatterns = [
    path("private", private),
    path("async-private", async_private),
    path("public", public_view),
    path("login", login),
    path("clerk", clerk),
    path("async-admin", async_admin),
    path("tenants/<str:tenant_id>", tenant),
    path("exempt", exempt),
    path("demanding", demanding),
    path("forbidding", forbidding),
    path("async-forbidding", async_forbidding),
    path("forbidding-class", Forbidding.as_view()),
    path("forbidding-decorator", decorated(private)),
    path("rendering", rendering),
    path("broken", broken),
    path("by-method", ByMethod.as_view()),
    path("public-class", PublicClass.as_view()),
    path("subclass", Subclass.as_view()),
    path("subclass-of-method", SubclassOfMethod.as_view()),
    path("public-dispatch", PublicDispatch.as_view()),
    path("subclass-of-dispatch", SubclassOfDispatch.as_view()),
    path("marked-as-view", public(AdminMethod.as_view())),
    path("admin-class", AdminClass.as_view()),
    path("subclass-of-admin", SubclassOfAdmin.as_view()),
    path("admin-dispatch", AdminDispatch.as_view()),
    path("admin-method", AdminMethod.as_view()),
    path("async-admin-class", AsyncAdminClass.as_view()),
    path("async-admin-method", AsyncAdminMethod.as_view()),
    path("permitted-class", Permitted.as_view()),
    path("tested-class", Tested.as_view()),
    path("logged-in", logged_in),
    path("permitted", permitted),
    path("stream", stream),
    path("async-stream", async_stream),
    path("whoami", whoami),
    path("slash/", public_view),
    path("shop/", include((nested, "shop"), namespace="shop")),
    path("admin/", admin.site.urls),
]
