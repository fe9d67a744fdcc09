"""``path("auth/", include("jwt_middleware.django.issuing.urls"))``; the JWKS and the metadata: ``key_urls()``."""

from django.urls import path

from .views import endpoint

app_name = "jwt_issuing"
urlpatterns = [
    path("login", endpoint("login", "POST"), name="login"),
    path("refresh", endpoint("refresh", "POST"), name="refresh"),
    path("logout", endpoint("logout", "POST"), name="logout"),
    path("logout-everywhere", endpoint("logout_everywhere", "POST"), name="logout-everywhere"),
    path("sessions", endpoint("sessions", "GET"), name="sessions"),
    path("sessions/<str:session_id>", endpoint("session", "DELETE"), name="session"),
    path("verify", endpoint("verify", "POST"), name="verify"),
]
