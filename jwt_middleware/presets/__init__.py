"""How providers spell issuer, audience, roles: functions that give a TrustedIssuer."""

from .apple import apple
from .auth0 import auth0
from .authentik import authentik
from .azure_ad_b2c import azure_ad_b2c
from .better_auth import better_auth
from .clerk import clerk
from .cloudflare_access import cloudflare_access
from .cognito import cognito
from .descope import descope
from .entra import entra, entra_external_id
from .firebase import firebase
from .fusionauth import fusionauth
from .github_actions import github_actions
from .gitlab_ci import gitlab_ci
from .google import google_iap, google_service_accounts, google_users
from .keycloak import keycloak
from .kinde import kinde
from .kubernetes import kubernetes
from .logto import logto
from .okta import okta
from .options import Options
from .ory_hydra import ory_hydra
from .propelauth import propelauth
from .shared_secret import shared_secret
from .stytch import stytch
from .supabase import supabase
from .workos import workos, workos_connect
from .zitadel import zitadel

__all__ = [
    "Options",
    "apple",
    "auth0",
    "authentik",
    "azure_ad_b2c",
    "better_auth",
    "clerk",
    "cloudflare_access",
    "cognito",
    "descope",
    "entra",
    "entra_external_id",
    "firebase",
    "fusionauth",
    "github_actions",
    "gitlab_ci",
    "google_iap",
    "google_service_accounts",
    "google_users",
    "keycloak",
    "kinde",
    "kubernetes",
    "logto",
    "okta",
    "ory_hydra",
    "propelauth",
    "shared_secret",
    "stytch",
    "supabase",
    "workos",
    "workos_connect",
    "zitadel",
]
