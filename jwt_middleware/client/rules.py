"""Which token a target gets: the caller's, our own, or the caller's exchanged for one that is meant for the target."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from ..errors import ConfigurationError, TokenUnavailable
from .callers_token import callers_token
from .token_endpoint import Form, TokenEndpoint

_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"


@dataclass(frozen=True, slots=True)
class Carried:
    """A token to send. ``scopes`` are those that were granted; None: those that were asked for."""

    token: str = field(repr=False)
    scopes: tuple[str, ...] | None = None


class TokenRule(Protocol):
    """Finds the token for one target. Both raise TokenUnavailable, never an AuthError."""

    async def token(self) -> Carried: ...

    async def renewed(self, refused: str) -> Carried | None:
        """Another token, since the target says that ``refused`` is not good; None to leave it at that."""


async def renewal(rule: TokenRule, refused: Carried) -> Carried | None:
    """What to send once more instead of ``refused``, or None: then the answer of the target stands."""
    with suppress(TokenUnavailable):
        return await rule.renewed(refused.token)
    return None


@dataclass(frozen=True, slots=True)
class ForwardToken:
    """The caller's own token. See ``forward_token``."""

    audience: str

    async def token(self) -> Carried:
        principal, token = callers_token()
        named = principal.claims.get("aud")
        if self.audience not in ((named,) if isinstance(named, str) else named if isinstance(named, tuple) else ()):
            raise TokenUnavailable("the caller's token is not meant for this target; exchange it for one that is")
        return Carried(token, principal.scopes)

    async def renewed(self, refused: str) -> None:
        """There is no other token of this caller."""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A token of our own. See ``client_credentials``."""

    endpoint: TokenEndpoint
    form: tuple[tuple[str, str], ...]

    async def token(self) -> Carried:
        found = await self.endpoint.token(self.form)
        return Carried(found.token, found.scopes)

    async def renewed(self, refused: str) -> Carried | None:
        found = await self.endpoint.renewed(self.form, refused)
        return None if found is None else Carried(found.token, found.scopes)


@dataclass(frozen=True, slots=True)
class ExchangeToken:
    """The caller's token, exchanged. See ``exchange_token``."""

    endpoint: TokenEndpoint
    form: tuple[tuple[str, str], ...]
    actor: ClientCredentials | None

    async def token(self) -> Carried:
        found = await self.endpoint.token(self._asked(), await self._shown())
        return Carried(found.token, found.scopes)

    async def renewed(self, refused: str) -> Carried | None:
        found = await self.endpoint.renewed(self._asked(), refused, await self._shown())
        return None if found is None else Carried(found.token, found.scopes)

    def _asked(self) -> Form:
        return [*self.form, ("subject_token", callers_token()[1]), ("subject_token_type", _ACCESS_TOKEN)]

    async def _shown(self) -> Form:
        if self.actor is None:
            return ()
        return [("actor_token", (await self.actor.token()).token), ("actor_token_type", _ACCESS_TOKEN)]


def forward_token(audience: str) -> ForwardToken:
    """The caller's own token, for a target that it is meant for: its ``aud`` names ``audience``.

    Whoever receives it can use it wherever the caller can: only for targets in the same trust as this service.
    """
    if not isinstance(audience, str) or not audience:
        raise ConfigurationError("forward_token(): name the audience of the target, as its tokens carry it in aud")
    return ForwardToken(audience)


def client_credentials(
    endpoint: TokenEndpoint,
    *,
    resource: str | Iterable[str] | None,
    audience: str | Iterable[str] = (),
    scopes: Iterable[str] = (),
) -> ClientCredentials:
    """A token of our own (RFC 6749 section 4.4), in nobody else's name: the caller's rights play no part in it.

    ``resource`` says whom it is for (RFC 8707), ``audience`` the same for issuers that name targets otherwise; None for
    an issuer that understands neither. Its answer decides which scopes are granted.
    """
    return ClientCredentials(
        endpoint,
        (("grant_type", "client_credentials"), *_target("client_credentials", endpoint, resource, audience, scopes)),
    )


def exchange_token(
    endpoint: TokenEndpoint,
    *,
    resource: str | Iterable[str] | None,
    audience: str | Iterable[str] = (),
    scopes: Iterable[str] = (),
    actor: ClientCredentials | None = None,
) -> ExchangeToken:
    """The caller's token, exchanged for one that is meant for the target and says that we act (RFC 8693).

    ``actor``: a token of our own to show, for issuers that do not take our authentication for it. The other arguments
    are those of ``client_credentials``.
    """
    if actor is not None and not isinstance(actor, ClientCredentials):
        raise ConfigurationError("exchange_token(actor=...): hand in client_credentials(...)")
    target = _target("exchange_token", endpoint, resource, audience, scopes)
    return ExchangeToken(endpoint, (("grant_type", _EXCHANGE), *target), actor)


def _target(
    name: str,
    endpoint: TokenEndpoint,
    resource: str | Iterable[str] | None,
    audience: str | Iterable[str],
    scopes: Iterable[str],
) -> Form:
    mistakes = []
    if not isinstance(endpoint, TokenEndpoint):
        mistakes.append(f"{name}(): hand in a TokenEndpoint first")
    if isinstance(scopes, str):  # one scope, never its letters
        mistakes.append(f"{name}(scopes={scopes!r}): write a list of scopes")
    resources = [resource] if isinstance(resource, str) else list(resource or ())
    audiences = [audience] if isinstance(audience, str) else list(audience)
    names = [*resources, *audiences, *scopes]
    if not all(isinstance(each, str) and each and not any(c.isspace() for c in each) for each in names):
        mistakes.append(f"{name}(): resource, audience and scopes are texts without blanks, none of them empty")
    if any("#" in str(each) or ":" not in str(each) for each in resources):
        mistakes.append(
            f"{name}(resource={resource!r}): an absolute URI without fragment (RFC 8707); else say audience"
        )
    if mistakes:
        raise ConfigurationError(*mistakes)
    asked = [("scope", " ".join(sorted(set(scopes))))] if scopes else []
    return [*(("resource", each) for each in resources), *(("audience", each) for each in audiences), *asked]
