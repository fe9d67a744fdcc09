"""The issuing side for Django, with models: login, refresh, logout, signing keys. An app of its own.

``INSTALLED_APPS = [..., "jwt_middleware.django.issuing"]``, ``settings.JWT_ISSUING = {...}``, and in the URLs
``path("auth/", include("jwt_middleware.django.issuing.urls"))``.
"""
