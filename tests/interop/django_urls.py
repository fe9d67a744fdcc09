"""The routes that the interop tests call behind Django and Django REST framework."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jwt_middleware import authenticated, drf, role
from jwt_middleware.django import current_principal, require


def index(request: HttpRequest) -> JsonResponse:
    return JsonResponse(current_principal().subject, safe=False)


@require(role("admin"))
def admin(request: HttpRequest) -> JsonResponse:
    return JsonResponse(current_principal().subject, safe=False)


async def async_index(request: HttpRequest) -> JsonResponse:
    return JsonResponse(current_principal().subject, safe=False)


@require(role("admin"))
async def async_admin(request: HttpRequest) -> JsonResponse:
    return JsonResponse(current_principal().subject, safe=False)


class Index(APIView):
    permission_classes = [drf.require(authenticated)]

    def get(self, request: Request) -> Response:
        return Response(request.user.get_username())


class Admin(APIView):
    permission_classes = [drf.require(role("admin"))]

    def get(self, request: Request) -> Response:
        return Response(request.user.get_username())


urlpatterns = [
    path("", index),
    path("admin", admin),
    path("async/", async_index),
    path("async/admin", async_admin),
    path("drf/", Index.as_view()),
    path("drf/admin", Admin.as_view()),
]
