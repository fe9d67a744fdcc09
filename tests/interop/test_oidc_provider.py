"""Tokens of a provider that no one here wrote, through every door, with its keys found by discovery."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import jwt
import pytest

from jwt_middleware import Guard, TrustedIssuer

from .doors import DOORS, Call
from .oidc_provider import Provider

pytestmark = pytest.mark.interop

AUDIENCE = "https://orders.test/v1"
ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
Door = Callable[[Guard], Call]
every_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


def guard_for(provider: Provider) -> Guard:
    """Trusts the provider for our audience, and for its own client's name, which ID tokens carry."""
    return Guard(TrustedIssuer(provider.issuer, audience=[AUDIENCE, "web"]))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@every_door
def test_a_real_token_passes(provider: Provider, door: Door, algorithm: str) -> None:
    call = door(guard_for(provider))
    token = provider.machine_token(AUDIENCE, algorithm)
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    for _ in range(2):  # verified, then recalled
        answer = call(token)
        assert (answer.status, answer.body) == (200, "svc")
    answer = call(token, "/admin")
    assert (answer.status, answer.body["missing"]) == (403, ["role admin"])


@every_door
def test_a_person_who_logged_in_passes_with_their_role(provider: Provider, door: Door) -> None:
    call = door(guard_for(provider))
    admin = provider.log_in("admin", AUDIENCE)["access_token"]
    ann = provider.log_in("ann", AUDIENCE)["access_token"]
    assert [(call(admin).body, call(admin, "/admin").status), (call(ann).body, call(ann, "/admin").status)] == [
        ("admin", 200),
        ("ann", 403),
    ]


@every_door
def test_what_is_no_token_for_us_is_refused(provider: Provider, door: Door) -> None:
    call = door(guard_for(provider))
    token = provider.machine_token(AUDIENCE)
    refused = {
        "audience_mismatch": provider.machine_token("https://stock.test/v1"),
        "signature_invalid": tampered(token),
        "kind_refused": provider.log_in("ann", AUDIENCE)["id_token"],
        "sender_bound": provider.bound_token(AUDIENCE),
    }
    for reason, sent in refused.items():
        answer = call(sent)
        assert (answer.status, answer.body["code"]) == (401, reason)
        assert 'error="invalid_token"' in answer.challenge
    assert call(token).status == 200
    anonymous = call(None)
    assert (anonymous.status, anonymous.body["code"], anonymous.challenge) == (
        401,
        "token_missing",
        f'Bearer realm="{AUDIENCE}"',
    )


@every_door
def test_a_new_key_is_found_within_the_same_request_and_the_old_one_still_counts(
    provider: Provider, door: Door
) -> None:
    call = door(guard_for(provider))
    old = provider.machine_token(AUDIENCE)
    assert call(old).status == 200
    unseen = provider.machine_token(AUDIENCE)
    provider.rotate()
    new = provider.machine_token(AUDIENCE)
    assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    assert [call(token).status for token in (new, old, unseen)] == [200, 200, 200]


def test_known_keys_serve_while_the_provider_is_down(own_provider: Provider) -> None:
    calls = {name: door(guard_for(own_provider)) for name, door in DOORS.items()}
    first, unseen = own_provider.machine_token(AUDIENCE), own_provider.machine_token(AUDIENCE)
    assert {name: call(first).status for name, call in calls.items()} == dict.fromkeys(calls, 200)
    own_provider.rotate()
    of_new_key = own_provider.machine_token(AUDIENCE)
    own_provider.stop()
    for token, status in ((first, 200), (unseen, 200), (of_new_key, 503), (tampered(unseen), 401)):
        assert {name: call(token).status for name, call in calls.items()} == dict.fromkeys(calls, status)


def test_a_provider_that_was_never_reached_is_an_outage_and_not_a_bad_token(own_provider: Provider) -> None:
    calls = {name: door(guard_for(own_provider)) for name, door in DOORS.items()}
    token = own_provider.machine_token(AUDIENCE)
    own_provider.stop()
    answers = {name: call(token) for name, call in calls.items()}
    assert {name: (got.status, got.body["code"]) for name, got in answers.items()} == dict.fromkeys(
        calls, (503, "keys_unavailable")
    )


def test_its_tokens_meet_all_of_rfc_9068(provider: Provider) -> None:
    guard = Guard(TrustedIssuer(provider.issuer, audience=AUDIENCE, profile="rfc9068"))
    call = DOORS["wsgi"](guard)
    assert call(provider.machine_token(AUDIENCE)).status == 200
    assert call(provider.log_in("ann", AUDIENCE)["access_token"]).status == 200


def tampered(token: str) -> str:
    """The same header and signature around claims that say something else."""
    head, claims, signature = token.split(".")
    said = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    altered = urlsafe_b64encode(json.dumps({**said, "roles": ["admin"]}).encode()).rstrip(b"=").decode()
    return f"{head}.{altered}.{signature}"
