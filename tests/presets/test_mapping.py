"""What each preset maps beyond its sample, and what it never maps."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from jwt_middleware import Principal, TrustedIssuer, presets
from jwt_middleware.key_sources.static import static
from tests.presets.signing import NOW, admission, refusal, sign
from tests.presets.test_presets import CASES, token, trusted

MACHINE: Final = {"kind": "machine"}
MEMBERSHIPS: Final = "org_id_to_org_member_info"
ROLES: Final = "urn:zitadel:iam:org:project:roles"
OWNER: Final = "urn:zitadel:iam:user:resourceowner:id"

NO_ORGANIZATION: Final[list[Any]] = [[], {}, ["a", "b"], {"a": {}, "b": {}}, "a", 7]


def principal(case: str, changes: Mapping[str, Any], **more: Any) -> Principal:
    found = admission(trusted(CASES[case], **more), token(CASES[case], changes))
    assert found.refusal is None
    return found.principal


def member(organization: str, *roles: str) -> dict[str, Any]:
    return {"org_id": organization, "inherited_user_roles_plus_current_role": list(roles), "user_permissions": []}


@pytest.mark.parametrize(
    ("case", "more", "changes", "expected"),
    [
        ("apple", {}, {}, {"client_id": "example.orchard.app", "kind": "user"}),
        ("auth0", {}, {"sub": "c@clients"}, MACHINE),
        ("auth0", {}, {"azp": None, "client_id": "c"}, {"client_id": "c"}),
        ("authentik", {}, {"roles": ["a"], "entitlements": ["b"]}, {"roles": ("a",), "permissions": ("b",)}),
        ("authentik", {}, {}, {"token_id": "hR7tLq0ZkV9mPw3T"}),
        ("better_auth, provider", {}, {"sid": "s"}, {"client_id": "web", "session_id": "s"}),
        ("clerk", {}, {"o": None, "org_role": "org:a", "org_permissions": ["org:b:c"], "org_id": "org_1"}, {"roles": ("org:a",), "permissions": ("org:b:c",), "tenant": "org_1"}),
        ("clerk", {}, {"o": {"id": "org_1"}}, {"roles": (), "permissions": (), "tenant": "org_1"}),
        # a mask for each feature of the organisation, the user's own features have none
        ("clerk", {}, {"fea": "u:a,uo:b,o:c", "o": {"id": "x", "per": "r,w", "fpm": "2,3"}}, {"permissions": ("org:b:w", "org:c:r", "org:c:w")}),
        ("clerk", {}, {"o": {"id": "x", "per": "r", "fpm": "1"}}, {"permissions": ()}),
        ("clerk", {}, {"fea": "o:a", "o": {"id": "x", "per": "r", "fpm": "-1"}}, {"permissions": ()}),
        ("clerk", {}, {"fea": "o:a", "o": {"id": "x", "per": "r", "fpm": "x"}}, {"permissions": ()}),
        ("clerk, template", {}, {"sub": "mch_1"}, MACHINE),
        ("clerk, template", {}, {}, {"roles": ("org:admin",), "kind": "user"}),
        ("cloudflare_access", {}, {"sub": "", "common_name": "s.access"}, {"subject": "client:s.access", "client_id": "s.access", **MACHINE}),
        ("cognito, resource binding", {}, {"sub": "web"}, MACHINE),
        ("descope", {}, {"tenants": None}, {"roles": ("Member",)}),
        ("descope", {}, {"dct": "t-other"}, {"roles": ("Member",), "tenant": "t-other"}),
        ("descope", {}, {"tenants": {"t-fernwood": "x"}}, {"roles": ("Member",)}),
        ("descope", {}, {"roles": None, "tenants": None}, {"roles": ()}),
        ("entra", {}, {"scp": None}, {"scopes": (), **MACHINE}),
        ("entra", {}, {"idtyp": "app"}, MACHINE),
        ("entra", {"subject": "oid"}, {}, {"subject": "bb93643f-570a-59b9-93fb-9315255b556d"}),
        ("entra_external_id", {}, {}, {"issuer": "https://orchard.ciamlogin.com/b0c3935d-9f37-5905-abcc-6a5755c37dea/v2.0"}),
        ("firebase", {}, {"sub": "u", "client_id": "u", "azp": "u"}, {"kind": "user"}),
        ("fusionauth", {}, {"permissions": ["p"]}, {"permissions": ("p",)}),
        ("gitlab_ci", {}, {}, {"tenant": "fernwood", **MACHINE}),
        ("gitlab_ci", {"protected_refs_only": False}, {"ref_protected": "false"}, MACHINE),
        ("google_users", {}, {"azp": "1"}, {"kind": "user", "client_id": "1", "tenant": "fernwood.example"}),
        ("google_service_accounts, subjects", {}, {"azp": "other"}, {**MACHINE, "issuer": "https://accounts.google.com"}),
        ("keycloak", {"client": None}, {}, {"roles": ("default-roles-fernwood", "offline_access", "uma_authorization", "picker", "order-approver")}),
        ("keycloak", {"client": "account"}, {"realm_access": None}, {"roles": ("view-profile",)}),
        ("keycloak", {}, {"sub": None}, {"subject": "client:orders-web", **MACHINE}),
        ("keycloak", {}, {"sid": None, "session_state": "s"}, {"session_id": "s"}),
        ("keycloak", {}, {"organization": ["acme"]}, {"tenant": "acme"}),
        *(("keycloak", {}, {"organization": each}, {"tenant": None}) for each in NO_ORGANIZATION),
        ("keycloak", {}, {"nonce": "n"}, {"client_id": "orders-web"}),
        ("kinde", {}, {"sub": None, "scope": "a b", "scp": ["b", "c"]}, {"subject": "client:0109f906fea627bfa346a71b672974c5", "scopes": ("a", "b", "c")}),
        ("kinde", {}, {"roles": [{"id": "1", "key": "admin"}, "x", 7, {}]}, {"roles": ("admin", "x")}),
        ("kinde", {}, {"roles": {"key": "admin"}}, {"roles": ()}),
        ("kubernetes, namespaces", {}, {}, {"tenant": "stock", **MACHINE}),
        ("logto", {}, {"organization_id": None, "aud": ["https://api.orchard.example", "urn:logto:organization:o1"]}, {"tenant": "o1"}),
        ("logto", {}, {"organization_id": None}, {"tenant": None}),
        ("logto", {"audience": "urn:logto:organization:o1"}, {"organization_id": None, "aud": "urn:logto:organization:o1"}, {"tenant": "o1"}),
        ("okta", {"subject": ["uid", "sub"]}, {}, {"subject": "00u9w3n5Rb6YsK1Jc0h7"}),
        ("okta", {}, {"sub": "0oa4k1m8Qz7VtL2Xr0h7"}, MACHINE),
        ("ory_hydra", {}, {}, {"scopes": ("read",), "roles": ("clerk",)}),
        ("ory_hydra", {}, {"scp": None, "scope": "read write"}, {"scopes": ("read", "write")}),
        ("propelauth", {}, {MEMBERSHIPS: {"a": member("a", "A"), "b": member("b", "B")}}, {"roles": (), "tenant": None}),
        ("propelauth", {"organization": "b"}, {MEMBERSHIPS: {"a": member("a", "A"), "b": member("b", "B")}}, {"roles": ("B",), "tenant": "b"}),
        ("propelauth", {}, {MEMBERSHIPS: {}}, {"roles": (), "tenant": None}),
        ("propelauth", {}, {MEMBERSHIPS: {"a": "x"}}, {"roles": (), "tenant": None}),
        ("propelauth", {}, {MEMBERSHIPS: None}, {"roles": (), "tenant": None, "kind": "user"}),
        ("shared_secret", {}, {"groups": ["g"], "permissions": ["p"], "sid": "s"}, {"roles": ("clerk",), "groups": ("g",), "permissions": ("p",), "session_id": "s"}),
        ("shared_secret, nothing but a type", {}, {}, {"subject": "7", "issuer": "accounts"}),
        ("stytch, machines", {}, {}, {"scopes": ("read",), **MACHINE}),
        ("stytch", {"issuer": "login.orchard.example"}, {"iss": "login.orchard.example"}, {"tenant": "organization-test-8c2d"}),
        ("supabase", {"database_roles": ["editor"]}, {"role": "editor", "client_id": "x"}, {"client_id": "x"}),
        ("supabase", {"anonymous_users": True}, {"is_anonymous": True}, {"kind": "user"}),
        ("supabase", {"project": "https://auth.orchard.example"}, {"iss": "https://auth.orchard.example/auth/v1"}, {"tenant": None}),
        ("workos", {}, {"act": {"sub": "staff@workos.example"}, "client_id": "user_01JQ7X0H7Q2ZK9"}, {"actor": {"sub": "staff@workos.example"}, "kind": "user"}),
        ("workos", {"issuer": "https://auth.orchard.example"}, {"iss": "https://auth.orchard.example"}, {"tenant": "org_01JQ7WZZF1"}),
        ("workos_connect", {}, {}, {"client_id": "client_1", "tenant": "org_1", "session_id": None}),
        ("zitadel", {}, {}, {"client_id": "web"}),
        ("zitadel", {}, {"azp": None, "client_id": "c"}, {"client_id": "c"}),
        # a role in one organisation opens no door of another
        ("zitadel", {}, {ROLES: {"clerk": {"org-1": "a"}, "boss": {"org-2": "b"}}}, {"roles": ("clerk",), "tenant": "org-1"}),
        ("zitadel", {"organization": "org-2"}, {ROLES: {"clerk": {"org-1": "a"}, "boss": {"org-2": "b"}}}, {"roles": ("boss",)}),
        ("zitadel", {}, {OWNER: None, ROLES: {"clerk": {"org-1": "a"}, "boss": {"org-2": "b"}}}, {"roles": (), "tenant": None}),
        ("zitadel", {}, {OWNER: None, ROLES: {"clerk": {"org-2": "a"}, "boss": {"org-2": "b"}}}, {"roles": ("clerk", "boss")}),
        ("zitadel", {}, {OWNER: None, ROLES: {}}, {"roles": ()}),
        ("zitadel", {}, {ROLES: {"clerk": "org-1"}}, {"roles": ()}),
        ("zitadel", {}, {ROLES: ["clerk"]}, {"roles": ()}),
        ("zitadel", {"project": "9"}, {ROLES: {"clerk": {"org-1": "a"}}, "urn:zitadel:iam:org:project:9:roles": {"boss": {"org-1": "a"}}}, {"roles": ("boss",)}),
    ],
)  # fmt: skip
def test_what_a_preset_maps(
    case: str, more: Mapping[str, Any], changes: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    found = principal(case, changes, **more)
    assert {name: getattr(found, name) for name in expected} == expected


WRITABLE: Final = {
    "user_metadata": {"roles": ["admin"], "role": "admin"},
    "unsafe_metadata": {"roles": ["admin"]},
    "custom:role": "admin",
    "custom:roles": ["admin"],
    "cognito:roles": ["admin"],
    "https://example.com/roles": ["admin"],
    "ext_groups": ["admin"],
    "google": {"access_levels": ["admin"]},
    "ext": {"roles": ["clerk"]},
    "email": "admin@example.com",
    "preferred_username": "admin",
    "name": "admin",
}


@pytest.mark.parametrize("case", CASES)
def test_what_users_can_write_changes_nothing(case: str) -> None:
    good = CASES[case].good
    noise = {name: value for name, value in WRITABLE.items() if name not in good}
    plain, noisy = principal(case, {}), principal(case, noise)
    for name in ("subject", "client_id", "scopes", "roles", "groups", "permissions", "tenant", "kind", "session_id"):
        assert getattr(plain, name) == getattr(noisy, name)


@pytest.mark.parametrize(
    ("claim", "value", "names"),
    [
        ("scope", "admin", "apple clerk cloudflare_access descope firebase github_actions gitlab_ci google_iap google_service_accounts google_users kubernetes propelauth workos"),
        ("client_id", "evil", "clerk cloudflare_access descope firebase github_actions gitlab_ci google_iap kubernetes propelauth workos"),
        ("roles", ["admin"], "apple auth0 azure_ad_b2c better_auth clerk cloudflare_access cognito github_actions gitlab_ci google_iap google_service_accounts google_users keycloak kubernetes logto okta propelauth stytch workos_connect zitadel"),
        ("groups", ["admin"], "apple auth0 azure_ad_b2c better_auth clerk cognito descope firebase fusionauth github_actions gitlab_ci google_iap google_service_accounts google_users kinde kubernetes logto ory_hydra propelauth stytch supabase workos workos_connect zitadel"),
        ("permissions", ["admin"], "apple azure_ad_b2c better_auth clerk cloudflare_access cognito entra firebase github_actions gitlab_ci google_iap google_service_accounts google_users keycloak kubernetes logto okta ory_hydra propelauth stytch supabase workos_connect zitadel"),
    ],
)  # fmt: skip
def test_a_claim_that_the_provider_does_not_define_becomes_no_right(claim: str, value: Any, names: str) -> None:
    for name in names.split():
        case = CASES[name]
        configured = {k: v for k, v in case.arguments.items() if k not in ("roles", "groups")}
        declared = case.preset(keys=trusted(case).keys, **configured)
        found = admission(declared, token(case, {claim: value})).principal
        assert found.is_authenticated, name
        said = [*found.scopes, *found.roles, *found.groups, *found.permissions, found.client_id]
        assert not {"admin", "evil"} & set(said), name


@pytest.mark.parametrize("case", sorted(set(CASES) - {each for each in CASES if each.startswith("shared_secret")}))
def test_only_algorithms_that_the_provider_signs_with_are_taken(case: str) -> None:
    free = [
        "better_auth",
        "auth0",
        "keycloak",
        "kinde",
        "kubernetes",
        "fusionauth",
        "logto",
        "ory_hydra",
        "supabase",
        "zitadel",
    ]
    allowed = trusted(CASES[case]).rules.algorithms
    if case.split(",")[0] in free:
        assert {"RS256", "ES256", "EdDSA"} <= allowed
    elif case == "authentik":
        assert allowed == {"RS256", "ES256"}
    else:
        assert allowed == {CASES[case].header["alg"]}


@pytest.mark.parametrize("case", ["firebase", "google_iap", "gitlab_ci", "apple", "google_users"])
def test_id_tokens_are_taken_where_callers_really_send_them(case: str) -> None:
    assert refusal(trusted(CASES[case]), token(CASES[case], {"nonce": "n", "at_hash": "h"})) == ""


# --- keys that say whose they are

ONE, OTHER, CONSUMERS = (
    "dc4099e0-44fe-5ccb-a7b3-377ed3c1b408",
    "b0c3935d-9f37-5905-abcc-6a5755c37dea",
    "9188040d-6c67-4c5b-b112-36a304b66dad",
)


def v2(tenant: str) -> str:
    return f"https://login.microsoftonline.com/{tenant}/v2.0"


def microsoft(said: str | None, *tenants: str) -> TrustedIssuer:
    """Entra ID, with one key that says this of its issuer."""
    from jwt.algorithms import RSAAlgorithm

    from tests.presets.signing import private_key

    member: dict[str, Any] = {**RSAAlgorithm.to_jwk(private_key("RS256").public_key(), as_dict=True), "kid": "k1"}
    if said is not None:
        member["issuer"] = said
    return presets.entra(tenants, audience="orders", keys=static(jwks={"keys": [member]}))


def of_tenant(tenant: str, issuer: str) -> str:
    claims = {"iss": issuer, "aud": "orders", "sub": "u", "tid": tenant, "azp": "web", "scp": "read"}
    times = {"iat": int(NOW) - 10, "exp": int(NOW) + 50}
    return sign({"alg": "RS256", "typ": "JWT", "kid": "k1"}, {**claims, **times})


@pytest.mark.parametrize("issuer", [v2, "https://sts.windows.net/{}/".format])
@pytest.mark.parametrize(
    ("said", "tenants", "reason"),
    [
        ("https://login.microsoftonline.com/{tenantid}/v2.0", [ONE, OTHER], ""),
        (v2(ONE), [ONE, OTHER], ""),
        (v2(CONSUMERS), [ONE, OTHER], "key_unknown"),
        (v2(OTHER), [ONE, OTHER], "key_unknown"),
        (None, [ONE, OTHER], "key_unknown"),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", [ONE], ""),
        (v2(ONE), [ONE], ""),
        (v2(CONSUMERS), [ONE], "key_unknown"),
        (None, [ONE], ""),
    ],
)
def test_a_key_of_microsofts_signs_for_the_tenants_that_it_names(
    said: str | None, tenants: list[str], reason: str, issuer: Any
) -> None:
    assert refusal(microsoft(said, *tenants), of_tenant(ONE, issuer(ONE))) == reason


def test_each_tenant_is_an_issuer_of_its_own() -> None:
    both = microsoft("https://login.microsoftonline.com/{tenantid}/v2.0", ONE, OTHER)
    for tenant in (ONE, OTHER):
        found = admission(both, of_tenant(tenant, v2(tenant))).principal
        assert (found.issuer, found.tenant) == (v2(tenant), tenant)
    assert refusal(both, of_tenant(CONSUMERS, v2(CONSUMERS))) == "issuer_untrusted"
