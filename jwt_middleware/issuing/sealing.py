"""Seal: what signs, encrypted at rest (AES-256-GCM), with a key from the environment or a file."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes
from typing import Final, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from ..errors import ConfigurationError
from .signing_key import Algorithm, PrivateKey, SigningKey

VARIABLE: Final = "JWT_MIDDLEWARE_SEAL"

_LEAST: Final = 32  # bytes
_NONCE: Final = 12  # bytes
_PURPOSE: Final = b"jwt_middleware signing key v1"


class Seal:
    """Encrypts signing keys at rest. The first secret seals, every one opens: name the old one while you change it.

    A secret holds at least 32 bytes, as ``openssl rand -base64 32`` makes them. Raises ConfigurationError.
    """

    def __init__(self, *secrets: str | bytes) -> None:
        octets = [each.encode() if isinstance(each, str) else each for each in secrets]
        if not octets or any(len(each) < _LEAST for each in octets):
            raise ConfigurationError(
                f"Seal(): hand in a secret of at least {_LEAST} bytes; make one with: openssl rand -base64 32"
            )
        self._ciphers = [AESGCM(HKDF(SHA256(), 32, None, _PURPOSE).derive(each)) for each in octets]

    def close(self, key: SigningKey) -> str:
        """What signs, as a text that only this seal opens, and only for this key id and algorithm."""
        nonce = token_bytes(_NONCE)
        sealed = self._ciphers[0].encrypt(nonce, _octets(key), _bound_to(key.kid, key.algorithm))
        return urlsafe_b64encode(nonce + sealed).decode()

    def open(self, kid: str, algorithm: str, sealed: str) -> SigningKey:
        """Raises ConfigurationError for what another seal closed, or somebody changed."""
        try:
            octets = urlsafe_b64decode(sealed.encode())
        except ValueError:
            octets = b""
        nonce, ciphertext = octets[:_NONCE], octets[_NONCE:]
        for cipher in self._ciphers:
            try:
                found = cipher.decrypt(nonce, ciphertext, _bound_to(kid, algorithm))
            except (InvalidTag, ValueError):
                continue
            return _key(kid, algorithm, found)
        raise ConfigurationError("Seal: a kept signing key cannot be opened: it was closed with another secret")

    def __repr__(self) -> str:
        return "<Seal>"

    def __reduce__(self) -> str:
        raise TypeError("a seal is not pickled: its secret would travel with it")


def seal_from_environment(variable: str = VARIABLE, environ: Mapping[str, str] | None = None) -> Seal:
    """The seal whose secret stands in this variable; several, the current one first, are separated by blanks."""
    text = (os.environ if environ is None else environ).get(variable, "")
    return _seal(text, f"the variable {variable}")


def seal_from_file(path: str | os.PathLike[str]) -> Seal:
    """The seal whose secret stands in this file; several, the current one first, stand on lines of their own."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"seal_from_file(): the file cannot be read: {type(error).__name__}") from error
    return _seal(text, "the file of the seal")


def _seal(text: str, where: str) -> Seal:
    secrets = text.split()
    if not secrets or any(len(each.encode()) < _LEAST for each in secrets):
        raise ConfigurationError(
            f"{where} holds no secret of at least {_LEAST} bytes; make one with: openssl rand -base64 32"
        )
    return Seal(*secrets)


def _bound_to(kid: str, algorithm: str) -> bytes:
    return f"{algorithm} {kid}".encode()


def _octets(key: SigningKey) -> bytes:
    private = key._private  # noqa: SLF001  # the one place that may take it
    if isinstance(private, bytes):
        return private
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _key(kid: str, algorithm: str, octets: bytes) -> SigningKey:
    if algorithm == "HS256":
        return SigningKey.from_secret(octets, kid=kid)
    # whoever can close this seal can also sign, so the numbers of a sealed RSA key need no long examination
    private = load_der_private_key(octets, None, unsafe_skip_rsa_key_validation=True)
    for known in get_args(Algorithm):
        if known == algorithm and isinstance(private, PrivateKey):
            return SigningKey(private, known)
    raise ConfigurationError("Seal: a kept signing key is of a kind that is not known")
