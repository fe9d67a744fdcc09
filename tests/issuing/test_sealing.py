"""What signs, at rest: only the seal that closed it opens it, and only for the key it belongs to."""

import pickle
from pathlib import Path
from typing import get_args

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing import Seal, SigningKey, seal_from_environment, seal_from_file
from jwt_middleware.issuing.signing_key import Algorithm

OLD, NEW = "o" * 32, "n" * 44


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_a_key_comes_back_as_it_was(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    seal = Seal(NEW)
    closed = seal.close(key)
    opened = seal.open(key.kid, algorithm, closed)
    assert opened == key
    assert opened.public_jwk == key.public_jwk
    assert opened.sign({"a": 1}, "at+jwt")
    assert closed != seal.close(key)


def test_an_old_secret_opens_while_the_new_one_closes() -> None:
    key = SigningKey.generate("EdDSA")
    closed = Seal(OLD).close(key)
    both = Seal(NEW, OLD)
    assert both.open(key.kid, "EdDSA", closed) == key
    assert Seal(NEW).open(key.kid, "EdDSA", both.close(key)) == key
    with pytest.raises(ConfigurationError, match="another secret"):
        Seal(NEW).open(key.kid, "EdDSA", closed)


def test_what_was_moved_or_changed_is_not_opened() -> None:
    key = SigningKey.generate("EdDSA")
    seal = Seal(NEW)
    closed = seal.close(key)
    flipped = closed[:-4] + ("AAAA" if closed[-4:] != "AAAA" else "BBBB")
    for kid, algorithm, text in (
        ("other", "EdDSA", closed),
        (key.kid, "ES256", closed),
        (key.kid, "EdDSA", flipped),
        (key.kid, "EdDSA", closed[:8]),
        (key.kid, "EdDSA", "\u00e9"),
        (key.kid, "EdDSA", ""),
    ):
        with pytest.raises(ConfigurationError, match="another secret"):
            seal.open(kid, algorithm, text)


def test_a_seal_shows_and_hands_on_nothing() -> None:
    assert repr(Seal(NEW)) == "<Seal>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Seal(NEW))


def test_the_secret_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    key = SigningKey.generate("EdDSA")
    file = tmp_path / "seal"
    file.write_text(f"{NEW}\n{OLD}\n")
    closed = Seal(OLD).close(key)
    assert seal_from_file(file).open(key.kid, "EdDSA", closed) == key
    environ = {"JWT_MIDDLEWARE_SEAL": f"{NEW} {OLD}", "OTHER": OLD}
    assert seal_from_environment(environ=environ).open(key.kid, "EdDSA", closed) == key
    assert seal_from_environment("OTHER", environ).open(key.kid, "EdDSA", closed) == key


def test_a_secret_that_is_missing_or_short_is_refused_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JWT_MIDDLEWARE_SEAL", raising=False)
    short, binary = tmp_path / "short", tmp_path / "binary"
    short.write_text(f"{NEW}\nsh0rt")
    binary.write_bytes(b"\xff" * 40)
    with pytest.raises(ConfigurationError, match="at least 32 bytes"):
        Seal()
    with pytest.raises(ConfigurationError, match="the variable JWT_MIDDLEWARE_SEAL"):
        seal_from_environment()
    with pytest.raises(ConfigurationError, match="at least 32 bytes") as refused:
        seal_from_file(short)
    assert "sh0rt" not in str(refused.value)
    for missing in (tmp_path / "nowhere", binary):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            seal_from_file(missing)
