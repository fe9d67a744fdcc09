"""REST framework: bare, with a package's authentication class, and with ours."""

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import path

from .django import handler, ready, urls

App = Callable[..., Iterable[bytes]]


def view(authentication: list[Any], *middleware: str) -> App:
    """An application whose one view authenticates so, at a path of its own: Django has one URLconf."""
    ready()
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Orders(APIView):
        authentication_classes = authentication
        permission_classes = [IsAuthenticated] if authentication else []

        def get(self, request: Request) -> Response:
            return Response({"status": "ok"})

    place = f"drf/{len(urls.urlpatterns)}"
    urls.urlpatterns.append(path(place, Orders.as_view()))
    app = handler(*middleware)

    def at_its_path(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = f"/{place}"
        return app(environ, start_response)

    return at_its_path


def bare() -> App:
    return view([])


def ours_alone() -> App:
    ready()
    from jwt_middleware.drf import JWTAuthentication

    return view([JWTAuthentication])


def ours_behind_middleware() -> App:
    ready()
    from jwt_middleware.drf import JWTAuthentication

    return view([JWTAuthentication], "jwt_middleware.django.JWTMiddleware")


def simplejwt() -> App:
    ready()
    from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication

    return view([JWTStatelessUserAuthentication])
