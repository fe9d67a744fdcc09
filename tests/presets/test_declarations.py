"""Where a preset finds the keys, and the mistakes that it finds when it is called."""

from contextlib import suppress
from inspect import signature
from typing import Any, Final

import pytest

from jwt_middleware import ConfigurationError, presets
from jwt_middleware.key_sources.static import static
from tests import tokens
from tests.presets.signing import keys
from tests.presets.test_presets import CASES

GUID: Final = "dc4099e0-44fe-5ccb-a7b3-377ed3c1b408"
SHARED: Final = static(secret="0123456789" * 4)


@pytest.mark.parametrize(
    ("preset", "arguments", "issuer", "urls"),
    [
        (presets.apple, {}, "https://appleid.apple.com", ["https://appleid.apple.com/auth/keys"]),
        (presets.auth0, {"domain": "acme.eu.auth0.com"}, "https://acme.eu.auth0.com/", []),
        (presets.authentik, {"issuer": "https://auth.acme.example/"}, "https://auth.acme.example/", []),
        (
            presets.azure_ad_b2c,
            {"name": "acme", "tenant_id": GUID, "policies": ["B2C_1_a", "B2C_1_b"]},
            f"https://acme.b2clogin.com/{GUID}/v2.0/",
            [
                "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_a/discovery/v2.0/keys",
                "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_b/discovery/v2.0/keys",
            ],
        ),
        (
            presets.better_auth,
            {"url": "https://acme.example"},
            "https://acme.example",
            ["https://acme.example/api/auth/jwks"],
        ),
        (
            presets.better_auth,
            {"url": "https://acme.example", "oauth_provider": True},
            "https://acme.example/api/auth",
            ["https://acme.example/api/auth/jwks"],
        ),
        (presets.clerk, {"issuer": "https://clerk.acme.example"}, "https://clerk.acme.example", []),
        (
            presets.cloudflare_access,
            {"team": "acme"},
            "https://acme.cloudflareaccess.com",
            ["https://acme.cloudflareaccess.com/cdn-cgi/access/certs"],
        ),
        (presets.cognito, {"user_pool": "eu-west-1_A"}, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A", []),
        (presets.descope, {"project": "P1"}, "P1", ["https://api.descope.com/v2/keys/P1"]),
        (
            presets.entra,
            {"tenant_ids": GUID.upper()},
            f"https://login.microsoftonline.com/{GUID}/v2.0",
            [f"https://login.microsoftonline.com/{GUID}/discovery/v2.0/keys"],
        ),
        (
            presets.entra,
            {"tenant_ids": [GUID, "1d101d67-0146-587c-ad7b-6573903dc324"]},
            f"https://login.microsoftonline.com/{GUID}/v2.0",
            ["https://login.microsoftonline.com/common/discovery/v2.0/keys"],
        ),
        (
            presets.entra_external_id,
            {"name": "acme", "tenant_id": GUID},
            f"https://acme.ciamlogin.com/{GUID}/v2.0",
            [f"https://acme.ciamlogin.com/{GUID}/discovery/v2.0/keys"],
        ),
        (
            presets.firebase,
            {"project": "acme", "audience": None},
            "https://securetoken.google.com/acme",
            ["https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"],
        ),
        (
            presets.fusionauth,
            {"issuer": "acme.com", "url": "https://auth.acme.com:9011"},
            "acme.com",
            ["https://auth.acme.com:9011/.well-known/jwks.json"],
        ),
        (
            presets.github_actions,
            {"repository_ids": "1", "repository_owner_ids": "2"},
            "https://token.actions.githubusercontent.com",
            [],
        ),
        (presets.gitlab_ci, {"project_ids": "1"}, "https://gitlab.com", []),
        (presets.google_iap, {}, "https://cloud.google.com/iap", ["https://www.gstatic.com/iap/verify/public_key-jwk"]),
        (presets.google_users, {}, "https://accounts.google.com", ["https://www.googleapis.com/oauth2/v3/certs"]),
        (presets.keycloak, {"issuer": "https://sso.acme.example/realms/a"}, "https://sso.acme.example/realms/a", []),
        (presets.kinde, {"domain": "acme.kinde.com"}, "https://acme.kinde.com", []),
        (presets.kubernetes, {"issuer": "https://k8s.example", "namespaces": "a"}, "https://k8s.example", []),
        (presets.logto, {"issuer": "https://acme.logto.app/oidc"}, "https://acme.logto.app/oidc", []),
        (presets.okta, {"issuer": "https://acme.okta.com/oauth2/default"}, "https://acme.okta.com/oauth2/default", []),
        (presets.ory_hydra, {"issuer": "https://id.acme.example/"}, "https://id.acme.example/", []),
        (
            presets.stytch,
            {"project": "project-live-1", "audience": None},
            "stytch.com/project-live-1",
            ["https://api.stytch.com/v1/sessions/jwks/project-live-1"],
        ),
        (
            presets.stytch,
            {"project": "project-test-1", "b2b": True, "audience": None},
            "stytch.com/project-test-1",
            ["https://test.stytch.com/v1/b2b/sessions/jwks/project-test-1"],
        ),
        (
            presets.supabase,
            {"project": "abc", "audience": None},
            "https://abc.supabase.co/auth/v1",
            ["https://abc.supabase.co/auth/v1/.well-known/jwks.json"],
        ),
        (
            presets.workos,
            {"client": "client_1", "audience": None},
            "https://api.workos.com/user_management/client_1",
            ["https://api.workos.com/sso/jwks/client_1"],
        ),
        (presets.workos_connect, {"issuer": "https://acme.authkit.app"}, "https://acme.authkit.app", []),
        (presets.zitadel, {"issuer": "https://id.acme.example"}, "https://id.acme.example", []),
    ],
)
def test_issuer_and_keys_are_where_the_provider_says(
    preset: Any, arguments: dict[str, Any], issuer: str, urls: list[str]
) -> None:
    said = {name: value for name, value in {"audience": "orders", **arguments}.items() if value is not None}
    declared = preset(**said)
    assert (declared.issuer, list(declared.jwks_urls), declared.keys) == (issuer, urls, None)
    own = preset(**said, jwks_url="https://own.example/keys")
    assert own.jwks_urls == ("https://own.example/keys",)


@pytest.mark.parametrize(
    ("preset", "arguments", "about"),
    [
        (presets.auth0, {"domain": "https://acme.eu.auth0.com/", "audience": "a"}, "bare host"),
        (presets.auth0, {"domain": 7, "audience": "a"}, "bare host"),
        (presets.auth0, {"domain": "acme.eu.auth0.com", "audience": ""}, "audience is empty"),
        (presets.auth0, {"domain": "a.example", "audience": "a", "rolez": "x"}, "rolez is not known"),
        (
            presets.auth0,
            {"domain": "a.example", "audience": "a", "kind_claim": ("typ", "x")},
            "kind_claim is not known",
        ),
        (presets.auth0, {"domain": "a.example", "audience": "a", "accept_id_tokens": True}, "accept_id_tokens"),
        (presets.auth0, {"domain": "a.example", "audience": "a", "required_claims": "sub"}, "required_claims"),
        (presets.auth0, {"domain": "a.example", "audience": "a", "claim_values": 7}, "claim_values"),
        (presets.azure_ad_b2c, {"name": "a", "tenant_id": GUID, "policies": [], "audience": "a"}, "policies"),
        (presets.azure_ad_b2c, {"name": "a/b", "tenant_id": GUID, "policies": "p", "audience": "a"}, "bare name"),
        (presets.azure_ad_b2c, {"name": "a", "tenant_id": "x y", "policies": "p", "audience": "a"}, "bare name"),
        (presets.better_auth, {"url": "https://acme.example/"}, "final slash"),
        (presets.better_auth, {"url": "https://acme.example", "oauth_provider": True}, "audience is empty"),
        (presets.clerk, {"issuer": "https://c.example"}, "origins, or audience"),
        (
            presets.clerk,
            {"issuer": "https://c.example", "origins": "https://a", "audience": "a"},
            "origins, or audience",
        ),
        (presets.clerk, {"issuer": "https://c.example", "origins": [7]}, "at least one"),
        (
            presets.clerk,
            {"issuer": "https://c.example", "origins": "https://a", "claim_values": {"sts": "pending"}},
            "decided by the preset",
        ),
        (presets.cloudflare_access, {"team": "acme.cloudflareaccess.com/", "audience": "a"}, "bare name"),
        (presets.cognito, {"user_pool": "eu-west-1_A"}, "clients, or audience"),
        (presets.cognito, {"user_pool": "eu-west-1_A", "clients": "a", "audience": "b"}, "clients, or audience"),
        (presets.cognito, {"user_pool": "pool", "clients": "a"}, "the pool's id"),
        (presets.cognito, {"user_pool": "eu-west-1_A", "clients": 7}, "at least one"),
        (presets.descope, {"project": "https://api.descope.com/P1"}, "bare name"),
        (presets.entra, {"tenant_ids": "acme.onmicrosoft.com", "audience": "a"}, "a GUID"),
        (presets.entra, {"tenant_ids": "common", "audience": "a"}, "a GUID"),
        (presets.entra, {"tenant_ids": [], "audience": "a"}, "at least one"),
        (presets.entra, {"tenant_ids": GUID, "audience": "a", "claim_values": {"x": []}}, "claim_values"),
        (presets.entra_external_id, {"name": "acme", "tenant_id": "x", "audience": "a"}, "a GUID"),
        (presets.firebase, {"project": ""}, "bare name"),
        (presets.fusionauth, {"issuer": "acme", "url": "auth.acme.com", "audience": "a"}, "https://"),
        (
            presets.github_actions,
            {"audience": "a", "repository_ids": [], "repository_owner_ids": "1"},
            "repository_ids",
        ),
        (presets.github_actions, {"audience": "a", "repository_ids": "1", "repository_owner_ids": ()}, "owner_ids"),
        (
            presets.github_actions,
            {
                "audience": "a",
                "repository_ids": "1",
                "repository_owner_ids": "1",
                "claim_values": {"repository_id": "2"},
            },
            "decided by the preset",
        ),
        (presets.gitlab_ci, {"audience": "a", "project_ids": [22]}, "project_ids"),
        (presets.google_service_accounts, {"audience": "a"}, "who is let in"),
        (presets.google_service_accounts, {"audience": "a", "emails": "b", "subjects": "c"}, "who is let in"),
        (presets.keycloak, {"issuer": "https://sso.example/realms/a", "audience": []}, "at least one"),
        (presets.keycloak, {"issuer": "https://sso.example/realms/a", "audience": "a", "client": ""}, "client"),
        (presets.kubernetes, {"issuer": "https://k8s.example", "audience": "a"}, "who is let in"),
        (
            presets.kubernetes,
            {"issuer": "https://k8s.example", "audience": "a", "namespaces": "b", "service_accounts": "b/c"},
            "who is let in",
        ),
        (
            presets.kubernetes,
            {"issuer": "https://k8s.example", "audience": "https://k8s.example", "namespaces": "b"},
            "the API server's",
        ),
        (
            presets.kubernetes,
            {"issuer": "https://k8s.example", "audience": "https://kubernetes.default.svc", "namespaces": "b"},
            "the API server's",
        ),
        *(
            (
                presets.kubernetes,
                {"issuer": "https://k8s.example", "audience": "a", "service_accounts": account},
                "'namespace/name'",
            )
            for account in ("a", "a/b/c", "/b", "a/", "a:b/c")
        ),
        (presets.propelauth, {"issuer": "https://a.example"}, "static"),
        (presets.shared_secret, {"issuer": "a", "audience": "b"}, "static"),
        (presets.stytch, {"project": "stytch.com/project-live-1"}, "bare name"),
        (presets.supabase, {"project": "https://a.supabase.co/"}, "final slash"),
        (presets.supabase, {"project": 7}, "bare name"),
        (presets.supabase, {"project": "abc", "database_roles": []}, "database_roles"),
        (presets.workos, {"client": ""}, "bare name"),
        (presets.workos, {"client": "c", "issuer": "https://api.workos.com"}, "everybody"),
    ],
)
def test_a_mistake_is_found_when_it_is_called(preset: Any, arguments: dict[str, Any], about: str) -> None:
    with pytest.raises(ConfigurationError, match=about):
        preset(**arguments)


def test_a_secret_is_never_mixed_with_keys_that_are_public() -> None:
    with pytest.raises(ConfigurationError, match="static"):
        presets.shared_secret("accounts", audience="orders", keys=static(jwks=tokens.jwks("ec")))
    with pytest.raises(ConfigurationError, match="a shared secret cannot verify it"):
        presets.okta("https://acme.okta.com/oauth2/default", audience="a", keys=SHARED)
    assert presets.supabase("abc", keys=SHARED).rules.algorithms == {"HS256", "HS384", "HS512"}


def test_a_presets_demands_cannot_be_given_up() -> None:
    declared = presets.okta("https://acme.okta.com/oauth2/default", audience="a", required_claims=[])
    assert ("cid",) in declared.rules.required_claims
    declared = presets.clerk("https://c.example", origins="https://a", claim_values={})
    assert declared.rules.claim_values["sts"] == ("active", None)


NONSENSE: Final[list[Any]] = [
    None,
    5,
    -1,
    True,
    float("nan"),
    "",
    " ",
    [],
    {},
    [7],
    [[]],
    {"a": object()},
    b"x",
    object(),
]


@pytest.mark.parametrize("name", sorted(CASES))
def test_nonsense_is_a_configuration_error_or_taken_but_never_another_failure(name: str) -> None:
    case = CASES[name]
    arguments = {"keys": keys(case.header), **case.arguments}
    own = [each for each in signature(case.preset).parameters if each != "more"]
    for argument in (*own, *(sorted(presets.Options.__annotations__) if name == "auth0" else [])):
        for nonsense in NONSENSE:
            if (argument, nonsense) == ("keys", None) or argument != "keys":
                with suppress(ConfigurationError):
                    case.preset(**{**arguments, argument: nonsense})
