"""inventory (Django in one file): what is in stock, and what it costs.

ISSUER=http://127.0.0.1:8001 uvicorn inventory:app --port 8003
"""

import json
import secrets
import threading
from dataclasses import asdict
from urllib.parse import urlsplit

import stores
from decision_log import DecisionLog
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST
from places import INVENTORY_URL, ISSUER, setting
from tracing import Traced

from jwt_middleware import permission, scope
from jwt_middleware.django import configured_guard, public, require, unguarded

settings.configure(
    SECRET_KEY=setting("SECRET_KEY") or secrets.token_urlsafe(48),
    ALLOWED_HOSTS=["127.0.0.1", "localhost", urlsplit(INVENTORY_URL).hostname],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["jwt_middleware.django"],
    MIDDLEWARE=["jwt_middleware.django.JWTMiddleware"],
    JWT_MIDDLEWARE={
        "ISSUER": ISSUER,
        "AUDIENCE": "inventory",
        "PROFILE": "rfc9068",
        "TENANT": "tenant",
        "REVOCATIONS": stores.revocations(),
        "OBSERVERS": [DecisionLog()],
    },
)

stock = {"bolts": 500, "nuts": 20}
prices = {"bolts": 3, "nuts": 2}  # cents
counting = threading.Lock()  # guards stock: views run in threads


@public
def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@unguarded
def ready(request: HttpRequest) -> JsonResponse:
    """For whoever balances the load: 200 while tokens can be verified, and what is known of the keys."""
    states = configured_guard().ready()
    status = 200 if all(each.usable for each in states) else 503
    return JsonResponse([asdict(each) for each in states], safe=False, status=status)


@require_GET
@require(permission("stock:read") | scope("stock:read"))  # people have permissions, services are granted scopes
def show(request: HttpRequest, item: str) -> JsonResponse:
    return JsonResponse({"item": item, "quantity": stock[item]}) if item in stock else unknown()


@require_POST
@require(permission("stock:reserve"))
def reserve(request: HttpRequest, item: str) -> JsonResponse:
    wanted = quantity_in(request)
    with counting:
        if wanted is None or not 0 < wanted <= stock.get(item, 0):
            return JsonResponse({"error": "there is not enough of it"}, status=409)
        stock[item] -= wanted
        return JsonResponse({"item": item, "quantity": stock[item]})


@require_POST
@require(permission("stock:write"))
def deliver(request: HttpRequest, item: str) -> JsonResponse:
    came = quantity_in(request)
    with counting:
        if came is None or came < 1:
            return JsonResponse({"error": "quantity is a whole number above 0"}, status=400)
        stock[item] = stock.get(item, 0) + came
        return JsonResponse({"item": item, "quantity": stock[item]})


@require_GET
@require(permission("prices:read"))
def price(request: HttpRequest, item: str) -> JsonResponse:
    return JsonResponse({"item": item, "price": prices[item]}) if item in prices else unknown()


def quantity_in(request: HttpRequest) -> int | None:
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    quantity = body.get("quantity") if isinstance(body, dict) else None
    return quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else None


def unknown() -> JsonResponse:
    return JsonResponse({"error": "no such item"}, status=404)


urlpatterns = [
    path("health", health),
    path("ready", ready),
    path("stock/<slug:item>", show),
    path("stock/<slug:item>/reserve", reserve),
    path("stock/<slug:item>/deliver", deliver),
    path("stock/<slug:item>/price", price),
]

site = get_asgi_application()
app = Traced(site)
