"""A user from the database, for sites whose views expect one in ``request.user``."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist, ValidationError

from ..access.principal import Principal
from ..errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class ModelUser:
    """A loader for the setting ``USER``. See ``model_user``."""

    field: str
    claim: str | None
    issuer: str | None

    def __call__(self, principal: Principal) -> Any:
        value = principal.subject if self.claim is None else principal.claims.get(self.claim)
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            return None
        if self.issuer is not None and principal.issuer != self.issuer:
            return None
        users = get_user_model()._default_manager  # noqa: SLF001  # its documented name
        try:
            return users.get(**{self.field: value})
        except (ObjectDoesNotExist, MultipleObjectsReturned, ValueError, ValidationError):
            return None


def model_user(field: str = "username", *, claim: str | None = None, issuer: str | None = None) -> ModelUser:
    """The user whose ``field`` is the subject of the token, or its ``claim``: ``"USER": model_user("username")``.

    Nobody found, or somebody inactive, is a 403. It is looked up for every request, in a thread where the site is
    async. With several issuers say whose subjects these are. Do not use a claim that callers choose themselves, such as
    an e-mail address that nobody has verified.
    """
    if not field.isidentifier() or "__" in field:
        raise ConfigurationError(f"model_user({field!r}): takes the name of one field of the user model")
    return ModelUser(field, claim, issuer)
