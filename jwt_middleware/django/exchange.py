"""From Django's request to that of the issuing side, and from its answer to Django's."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..access.marks import unguarded
from ..access.request import RequestInfo
from ..issuing.exchange import MAX_BODY, Answer, IssuingRequest

View = Callable[..., HttpResponse]


def open_view(view: View, *methods: str) -> View:
    """Unguarded, with a defence of its own against forgery, and in no transaction of the request's.

    A rotation, and the end of a session that was misused, are kept whatever comes after them.
    """
    for alias in settings.DATABASES:
        view = transaction.non_atomic_requests(using=alias)(view)
    marked: View = unguarded(csrf_exempt(require_http_methods(list(methods))(view)))
    return marked


def issuing_request(request: HttpRequest, parameters: dict[str, str], most: int = MAX_BODY) -> IssuingRequest:
    """``most``: bytes that are read of the body; one more says that there are too many."""

    def header(name: str) -> list[str]:
        value = request.get_host() if name == "host" else request.headers.get(name)  # as the settings say of proxies
        return [] if value is None else [value]

    info = RequestInfo(
        method=request.method or "",
        scheme=request.scheme or "http",
        path=request.path_info,
        header=header,
    )
    read: Any = getattr(request, "_body", None)  # somebody before us has read it whole
    return IssuingRequest(
        info=info,
        body=(request.read(most + 1) if read is None else bytes(read[: most + 1])),
        address=request.META.get("REMOTE_ADDR", ""),
        folder=request.path.rpartition("/")[0] or "/",
        parameters=parameters,
        source=request,
    )


def response_of(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    del response["content-type"]
    for name, value in answer.headers:
        if name == "set-cookie":
            response.cookies.load(value)
        else:
            response[name] = value
    return response
