"""Drafts: frozen values that are made on every request, in a third of the time."""

from typing import Any


def draft_of(frozen: type) -> Any:
    """A class with the slots of a frozen dataclass: its instances are written once, and then become frozen ones.

    The ``__init__`` of a frozen dataclass goes through ``object.__setattr__`` for each field, which costs more than all
    else that is done for a request. A draft is written like any object, every field of it, and sealed by
    ``draft.__class__ = frozen``; no ``__post_init__`` runs.
    """
    return type(f"{frozen.__name__}Draft", (), {"__slots__": frozen.__slots__})  # type: ignore[attr-defined]  # it has
