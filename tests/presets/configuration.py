"""How each sample's issuer is declared, as its notes say. Keys are handed in by the test."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from jwt_middleware import ClaimMapping, TrustedIssuer, presets

TENANT: Final = "dc4099e0-44fe-5ccb-a7b3-377ed3c1b408"
POOL: Final = "eu-central-1_Qw7Lm2Zk9"
CLIENT: Final = "4tn0q8v2lk6s1r9d3p5h7m0c2a"


def trust_domain(claims: Mapping[str, object]) -> object:
    return str(claims["sub"]).removeprefix("spiffe://").partition("/")[0]


CONFIGURATION: Final[dict[str, tuple[Callable[..., TrustedIssuer], dict[str, Any]]]] = {
    "auth0": (
        presets.auth0,
        {
            "domain": "orchard-dev.eu.auth0.com",
            "audience": "https://api.orchard.example",
            "roles": "https://orchard.example/roles",
        },
    ),
    "auth0-rfc9068-m2m": (
        presets.auth0,
        {"domain": "orchard-dev.eu.auth0.com", "audience": "https://api.orchard.example", "profile": "rfc9068"},
    ),
    "entra-v2": (presets.entra, {"tenant_ids": TENANT, "audience": "1d101d67-0146-587c-ad7b-6573903dc324"}),
    "entra-v1-groups-overage": (presets.entra, {"tenant_ids": TENANT, "audience": "api://orchard-baskets"}),
    "azure-ad-b2c": (
        presets.azure_ad_b2c,
        {
            "name": "orchard",
            "tenant_id": "b0c3935d-9f37-5905-abcc-6a5755c37dea",
            "policies": ["B2C_1_sign_in", "B2C_1_reset"],
            "audience": "6053c682-5d16-5d0f-9fef-caa67198b924",
        },
    ),
    "azure-managed-identity": (presets.entra, {"tenant_ids": TENANT, "audience": "api://orchard-baskets"}),
    "cognito-access": (presets.cognito, {"user_pool": POOL, "clients": CLIENT}),
    "cognito-id": (
        presets.cognito,
        {"user_pool": POOL, "clients": CLIENT, "accept_id_tokens": True, "tenant": "custom:tenant"},
    ),
    "keycloak": (
        presets.keycloak,
        {"issuer": "https://sso.orchard.example/realms/fernwood", "audience": "orders-api", "client": "orders-api"},
    ),
    "okta": (
        presets.okta,
        {"issuer": "https://fernwood-own.okta.com/oauth2/aus7q2m9Lk4VtZ1Xr0h7", "audience": "api://orders"},
    ),
    "google-service-account": (
        presets.google_service_accounts,
        {
            "audience": "https://ledger-7hq2k4-ew.a.run.app",
            "emails": "ingest@orchard-prod.iam.gserviceaccount.com",
        },
    ),
    "gcp-iap": (
        presets.google_iap,
        {"audience": "/projects/104872319650/global/backendServices/5512009983317746021"},
    ),
    "firebase": (presets.firebase, {"project": "orchard-prod", "roles": "roles"}),
    "supabase": (presets.supabase, {"project": "qhzvwmrtkdlpnysbxgce"}),
    "clerk-v2": (
        presets.clerk,
        {"issuer": "https://clerk.orchard.example", "origins": "https://app.orchard.example"},
    ),
    "authentik": (
        presets.authentik,
        {"issuer": "https://auth.orchard.example/application/o/orders/", "audience": "Qm2ZxV9nLr4TbW1sYh7Kp8"},
    ),
    "fusionauth": (
        presets.fusionauth,
        {
            "issuer": "orchard.example",
            "url": "https://auth.orchard.example",
            "audience": "deaa8a94-d243-5559-8c70-1ae2237a25d5",
        },
    ),
    "better-auth-jwt": (presets.better_auth, {"url": "https://app.orchard.example", "roles": "role"}),
    "django-oauth-toolkit-id-token": (
        TrustedIssuer,
        {
            "issuer": "https://id.orchard.example/o",
            "audience": "dOtClient4TbW1sYh7Kp8",
            "accept_id_tokens": True,
            "mapping": ClaimMapping(client_id="aud"),
        },
    ),
    "workos-authkit": (presets.workos, {"client": "client_01JQ7WLM2ZK9TNVB4XR"}),
    "kinde": (presets.kinde, {"domain": "orchardown.kinde.com", "audience": "https://api.orchard.example"}),
    "logto": (
        presets.logto,
        {"issuer": "https://fernwd.logto.app/oidc", "audience": "https://api.orchard.example"},
    ),
    "descope": (presets.descope, {"project": "P7Qm2ZxV9nLr4TbW1sYh7Kp8"}),
    "stytch-b2b": (presets.stytch, {"project": "project-test-5b1f0d7e", "b2b": True}),
    "propelauth": (presets.propelauth, {"issuer": "https://auth.orchard.example"}),
    "cloudflare-access": (
        presets.cloudflare_access,
        {
            "team": "orchardown",
            "audience": "496a872afe39f5ff5485930b761191d024a6b22b8cde22593eb44c01fdfada61",
            "groups": ("custom", "groups"),
        },
    ),
    "kubernetes": (
        presets.kubernetes,
        {
            "issuer": "https://oidc.eks.eu-central-1.amazonaws.com/id/0F5C2A91BE77D3014TBW",
            "audience": "https://orders.orchard.example",
            "service_accounts": "orders/ingest",
        },
    ),
    "github-actions": (
        presets.github_actions,
        {
            "audience": "https://api.orchard.example",
            "repository_ids": "902114533",
            "repository_owner_ids": "48211907",
            "claim_values": {"ref": "refs/heads/main", "environment": "production"},
        },
    ),
    # no preset yet, but the key alone tells who signed, and the subject tells the trust domain
    "spiffe": (
        TrustedIssuer,
        {
            "issuer": {None: "spiffe://orchard.example"},
            "audience": "spiffe://orchard.example/orders",
            "mapping": ClaimMapping(tenant=trust_domain),
            "tenants": "orchard.example",
        },
    ),
}

# issuer, client and expiry stand in its header, and its segments are padded: no reading of a JWT takes that
WAITING: Final = frozenset({"aws-alb"})
