"""Where verifiers look for keys, what they find there, and how long they may keep it."""

import asyncio
import json
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, RequestInfo
from jwt_middleware.issuing import SigningKey, SigningKeys, jwks_document, metadata_document, well_known_paths
from jwt_middleware.issuing.documents import jwks_answer, metadata_answer
from jwt_middleware.issuing.exchange import Answer, IssuingRequest
from jwt_middleware.waiting import run
from jwt_middleware.web_bounds import fresh_for

from .test_signing_keys import ISSUER, Kept, kids

PUBLIC = {"kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"}


def asked(method: str = "GET", **headers: str) -> IssuingRequest:
    given = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return IssuingRequest(info=RequestInfo(method=method, header=lambda name: given.get(name, [])))


def headers(answer: Answer) -> dict[str, str]:
    return dict(answer.headers)


def test_the_key_set_names_every_published_key_and_nothing_private() -> None:
    keys = SigningKeys(SigningKey.generate("RS256"))
    for algorithm in ("EdDSA", "ES256", "PS256"):
        keys.publish(SigningKey.generate(algorithm))
    document = json.loads(json.dumps(jwks_document(keys)))
    assert [jwk["kid"] for jwk in document["keys"]] == kids(keys)
    assert all(set(jwk) <= PUBLIC for jwk in document["keys"])
    assert {jwk["alg"] for jwk in document["keys"]} == {"RS256", "EdDSA", "ES256", "PS256"}


def test_shared_secrets_are_never_published() -> None:
    keys = SigningKeys(algorithm="HS256")
    assert jwks_document(keys) == {"keys": []}


def test_the_metadata_says_what_is_there_and_nothing_else() -> None:
    assert metadata_document(ISSUER, jwks_uri=f"{ISSUER}/jwks") == {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
    assert metadata_document(ISSUER) == {"issuer": ISSUER}
    whole = metadata_document(
        ISSUER,
        jwks_uri=f"{ISSUER}/jwks",
        token_endpoint=f"{ISSUER}/token",
        grant_types=["client_credentials"],
        client_authentication=["private_key_jwt"],
        client_assertion_algorithms=["ES256"],
        protected_resources=["https://orders.example.com"],
    )
    assert whole["grant_types_supported"] == ["client_credentials"]
    assert whole["token_endpoint_auth_signing_alg_values_supported"] == ["ES256"]
    assert whole["protected_resources"] == ["https://orders.example.com"]
    assert not [name for name, value in whole.items() if value in ([], None)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"issuer": ""}, "issuer is empty"),
        ({"jwks_uri": "/jwks"}, "whole URL"),
        ({"token_endpoint": f"{ISSUER}/token"}, "come together"),
        ({"grant_types": ["refresh_token"]}, "come together"),
        ({"client_assertion_algorithms": ["none"]}, "never|nothing is signed"),
    ],
)
def test_metadata_that_would_lie_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        metadata_document(**{"issuer": ISSUER, **given})


@pytest.mark.parametrize(
    ("issuer", "paths"),
    [
        (
            "https://a.example",
            (
                "/.well-known/oauth-authorization-server",
                "/.well-known/openid-configuration",
                "/.well-known/openid-configuration",
            ),
        ),
        (
            "https://a.example/tenant/1/",
            (
                "/.well-known/oauth-authorization-server/tenant/1",
                "/tenant/1/.well-known/openid-configuration",
                "/.well-known/openid-configuration/tenant/1",
            ),
        ),
    ],
)
def test_the_metadata_stands_where_verifiers_look(issuer: str, paths: tuple[str, str, str]) -> None:
    assert well_known_paths(issuer) == paths


def test_the_key_set_may_be_kept_for_half_of_what_the_overlap_allows() -> None:
    keys = SigningKeys(verifier_cache=400)
    answer = run(jwks_answer(asked(), keys))
    found = headers(answer)
    assert (answer.status, found["content-type"]) == (200, "application/jwk-set+json")
    assert found["cache-control"] == "public, max-age=200"
    assert fresh_for(found["cache-control"]) == 200  # as our own verifier reads it
    assert found["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in found
    assert json.loads(answer.body) == jwks_document(keys)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_whoever_has_the_key_set_already_is_told_so(form: str) -> None:
    keys = SigningKeys()
    tag = headers(run(jwks_answer(asked(), keys)))["etag"]
    answer = run(jwks_answer(asked(if_none_match=form.format(tag)), keys))
    assert (answer.status, answer.body, headers(answer)["etag"]) == (304, b"", tag)
    assert headers(answer)["cache-control"] == "public, max-age=300"
    keys.publish(SigningKey.generate())
    assert run(jwks_answer(asked(if_none_match=tag), keys)).status == 200


def test_a_script_of_any_origin_may_read_the_documents() -> None:
    for answer in (
        run(jwks_answer(asked("OPTIONS"), SigningKeys())),
        run(metadata_answer(asked("OPTIONS"), {})),
    ):
        assert (answer.status, answer.body) == (204, b"")
        assert headers(answer)["access-control-allow-origin"] == "*"
        assert headers(answer)["access-control-allow-methods"] == "GET, HEAD"


def test_the_metadata_may_be_kept_for_an_hour() -> None:
    document = metadata_document(ISSUER, jwks_uri=f"{ISSUER}/jwks")
    answer = run(metadata_answer(asked(), document))
    assert json.loads(answer.body) == document
    assert headers(answer)["content-type"] == "application/json"
    assert headers(answer)["cache-control"] == "public, max-age=3600"


def test_an_event_loop_gets_the_key_set_of_a_store() -> None:
    keys = SigningKeys(store=Kept())
    keys.prepare()
    assert asyncio.run(jwks_answer(asked(), keys)).body == run(jwks_answer(asked(), keys)).body
