"""The URLs of a site that issues tokens to services."""

from django.urls import include, path

from tests.django_issuing.urls import urlpatterns as others

urlpatterns = [*others, path("oauth/", include("jwt_middleware.django.issuing.client_urls"))]
