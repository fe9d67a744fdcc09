"""Token to claims, revocation included."""

import asyncio
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jwt_middleware import AuthError, AuthUnavailable, ClaimMapping, Claims, InvalidToken, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.verification.authenticator import Authenticator, Genuine, RevocationStore
from jwt_middleware.verification.trusts import Trusts
from jwt_middleware.waiting import run

NOW = 1_800_000_000.0
FIRST, SECOND = "https://first.example", "https://second.example"
SIGNERS = {FIRST: ec.generate_private_key(ec.SECP256R1()), SECOND: ec.generate_private_key(ec.SECP256R1())}
Finish = Callable[[Any], Any]


def pem(issuer: str) -> str:
    return SIGNERS[issuer].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def mint(issuer: str = FIRST, *, signer: str | None = None, kid: str | None = None, **changes: Any) -> str:
    claims = {"iss": issuer, "aud": "orders", "sub": "alice", "exp": NOW + 300, **changes}
    return jwt.encode(claims, SIGNERS[signer or issuer], "ES256", headers={"kid": kid} if kid else None)


class Counting:
    """A key source that fails, and counts how often it was asked."""

    symmetric = False

    def __init__(self) -> None:
        self.asked = 0

    def fetch(self) -> KeySet:
        self.asked += 1
        raise OSError("out of reach")

    async def afetch(self) -> KeySet:
        return self.fetch()


class Store:
    """A revocation store that answers as told."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.seen: list[Claims] = []

    def is_revoked(self, claims: Claims) -> bool:
        self.seen.append(claims)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]  # a store may misbehave

    async def ais_revoked(self, claims: Claims) -> bool:
        return self.is_revoked(claims)


def authenticator(*trusted: TrustedIssuer, revocations: RevocationStore | None = None) -> Authenticator:
    trusts = Trusts(trusted or (of(FIRST),), keys_of=lambda each: KeyCache(each.keys or Counting()), clock=lambda: NOW)
    return Authenticator(trusts, revocations, lambda: NOW)


def of(issuer: str, **arguments: Any) -> TrustedIssuer:
    return TrustedIssuer(issuer, **{"audience": "orders", "keys": static(pem=pem(issuer)), **arguments})


@pytest.fixture(params=[run, asyncio.run], ids=["run", "awaited"])
def finish(request: pytest.FixtureRequest) -> Finish:
    found: Finish = request.param
    return found


def reason(finish: Finish, subject: Authenticator, token: str) -> str:
    with pytest.raises(AuthError) as refused:
        finish(subject.authenticate(token))
    return refused.value.reason


def test_a_good_token_is_genuine(finish: Finish) -> None:
    genuine: Genuine = finish(authenticator().authenticate(mint()))
    assert genuine.claims.subject == "alice"
    assert genuine.trust.issuer.issuer == FIRST


def test_each_issuer_vouches_only_for_itself(finish: Finish) -> None:
    both = authenticator(of(FIRST), of(SECOND))
    for issuer in (FIRST, SECOND):
        assert finish(both.authenticate(mint(issuer))).claims.issuer == issuer
    assert reason(finish, both, mint(FIRST, signer=SECOND)) == "signature_invalid"
    assert reason(finish, both, mint("https://third.example", signer=FIRST)) == "issuer_untrusted"
    assert reason(finish, authenticator(), mint(SECOND, signer=FIRST)) == "issuer_untrusted"


def test_algorithms_and_sizes_are_those_of_the_issuer(finish: Finish) -> None:
    both = authenticator(of(FIRST, algorithms=["RS256"]), of(SECOND, max_size=256))
    assert reason(finish, both, mint(FIRST)) == "algorithm_refused"
    assert reason(finish, both, mint(SECOND, filling="x" * 300)) == "token_too_large"


def test_nobody_makes_us_fetch_for_a_token_that_is_refused_anyway(finish: Finish) -> None:
    source = Counting()
    subject = authenticator(of(FIRST, keys=source))
    for token, expected in [
        (mint(exp=NOW - 300), "token_expired"),
        (mint(aud="other"), "audience_mismatch"),
        (mint(SECOND), "issuer_untrusted"),
        ("not.a.token", "token_malformed"),
        (mint() + "=", "token_malformed"),
        (mint().replace(".", ".=", 1), "token_malformed"),
        (jwt.encode({"iss": FIRST}, "0123456789abcdef" * 4, "HS256"), "algorithm_refused"),
    ]:
        assert reason(finish, subject, token) == expected
    assert source.asked == 0
    assert reason(finish, subject, mint()) == "keys_unavailable"
    assert source.asked == 1


def test_the_signature_is_verified_before_the_claims_are_decoded(finish: Finish) -> None:
    subject = authenticator()
    finish(subject.authenticate(mint()))  # so that the key is at hand
    head, _, signature = mint().split(".")
    assert reason(finish, subject, f"{head}.no claims.{signature}") == "signature_invalid"


@pytest.mark.parametrize("answer", [True, None, 1, "no"])
def test_whatever_a_store_does_not_deny_is_revoked(finish: Finish, answer: object) -> None:
    store = Store(answer)
    assert reason(finish, authenticator(revocations=store), mint()) == "token_revoked"
    assert [claims.subject for claims in store.seen] == ["alice"]


def test_a_token_that_is_not_revoked_passes(finish: Finish) -> None:
    assert finish(authenticator(revocations=Store(False)).authenticate(mint())).claims.subject == "alice"


def test_a_store_out_of_reach_is_an_outage_and_not_a_bad_token(finish: Finish) -> None:
    subject = authenticator(revocations=Store(OSError("down")))
    with pytest.raises(AuthUnavailable) as refused:
        finish(subject.authenticate(mint()))
    assert refused.value.reason == "revocations_unavailable"
    assert isinstance(refused.value.__cause__, OSError)
    assert reason(finish, authenticator(revocations=Store(InvalidToken("token_revoked"))), mint()) == "token_revoked"


def test_a_store_is_not_asked_about_a_token_that_is_not_genuine(finish: Finish) -> None:
    store = Store(False)
    assert reason(finish, authenticator(revocations=store), mint(exp=NOW - 300)) == "token_expired"
    assert store.seen == []


def test_a_store_is_asked_under_the_names_that_the_principal_has(finish: Finish) -> None:
    store = Store(False)
    mapping = ClaimMapping(subject=["uid", "sub"], session_id="origin_jti", token_id=None)
    subject = authenticator(of(FIRST, mapping=mapping), revocations=store)
    finish(subject.authenticate(mint(uid="u1", origin_jti="s1", sid="other", jti="t1")))
    finish(subject.authenticate(mint(sub="", client_id="web")))
    finish(subject.authenticate(mint(sub="")))
    assert [(seen.subject, seen.session_id, seen.token_id) for seen in store.seen] == [
        ("u1", "s1", None),
        ("client:web", None, None),
        (None, None, None),
    ]


def test_a_mapping_that_stumbles_refuses_the_token_before_a_store_is_asked(finish: Finish) -> None:
    store = Store(False)
    mapping = ClaimMapping(subject=lambda claims: claims["absent"])
    assert reason(finish, authenticator(of(FIRST, mapping=mapping), revocations=store), mint()) == "claim_malformed"
    assert store.seen == []


def test_headers_are_remembered_up_to_a_bound_and_mean_the_same_afterwards(finish: Finish) -> None:
    subject = authenticator()
    for number in range(1_001):
        finish(subject.authenticate(mint(kid=str(number))))
    assert len(subject._headers) == 1
    assert finish(subject.authenticate(mint(kid="0"))).claims.subject == "alice"


def test_what_a_withdrawn_key_verified_is_not_worth_more_than_that_key(finish: Finish) -> None:
    """The key is withdrawn between the moment it is chosen and the one at which its generation is read."""

    class Rotating:
        symmetric = False
        signers: tuple[str, ...] = (FIRST, SECOND)

        def fetch(self) -> KeySet:
            return static(pem=pem(self.signers[0])).fetch()

        async def afetch(self) -> KeySet:
            return self.fetch()

    class Overtaken(KeyCache):
        """Another thread replaces the keys right after a key was chosen."""

        overtaken = 0

        async def find(self, kid: str | None, algorithm: str) -> Any:
            return self._overtake(await super().find(kid, algorithm))

        def at_hand(self, kid: str | None, algorithm: str) -> Any:
            return self._overtake(super().at_hand(kid, algorithm))

        def _overtake(self, key: Any) -> Any:
            if key is not None and self.overtaken < 1:
                self.overtaken += 1
                source.signers = source.signers[::-1]
                self._kept = self._freshness.keep(source.fetch(), 2, self._clock(), 0.5)
                self.generation += 1
            return key

    source = Rotating()
    trusted = TrustedIssuer(FIRST, audience="orders", keys=source)
    kept = Overtaken(source)
    subject = Authenticator(Trusts([trusted], keys_of=lambda _: kept, clock=lambda: NOW), None, lambda: NOW)
    assert reason(finish, subject, mint(FIRST)) == "signature_invalid"
    assert finish(subject.authenticate(mint(FIRST, signer=SECOND))).generation == 2
    kept.overtaken = 0  # once more, with a key that is at hand
    assert reason(finish, subject, mint(FIRST, signer=SECOND)) == "signature_invalid"
