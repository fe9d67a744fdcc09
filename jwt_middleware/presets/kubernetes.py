"""How Kubernetes spells its service accounts."""

from collections.abc import Iterable
from typing import Unpack

from ..errors import ConfigurationError
from ..verification.mapping import Reference
from ..verification.rules import Value
from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, several, trusted


def kubernetes(
    issuer: str,
    *,
    audience: str | Iterable[str],
    service_accounts: str | Iterable[str] = (),
    namespaces: str | Iterable[str] = (),
    **more: Unpack[Options],
) -> TrustedIssuer:
    """Projected service-account tokens of a Kubernetes cluster.

    ``issuer``: what the API server's ``--service-account-issuer`` says; for EKS
    ``"https://oidc.eks.REGION.amazonaws.com/id/ID"``. ``audience``: a name of this service that pods project a token
    for (``serviceAccountToken.audience``), never that of the API server. ``service_accounts``: who is let in, as
    ``"namespace/name"``, or everybody of some ``namespaces``.

    Inside a cluster the issuer's documents need its certificate, and often a token:
    ``keys=jwks_url("https://kubernetes.default.svc/openid/v1/jwks", ca_file=..., bearer_token_file=...)``.

    https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/

    Not settled: whether in-cluster discovery needs a role binding. Tokens of secrets have no expiry and are refused.
    """
    audiences = several(audience, "kubernetes(audience)")
    if issuer in audiences or any("//kubernetes.default.svc" in each for each in audiences):
        raise ConfigurationError("kubernetes(audience): this is the API server's; name one of this service's own")
    if bool(service_accounts) == bool(namespaces):
        raise ConfigurationError("kubernetes(): name who is let in, by service_accounts or by namespaces")
    allowed: dict[Reference, list[Value]] = {}
    if namespaces:
        allowed["kubernetes.io", "namespace"] = [*several(namespaces, "kubernetes(namespaces)")]
    else:
        allowed["sub"] = [_subject(each) for each in several(service_accounts, "kubernetes(service_accounts)")]
    return trusted(
        issuer,
        audiences,
        more,
        required_claims=["sub", "kubernetes.io"],
        claim_values=allowed,
        client_id=None,
        scopes=None,
        tenant=("kubernetes.io", "namespace"),
        kind="machine",
    )


def _subject(account: str) -> str:
    namespace, _, name = account.partition("/")
    if not namespace or not name or "/" in name or ":" in account:
        raise ConfigurationError("kubernetes(service_accounts): write each as 'namespace/name'")
    return f"system:serviceaccount:{namespace}:{name}"
