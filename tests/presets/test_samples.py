"""Every provider's sample token maps to exactly the principal that is expected of it."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from jwt_middleware import TrustedIssuer
from jwt_middleware.revocation_stores.memory import memory
from tests.presets.configuration import CONFIGURATION, WAITING
from tests.presets.signing import NOW, admission, keys, sign

SAMPLES: Final[dict[str, dict[str, Any]]] = {
    each["provider"]: each for each in json.loads((Path(__file__).parent / "samples.json").read_text(encoding="utf-8"))
}


def declared(provider: str, **more: Any) -> TrustedIssuer:
    preset, arguments = CONFIGURATION[provider]
    return preset(**{"keys": keys(SAMPLES[provider]["header"]), **arguments, **more})


def test_every_sample_is_configured_or_known_to_wait() -> None:
    assert set(SAMPLES) == set(CONFIGURATION) | WAITING


@pytest.mark.parametrize("provider", sorted(CONFIGURATION))
def test_a_sample_maps_to_exactly_the_expected_principal(provider: str) -> None:
    sample = SAMPLES[provider]
    found = admission(declared(provider), sign(sample["header"], sample["claims"]))
    assert found.refusal is None
    principal = found.principal
    assert {
        "subject": principal.subject,
        "client_id": principal.client_id,
        "scopes": list(principal.scopes),
        "roles": list(principal.roles),
        "permissions": list(principal.permissions),
        "groups": list(principal.groups),
        "tenant": principal.tenant,
        "session_id": principal.session_id,
    } == sample["expected"]
    assert principal.issuer == sample["claims"].get("iss", "spiffe://orchard.example")


MACHINES: Final = frozenset(
    {"auth0-rfc9068-m2m", "azure-managed-identity", "google-service-account", "kubernetes", "github-actions"}
)


@pytest.mark.parametrize("provider", sorted(CONFIGURATION))
def test_machines_are_told_from_users(provider: str) -> None:
    sample = SAMPLES[provider]
    principal = admission(declared(provider), sign(sample["header"], sample["claims"])).principal
    assert principal.kind == ("machine" if provider in MACHINES else "user")


def test_groups_that_do_not_fit_into_the_token_are_known_to_be_incomplete() -> None:
    sample = SAMPLES["entra-v1-groups-overage"]
    assert not admission(
        declared("entra-v1-groups-overage"), sign(sample["header"], sample["claims"])
    ).principal.groups_complete
    whole = SAMPLES["entra-v2"]
    assert admission(declared("entra-v2"), sign(whole["header"], whole["claims"])).principal.groups_complete


@pytest.mark.parametrize("provider", sorted(set(CONFIGURATION) - {"spiffe"}))
@pytest.mark.parametrize("change", ["/", ".evil.example", " "])
def test_an_issuer_that_is_spelled_a_little_differently_is_another_one(provider: str, change: str) -> None:
    sample = SAMPLES[provider]
    trusted = declared(provider)
    for spelled in (sample["claims"]["iss"] + change, sample["claims"]["iss"].upper()):
        found = admission(trusted, sign(sample["header"], {**sample["claims"], "iss": spelled}))
        assert (found.refusal is None) is (spelled in trusted.rules.issuers)


@pytest.mark.parametrize("provider", sorted(CONFIGURATION))
def test_what_a_principal_says_can_be_withdrawn(provider: str) -> None:
    sample = SAMPLES[provider]
    token, trusted = sign(sample["header"], sample["claims"]), declared(provider)
    principal = admission(trusted, token).principal
    stores = []
    for withdraw, name in (("token", principal.token_id), ("session", principal.session_id)):
        store = memory(clock=lambda: NOW)
        if name is not None:
            getattr(store, f"revoke_{withdraw}")(principal.issuer, name, until=NOW + 1000)
            stores.append(store)
    stores.append(memory(clock=lambda: NOW))
    stores[-1].revoke_subject(principal.issuer, principal.subject, before=NOW, until=NOW + 1000)
    for store in stores:
        refusal = admission(trusted, token, revocations=store).refusal
        assert refusal is not None and refusal.reason == "token_revoked"
    assert admission(trusted, token, revocations=memory(clock=lambda: NOW)).refusal is None


@pytest.mark.parametrize(
    ("sample", "configuration", "more"),
    [("cognito-id", "cognito-access", {}), ("django-oauth-toolkit-id-token",) * 2 + ({"accept_id_tokens": False},)],
)
def test_a_sample_of_an_id_token_is_refused_as_an_access_token(
    sample: str, configuration: str, more: dict[str, Any]
) -> None:
    token = sign(SAMPLES[sample]["header"], SAMPLES[sample]["claims"])
    refusal = admission(declared(configuration, **more), token).refusal
    assert refusal is not None and refusal.reason in ("kind_refused", "claim_missing")
