"""What a client is granted: a token of its own, or its caller's, exchanged (RFC 6749 section 4.4, RFC 8693)."""

from collections.abc import Callable, Mapping, Sequence
from secrets import token_urlsafe
from typing import Final
from urllib.parse import urlsplit

from ..access.actor import MAX_ACTORS, Actor, actors_in
from ..errors import InvalidToken
from ..verification.claims import Claims
from ..waiting import ask
from .client_form import Form, Refused, one, required, scopes_in
from .own_tokens import OwnTokens
from .registered_client import RegisteredClient, Targets
from .token_issuer import TokenIssuer

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
_JWT: Final = "urn:ietf:params:oauth:token-type:jwt"
_TYPES: Final = (ACCESS_TOKEN, _JWT)  # of what we take and give: our access tokens are both
# what an exchanged token says anew; all else is about the subject, and stays
_OWN: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "client_id", "azp", "scope", "act", "cnf"})


class ClientGrants:
    """Makes tokens for clients. Never more than is registered, and never more than the caller's token had."""

    def __init__(self, issuer: TokenIssuer, own: OwnTokens, clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._own = own
        self._clock = clock

    async def client_credentials(self, client: RegisteredClient, form: Form) -> dict[str, object]:
        """A token of its own; no refresh token comes with it (RFC 6749 section 4.4.3)."""
        if not client.targets:
            raise Refused("unauthorized_client")
        audience, allowed = _targets(form, client.targets)
        scopes = _narrowed(scopes_in(form), allowed)
        await ask(self._issuer.keys.look, self._issuer.keys.alook)
        token = self._issuer.machine_token(client.client_id, audience=audience, scopes=scopes)
        return _answer(token, max(1, int(self._issuer.lifetime)), scopes)

    async def exchange(self, client: RegisteredClient, form: Form) -> dict[str, object]:
        """The caller's token, made anew for another target: the client acts, whoever acted before stands within."""
        if not client.exchange_targets:
            raise Refused("unauthorized_client")
        subject = await self._subject(client, form)
        actors = await self._actors(client, form, subject)
        audience, allowed = _targets(form, client.exchange_targets)
        scopes = _narrowed(scopes_in(form), allowed, _scopes_of(subject))
        now = int(self._clock())
        expires_at = min(now + max(1, int(self._issuer.lifetime)), int(subject.expires_at))
        claims = {
            **{name: value for name, value in subject.values.items() if name not in _OWN},
            "iss": self._issuer.issuer,
            "aud": audience[0] if len(audience) == 1 else audience,
            "client_id": client.client_id,
            "iat": now,
            "exp": expires_at,
            "jti": token_urlsafe(16),
            "scope": " ".join(scopes),
            "act": _act(actors, self._issuer.issuer),
        }
        await ask(self._issuer.keys.look, self._issuer.keys.alook)
        token = self._issuer.keys.sign(_plain(claims), "at+jwt")
        return {**_answer(token, expires_at - now, scopes), "issued_token_type": ACCESS_TOKEN}

    async def _subject(self, client: RegisteredClient, form: Form) -> Claims:
        """The caller's token. Raises Refused for one that is not good, not meant for the client, or no person's."""
        if required(form, "subject_token_type") not in _TYPES:
            raise Refused("invalid_request")
        if one(form, "requested_token_type") not in (None, *_TYPES):
            raise Refused("invalid_request")
        claims = await self._good(required(form, "subject_token"), client.audience)
        if claims.subject is None or _is_machine(claims):  # as somebody else's it would be taken for a person's
            raise Refused("invalid_request")
        return claims

    async def _actors(self, client: RegisteredClient, form: Form, subject: Claims) -> Sequence[Actor]:
        """The client, then whoever acted before. An actor token may only say once more who the client is."""
        shown = one(form, "actor_token")
        if (shown is None) != ("actor_token_type" not in form):
            raise Refused("invalid_request")
        if shown is not None:
            if one(form, "actor_token_type") not in _TYPES:
                raise Refused("invalid_request")
            actor = await self._good(shown, None)
            if (actor.subject, actor.values.get("client_id")) != (client.client_id, client.client_id):
                raise Refused("invalid_request")
        issuer = self._issuer.issuer
        may_act = subject.values.get("may_act")
        if may_act is not None and not _names(may_act, client.client_id, issuer):
            raise Refused("invalid_request")
        before = actors_in(_mapping(subject.values.get("act")), issuer)
        if len(before) >= MAX_ACTORS:
            raise Refused("invalid_request")
        return (Actor(client.client_id, issuer, client.client_id), *before)

    async def _good(self, token: str, audience: Sequence[str] | str | None) -> Claims:
        try:
            return await self._own.verified(token, audience)
        except InvalidToken as error:
            raise Refused("invalid_request") from error  # and not invalid_grant: RFC 8693 section 2.2.2


def _targets(form: Form, registered: Targets) -> tuple[list[str], tuple[str, ...]]:
    """Whom the token is for, and what all of them grant. Raises Refused."""
    resources = form.get("resource", ())
    if not all(map(_is_absolute, resources)):  # RFC 8707 section 2
        raise Refused("invalid_target")
    named = list(dict.fromkeys([*resources, *form.get("audience", ())]))
    if not named and len(registered) == 1:
        named = list(registered)
    if not named or not all(each in registered for each in named):
        raise Refused("invalid_target")
    first, *others = (registered[each] for each in named)
    return named, tuple(each for each in first if all(each in scopes for scopes in others))


def _is_absolute(uri: str) -> bool:
    """Whether this is an absolute URI without a fragment."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and "#" not in uri


def _narrowed(wanted: Sequence[str] | None, *limits: Sequence[str]) -> tuple[str, ...]:
    """What is asked for, within every limit; all of it, where nothing is. Raises Refused."""
    if wanted is None:
        return tuple(each for each in limits[0] if all(each in limit for limit in limits))
    if not all(each in limit for each in wanted for limit in limits):
        raise Refused("invalid_scope")
    return tuple(wanted)


def _scopes_of(claims: Claims) -> tuple[str, ...]:
    said = claims.values.get("scope")
    return tuple(each for each in said.split(" ") if each) if isinstance(said, str) else ()


def _is_machine(claims: Claims) -> bool:
    name = claims.values.get("client_id")
    return claims.subject in (name, f"client:{name}")


def _names(party: object, client_id: str, issuer: str) -> bool:
    """Whether ``may_act`` names this client (RFC 8693 section 4.4)."""
    if not isinstance(party, Mapping) or party.get("iss", issuer) != issuer:
        return False
    said = [party[name] for name in ("sub", "client_id") if name in party]
    return bool(said) and all(each == client_id for each in said)


def _act(actors: Sequence[Actor], issuer: str) -> dict[str, object]:
    """The chain: identities and nothing else (RFC 8693 section 4.1)."""
    act: dict[str, object] = {}
    for each in reversed(actors):
        link: dict[str, object] = {"sub": each.subject}
        if each.client_id is not None:
            link["client_id"] = each.client_id
        if each.issuer != issuer:
            link["iss"] = each.issuer
        act = {**link, "act": act} if act else link
    return act


def _mapping(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, Mapping) else None


def _plain(value: Mapping[str, object]) -> dict[str, object]:
    """Claims as they can be written: what was read is frozen."""

    def plain(each: object) -> object:
        if isinstance(each, Mapping):
            return {name: plain(inner) for name, inner in each.items()}
        return [plain(inner) for inner in each] if isinstance(each, list | tuple) else each

    return {name: plain(each) for name, each in value.items()}


def _answer(token: str, expires_in: int, scopes: Sequence[str]) -> dict[str, object]:
    return {"access_token": token, "token_type": "Bearer", "expires_in": expires_in, "scope": " ".join(scopes)}
