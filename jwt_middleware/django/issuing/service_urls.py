"""``path("oauth/", include("jwt_middleware.django.issuing.service_urls"))``: the endpoints for services."""

from django.urls import path

from .views import service_endpoint

app_name = "jwt_services"
urlpatterns = [
    path("token", service_endpoint("token"), name="token"),
    path("revoke", service_endpoint("revoke"), name="revoke"),
    path("introspect", service_endpoint("introspect"), name="introspect"),
]
