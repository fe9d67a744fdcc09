"""An issuer on the loopback interface whose keys rotate, and forgeries of its tokens."""

import base64
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from jwt_middleware import Freshness, Guard, TrustedIssuer
from jwt_middleware.issuing import SigningKey, SigningKeys, TokenIssuer, jwks_document, metadata_document
from tests.key_sources.conftest import Answer, Web, document

AUDIENCE = "orders"
OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


class Clock:
    """A clock that stands still until it is moved. Seconds."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class Issuer:
    """``up`` and ``down`` are what its addresses answer; ``fetches`` counts how often keys were asked for."""

    web: Web
    path: str = ""
    keys: SigningKeys = field(default_factory=lambda: SigningKeys(SigningKey.generate("EdDSA")))

    _claims: str = ""

    def __post_init__(self) -> None:
        self.url = self.web.origin + self.path
        self._tokens = TokenIssuer(self.url, self.keys, 3600.0)
        self.up()

    def tell_time_by(self, clock: Clock) -> None:
        self._claims = ""
        self._tokens = TokenIssuer(self.url, self.keys, 3600.0, clock)

    def up(self, **headers: str) -> None:
        self.web.answers[self.path + OPENID] = document(metadata_document(self.url, jwks_uri=f"{self.url}/jwks"))

        def jwks(handler: BaseHTTPRequestHandler) -> None:
            document(jwks_document(self.keys), **headers)(handler)

        self.web.answers[self.path + "/jwks"] = jwks

    def down(self, answer: Answer) -> None:
        """Answer so wherever it is asked."""
        self.web.answers[self.path + OPENID] = self.web.answers[self.path + "/jwks"] = answer

    @property
    def fetches(self) -> int:
        return self.web.asked.count(self.path + "/jwks")

    def rotate(self, new: SigningKey | None = None) -> None:
        """Another key signs from now on; the one before stays published."""
        new = new or SigningKey.generate("EdDSA")
        self.keys.publish(new)
        self.keys.activate(new.kid, at_once=True)

    def token(self) -> str:
        """Another one each time, so that no answer of a moment ago is reused."""
        return self._tokens.access_token("alice", audience=AUDIENCE, client_id="drills")

    def tokens(self, count: int) -> list[str]:
        return [self.token() for _ in range(count)]

    def forged(self, kid: str, **changes: Any) -> str:
        """What a stranger can make: every claim is right but for ``changes``, the key id is made up, the signature noise."""
        claims = self._claims = self._claims or self.token().split(".")[1]
        header = {name: changes.pop(name, usual) for name, usual in {"alg": "EdDSA", "typ": "at+jwt"}.items()}
        if changes:
            said = {**json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))), **changes}
            claims = segment({name: value for name, value in said.items() if value is not None})
        return f"{segment({**header, 'kid': kid})}.{claims}.{base64.urlsafe_b64encode(b'x' * 63).decode()}"

    def trusted(self, **more: Any) -> TrustedIssuer:
        return TrustedIssuer(self.url, **{"audience": AUDIENCE, **more})

    def guard(self, clock: Clock, **figures: Any) -> Guard:
        """A guard that finds the keys by discovery; ``clock`` tells how old they are."""
        return Guard(self.trusted(freshness=Freshness(**figures)), observers=[], monotonic=clock)


def segment(members: dict[str, Any]) -> str:
    return segment_of(json.dumps(members).encode())


def segment_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
