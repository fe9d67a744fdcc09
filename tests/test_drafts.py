"""Frozen values that are made on every request."""

from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any

import jwt
import pytest

from jwt_middleware import Guard, Principal, RequestInfo, TrustedIssuer
from jwt_middleware.access.admission import Admission
from jwt_middleware.drafts import draft_of
from jwt_middleware.key_sources.static import static
from jwt_middleware.verification.authenticator import Authenticator, Genuine
from jwt_middleware.waiting import run

SECRET = "0123456789abcdef" * 2
NOW = 1_800_000_000.0


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    floor: int = 0


def made() -> Any:
    draft = draft_of(Place)()
    draft.name = "house"
    draft.floor = 2
    draft.__class__ = Place
    return draft


def test_a_sealed_draft_is_a_frozen_value_like_any_other() -> None:
    assert made() == Place("house", 2) and hash(made()) == hash(Place("house", 2))
    assert type(made()) is Place and repr(made()) == repr(Place("house", 2))
    with pytest.raises(FrozenInstanceError):
        made().floor = 3


def test_a_draft_takes_no_field_that_the_value_lacks() -> None:
    with pytest.raises(AttributeError):
        draft_of(Place)().height = 3


def test_whatever_is_drafted_for_a_request_has_every_field_and_cannot_be_changed() -> None:
    token = jwt.encode({"iss": "https://i.example", "aud": "orders", "sub": "alice", "exp": NOW + 60}, SECRET)
    issuer = TrustedIssuer("https://i.example", audience="orders", keys=static(secret=SECRET))
    guard = Guard(issuer, clock=lambda: NOW, observers=())
    request = RequestInfo(header=lambda name: [f"Bearer {token}"] if name == "authorization" else [])
    admission: Admission = run(guard.admit(request))
    authenticator: Authenticator = guard._authenticator
    genuine: Genuine = run(authenticator.authenticate(token))
    for value in (admission, admission.principal, genuine, genuine.claims):
        copied = type(value)(**{each.name: getattr(value, each.name) for each in fields(value)})
        assert copied == value
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, "mallory")
    assert type(admission.principal) is Principal
