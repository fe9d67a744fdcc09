"""``jwt-middleware doctor`` against servers with good certificates and with each that is not: told apart, and mended."""

import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.cli import main
from jwt_middleware.doctor.issuer_check import findings_of
from jwt_middleware.key_sources.discovery import discovery
from jwt_middleware.key_sources.jwks_url import jwks_url
from tests import tokens

from .certificates import Authority, serving
from .programs import program

ROOT = Authority("a root of the tests")
BETWEEN = Authority("an authority in between", ROOT)
STRANGER = Authority("a root of strangers")
WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> str:
    return ROOT.write(tmp_path_factory.mktemp("authorities") / "root.pem")


def answers_for(url: str) -> dict[str, Any]:
    metadata = {"issuer": url, "jwks_uri": f"{url}/jwks"}
    return {WELL_KNOWN: json.dumps(metadata).encode(), "/jwks": json.dumps(tokens.jwks("ec", "rsa")).encode()}


def doctor(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["doctor", url, "--audience", "orders", *arguments])


Make = Callable[[Path], Path]
ILL: dict[str, tuple[Make, str, str]] = {
    "expired": (lambda folder: ROOT.server(folder, days=-2), "certificate_expired", "it has expired"),
    "early": (lambda folder: ROOT.server(folder, since=3), "certificate_not_yet_valid", "not good yet"),
    "other address": (lambda folder: ROOT.server(folder, host="127.0.0.2"), "certificate_host", "127.0.0.2"),
    "other name": (lambda folder: ROOT.server(folder, host="idp.example.com"), "certificate_host", "idp.example.com"),
    "stranger": (lambda folder: STRANGER.server(folder), "certificate_chain", "authority is not known here"),
    "whole chain of a stranger": (
        lambda folder: STRANGER.server(folder, chain=[STRANGER.certificate]),
        "certificate_chain",
        "authority is not trusted here",
    ),
    "nothing in between": (lambda folder: BETWEEN.server(folder), "certificate_chain", "leaves out the certificates"),
}


@pytest.mark.parametrize("kind", ILL)
def test_each_fault_of_a_certificate_is_told_apart(tmp_path: Path, trusted: str, kind: str) -> None:
    make, code, says = ILL[kind]
    with serving({}, make(tmp_path)) as url:
        done = doctor(url, "--ca-file", trusted, "--json")
    (found,) = json.loads(done.output)["findings"]
    assert (done.exit_code, found["severity"], found["code"]) == (1, "error", code)
    assert says in found["says"]
    assert found["mend"]


def test_a_sound_server_is_told_with_its_version_and_its_days(tmp_path: Path, trusted: str) -> None:
    answers: dict[str, Any] = {}
    with serving(answers, BETWEEN.server(tmp_path, chain=[BETWEEN.certificate])) as url:
        answers.update(answers_for(url))
        done = program("doctor", url, "--audience", "orders", "--ca-file", trusted)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert (
        lines[0] == f"ok       tls: {url.removeprefix('https://')} speaks TLSv1.3; its certificate is good for 90 days"
    )
    assert sum("tls:" in line for line in lines) == 1  # a server is greeted once
    assert any("RSA key of 2048 bits" in line for line in lines)


def test_an_expired_certificate_fails_the_program(tmp_path: Path, trusted: str) -> None:
    with serving({}, ROOT.server(tmp_path, days=-2)) as url:
        done = program("doctor", url, "--audience", "orders", "--ca-file", trusted)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("error    certificate_expired: the certificate of 127.0.0.1:")
    assert "mend: renew it" in done.stdout


def test_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path, trusted: str) -> None:
    answers: dict[str, Any] = {}
    with serving(answers, ROOT.server(tmp_path, days=5)) as url:
        answers.update(answers_for(url))
        done = doctor(url, "--ca-file", trusted, "--json")
    assert done.exit_code == 0
    found = [each for each in json.loads(done.output)["findings"] if each["severity"] != "ok"]
    assert [(each["severity"], each["code"]) for each in found] == [("warning", "certificate_expires")]


def test_an_old_version_of_tls_and_none_at_all_are_told_apart(tmp_path: Path, trusted: str) -> None:
    old = {"minimum_version": ssl.TLSVersion.TLSv1, "maximum_version": ssl.TLSVersion.TLSv1_1}
    with pytest.warns(DeprecationWarning), serving({}, ROOT.server(tmp_path), **old) as url:
        (found,) = json.loads(doctor(url, "--ca-file", trusted, "--json").output)["findings"]
        assert found["code"] == "tls_version", found
    with serving({}, None) as url:
        assert json.loads(doctor(url, "--ca-file", trusted, "--json").output)["findings"][0]["code"] == "tls_missing"


def test_an_issuer_that_was_declared_is_asked_with_what_it_was_declared_with(tmp_path: Path, trusted: str) -> None:
    answers: dict[str, Any] = {}
    with serving(answers, ROOT.server(tmp_path)) as url:
        answers.update(answers_for(url))
        kinds: list[Any] = [discovery(url, ca_file=trusted), jwks_url(f"{url}/jwks", ca_file=trusted)]
        for keys in kinds:
            declared = TrustedIssuer(url, audience="orders", keys=keys)
            assert Guard(declared).trusted == (declared,)
            assert {each.severity for each in findings_of(declared)} == {"ok"}
        narrow = TrustedIssuer(url, audience="orders", keys=kinds[1], algorithms=["EdDSA"])
        assert [each.code for each in findings_of(narrow) if each.severity == "error"] == ["algorithms"]
        strange = TrustedIssuer(url, audience="orders")
        assert [each.code for each in findings_of(strange)] == ["certificate_chain"]


def test_a_name_that_nobody_knows_and_a_door_that_nobody_opens_are_told_apart() -> None:
    assert "is not known here (DNS)" in doctor("https://issuer.invalid").output
    assert "nobody listens there" in doctor("http://127.0.0.1:1").output


def test_a_file_without_certificates_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    done = doctor("https://issuer.example", "--ca-file", str(tmp_path / "none.pem"))
    assert (done.exit_code, "there is no certificate in it" in done.output) == (2, True)
