"""Ours, as it is asked here. The only file that reaches below the public names: how an Authenticator is made."""

import time
from collections.abc import Callable, Iterable

from jwt_middleware import Guard, Principal, RequestInfo, TrustedIssuer
from jwt_middleware.errors import AuthError
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.verification.authenticator import Authenticator, RevocationStore
from jwt_middleware.verification.token_cache import TokenCache
from jwt_middleware.verification.trusts import Trusts
from jwt_middleware.waiting import run

from .samples import AUDIENCE, ISSUER, KID, SECRET, verifying_jwk

Check = Callable[[str], object]  # raises for a token that does not pass


def trusted(
    algorithm: str, issuer: str = ISSUER, kids: Iterable[str] = (KID,), max_size: int = 16_384
) -> TrustedIssuer:
    if algorithm == "HS256":
        keys = static(secret=dict.fromkeys(kids, SECRET))
    else:
        keys = static(jwks={"keys": [verifying_jwk(algorithm, kid) for kid in kids]})
    return TrustedIssuer(issuer, audience=AUDIENCE, keys=keys, max_size=max_size)


def cold_check(*trusted: TrustedIssuer, revocations: RevocationStore | None = None) -> Check:
    """Everything that is asked of a token that was never seen: read, key, signature, claims."""
    trusts = Trusts(trusted, keys_of=_keys_of, clock=time.monotonic)
    authenticate = Authenticator(trusts, revocations, time.time).authenticate
    return lambda token: run(authenticate(token))


def guard(*trusted: TrustedIssuer, revocations: RevocationStore | None = None) -> Guard:
    return Guard(*trusted, revocations=revocations, observers=())


def guard_that_keeps(max_tokens: int, *trusted: TrustedIssuer) -> Guard:
    """A guard that remembers another number of tokens than 10,000, and for a day."""
    made = guard(*trusted)
    known: TokenCache[Principal] = TokenCache(max_tokens, 86_400.0, clock=time.time)
    made._known, made.recall = known, known.get  # noqa: SLF001  # no setting is offered for it
    return made


def guard_that_forgets(*trusted: TrustedIssuer) -> Guard:
    """A guard that remembers no token at all."""
    made = guard(*trusted)
    made._known = None  # noqa: SLF001  # the same
    return made


def admitted(guard: Guard, token: str) -> Principal:
    """Who sends this token, found out the slow way; the guard remembers it. Raises AuthError."""
    return _admitted(guard, f"Bearer {token}")


def _admitted(guard: Guard, authorization: str) -> Principal:
    request = RequestInfo(header=lambda name: [authorization] if name == "authorization" else [])
    admission = run(guard.admit(request))
    if admission.refusal is not None:
        raise admission.refusal
    return admission.principal


def refusing(guard: Guard, token: str) -> Callable[[], bool]:
    """Whether a bad token is refused, asked the whole way through the guard: recalled, then admitted, as a door does.

    The header's value is made beforehand, as servers do it.
    """
    authorization = f"Bearer {token}"
    value = authorization.encode()

    def ask() -> bool:
        if guard.recall(value) is not None:
            return False
        try:
            _admitted(guard, authorization)
        except AuthError:
            return True
        return False

    return ask


def recalling(guard: Guard, texts: Iterable[bytes]) -> Callable[[bytes], object]:
    """What a hit costs: ``Guard.recall`` of a whole header value, after the guard has met all of ``texts``.

    A token that the guard has forgotten meanwhile is met again, as a door would do.
    """
    for text in texts:
        admitted(guard, text.decode())
    recall = guard.recall

    def ask(text: bytes) -> object:
        return recall(b"Bearer " + text) or admitted(guard, text.decode())

    return ask


def _keys_of(trusted: TrustedIssuer) -> KeyCache:
    if trusted.keys is None:
        raise ValueError("a measured issuer has its keys at hand")
    return KeyCache(trusted.keys)
