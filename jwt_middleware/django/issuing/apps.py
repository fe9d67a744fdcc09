"""The app: its checks, and its ear for users that change."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class IssuingConfig(AppConfig):
    """Has models: signing keys and sessions."""

    name = "jwt_middleware.django.issuing"
    label = "jwt_middleware_issuing"
    verbose_name = "JWT issuing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .checks import check_deployment, check_settings  # reads settings, which are there only now
        from .user_changes import listen

        register(check_settings, Tags.security)
        register(check_deployment, Tags.security, deploy=True)
        listen()
