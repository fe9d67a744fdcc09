"""Accounts of Django's own users: logged in by ``django.contrib.auth``, whatever its backends are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from ...issuing.account import Account, Claim
from ...issuing.credentials import Credentials

AccountOf = Callable[[Any], Account]


@dataclass(frozen=True, slots=True)
class UserAccounts:
    """What ``authenticate`` says at a login, and the user model at a refresh; inactive users have no account.

    An unknown, an inactive and a wrong one cost the same number of hasher calls, as Django's own backend sees to.
    """

    account_of: AccountOf
    id_field: str

    def log_in(self, credentials: Credentials) -> Account | None:
        request = credentials.source if isinstance(credentials.source, HttpRequest) else None
        user = authenticate(request, username=credentials.username, password=credentials.password)
        if user is None or not user.is_active:
            return None
        user_logged_in.send(sender=user.__class__, request=request, user=user)  # notes the last login, as anywhere
        return self.account_of(user)

    async def alog_in(self, credentials: Credentials) -> Account | None:
        return await sync_to_async(self.log_in)(credentials)

    def find(self, subject: str) -> Account | None:
        users = get_user_model()._default_manager.db_manager(_primary())  # noqa: SLF001  # its documented name
        try:
            user = users.filter(**{self.id_field: subject}).first()
        except (ValueError, ValidationError):  # a subject that no user of this model could have
            return None
        return self.account_of(user) if user is not None and user.is_active else None

    async def afind(self, subject: str) -> Account | None:
        return await sync_to_async(self.find)(subject)


@dataclass(frozen=True, slots=True)
class UserAccount:
    """What a token says of a user, as the settings choose. Permissions and groups are those of Django."""

    id_field: str = "pk"
    permissions: bool = False
    groups: bool = False
    roles: Callable[[Any], Any] | None = None
    scopes: Callable[[Any], Any] | None = None
    claims: Callable[[Any], Mapping[str, Claim]] | None = None

    def __call__(self, user: Any) -> Account:
        groups = sorted(user.groups.values_list("name", flat=True)) if self.groups else ()
        return Account(
            subject=str(getattr(user, self.id_field)),
            permissions=sorted(user.get_all_permissions()) if self.permissions else (),
            groups=groups,
            roles=tuple(self.roles(user)) if self.roles else (),
            scopes=tuple(self.scopes(user)) if self.scopes else (),
            claims=self.claims(user) if self.claims else {},
            stamp=stamp_of(user),
        )


def stamp_of(user: Any) -> str:
    """Changes with the password, as that of Django's own sessions does."""
    return str(user.get_session_auth_hash()) if hasattr(user, "get_session_auth_hash") else str(user.password)


def _primary() -> str:
    from django.db import router

    return router.db_for_write(get_user_model())
