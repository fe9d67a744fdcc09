"""Revocations in Django's database, with a model. An app of its own: ``"jwt_middleware.django.revocations"``."""
