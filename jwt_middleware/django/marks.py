"""The mark of the view that will run: of the function itself, or of the class, its ``dispatch`` or its method."""

from typing import Any

from ..access.marks import Mark, mark_of


def mark_of_view(view: Any, method: str) -> Mark | None:
    """What the view allows beyond callers with a good token. A subclass never inherits a mark."""
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)  # Django's and the REST framework's
    if not isinstance(cls, type):
        return mark_of(view)
    name = method.lower()
    actions = getattr(view, "actions", None)
    if isinstance(actions, dict):  # a view set: methods are mapped to actions
        name = actions.get(name) or actions.get("get" if name == "head" else name, "")
    elif name == "head" and not hasattr(cls, "head"):
        name = "get"
    own = vars(cls)
    for each in (cls, own.get("dispatch"), own.get(name)):
        mark = mark_of(each)
        if mark is not None:
            return mark
    # as_view() copies what stands on ``dispatch``, inherited or not: only what was put on the view itself counts
    return mark_of(view) if mark_of(getattr(cls, "dispatch", None)) is None else None
