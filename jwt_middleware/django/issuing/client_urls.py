"""``path("oauth/", include("jwt_middleware.django.issuing.client_urls"))``: the endpoints for registered clients."""

from django.urls import path

from .views import client_endpoint

app_name = "jwt_clients"
urlpatterns = [
    path("token", client_endpoint("token"), name="token"),
    path("revoke", client_endpoint("revoke"), name="revoke"),
    path("introspect", client_endpoint("introspect"), name="introspect"),
]
