"""A naive application, for contrast: a middleware as it is often written by hand, with one call that decodes a token.

Its mistakes are the point. Do not copy it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import jwt

from ..issuer import IssuerServer, issuer_url
from ..seen import ANSWERED_BY, APPLICATION
from ..transports.scope import Scope
from .application import Application

_ALGORITHMS: Final = ["ES256", "RS256", "PS256", "EdDSA", "HS256"]
_NEEDS: Final = {"/read": "read", "/read-and-write": "read write"}
_PATHS: Final = frozenset({"/protected", "/public", "/echo", "/clerks", *_NEEDS})
# what such a middleware has no switch for
_WITHOUT: Final = frozenset(
    {
        *("two-issuers", "two-alike", "cookie", "query", "cors", "max-age", "revocations", "impatient", "weak-secret"),
        *("plain-http", "odd-realm", "explained", "page-without-host", "page-with-quotes", "plain-text"),
        *("detail-and-code", "scope-hierarchy", "id-tokens", "ageing", "withdrawn", "slow-keys"),
    }
)


class NaiveMiddleware:
    """Decodes the token and hands the claims on."""

    def __init__(self, issuer: str) -> None:
        self._keys = jwt.PyJWKClient(f"{issuer}/jwks", timeout=1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = "/" + scope["path"].split("/", 2)[2]
        if path == "/public":
            await _answer(send, 200, {"subject": ""})
            return
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        if not header.startswith("Bearer "):
            await _answer(send, 401, {"detail": "Not authenticated"})
            return
        try:
            token = header.split(" ")[1]
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key.key, algorithms=_ALGORITHMS, options={"verify_aud": False})
        except jwt.PyJWTError as error:
            await _answer(send, 401, {"detail": f"Could not validate credentials: {error}"})
            return
        for scope_needed in _NEEDS.get(path, "").split():
            if scope_needed not in claims.get("scope", ""):
                await _answer(send, 403, {"detail": "Insufficient scope"})
                return
        if path == "/clerks" and "clerk" not in claims.get("roles", []):
            await _answer(send, 401, {"detail": "Role clerk required"})
            return
        await _answer(send, 200, {"subject": claims.get("sub")})


async def _answer(send: Any, status: int, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json"), (ANSWERED_BY.encode(), APPLICATION.encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})


@contextmanager
def _scope(issuers: IssuerServer) -> Iterator[Scope]:
    built: dict[str, NaiveMiddleware] = {}

    async def mount(scope: Any, receive: Any, send: Any) -> None:
        setting = scope["path"].split("/")[1]
        if setting not in built:
            built[setting] = NaiveMiddleware(issuer_url(issuers.plain, issuers.tls, "scope", setting))
        await built[setting](scope, receive, send)

    yield Scope(mount)


NAIVE: Final = Application(
    "a naive middleware",
    {"scope": _scope},
    settings=lambda name: name not in _WITHOUT,
    paths=_PATHS.__contains__,
)
