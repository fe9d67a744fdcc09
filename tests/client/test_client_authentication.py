"""How a client shows who it is."""

import base64
from pathlib import Path
from urllib.parse import unquote_plus

import jwt
import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.client import client_secret_basic, client_secret_post, private_key_jwt
from jwt_middleware.issuing import SigningKey, SigningKeys

ISSUER = "https://accounts.example.com"


@pytest.mark.parametrize("secret", ["plain", "a:b+c%d e", "grün&co=1", "🔑"])
def test_basic_encodes_id_and_secret_before_it_joins_them(secret: str) -> None:
    form, headers = client_secret_basic(secret).proof("the:shop +1", ISSUER)
    scheme, _, pair = headers["authorization"].partition(" ")
    name, _, password = base64.b64decode(pair).decode().partition(":")
    assert (form, scheme) == ({}, "Basic")
    assert (unquote_plus(name), unquote_plus(password)) == ("the:shop +1", secret)


def test_post_puts_both_into_the_form_and_nothing_into_headers() -> None:
    assert client_secret_post("s3").proof("shop", ISSUER) == ({"client_id": "shop", "client_secret": "s3"}, {})


def test_a_secret_in_a_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("one\n")
    shown = client_secret_post(file)
    assert shown.proof("shop", ISSUER)[0]["client_secret"] == "one"
    file.write_text("two\n")
    assert shown.proof("shop", ISSUER)[0]["client_secret"] == "two"


@pytest.mark.parametrize("signer", [SigningKey.generate("EdDSA"), SigningKeys(SigningKey.generate("ES256"))])
def test_an_assertion_is_for_the_issuer_alone_short_lived_and_new_each_time(signer: SigningKey | SigningKeys) -> None:
    shown = private_key_jwt(signer, clock=lambda: 1_000.9)
    key = signer if isinstance(signer, SigningKey) else signer.active
    found = []
    for _ in range(2):
        form, headers = shown.proof("orders", ISSUER)
        assert headers == {}
        assert form["client_id"] == "orders"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assertion = form["client_assertion"]
        assert jwt.get_unverified_header(assertion)["typ"] == "client-authentication+jwt"
        public = jwt.PyJWK.from_dict(dict(key.public_jwk))
        options = {"verify_exp": False, "verify_iat": False}
        found.append(jwt.decode(assertion, public, audience=ISSUER, options=options))  # type: ignore[arg-type]  # a dict of them
    assert {name: found[0][name] for name in ("iss", "sub", "aud", "iat", "exp")} == {
        "iss": "orders",
        "sub": "orders",
        "aud": ISSUER,
        "iat": 1000,
        "exp": 1060,
    }
    assert found[0]["jti"] != found[1]["jti"]


def test_an_old_server_gets_the_audience_and_kind_that_it_knows() -> None:
    shown = private_key_jwt(SigningKey.generate("EdDSA"), audience=f"{ISSUER}/token", kind="JWT")
    assertion = shown.proof("orders", ISSUER)[0]["client_assertion"]
    assert jwt.get_unverified_header(assertion)["typ"] == "JWT"
    assert jwt.decode(assertion, options={"verify_signature": False})["aud"] == f"{ISSUER}/token"


def test_no_secret_is_shown() -> None:
    for shown in (
        client_secret_basic("s3cr3t"),
        client_secret_post("s3cr3t"),
        private_key_jwt(SigningKey.generate("EdDSA")),
    ):
        assert "s3cr3t" not in repr(shown)
        assert "Signing" not in repr(shown)


def test_mistakes_are_found_at_once() -> None:
    for mistake in (
        lambda: client_secret_basic(""),
        lambda: client_secret_post(b"bytes"),  # type: ignore[arg-type]  # a mistake
        lambda: private_key_jwt("no key"),  # type: ignore[arg-type]  # the same
        lambda: private_key_jwt(SigningKey.generate("EdDSA"), lifetime=301),
        lambda: private_key_jwt(SigningKey.generate("EdDSA"), lifetime=True),
        lambda: private_key_jwt(SigningKey.generate("EdDSA"), audience=""),
        lambda: private_key_jwt(SigningKey.generate("EdDSA"), kind=""),
    ):
        with pytest.raises(ConfigurationError):
            mistake()
