"""What the guard is told of a Django request."""

from collections.abc import Sequence

from django.http import HttpRequest

from ..access.request import RequestInfo


def request_info(request: HttpRequest) -> RequestInfo:
    """The path is what Django routes, relative to SCRIPT_NAME; it checks for forgery by itself."""

    def header(name: str) -> Sequence[str]:
        value = request.META.get("HTTP_" + name.upper().replace("-", "_"))
        return [] if value is None else [value]

    return RequestInfo(
        method=request.method or "",
        scheme=request.scheme or "http",
        path=request.path_info,
        query=request.META.get("QUERY_STRING", ""),
        header=header,
        csrf_by_framework=True,
    )
