"""One async view, so that nothing but a middleware can need a thread."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from jwt_middleware.django import public


@public
async def index(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("", index)]
