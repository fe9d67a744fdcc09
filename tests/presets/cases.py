"""For every preset a good token, and what must turn it into a refused one.

``good``: the claims besides the times. Each change is a dict over them; None leaves a claim out. ``audience``: changes
that make the token somebody else's. ``others``: tokens of other kinds that the provider signs with the same keys.
``tenants``: arguments under which the same token belongs to a tenant that is not served, and changes to such a one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jwt_middleware import TrustedIssuer, presets
from tests.presets.configuration import CONFIGURATION

Changes = Mapping[str, Any]
GUID: Final = "b0c3935d-9f37-5905-abcc-6a5755c37dea"
OTHER_GUID: Final = "1d101d67-0146-587c-ad7b-6573903dc324"
# what an ID token of OpenID Connect carries
ID: Final[Changes] = {"nonce": "n-0S6_WzA2Mj", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "scope": None, "scp": None}
LOGOUT: Final[Changes] = {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    preset: Callable[..., TrustedIssuer]
    arguments: Changes
    good: Changes
    audience: Sequence[tuple[Changes, str]] = field(default=(({"aud": "other"}, "audience_mismatch"),))
    others: Sequence[tuple[Changes, str]]
    tenants: Sequence[tuple[Changes, Changes, str]] = ()
    header: Changes = field(default_factory=lambda: {"alg": "RS256", "typ": "JWT", "kid": "k1"})


def of_sample(provider: str, samples: Mapping[str, Any], **rest: Any) -> Case:
    """A case whose good token and declaration are those of a sample."""
    preset, arguments = CONFIGURATION[provider]
    sample = samples[provider]
    return Case(preset=preset, arguments=arguments, good=sample["claims"], header=sample["header"], **rest)


def cases(samples: Mapping[str, Any]) -> dict[str, Case]:
    return {
        "apple": Case(
            preset=presets.apple,
            arguments={"audience": "example.orchard.app"},
            good={"iss": "https://appleid.apple.com", "aud": "example.orchard.app", "sub": "001.a", "nonce": "n"},
            others=[(LOGOUT, "kind_refused"), ({"sub": ""}, "claim_missing")],
        ),
        "auth0": of_sample(
            "auth0",
            samples,
            others=[(ID, "kind_refused"), (LOGOUT, "kind_refused")],
            tenants=[
                ({"tenants": "org_other"}, {}, "tenant_refused"),
                ({"tenants": "org_a"}, {"org_id": None}, "tenant_refused"),
            ],
        ),
        "authentik": of_sample(
            "authentik",
            samples,
            others=[
                ({"azp": None, "uid": None}, "claim_missing"),
                ({"uid": None}, "claim_missing"),
                (ID, "kind_refused"),
            ],
        ),
        "azure_ad_b2c": of_sample(
            "azure-ad-b2c",
            samples,
            others=[
                ({**ID, "azp": None}, "claim_missing"),
                ({"tfp": "B2C_1_other"}, "claim_refused"),
                ({"tfp": None}, "claim_missing"),
                ({"tfp": None, "acr": "b2c_1_other"}, "claim_refused"),
            ],
            tenants=[({}, {"iss": f"https://orchard.b2clogin.com/{OTHER_GUID}/v2.0/"}, "issuer_untrusted")],
        ),
        "better_auth": of_sample("better-auth-jwt", samples, others=[(ID, "kind_refused")]),
        "better_auth, provider": Case(
            preset=presets.better_auth,
            arguments={"url": "https://app.orchard.example", "audience": "orders", "oauth_provider": True},
            good={"iss": "https://app.orchard.example/api/auth", "aud": "orders", "sub": "u1", "azp": "web"},
            others=[({"azp": None, "aud": "orders"}, "claim_missing"), (ID, "kind_refused")],
        ),
        "clerk": of_sample(
            "clerk-v2",
            samples,
            audience=[
                ({"azp": "https://evil.example"}, "audience_mismatch"),
                ({"azp": None}, "claim_missing"),
                ({"aud": "other"}, "audience_mismatch"),
            ],
            others=[
                ({"sts": "pending"}, "claim_refused"),
                ({"sid": None}, "claim_missing"),
                ({**ID, "azp": "https://app.orchard.example"}, "kind_refused"),
            ],
            tenants=[
                ({"tenants": "org_other"}, {}, "tenant_refused"),
                ({"tenants": "org_5Vt1XrQ0"}, {"o": None}, "tenant_refused"),
            ],
        ),
        "clerk, template": Case(
            preset=presets.clerk,
            arguments={"issuer": "https://clerk.orchard.example", "audience": "orders"},
            good={"iss": "https://clerk.orchard.example", "aud": "orders", "sub": "user_1", "org_role": "org:admin"},
            audience=[({"aud": "other"}, "audience_mismatch"), ({"aud": None}, "claim_missing")],
            others=[(ID, "kind_refused"), ({"sts": "pending"}, "claim_refused")],
        ),
        "cloudflare_access": of_sample(
            "cloudflare-access",
            samples,
            others=[({"type": "org"}, "kind_refused"), ({"type": None}, "kind_refused")],
        ),
        "cognito": of_sample(
            "cognito-access",
            samples,
            audience=[
                ({"client_id": "other"}, "audience_mismatch"),
                ({"client_id": None}, "claim_missing"),
                ({"aud": "https://other.example"}, "audience_mismatch"),
            ],
            others=[
                ({"token_use": "id"}, "kind_refused"),
                ({"token_use": None}, "kind_refused"),
                ({"token_use": "id", "aud": "4tn0q8v2lk6s1r9d3p5h7m0c2a"}, "kind_refused"),
            ],
        ),
        "cognito, resource binding": Case(
            preset=presets.cognito,
            arguments={"user_pool": "eu-west-1_A", "audience": "orders", "claim_values": {"client_id": ["web", "app"]}},
            good={
                "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
                "aud": "orders",
                "sub": "u",
                "client_id": "web",
                "token_use": "access",
            },
            audience=[
                ({"aud": "other"}, "audience_mismatch"),
                ({"aud": None}, "claim_missing"),
                ({"client_id": "other"}, "claim_refused"),
            ],
            others=[({"token_use": "id"}, "kind_refused")],
        ),
        "cognito, ID tokens": of_sample(
            "cognito-id",
            samples,
            others=[({"token_use": "access"}, "kind_refused")],
            tenants=[({"tenants": "other"}, {}, "tenant_refused")],
        ),
        "descope": of_sample(
            "descope",
            samples,
            audience=[({"aud": "other"}, "audience_mismatch"), ({"iss": "Pother"}, "issuer_untrusted")],
            others=[({"drn": "DSR"}, "kind_refused"), ({"drn": None}, "kind_refused")],
            tenants=[
                ({"tenants": "t-southwing"}, {}, "tenant_refused"),
                ({"tenants": "t-fernwood"}, {"dct": None}, "tenant_refused"),
            ],
        ),
        "descope, audience": Case(
            preset=presets.descope,
            arguments={"project": "P1", "audience": "orders"},
            good={"iss": "https://api.descope.com/P1", "aud": ["orders"], "sub": "u", "drn": "DS"},
            audience=[({"aud": "other"}, "audience_mismatch"), ({"aud": None}, "claim_missing")],
            others=[({"drn": "DSR"}, "kind_refused")],
        ),
        "entra": of_sample(
            "entra-v2",
            samples,
            audience=[
                ({"aud": each}, "audience_mismatch") for each in ("https://graph.microsoft.com", OTHER_GUID[::-1])
            ],
            others=[
                ({"scp": None, "roles": None}, "claim_missing"),
                ({"scp": None, "azp": None}, "claim_missing"),
                (ID, "kind_refused"),
            ],
            tenants=[
                ({}, {"iss": f"https://login.microsoftonline.com/{GUID}/v2.0", "tid": GUID}, "issuer_untrusted"),
                ({}, {"iss": f"https://sts.windows.net/{GUID}/", "tid": GUID}, "issuer_untrusted"),
                ({}, {"tid": GUID}, "tenant_refused"),
                ({}, {"tid": None}, "claim_missing"),
            ],
        ),
        "entra_external_id": Case(
            preset=presets.entra_external_id,
            arguments={"name": "orchard", "tenant_id": GUID, "audience": "orders"},
            good={
                "iss": f"https://{GUID}.ciamlogin.com/{GUID}/v2.0",
                "aud": "orders",
                "sub": "u",
                "tid": GUID,
                "azp": "web",
                "scp": "read",
            },
            others=[({"scp": None}, "claim_missing"), ({"azp": None}, "claim_missing"), (ID, "claim_missing")],
            tenants=[
                ({}, {"iss": f"https://orchard.ciamlogin.com/{OTHER_GUID}/v2.0"}, "issuer_untrusted"),
                ({}, {"tid": OTHER_GUID}, "tenant_refused"),
            ],
        ),
        "firebase": of_sample(
            "firebase",
            samples,
            others=[
                ({"firebase": None}, "claim_missing"),  # a custom token
                ({"iss": "https://session.firebase.google.com/orchard-prod"}, "issuer_untrusted"),
            ],
            tenants=[
                ({"tenants": "other"}, {}, "tenant_refused"),
                ({}, {"iss": "https://securetoken.google.com/other"}, "issuer_untrusted"),
            ],
        ),
        "fusionauth": of_sample(
            "fusionauth",
            samples,
            others=[({"applicationId": None, "roles": None}, "claim_missing"), (ID, "kind_refused")],
            tenants=[({"tenants": GUID}, {}, "tenant_refused")],
        ),
        "github_actions": of_sample(
            "github-actions",
            samples,
            others=[
                ({"ref": "refs/heads/feature"}, "claim_refused"),
                ({"environment": None}, "claim_refused"),
                (LOGOUT, "kind_refused"),
            ],
            tenants=[
                ({}, {"repository_id": "1"}, "claim_refused"),
                ({}, {"repository_owner_id": "1"}, "claim_refused"),
                ({}, {"repository_id": 902114533}, "claim_refused"),
                ({}, {"repository_id": None}, "claim_refused"),
            ],
        ),
        "gitlab_ci": Case(
            preset=presets.gitlab_ci,
            arguments={"audience": "orders", "project_ids": "22"},
            good={
                "iss": "https://gitlab.com",
                "aud": "orders",
                "sub": "project_path:fernwood/picker:ref_type:branch:ref:main",
                "project_id": "22",
                "namespace_path": "fernwood",
                "ref_protected": "true",
            },
            others=[({"ref_protected": "false"}, "claim_refused"), (LOGOUT, "kind_refused")],
            tenants=[({}, {"project_id": "23"}, "claim_refused"), ({}, {"project_id": None}, "claim_refused")],
        ),
        "google_iap": of_sample(
            "gcp-iap",
            samples,
            others=[({"iss": "https://accounts.google.com"}, "issuer_untrusted")],
            tenants=[({"tenants": "other.example"}, {}, "tenant_refused")],
        ),
        "google_service_accounts": of_sample(
            "google-service-account",
            samples,
            others=[
                ({"email": "evil@evil.iam.gserviceaccount.com"}, "claim_refused"),
                ({"email_verified": False}, "claim_refused"),
                ({"email_verified": "true"}, "claim_refused"),
                ({"email_verified": None}, "claim_refused"),
                ({"email": None}, "claim_refused"),
            ],
        ),
        "google_service_accounts, subjects": Case(
            preset=presets.google_service_accounts,
            arguments={"audience": "https://orders.example", "subjects": ["1", "2"]},
            good={"iss": "accounts.google.com", "aud": "https://orders.example", "sub": "2", "azp": "2"},
            others=[({"sub": "3"}, "claim_refused")],
        ),
        "google_users": Case(
            preset=presets.google_users,
            arguments={"audience": "web.apps.googleusercontent.com"},
            good={
                "iss": "https://accounts.google.com",
                "aud": "web.apps.googleusercontent.com",
                "azp": "web",
                "sub": "1",
                "hd": "fernwood.example",
                "nonce": "n",
                "at_hash": "h",
            },
            others=[(LOGOUT, "kind_refused")],
            tenants=[
                ({"tenants": "other.example"}, {}, "tenant_refused"),
                ({"tenants": "fernwood.example"}, {"hd": None}, "tenant_refused"),
            ],
        ),
        "keycloak": of_sample(
            "keycloak",
            samples,
            audience=[({"aud": "account"}, "audience_mismatch"), ({"aud": None}, "claim_missing")],
            others=[
                *(({"typ": each}, "kind_refused") for each in ("ID", "Refresh", "Offline", "Logout", "bearer", None)),
                ({"cnf": {"jkt": "x"}, "typ": "DPoP"}, "sender_bound"),
            ],
            tenants=[
                ({"tenants": "southwing"}, {}, "tenant_refused"),
                ({"tenants": "northwing"}, {"organization": ["northwing", "southwing"]}, "tenant_refused"),
                ({}, {"iss": "https://sso.orchard.example/realms/other"}, "issuer_untrusted"),
            ],
        ),
        "kinde": of_sample(
            "kinde",
            samples,
            audience=[({"aud": "other"}, "audience_mismatch"), ({"aud": []}, "claim_missing")],
            others=[({"scp": None}, "claim_missing"), ({**ID, "scp": ["openid"]}, "kind_refused")],
            tenants=[({"tenants": "org_other"}, {}, "tenant_refused")],
        ),
        "kubernetes": of_sample(
            "kubernetes",
            samples,
            audience=[({"aud": ["https://kubernetes.default.svc"]}, "audience_mismatch")],
            others=[({"kubernetes.io": None}, "claim_missing"), ({"exp": None}, "claim_missing")],
            tenants=[
                ({}, {"sub": "system:serviceaccount:other:ingest"}, "claim_refused"),
                ({}, {"sub": "system:serviceaccount:orders:other"}, "claim_refused"),
            ],
        ),
        "kubernetes, namespaces": Case(
            preset=presets.kubernetes,
            arguments={"issuer": "https://k8s.example", "audience": "orders", "namespaces": ["orders", "stock"]},
            good={
                "iss": "https://k8s.example",
                "aud": ["orders"],
                "sub": "system:serviceaccount:stock:a",
                "kubernetes.io": {"namespace": "stock"},
            },
            others=[({"kubernetes.io": {}}, "claim_refused")],
            tenants=[({}, {"kubernetes.io": {"namespace": "other"}}, "claim_refused")],
        ),
        "logto": of_sample(
            "logto",
            samples,
            others=[({"client_id": None}, "claim_missing")],
            tenants=[({"tenants": "other"}, {}, "tenant_refused")],
        ),
        "okta": of_sample("okta", samples, others=[({"cid": None}, "claim_missing"), (ID, "kind_refused")]),
        "ory_hydra": Case(
            preset=presets.ory_hydra,
            arguments={"issuer": "https://id.orchard.example/", "audience": "orders", "roles": ("ext", "roles")},
            good={
                "iss": "https://id.orchard.example/",
                "aud": ["orders"],
                "sub": "u",
                "client_id": "web",
                "scp": ["read"],
                "ext": {"roles": ["clerk"]},
            },
            audience=[({"aud": "other"}, "audience_mismatch"), ({"aud": []}, "claim_missing")],
            others=[({"client_id": None}, "claim_missing"), (ID, "kind_refused")],
        ),
        "propelauth": of_sample(
            "propelauth",
            samples,
            audience=[({"aud": "other"}, "audience_mismatch"), ({"iss": "https://b.example"}, "issuer_untrusted")],
            others=[({"user_id": None}, "claim_missing"), (ID, "kind_refused")],
            tenants=[({"tenants": GUID}, {}, "tenant_refused"), ({"organization": GUID}, {}, "tenant_refused")],
        ),
        "shared_secret": Case(
            preset=presets.shared_secret,
            arguments={"issuer": "accounts", "audience": "orders"},
            good={"iss": "accounts", "aud": "orders", "sub": "alice", "roles": ["clerk"]},
            others=[({"token_type": "refresh"}, "kind_refused"), ({"sub": "accounts"}, "kind_refused")],
            header={"alg": "HS256", "typ": "JWT"},
        ),
        "shared_secret, nothing but a type": Case(
            preset=presets.shared_secret,
            arguments={
                "issuer": "accounts",
                "audience": {"token_type": "access"},
                "without_iss": True,
                "subject": "user_id",
            },
            good={"token_type": "access", "user_id": 7, "jti": "t1"},
            audience=[
                ({"token_type": "refresh"}, "audience_mismatch"),
                ({"token_type": None}, "claim_missing"),
                ({"aud": "other"}, "audience_mismatch"),
                ({"iss": "accounts"}, "issuer_untrusted"),
            ],
            others=[({"token_type": "refresh"}, "audience_mismatch")],
            header={"alg": "HS256", "typ": "JWT"},
        ),
        "stytch": of_sample(
            "stytch-b2b",
            samples,
            others=[({"https://stytch.com/session": None}, "claim_missing"), ({"nbf": None}, "claim_missing")],
            tenants=[({"tenants": "other"}, {}, "tenant_refused")],
        ),
        "stytch, machines": Case(
            preset=presets.stytch,
            arguments={"project": "project-live-1"},
            good={
                "iss": "stytch.com/project-live-1",
                "aud": ["project-live-1"],
                "sub": "m2m-client-live-1",
                "scope": "read",
                "nbf": 1_800_000_000,
            },
            others=[({"scope": None}, "claim_missing")],
        ),
        "supabase": of_sample(
            "supabase",
            samples,
            audience=[({"aud": "anon"}, "audience_mismatch"), ({"iss": "supabase"}, "issuer_untrusted")],
            others=[
                ({"role": "anon", "sub": None, "session_id": None}, "claim_missing"),
                ({"role": "service_role"}, "claim_refused"),
                ({"role": None}, "claim_refused"),
                ({"is_anonymous": True}, "claim_refused"),
                ({**ID, "aud": "client"}, "audience_mismatch"),
            ],
            tenants=[({}, {"iss": "https://other.supabase.co/auth/v1"}, "issuer_untrusted")],
        ),
        "workos": of_sample(
            "workos-authkit",
            samples,
            audience=[
                ({"iss": "https://api.workos.com/user_management/client_other"}, "issuer_untrusted"),
                ({"iss": "https://api.workos.com"}, "issuer_untrusted"),
                ({"aud": "other"}, "audience_mismatch"),
            ],
            others=[({"sid": None}, "claim_missing"), (ID, "kind_refused")],
            tenants=[({"tenants": "org_other"}, {}, "tenant_refused")],
        ),
        "workos, the issuer of everybody": Case(
            preset=presets.workos,
            arguments={"client": "client_1", "issuer": "https://api.workos.com", "tenants": ["org_1", "org_2"]},
            good={"iss": "https://api.workos.com", "sub": "user_1", "sid": "session_1", "org_id": "org_2"},
            audience=[({"org_id": "org_3"}, "audience_mismatch"), ({"org_id": None}, "claim_missing")],
            others=[(ID, "kind_refused")],
            tenants=[({"tenants": "org_1"}, {}, "audience_mismatch")],
        ),
        "workos_connect": Case(
            preset=presets.workos_connect,
            arguments={"issuer": "https://orchard.authkit.app", "audience": "orders"},
            good={
                "iss": "https://orchard.authkit.app",
                "aud": "orders",
                "sub": "user_1",
                "client_id": "client_1",
                "org_id": "org_1",
                "sid": "consent_1",
            },
            others=[({"client_id": None}, "claim_missing"), (ID, "kind_refused")],
            tenants=[({"tenants": "org_2"}, {}, "tenant_refused")],
        ),
        "zitadel": Case(
            preset=presets.zitadel,
            arguments={"issuer": "https://id.orchard.example", "audience": "project-1"},
            good={
                "iss": "https://id.orchard.example",
                "aud": ["web", "project-1"],
                "sub": "226",
                "azp": "web",
                "jti": "t1",
                "urn:zitadel:iam:user:resourceowner:id": "org-1",
            },
            others=[({"jti": None}, "claim_missing"), ({**ID, "jti": None}, "claim_missing"), (ID, "kind_refused")],
            tenants=[({"tenants": "org-2"}, {}, "tenant_refused")],
        ),
    }
