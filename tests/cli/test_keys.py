"""``jwt-middleware keys``: each form of a key becomes each other, and nothing private is printed."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import dsa, ed448
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jwt_middleware.cli import main
from jwt_middleware.keys.key_set import key_set_from_jwks

ALGORITHMS = ("ES256", "ES384", "EdDSA", "RS256", "PS256")


def run(*arguments: str, text: str | None = None) -> str:
    done = CliRunner().invoke(main, ["keys", *arguments], input=text)
    assert done.exit_code == 0, done.output
    return done.output


def fails(*arguments: str, text: str | None = None) -> str:
    done = CliRunner().invoke(main, ["keys", *arguments], input=text)
    assert done.exit_code == 2
    return done.output


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_is_made_turned_named_and_published(algorithm: str, tmp_path: Path) -> None:
    private = tmp_path / "key.pem"
    public = json.loads(run("generate", "--alg", algorithm, "--private", str(private)))
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert (public["alg"], public["use"]) == (algorithm, "sig")
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(public)

    assert run("thumbprint", str(private)).strip() == public["kid"]
    pem = run("pem", str(private))
    assert pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert json.loads(run("jwk", "--alg", algorithm, text=pem)) == public
    assert run("pem", text=json.dumps(public)) == pem
    assert run("pem", text=json.dumps({"keys": [public]})) == pem

    again = tmp_path / "key.json"
    assert json.loads(run("jwk", str(private), "--alg", algorithm, "--private", str(again))) == public
    assert stat.S_IMODE(again.stat().st_mode) == 0o600
    back = tmp_path / "back.pem"
    assert run("pem", str(again), "--private", str(back)) == pem
    assert back.read_text() == private.read_text()

    document = run("jwks", str(private), str(again))
    assert len(key_set_from_jwks(document).keys) == 2
    assert '"d"' not in document


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 8037 appendix A.3."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert run("thumbprint", text=json.dumps(jwk)).strip() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_private_key_overwrites_nothing(tmp_path: Path) -> None:
    there = tmp_path / "key.pem"
    there.write_text("something")
    assert "overwrites nothing" in fails("generate", "--private", str(there))
    assert there.read_text() == "something"
    assert "cannot be written" in fails("generate", "--private", str(tmp_path / "no" / "key.pem"))


def test_ed448_is_known_and_other_kinds_are_not(tmp_path: Path) -> None:
    def pem(key: ed448.Ed448PrivateKey | dsa.DSAPrivateKey) -> str:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    assert json.loads(run("jwk", text=pem(ed448.Ed448PrivateKey.generate())))["alg"] == "Ed448"
    assert "no key that can be read" in fails("jwk", text=pem(dsa.generate_private_key(1024)))


@pytest.mark.parametrize(
    "text",
    ["", "secret-text", "{", '{"kty": "EC"}', '{"kty": "XX"}', '{"kty": "OKP", "crv": "X25519", "x": "AA"}', "[]"],
)
def test_what_is_no_key_is_refused_and_not_echoed(text: str) -> None:
    said = fails("pem", text=text)
    assert "key" in said
    assert "secret-text" not in said


def test_a_secret_and_several_keys_are_refused() -> None:
    assert "shared secret" in fails("thumbprint", text='{"kty": "oct", "k": "AAAA"}')
    assert "hand in one" in fails("pem", text='{"keys": [{}, {}]}')
    public = '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'
    assert "no private half" in fails("pem", "--private", "nowhere.pem", text=public)
