"""What a type checker tells users of presets and resolvers; checked by mypy and pyright, never run."""

from typing import assert_type

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.presets import auth0, cognito, entra, google_service_accounts, keycloak, shared_secret

assert_type(
    auth0(
        "acme.eu.auth0.com",
        audience=["a", "b"],
        roles="https://acme.example/roles",
        groups=["groups", ("custom", "groups")],
        permissions=None,
        required_claims=["jti", {"scope", "scp"}, ("a", "b")],
        claim_values={"org": ["a", None], ("a", "b"): True},
        tenants=["org_1"],
        role_permissions={"clerk": ["orders.read"]},
        leeway=5,
    ),
    TrustedIssuer,
)
auth0("acme.eu.auth0.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # an audience is never left out
auth0("acme.eu.auth0.com", audience="a", rolez="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # a misspelt name
assert_type(keycloak("https://sso.example/realms/a", audience="orders", client="web"), TrustedIssuer)
assert_type(entra(["a", "b"], audience="orders", subject="oid"), TrustedIssuer)
assert_type(cognito("eu-west-1_A", clients={"a", "b"}, tenant="custom:tenant"), TrustedIssuer)
assert_type(google_service_accounts(audience="a", emails=("a", "b")), TrustedIssuer)
assert_type(
    shared_secret("accounts", audience={"token_type": "access"}, without_iss=True, keys=static(secret="s" * 32)),
    TrustedIssuer,
)
TrustedIssuer({"https://a.example": "https://a.example", "a.example": "https://a.example"}, audience="a", jwks_url="x")


def resolver(issuer: str) -> TrustedIssuer | None:
    return entra(issuer, audience="orders") if issuer else None


async def waiting(issuer: str) -> TrustedIssuer | None:
    return resolver(issuer)


assert_type(Guard(resolver=resolver, realm="orders"), Guard)
assert_type(Guard(resolver=waiting, realm="orders", max_resolved=10), Guard)
assert_type(Guard(resolver=lambda issuer: None, realm="orders"), Guard)
