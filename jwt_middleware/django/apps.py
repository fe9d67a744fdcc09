"""The app, for its system checks: ``INSTALLED_APPS = ["jwt_middleware.django"]``."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.core.checks import Tags, register


class JWTMiddlewareConfig(AppConfig):
    """Has no models and asks for no migration."""

    name = "jwt_middleware.django"
    label = "jwt_middleware"
    verbose_name = "JWT middleware"

    def ready(self) -> None:
        from . import checks  # reads settings, which are there only now

        if apps.is_installed("drf_spectacular"):
            import_module("jwt_middleware.drf_spectacular")  # registers itself, as such extensions do
        register(checks.check_settings, Tags.security)
        register(checks.check_middleware, Tags.security)
        register(checks.check_issuers, Tags.security, deploy=True)
        register(checks.check_development, Tags.security, deploy=True)
