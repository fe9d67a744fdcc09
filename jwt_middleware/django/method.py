"""A request that was judged by its method keeps it, whatever a middleware further in makes of it."""

from functools import cache

from django.http import HttpRequest


def keep_method(request: HttpRequest) -> None:
    """From now on ``request.method = ...`` changes nothing: middlewares may override it when the view is known."""
    kind = type(request)
    if not issubclass(kind, _Kept):
        request.__class__ = _keeping(kind)  # type: ignore[arg-type]  # classes are hashable; the stubs doubt it


class _Kept:
    @property
    def method(self) -> str | None:
        kept: str | None = self.__dict__["method"]
        return kept

    @method.setter
    def method(self, value: str | None) -> None:
        """It is not overridden."""


@cache
def _keeping(kind: type[HttpRequest]) -> type[HttpRequest]:
    return type(kind.__name__, (_Kept, kind), {})
