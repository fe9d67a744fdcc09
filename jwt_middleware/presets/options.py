"""What every preset takes besides its own arguments, and how both become a TrustedIssuer."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypedDict, Unpack

from ..errors import ConfigurationError
from ..keys.freshness import Freshness
from ..keys.key_cache import KeySource
from ..verification import declared
from ..verification.kinds import Profile
from ..verification.mapping import ClaimMapping, From, Kind, Table
from ..verification.trusted_issuer import TrustedIssuer


class Options(TypedDict, total=False):
    """Arguments that every preset takes: those of TrustedIssuer and of ClaimMapping, with the preset's own defaults.

    They can make a preset stricter and say where roles and the like stand; they never undo what it demands.
    """

    keys: KeySource
    jwks_url: str | Iterable[str]
    algorithms: Iterable[str]
    leeway: float | timedelta
    profile: Profile
    required_claims: declared.Required
    claim_values: declared.ClaimValues
    tenants: str | Iterable[str]
    max_age: float | timedelta
    max_size: int
    freshness: Freshness
    snapshot: str | os.PathLike[str]
    subject: From
    client_id: From
    scopes: From
    roles: From
    groups: From
    permissions: From
    tenant: From
    session_id: From
    token_id: From
    actor: From
    role_permissions: Table
    scope_hierarchy: Table


class Preset(Options, total=False):
    """What only the preset itself decides."""

    kind: Kind | Callable[[Mapping[str, object]], Kind]
    kind_claim: tuple[str, str]
    accept_id_tokens: bool
    key_issuers: declared.KeyIssuers | None


# what a provider does not say is not looked for: only its own preset names where roles, groups and permissions stand
_UNSAID: Final = ("roles", "groups", "permissions", "session_id")
_OF_MAPPING: Final = frozenset(ClaimMapping.__dataclass_fields__)
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?")


def trusted(
    issuer: declared.Issuer, audience: declared.Audience, chosen: Options, **preset: Unpack[Preset]
) -> TrustedIssuer:
    """The declaration that ``preset`` describes, with what the user has ``chosen``. Raises ConfigurationError."""
    unknown = sorted(set(chosen) - set(Options.__annotations__))
    if unknown:
        raise ConfigurationError(f"preset of {issuer!r}: {', '.join(unknown)} is not known; see jwt_middleware.presets")
    own, user = dict[str, Any](preset), dict[str, Any](chosen)
    if "keys" in user:
        own.pop("jwks_url", None)
    said = {**own, **user}
    required, more = own.get("required_claims", ()), user.get("required_claims", ())
    if isinstance(more, list | tuple | set | frozenset):  # what is neither, TrustedIssuer refuses
        said["required_claims"] = [*required, *more]
    values, more = own.get("claim_values", {}), user.get("claim_values", {})
    if isinstance(more, Mapping):
        twice = [repr(each) for each in more if each in values]
        if twice:
            raise ConfigurationError(f"preset of {issuer!r}: what {', '.join(twice)} may say is decided by the preset")
        said["claim_values"] = {**values, **more}
    fields: dict[str, Any] = {name: said.pop(name, None) for name in _UNSAID}
    fields.update((name, said.pop(name)) for name in _OF_MAPPING & set(said))
    return TrustedIssuer(issuer, audience=audience, mapping=ClaimMapping(**fields), **said)


def several(given: str | Iterable[str], what: str) -> list[str]:
    """One text or several as a list that is not empty. Raises ConfigurationError."""
    found = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else []
    if not found or not all(isinstance(each, str) and each.strip() for each in found):
        raise ConfigurationError(f"{what}: name at least one, as a text or a list of texts")
    return found


def host(given: str, what: str) -> str:
    """A bare host name. Raises ConfigurationError."""
    if not isinstance(given, str) or not _HOST.fullmatch(given):
        raise ConfigurationError(f"{what}: write the bare host, such as 'acme.example.com'")
    return given


def identifier(given: str, what: str) -> str:
    """A name or number that becomes part of a URL. Raises ConfigurationError."""
    if not isinstance(given, str) or not re.fullmatch(r"[A-Za-z0-9._~-]+", given):
        raise ConfigurationError(f"{what}: write the bare name or number that the provider shows, not a URL")
    return given


def address(given: str, what: str) -> str:
    """An https URL without a final slash, for keys that stand below it. Raises ConfigurationError."""
    if not isinstance(given, str) or not re.fullmatch(r"https?://[^\s/?#\\]+(/[^\s?#\\]*)?", given) or given[-1] == "/":
        raise ConfigurationError(f"{what}: write an https:// address without a final slash, query or fragment")
    return given
