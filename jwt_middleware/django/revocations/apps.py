"""The app of the revocation store."""

from django.apps import AppConfig


class RevocationsConfig(AppConfig):
    """Has one model."""

    name = "jwt_middleware.django.revocations"
    label = "jwt_middleware_revocations"
    verbose_name = "JWT revocations"
    default_auto_field = "django.db.models.BigAutoField"
