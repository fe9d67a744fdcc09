"""The rows are worth something: each small mistake in the package turns the rows red that were written for it."""

from typing import Any

import pytest

from conformance.applications.ours import OURS
from conformance.rows import ROWS
from conformance.run import conversation, state_of
from jwt_middleware import base64url
from jwt_middleware.access import admission, challenge, principal_of, refusal_body, token_location
from jwt_middleware.access.request import RequestInfo
from jwt_middleware.access.requirements import Has
from jwt_middleware.asgi_websocket import ExpiringSocket
from jwt_middleware.key_sources.discovery import Discovery
from jwt_middleware.keys import key, key_set
from jwt_middleware.keys.freshness import Freshness
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.pace import Pace
from jwt_middleware.verification import compact, json_object, kinds, verify
from jwt_middleware.verification.authenticator import Authenticator
from jwt_middleware.web import Web
from tests.planting import function_of, planted

BY_ID = {row.id: row for row in ROWS}


# where, what is written there, what is written instead, the rows that notice
FAULTS: list[tuple[Any, str, str, tuple[str, ...]]] = [
    (verify.verify_signature, "if genuine is not True:", "if False:", ("A-13", "B-16", "B-24", "C-05")),
    (verify.look_at, "rules.audience.isdisjoint(audience)", "False", ("B-26", "C-04")),
    (
        verify.look_at,
        "rules.issuers.get(said if type(said) is str else _iss(values))",
        "next(iter(rules.issuers.values()))",
        ("C-03",),
    ),
    (verify.look_at, "if expires_at is None:", "if False:", ("B-37", "C-02")),
    (verify._check_times, "now >= expires_at + rules.leeway", "now > expires_at + rules.leeway", ("B-37", "C-06")),
    (verify._check_times, "now < not_before - rules.leeway", "False", ("B-37", "B-38")),
    (verify._time, "isinstance(found, bool) or ", "", ("B-14",)),
    (json_object._object, "if len(members) != len(pairs):", "if False:", ("B-13",)),
    (json_object._refuse_constant, 'raise ValueError("not a JSON number")', "return 0", ("B-14",)),
    (compact._header, "if not _REFUSED_PARAMETERS.isdisjoint(header):", "if False:", ("B-08", "B-09", "B-31")),
    (compact._header, "kind.lower()", "kind", ("B-29", "C-01")),
    (json_object.parse_object, "_nesting(text) > _MAX_NESTING", "False", ("B-15",)),
    (base64url.decode, "translated, strict_mode=True", 'translated + b"==", strict_mode=False', ("B-11",)),
    (key._kid_and_algorithm, 'if use not in (None, "sig"):', "if False:", ("B-36",)),
    (key._fitting, "_MIN_RSA_BITS <= material.key_size", "0 <= material.key_size", ("B-21",)),
    (key._public, "fits if algorithm is None or algorithm in _ED25519 else frozenset({algorithm})", "fits", ("B-03",)),
    (
        key_set._read,
        "except KeyRefused as refused:",
        "except ZeroDivisionError as refused:",
        ("B-19", "B-35"),
    ),
    (Freshness.keep, "due = lifetime * self.ahead", "due = 100 * lifetime", ("D-11", "D-12")),
    (KeyCache.find, "if kept is not None and now < kept.serves_until:", "if kept is not None:", ("D-11",)),
    (Web.afetch, "await wait_for(work.begin(), self.timeout)", "work.begin().result(self.timeout)", ("D-16",)),
    (Pace.take, "if left < 1.0:", "if False:", ("D-10",)),
    (Discovery._metadata, 'metadata.get("issuer") != self.issuer', "False", ("D-01", "D-07")),
    (Discovery._checked, "origin(url) not in self.jwks_origins", "False", ("D-14",)),
    (principal_of._principal, 'found.split(" ")', "found.split()", ("C-09",)),
    (Authenticator.authenticate, "not in rules.algorithms", "is None", ("B-01", "B-05")),
    (Authenticator._refuse_revoked, "if revoked is not False:", "if False:", ("A-13",)),
    (token_location._with_scheme, "if len(values) > 1:", "if False:", ("A-05",)),
    (token_location._with_scheme, "if _OTHER_SCHEME.fullmatch(values[0]):", "if False:", ("A-12",)),
    (admission.find_token, "isinstance(later, TokenInQuery)", "False", ("A-05",)),
    (challenge.challenge_for, ', ("cache-control", "no-store")', "", ("A-26",)),
    (challenge._bearer, '"scope": " ".join(scopes)', "", ("A-14", "F-03")),
    (challenge._bearer, 'said = {"realm": realm}', "said = {}", ("A-19", "A-20")),
    (refusal_body.problem_json, 'refusal.status,\n        "detail"', '200,\n        "detail"', ("F-16",)),
    (
        Has.judge,
        "self.name in getattr(principal, self._field)",
        'self.name in " ".join(getattr(principal, self._field))',
        ("F-02",),
    ),
    (RequestInfo.is_preflight, 'self.method == "OPTIONS"', "False", ("A-28",)),
    (RequestInfo.is_preflight, 'self.method == "OPTIONS"', "True", ("A-28",)),
    (ExpiringSocket._close, "EXPIRED", "1000", ("A-33",)),
]


@pytest.mark.parametrize(
    ("place", "written", "instead", "rows"),
    FAULTS,
    ids=[f"{function_of(fault[0]).__qualname__}: {fault[1]}" for fault in FAULTS],
)
@pytest.mark.plants_secrets("one of the planted faults shows a token")
@pytest.mark.once
def test_a_planted_fault_turns_its_rows_red(place: Any, written: str, instead: str, rows: tuple[str, ...]) -> None:
    with planted(place, written, instead), conversation(OURS, "scope") as talk:
        assert {name: state_of(talk.ask(BY_ID[name])) for name in rows} == dict.fromkeys(rows, "red")


def test_without_the_kind_of_token_other_kinds_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds.refuse_other_kinds, "__code__", (lambda *_: None).__code__)
    with conversation(OURS, "scope") as talk:
        assert {name: state_of(talk.ask(BY_ID[name])) for name in ("B-29", "B-30", "B-40", "C-01")} == dict.fromkeys(
            ("B-29", "B-30", "B-40", "C-01"), "red"
        )
