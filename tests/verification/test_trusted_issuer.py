"""The declaration of one issuer that we trust."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import (
    DEVELOPMENT_ISSUER,
    ClaimMapping,
    ConfigurationError,
    DevelopmentIssuerWarning,
    Freshness,
    TrustedIssuer,
)
from jwt_middleware.key_sources.jwks_url import jwks_url
from jwt_middleware.key_sources.static import static
from jwt_middleware.verification.kinds import Kinds
from jwt_middleware.verification.rules import DEFAULT_ALGORITHMS

ISSUER = "https://issuer.example"
SECRET = "a shared secret of more than sixty-four bytes, as HS512 would like to have it"


def test_the_defaults_are_strict() -> None:
    rules = TrustedIssuer(ISSUER, audience="orders").rules
    assert rules.audience == {"orders"}
    assert rules.algorithms == set(DEFAULT_ALGORITHMS)
    assert not any(name.startswith("HS") for name in rules.algorithms)
    assert (rules.leeway, rules.max_size, rules.max_age) == (30.0, 16_384, None)
    assert rules.kinds == Kinds(types=frozenset({"at+jwt", "jwt", ""}))
    assert rules.required_claims == (("iss",), ("aud",))


def test_the_rfc_9068_profile_demands_all_of_it() -> None:
    rules = TrustedIssuer(ISSUER, audience="orders", profile="rfc9068").rules
    assert rules.kinds == Kinds(types=frozenset({"at+jwt"}))
    assert [name for (name,) in rules.required_claims] == ["iss", "aud", "sub", "client_id", "iat", "jti"]


def test_shared_secrets_allow_hmac_and_nothing_else() -> None:
    keys = static(secret=SECRET)
    assert TrustedIssuer(ISSUER, audience="a", keys=keys).rules.algorithms == {"HS256", "HS384", "HS512"}
    with pytest.raises(ConfigurationError, match="a shared secret cannot verify it"):
        TrustedIssuer(ISSUER, audience="a", keys=keys, algorithms=["RS256"])
    with pytest.raises(ConfigurationError, match="public keys cannot verify it"):
        TrustedIssuer(ISSUER, audience="a", algorithms=["RS256", "HS256"])


def test_durations_are_seconds_or_timedelta() -> None:
    rules = TrustedIssuer(ISSUER, audience="a", leeway=timedelta(minutes=1), max_age=timedelta(hours=1)).rules
    assert (rules.leeway, rules.max_age) == (60.0, 3600.0)
    assert TrustedIssuer(ISSUER, audience="a", leeway=0).rules.leeway == 0.0
    assert TrustedIssuer(ISSUER, audience="a", leeway=300).rules.leeway == 300.0


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ({"audience": ""}, "audience"),
        ({"audience": []}, "audience"),
        ({"audience": [""]}, "audience"),
        ({"audience": None}, "audience"),
        ({"audience": ["a", 1]}, "audience"),
        ({"leeway": -1}, "leeway"),
        ({"leeway": 301}, "leeway"),
        ({"leeway": True}, "leeway"),
        ({"leeway": "30"}, "leeway"),
        ({"leeway": float("nan")}, "leeway"),
        ({"leeway": None}, "leeway"),
        ({"max_age": 0}, "max_age"),
        ({"max_age": -1}, "max_age"),
        ({"max_age": "1h"}, "max_age"),
        ({"max_size": 0}, "max_size"),
        ({"max_size": 10**9}, "max_size"),
        ({"max_size": True}, "max_size"),
        ({"max_size": 300.0}, "max_size"),
        ({"algorithms": "RS256"}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"algorithms": ["none"]}, "not known"),
        ({"algorithms": ["rs256"]}, "not known"),
        ({"algorithms": ["ES256K"]}, "not known"),
        ({"algorithms": [None]}, "algorithms"),
        ({"profile": "off"}, "profile"),
        ({"required_claims": "sub"}, "required_claims"),
        ({"mapping": {"roles": "roles"}}, "mapping"),
        ({"freshness": 300}, "freshness is int"),
        ({"freshness": None}, "freshness is NoneType"),
        ({"snapshot": 5}, "path of a file"),
        ({"snapshot": ""}, "path of a file"),
        ({"snapshot": b"keys"}, "path of a file"),
        ({"snapshot": "keys", "keys": static(secret=SECRET)}, "keys that come from a URL"),
        ({"issuer": ""}, "issuer"),
        ({"issuer": " https://issuer.example"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"issuer": "my-issuer"}, "discovered"),
        ({"issuer": "https://issuer.example?x=1"}, "discovered"),
        ({"issuer": "https://issuer.example#x"}, "discovered"),
        ({"issuer": "ftp://issuer.example"}, "discovered"),
        ({"issuer": "https://[issuer"}, "discovered"),
        ({"issuer": {}}, "issuer"),
        ({"issuer": {ISSUER: ""}}, "issuer"),
        ({"issuer": {" ": ISSUER}}, "issuer"),
        ({"issuer": {7: ISSUER}}, "issuer"),
        ({"issuer": [ISSUER]}, "issuer"),
        ({"issuer": {ISSUER: ISSUER, "https://b.example": ISSUER}}, "discovered"),
        ({"issuer": {None: "accounts"}}, "discovered"),
        ({"issuer": "https://[", "jwks_url": "https://keys.example/jwks", "development": True}, "issue alone"),
        ({"development": 1}, "issue alone"),
        ({"audience": {}}, "the one claim"),
        ({"audience": {"azp": "a", "aud": "b"}}, "the one claim"),
        ({"audience": {"": "a"}}, "the one claim"),
        ({"audience": {"azp": ""}}, "audience is empty"),
        ({"audience": {"azp": 7}}, "audience"),
        ({"jwks_url": "https://a.example", "keys": static(secret=SECRET)}, "keep one"),
        ({"jwks_url": 7}, "jwks_url"),
        ({"kind_claim": "token_use"}, "kind_claim"),
        ({"kind_claim": ("token_use",)}, "kind_claim"),
        ({"kind_claim": ("token_use", True)}, "kind_claim"),
        ({"required_claims": [""]}, "required_claims"),
        ({"required_claims": [set()]}, "required_claims"),
        ({"required_claims": [["a", "b"]]}, "required_claims"),
        ({"required_claims": [{"a", 1}]}, "required_claims"),
        ({"required_claims": {"a": 1}}, "required_claims"),
        ({"required_claims": None}, "required_claims"),
        ({"claim_values": ["a"]}, "claim_values"),
        ({"claim_values": {"": "a"}}, "claim_values"),
        ({"claim_values": {"a": []}}, "claim_values"),
        ({"claim_values": {"a": 1.5}}, "claim_values"),
        ({"claim_values": {"a": [["b"]]}}, "claim_values"),
        ({"tenants": []}, "nobody would be served"),
        ({"tenants": [7], "mapping": ClaimMapping(tenant="tid")}, "tenants"),
        ({"tenants": "acme"}, "where the tenant stands"),
        ({"key_issuers": {}}, "key_issuers"),
        ({"key_issuers": {ISSUER: "x"}}, "key_issuers"),
        ({"key_issuers": 7}, "key_issuers"),
        ({"profile": "rfc9068", "accept_id_tokens": True}, "rfc9068"),
        ({"profile": "rfc9068", "audience": {"azp": "a"}}, "rfc9068"),
        ({"profile": "rfc9068", "issuer": {None: "a"}, "keys": static(secret=SECRET)}, "rfc9068"),
    ],
)
def test_a_mistake_is_found_when_it_is_built(arguments: dict[str, Any], about: str) -> None:
    with pytest.raises(ConfigurationError, match=about):
        TrustedIssuer(**{"issuer": ISSUER, "audience": "a", **arguments})


def test_the_issuer_of_development_tokens_is_trusted_only_aloud() -> None:
    keys = static(secret=SECRET)
    assert not TrustedIssuer(ISSUER, audience="a", keys=keys).is_development
    with pytest.raises(ConfigurationError, match="say development=True"):
        TrustedIssuer(DEVELOPMENT_ISSUER, audience="a", keys=keys)
    with pytest.warns(DevelopmentIssuerWarning, match="Never deploy this"):
        assert TrustedIssuer(DEVELOPMENT_ISSUER, audience="a", keys=keys, development=True).is_development


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(ConfigurationError) as wrong:
        TrustedIssuer("", audience="", leeway=999, algorithms=["none", "HS256"], max_age=-1)
    assert len(wrong.value.mistakes) == 6
    assert all(mistake in str(wrong.value) for mistake in wrong.value.mistakes)


def test_an_issuer_that_is_no_url_is_fine_with_keys_at_hand() -> None:
    assert TrustedIssuer("my-issuer", audience="a", keys=static(secret=SECRET)).issuer == "my-issuer"


def test_neither_secret_nor_keys_are_shown() -> None:
    shown = repr(TrustedIssuer(ISSUER, audience="a", keys=static(secret=SECRET)))
    assert "a shared secret" not in shown


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        TrustedIssuer(ISSUER, audience="a").keys = None  # type: ignore[misc]  # what is tested


def test_keys_may_be_at_urls() -> None:
    assert TrustedIssuer("a", audience="a", jwks_url="https://a.example/keys").jwks_urls == ("https://a.example/keys",)
    several = TrustedIssuer({"a": "a", "b": "b"}, audience="a", jwks_url=["https://b.example", "https://a.example"])
    assert several.jwks_urls == ("https://a.example", "https://b.example")
    assert (several.issuer, several.keys) == ("a", None)


def test_equal_declarations_are_equal_and_can_be_hashed() -> None:
    arguments: dict[str, Any] = {
        "audience": {"client_id": ["a", "b"]},
        "claim_values": {"token_use": "access"},
        "mapping": ClaimMapping(roles=["a", "b"], role_permissions={"a": ["x"]}),
        "key_issuers": {ISSUER: [None]},
    }
    one, other = TrustedIssuer(ISSUER, **arguments), TrustedIssuer(ISSUER, **arguments)
    assert one == other
    assert hash(one) == hash(other)
    assert one != TrustedIssuer(ISSUER, **{**arguments, "claim_values": {"token_use": "id"}})


def test_how_keys_are_kept_is_part_of_the_declaration() -> None:
    plain = TrustedIssuer(ISSUER, audience="a")
    assert (plain.freshness, plain.snapshot) == (Freshness(), None)
    chosen = TrustedIssuer(ISSUER, audience="a", freshness=Freshness(max_stale=60), snapshot=Path("/run/shop/keys"))
    assert (chosen.freshness.max_stale, chosen.snapshot) == (60.0, "/run/shop/keys")
    from_url = jwks_url(f"{ISSUER}/jwks")
    assert TrustedIssuer(ISSUER, audience="a", keys=from_url, snapshot="keys").snapshot == "keys"
