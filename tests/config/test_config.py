"""Settings, from a dict or from the environment, to a Guard."""

from contextlib import suppress
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jwt_middleware import ConfigurationError, Guard, InvalidToken, plain_text
from jwt_middleware.config import SETTINGS, guard_from, guard_from_environment
from jwt_middleware.key_sources.static import static
from tests import tokens

GOOD = {"ISSUER": "https://issuer.example", "AUDIENCE": "orders"}
SECRET = "correct horse battery staple, and more of it"


def pem() -> str:
    return tokens.private_key("ec").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_each_setting_reaches_its_argument() -> None:
    guard = guard_from(
        {
            **GOOD,
            "ALGORITHMS": ["ES256"],
            "LEEWAY": timedelta(seconds=10),
            "MAX_AGE": 600,
            "MAX_SIZE": 4096,
            "REQUIRED_CLAIMS": ["jti"],
            "PROFILE": "rfc9068",
            "REALM": "the shop",
            "ERROR_URI": "https://docs.example/{code}",
            "REFUSAL_BODY": plain_text,
            "ROLES": ("realm_access", "roles"),
            "TENANT": "tid",
        }
    )
    [trusted] = guard.trusted
    assert (trusted.issuer, set(trusted.rules.audience), guard.realm) == (GOOD["ISSUER"], {"orders"}, "the shop")
    assert (trusted.rules.leeway, trusted.rules.max_age, trusted.rules.max_size) == (10.0, 600.0, 4096)
    assert set(trusted.rules.algorithms) == {"ES256"}
    assert (trusted.mapping.roles, trusted.mapping.tenant) == (("realm_access", "roles"), "tid")
    challenge = guard.challenge(InvalidToken("token_expired"))
    assert challenge.body == b"the token has expired"
    assert 'error_uri="https://docs.example/token_expired"' in challenge.authenticate


def test_each_figure_of_freshness_is_a_setting(tmp_path: Path) -> None:
    figures = {
        "KEYS_FRESH": 60,
        "KEYS_AHEAD": 0.5,
        "KEYS_JITTER": 0.2,
        "KEYS_MAX_STALE": timedelta(hours=2),
        "KEYS_WAIT": 2,
        "KEYS_BURST": 3,
        "KEYS_COOLDOWN": 10,
        "KEYS_LONGEST_PAUSE": 30,
        "KEYS_BAD_KEY_IDS": 50,
    }
    [trusted] = guard_from({**GOOD, **figures, "KEYS_SNAPSHOT": tmp_path / "keys"}).trusted
    assert list(astuple(trusted.freshness)) == [60, 0.5, 0.2, 7200, 2, 3, 10, 30, 50]
    assert trusted.snapshot == str(tmp_path / "keys")
    environ = {
        f"JWT_MIDDLEWARE_{name}": str(text) for name, text in {**GOOD, **figures, "KEYS_MAX_STALE": 7200}.items()
    }
    [from_environment] = guard_from_environment(environ).trusted
    assert from_environment.freshness == trusted.freshness


def test_keys_are_named_in_one_of_several_ways(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(pem())
    (tmp_path / "secret").write_text(SECRET)
    for named in (
        {"KEYS": static(jwks=tokens.jwks())},
        {"VERIFYING_KEY": pem()},
        {"KEY_FILE": tmp_path / "key.pem"},
        {"JWKS_URL": "https://issuer.example/jwks"},
    ):
        assert guard_from({**GOOD, **named}).trusted[0].keys is not None
    for named in ({"SIGNING_KEY": SECRET}, {"SECRET_FILE": str(tmp_path / "secret")}):
        [trusted] = guard_from({**GOOD, **named}).trusted
        assert trusted.keys is not None
        assert trusted.keys.symmetric
        assert SECRET not in repr(trusted)
    assert guard_from(GOOD).trusted[0].keys is None


def test_several_issuers_are_trusted() -> None:
    guard = guard_from({"ISSUERS": [GOOD, {**GOOD, "ISSUER": "https://other.example"}], "REALM": "both"})
    assert [each.issuer for each in guard.trusted] == ["https://issuer.example", "https://other.example"]


def test_ready_guard_is_taken_as_it_is() -> None:
    guard = guard_from(GOOD)
    assert guard_from({"GUARD": guard}) is guard
    with pytest.raises(ConfigurationError, match="GUARD takes a Guard"):
        guard_from({"GUARD": guard, "REALM": "x"})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("JWK_URL", "JWKS_URL"),
        ("ALGORITHM", "ALGORITHMS"),
        ("AUDIENSE", "AUDIENCE"),
        ("issuer", "ISSUER"),
        ("ROLE", "ROLES"),
        ("USER_ID_CLAIM", "SUBJECT"),
    ],
)
def test_unknown_setting_is_an_error_with_a_suggestion(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"did you mean '{meant}'"):
        guard_from({**GOOD, name: "x"})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"AUDIENCE": "orders"}, "ISSUER is missing"),
        ({"ISSUER": "https://issuer.example"}, "AUDIENCE is missing"),
        ({**GOOD, "VERIFYING_KEY": "x", "SIGNING_KEY": "y"}, "named twice"),
        ({**GOOD, "KEYS": "text"}, "KEYS takes a key source"),
        ({**GOOD, "ROLES": 5}, "roles"),
        ({**GOOD, "KEYS_WAIT": 0, "KEYS_BURST": 1.5}, r"wait=0[^\0]*burst=1.5"),
        ({**GOOD, "KEYS_FRESHNESS": 5}, "did you mean 'KEYS_FRESH'"),
        ({**GOOD, "SIGNING_KEY": SECRET, "KEYS_SNAPSHOT": "keys"}, "keys that come from a URL"),
        ({**GOOD, "SIGNING_KEY": "short"}, "secret"),
        ({**GOOD, "REALM": 'a"b'}, "realm"),
        ({**GOOD, "ERROR_URI": "errors"}, "error_uri"),
        ({**GOOD, "REFUSAL_BODY": "plain_text"}, "refusal_body"),
        ({**GOOD, "ISSUERS": [GOOD]}, "ISSUERS takes a list of dicts"),
        ({"ISSUERS": []}, "ISSUERS takes a list of dicts"),
        ({"ISSUERS": 5}, "ISSUERS takes a list of dicts"),
        ({"ISSUERS": GOOD}, "ISSUERS takes a list of dicts"),
        ({"ISSUERS": [GOOD, "https://other.example"]}, "ISSUERS takes a list of dicts"),
        ({"ISSUERS": [GOOD, {"ISSUER": "https://b.example"}]}, r"\['ISSUERS'\]\[1\]: AUDIENCE is missing"),
        ({"ISSUERS": [{**GOOD, "REALM": "x"}]}, "'REALM' is not known"),
    ],
)
def test_mistake_is_named(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        guard_from(settings)


def test_all_mistakes_stand_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as found:
        guard_from({"ISSUERS": [{"ISSUER": "https://a.example"}, {"AUDIENCE": "b", "ROLE": "x"}], "REALMS": "x"})
    assert len(found.value.mistakes) >= 4


@pytest.mark.parametrize("name", sorted(SETTINGS))
@pytest.mark.parametrize("value", [None, 5, -1, "", "nonsense!", [], {}, [None], object(), float("nan"), b"x", True])
def test_nonsense_is_a_configuration_error_or_taken_but_never_another_failure(name: str, value: Any) -> None:
    with suppress(ConfigurationError):
        assert isinstance(guard_from({**GOOD, name: value}), Guard)


def test_secret_is_never_part_of_an_error() -> None:
    for settings in (
        {**GOOD, "SIGNING_KEY": "hunter2"},
        {**GOOD, "SIGNING_KEY": SECRET, "ALGORITHMS": ["RS256"]},
        {**GOOD, "VERIFYING_KEY": "hunter2"},
        {**GOOD, "SIGNING_KEY": {"one": "hunter2"}},
    ):
        with pytest.raises(ConfigurationError) as found:
            guard_from(settings)
        assert "hunter2" not in repr(found.value)
        assert SECRET not in repr(found.value)


def test_environment_describes_a_guard() -> None:
    environ = {
        "JWT_MIDDLEWARE_ISSUER": "https://issuer.example",
        "JWT_MIDDLEWARE_AUDIENCE": "orders, billing",
        "JWT_MIDDLEWARE_ALGORITHMS": "ES256,RS256",
        "JWT_MIDDLEWARE_LEEWAY": "5",
        "JWT_MIDDLEWARE_MAX_SIZE": "4096",
        "JWT_MIDDLEWARE_ROLES": "groups",
        "JWT_MIDDLEWARE_REALM": "shop",
        "JWT_MIDDLEWARE_ERROR_URI": "https://docs.example/errors",
        "PATH": "/bin",
    }
    guard = guard_from_environment(environ)
    [trusted] = guard.trusted
    assert set(trusted.rules.audience) == {"orders", "billing"}
    assert (trusted.rules.leeway, trusted.rules.max_size, trusted.mapping.roles) == (5.0, 4096, "groups")


def test_environment_with_a_prefix_of_its_own() -> None:
    environ = {"A_ISSUER": "https://issuer.example", "A_AUDIENCE": "orders", "JWT_MIDDLEWARE_NONSENSE": "x"}
    assert guard_from_environment(environ, "A_").trusted[0].issuer == "https://issuer.example"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("LEEWAY", "soon", "JWT_MIDDLEWARE_LEEWAY is not a number"),
        ("LEEWAY", "nan", "leeway"),
        ("KEYS_BURST", "2.5", "JWT_MIDDLEWARE_KEYS_BURST is not a number"),
        ("SIGNING_KEY", SECRET, "cannot be said in a variable"),
        ("KEYS", "x", "cannot be said in a variable"),
        ("REFUSAL_BODY", "plain_text", "cannot be said in a variable"),
        ("AUDIENSE", "x", "did you mean 'AUDIENCE'"),
        ("AUDIENCE", ",", "audience"),
    ],
)
def test_mistake_in_the_environment_is_named(name: str, text: str, says: str) -> None:
    environ = {"JWT_MIDDLEWARE_ISSUER": "https://issuer.example", "JWT_MIDDLEWARE_AUDIENCE": "orders"}
    with pytest.raises(ConfigurationError, match=says) as found:
        guard_from_environment({**environ, f"JWT_MIDDLEWARE_{name}": text})
    assert SECRET not in str(found.value)


# --- presets, and issuers known only at run time


def test_a_preset_takes_its_arguments_from_the_settings() -> None:
    guard = guard_from(
        {"PRESET": "keycloak", "ISSUER": "https://sso.example/realms/a", "AUDIENCE": "orders", "CLIENT": "web"}
    )
    [trusted] = guard.trusted
    assert trusted.issuer == "https://sso.example/realms/a"
    assert trusted.rules.kinds.named_by == ("typ", "Bearer")
    assert trusted.mapping.roles == [("realm_access", "roles"), ("resource_access", "web", "roles")]


def test_a_preset_stands_beside_other_settings_and_other_issuers() -> None:
    guard = guard_from(
        {
            "ISSUERS": [
                GOOD,
                {"PRESET": "cognito", "USER_POOL": "eu-west-1_A", "CLIENTS": ["a"], "GROUPS": None, "LEEWAY": 5},
                {"PRESET": "shared_secret", "ISSUER": "accounts", "AUDIENCE": "orders", "SIGNING_KEY": SECRET},
            ],
            "REALM": "all",
        }
    )
    _, cognito, shared = guard.trusted
    assert cognito.rules.audience_claim == "client_id"
    assert (cognito.rules.leeway, cognito.mapping.groups) == (5.0, None)
    assert shared.keys is not None
    assert shared.keys.symmetric


@pytest.mark.parametrize(
    ("settings", "about"),
    [
        ({"PRESET": "keycloack"}, "PRESET takes one of apple, auth0"),
        ({"PRESET": "Options"}, "PRESET takes one of"),
        ({"PRESET": 7}, "PRESET takes one of"),
        ({"PRESET": "auth0", "AUDIENCE": "a"}, "DOMAIN is missing"),
        ({"PRESET": "auth0", "DOMAIN": "a.example"}, "AUDIENCE is missing"),
        ({"PRESET": "auth0", "DOMAIN": "a.example", "AUDIENCE": "a", "ISSUER": "https://a.example"}, "'ISSUER' is not"),
        ({"PRESET": "auth0", "DOMAIN": "https://a.example", "AUDIENCE": "a"}, "bare host"),
        ({"PRESET": "auth0", "DOMAIN": "a.example", "AUDIENCE": "a", "KIND": "user"}, "'KIND' is not known"),
        ({"PRESET": "auth0", "DOMAIN": "a.example", "AUDIENCE": "a", "DOMANE": "x"}, "did you mean 'DOMAIN'"),
        ({"PRESET": "auth0", "DOMAIN": "a.example", "AUDIENCE": "a", "PROFILE": ["x"]}, "profile is"),
        ({"PRESET": "auth0", "DOMAIN": "a.example", "AUDIENCE": "a", "KEYS": 7}, "KEYS takes a key source"),
        ({"RESOLVER": 7, "REALM": "a"}, "resolver"),
        ({"RESOLVER": len}, "realm"),
    ],
)
def test_mistakes_around_presets_and_resolvers(settings: dict[str, Any], about: str) -> None:
    with pytest.raises(ConfigurationError, match=about):
        guard_from(settings)


def test_a_resolver_alone_makes_a_guard() -> None:
    guard = guard_from({"RESOLVER": lambda issuer: None, "REALM": "orders", "MAX_RESOLVED": 10})
    assert (guard.trusted, guard.realm) == ((), "orders")
    assert len(guard_from({**GOOD, "RESOLVER": lambda issuer: None}).trusted) == 1


def test_a_preset_is_said_in_variables() -> None:
    environ = {
        "JWT_MIDDLEWARE_PRESET": "github_actions",
        "JWT_MIDDLEWARE_AUDIENCE": "orders",
        "JWT_MIDDLEWARE_REPOSITORY_IDS": "1, 2",
        "JWT_MIDDLEWARE_REPOSITORY_OWNER_IDS": "3",
    }
    [trusted] = guard_from_environment(environ).trusted
    assert trusted.rules.claim_values == {"repository_id": ("1", "2"), "repository_owner_id": ("3",)}
    environ = {
        "JWT_MIDDLEWARE_PRESET": "gitlab_ci",
        "JWT_MIDDLEWARE_AUDIENCE": "orders",
        "JWT_MIDDLEWARE_PROJECT_IDS": "1",
        "JWT_MIDDLEWARE_PROTECTED_REFS_ONLY": "false",
    }
    [trusted] = guard_from_environment(environ).trusted
    assert trusted.rules.claim_values == {"project_id": ("1",)}


def test_what_a_variable_says_of_one_issuer() -> None:
    environ = {
        **{f"JWT_MIDDLEWARE_{name}": value for name, value in GOOD.items()},
        "JWT_MIDDLEWARE_ACCEPT_ID_TOKENS": "true",
        "JWT_MIDDLEWARE_TENANT": "tid",
        "JWT_MIDDLEWARE_TENANTS": "a,b",
        "JWT_MIDDLEWARE_KIND": "machine",
    }
    [trusted] = guard_from_environment(environ).trusted
    assert trusted.rules.kinds.id_tokens is True
    assert sorted(trusted.rules.tenants or ()) == ["a", "b"]
    assert trusted.mapping.kind == "machine"
    with pytest.raises(ConfigurationError, match="CLAIM_VALUES cannot be said in a variable"):
        guard_from_environment({**environ, "JWT_MIDDLEWARE_CLAIM_VALUES": "x"})
