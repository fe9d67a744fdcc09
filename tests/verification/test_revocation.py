"""What was withdrawn, and whether a token is among it."""

import time
from typing import Any

import jwt
import pytest

from jwt_middleware import Claims, Guard, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.verification.revocation import KINDS, Revocation, Revoked
from jwt_middleware.waiting import run
from tests import tokens
from tests.issuing.test_signing_keys import bearing

ISSUER = "https://issuer.example"


def claims(**changes: Any) -> Claims:
    whole: dict[str, Any] = {
        "issuer": ISSUER,
        "subject": "alice",
        "audience": ("orders",),
        "expires_at": 2000.0,
        "not_before": None,
        "issued_at": 1000.0,
        "token_id": "t1",
        "session_id": "s1",
        "values": {"client_id": "c1", "azp": "c2"},
        "key_id": "k1",
    }
    return Claims(**{**whole, **changes})


NAMED = {"token": "t1", "session": "s1", "subject": "alice", "client": "c1", "key": "k1"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_thing_that_a_token_names_can_be_withdrawn(kind: Any) -> None:
    revoked = Revoked(lambda: 1000.0)
    assert not revoked.includes(claims())
    revoked.add([Revocation(kind, ISSUER, "another", 2000.0), Revocation(kind, "https://other", NAMED[kind], 2000.0)])
    for other in set(KINDS) - {kind}:
        revoked.add([Revocation(other, ISSUER, NAMED[kind], 2000.0)])
    assert not revoked.includes(claims())
    revoked.add([Revocation(kind, ISSUER, NAMED[kind], 2000.0)])
    assert revoked.includes(claims())


def test_a_client_is_known_by_both_of_its_names() -> None:
    revoked = Revoked(lambda: 1000.0)
    revoked.add([Revocation("client", ISSUER, "c2", 2000.0)])
    assert revoked.includes(claims())
    assert revoked.includes(claims(values={"azp": "c2"}))
    assert not revoked.includes(claims(values={"client_id": ["c2"]}))


def test_a_token_that_names_nothing_is_not_among_what_was_withdrawn() -> None:
    revoked = Revoked(lambda: 1000.0)
    revoked.add([Revocation(kind, ISSUER, name, 2000.0) for kind, name in NAMED.items()])  # type: ignore[arg-type]  # literals
    assert not revoked.includes(claims(token_id=None, session_id=None, subject=None, key_id=None, values={}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("issued_at", "expected"), [(999.0, True), (1000.0, False), (None, True)])
def test_only_tokens_issued_before_are_meant(kind: Any, issued_at: float | None, expected: bool) -> None:
    revoked = Revoked(lambda: 1000.0)
    revoked.add([Revocation(kind, ISSUER, NAMED[kind], 2000.0, before=1000.0)])
    assert revoked.includes(claims(issued_at=issued_at)) is expected


@pytest.mark.parametrize(
    "given",
    [
        ("banana", ISSUER, "x", 1.0),
        ("token", "", "x", 1.0),
        ("token", ISSUER, "", 1.0),
        ("token", ISSUER, "x", float("nan")),
        ("token", ISSUER, "x", 1.0, True),
    ],
)
def test_what_revokes_nothing_is_a_mistake(given: Any) -> None:
    with pytest.raises(ValueError, match="a revocation"):
        Revocation(*given)


@pytest.mark.parametrize("headers", [{"kid": "ec"}, {}])
def test_a_withdrawn_key_is_known_by_its_name_in_the_key_set_whatever_the_token_says(headers: dict[str, str]) -> None:
    """Whoever holds a stolen key writes what they like into the header, or leaves the key id out."""
    store = memory()
    keys = static(jwks=tokens.jwks("ec"))
    guard = Guard(TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=keys), revocations=store)
    now = int(time.time())
    said = {"iss": tokens.ISSUER, "aud": tokens.AUDIENCE, "sub": "eve", "iat": now, "exp": now + 300}
    token = jwt.encode(said, tokens.private_key("ec"), "ES256", headers=headers)
    assert run(guard.admit(bearing(token))).refusal is None
    store.revoke_key(tokens.ISSUER, "ec", until=float("inf"))
    refusal = run(guard.admit(bearing(token))).refusal
    assert refusal is not None
    assert refusal.reason == "token_revoked"
