"""Users that are disabled, deleted or get another password: their sessions end at once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from ...errors import ConfigurationError
from ...waiting import run
from .conf import issuing

_MATTER = frozenset({"password", "is_active"})


def listen() -> None:
    """Connect to the user model. ``QuerySet.update`` sends no signal: then the next refresh notices."""
    user_model = get_user_model()
    post_save.connect(_saved, sender=user_model, dispatch_uid="jwt_middleware.django.issuing.saved")
    post_delete.connect(_deleted, sender=user_model, dispatch_uid="jwt_middleware.django.issuing.deleted")


def _saved(*, instance: Any, created: bool, raw: bool, using: str, update_fields: Any = None, **_: Any) -> None:
    if created or raw or (update_fields is not None and _MATTER.isdisjoint(update_fields)):
        return
    _look_after(instance, using)


def _deleted(*, instance: Any, using: str, **_: Any) -> None:
    _look_after(instance, using)


def _look_after(user: Any, using: str) -> None:
    try:
        current = issuing()
    except ConfigurationError:  # a site that is not set up yet issues nothing
        return
    subject = str(getattr(user, current.id_field))
    if user.pk is None:
        return
    transaction.on_commit(lambda: run(current.sessions.look_after(subject)), using=using, robust=True)
