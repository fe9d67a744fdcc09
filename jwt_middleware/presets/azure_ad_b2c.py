"""How Azure AD B2C spells issuer and callers."""

from collections.abc import Iterable
from typing import Unpack

from ..verification.trusted_issuer import TrustedIssuer
from .options import Options, identifier, several, trusted


def azure_ad_b2c(
    name: str, tenant_id: str, *, policies: str | Iterable[str], audience: str | Iterable[str], **more: Unpack[Options]
) -> TrustedIssuer:
    """Access tokens of Azure AD B2C.

    ``name``: what stands before ``.b2clogin.com``. ``tenant_id``: a GUID. ``policies``: the user flows or policies
    whose tokens are taken (``"B2C_1_sign_in"``); each has a key set of its own. ``audience``: the API's client id.

    Roles and groups come only from claims of your own; map none that users can edit in their profile.

    https://learn.microsoft.com/en-us/azure/active-directory-b2c/tokens-overview

    Not settled: whether every client-credentials token has ``scp``; without it, it is refused. The issuer's two forms
    are both taken, callers always get the one without a policy.
    """
    host = f"https://{identifier(name, 'azure_ad_b2c(name)')}.b2clogin.com"
    named = [identifier(each, "azure_ad_b2c(policies)") for each in several(policies, "azure_ad_b2c(policies)")]
    tenant = identifier(tenant_id, "azure_ad_b2c(tenant_id)")
    issuer = f"{host}/{tenant}/v2.0/"
    written = [*named, *(each.lower() for each in named)]  # both are seen
    spellings = [issuer, *(f"{host}/tfp/{tenant}/{each}/v2.0/" for each in written)]
    return trusted(
        dict.fromkeys(spellings, issuer),
        audience,
        more,
        jwks_url=[f"{host}/{name}.onmicrosoft.com/{each}/discovery/v2.0/keys" for each in named],
        algorithms=["RS256"],
        required_claims=[{"tfp", "acr"}, "scp"],  # an ID token has no scp
        claim_values={"tfp": [*written, None], "acr": [*written, None]},
        client_id="azp",
        scopes="scp",
    )
