"""How a client shows a token endpoint who it is (RFC 6749 section 2.3, RFC 7523 section 2.2)."""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, Protocol
from urllib.parse import quote_plus

from ..errors import ConfigurationError

Fields = Mapping[str, str]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ClientAuthentication(Protocol):
    """Shows who asks; made anew for each request. Gives fields of the form, and headers."""

    def proof(self, client_id: str, issuer: str) -> tuple[Fields, Fields]: ...


class Signer(Protocol):
    """Signs claims as a token of that kind: a ``SigningKey``, ``SigningKeys``, or what holds the key elsewhere."""

    def sign(self, claims: Mapping[str, object], kind: str) -> str: ...


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret that the token endpoint knows, too. See ``client_secret_basic`` and ``client_secret_post``."""

    secret: str | Path = field(repr=False)
    in_header: bool

    def proof(self, client_id: str, issuer: str) -> tuple[Fields, Fields]:
        secret = self.secret if isinstance(self.secret, str) else self.secret.read_text(encoding="utf-8").strip()
        if not self.in_header:
            return {"client_id": client_id, "client_secret": secret}, {}
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"  # form-encoded first: RFC 6749 section 2.3.1
        return {}, {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def client_secret_basic(secret: str | Path) -> ClientSecret:
    """The secret in the Authorization header. A ``Path`` is read at each token request: the file may rotate."""
    return ClientSecret(_checked(secret, "client_secret_basic"), in_header=True)


def client_secret_post(secret: str | Path) -> ClientSecret:
    """The secret in the form, for token endpoints that cannot read it elsewhere."""
    return ClientSecret(_checked(secret, "client_secret_post"), in_header=False)


@dataclass(frozen=True, slots=True)
class PrivateKeyJWT:
    """An assertion signed with a key of which the token endpoint knows the public half. See ``private_key_jwt``."""

    signer: Signer = field(repr=False)
    audience: str | None
    kind: str
    lifetime: int
    clock: Callable[[], float] = field(repr=False)

    def proof(self, client_id: str, issuer: str) -> tuple[Fields, Fields]:
        now = int(self.clock())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": self.audience or issuer,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": token_urlsafe(16),
        }
        assertion = self.signer.sign(claims, self.kind)
        return {
            "client_id": client_id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }, {}


def private_key_jwt(
    signer: Signer,
    *,
    audience: str | None = None,
    kind: str = "client-authentication+jwt",
    lifetime: int = 60,  # seconds, at most 300
    clock: Callable[[], float] = time.time,
) -> PrivateKeyJWT:
    """A signed assertion instead of a secret (RFC 7523): nothing that the token endpoint knows could be stolen there.

    ``audience`` is the issuer and nothing else, so that no other server can use the assertion; name another one, such
    as the URL of the token endpoint, only for a server that knows the old rule. ``kind`` is its ``typ``.
    """
    mistakes = []
    if not callable(getattr(signer, "sign", None)):
        mistakes.append("private_key_jwt(): hand in what signs, such as SigningKey.from_pem(...)")
    if isinstance(lifetime, bool) or not isinstance(lifetime, int) or not 1 <= lifetime <= 300:
        mistakes.append(f"private_key_jwt(lifetime={lifetime!r}): write 1 to 300 seconds")
    if not isinstance(kind, str) or not kind or audience == "":
        mistakes.append("private_key_jwt(): audience and kind are never empty; leave them out")
    if mistakes:
        raise ConfigurationError(*mistakes)
    return PrivateKeyJWT(signer, audience, kind, lifetime, clock)


def _checked(secret: str | Path, name: str) -> str | Path:
    if not isinstance(secret, str | Path) or secret == "":
        raise ConfigurationError(f"{name}(): hand in the secret as a text, or the path of a file as a Path")
    return secret
