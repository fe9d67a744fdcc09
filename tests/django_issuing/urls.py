"""The URLs of a site that issues tokens and takes them."""

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from jwt_middleware import authenticated
from jwt_middleware.django import require
from jwt_middleware.django.issuing.key_urls import key_urls


@require(authenticated)
def me(request: HttpRequest) -> JsonResponse:
    principal = request.principal  # type: ignore[attr-defined]  # where Django people look
    return JsonResponse({"subject": principal.subject, "permissions": principal.permissions})


urlpatterns = [
    path("auth/", include("jwt_middleware.django.issuing.urls")),
    path("me", me),
    path("admin/", admin.site.urls),
    *key_urls(),
]
