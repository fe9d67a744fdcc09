"""Keys as text: JWK and PEM in, JWK and PEM out (RFC 7517, RFC 7638, RFC 8037)."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from ..issuing.signing_key import thumbprint
from .mistake import Mistake

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
Public = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey

_KINDS: Final[Mapping[str, Any]] = MappingProxyType({"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm})
_OF_CURVE: Final = MappingProxyType({"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"})
GENERATED: Final[Mapping[str, Callable[[], Private]]] = MappingProxyType(
    {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
        "RS256": lambda: rsa.generate_private_key(65537, 3072),
        "PS256": lambda: rsa.generate_private_key(65537, 3072),
    }
)


def read_key(text: str) -> Private | Public:
    """The one key in a text: PEM (private, public or a certificate) or a JWK. Raises Mistake.

    No text of the key is part of an error.
    """
    try:
        if text.lstrip().startswith("{"):
            return _from_jwk(json.loads(text))
        return _from_pem(text.encode())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        wrong = "no key that can be read: hand in a JWK, or a PEM without a password"
        raise Mistake(wrong) from None
    except Exception as error:
        if type(error).__module__.startswith(("jwt.", "cryptography.")):
            raise Mistake("the text holds no key of a kind that is known here") from None
        raise


def public_half(key: Private | Public) -> Public:
    return key.public_key() if isinstance(key, Private) else key


def public_jwk(key: Private | Public, algorithm: str | None = None) -> dict[str, str]:
    """The public half, as a JWKS publishes it: named by its thumbprint."""
    jwk: dict[str, Any] = _kind_of(key).to_jwk(public_half(key), as_dict=True)
    members: dict[str, str] = {name: str(jwk[name]) for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    return {**members, "kid": thumbprint(members), "use": "sig", "alg": algorithm or _algorithm_of(members)}


def private_jwk(key: Private, algorithm: str | None = None) -> dict[str, Any]:
    """The whole key: whoever reads it can sign."""
    jwk: dict[str, Any] = _kind_of(key).to_jwk(key, as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, **public_jwk(key, algorithm)}


def public_pem(key: Private | Public) -> str:
    return public_half(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem(key: Private) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def write_private(path: Path, text: str) -> None:
    """Into a new file that only its owner can read. Raises Mistake where something stands already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Mistake(f"{path} is there already; a private key overwrites nothing") from None
    except OSError as error:
        raise Mistake(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _from_jwk(jwk: Any) -> Private | Public:
    if isinstance(jwk, dict) and isinstance(jwk.get("keys"), list):
        if len(jwk["keys"]) != 1:
            raise Mistake(f"the key set holds {len(jwk['keys'])} keys; hand in one")
        (jwk,) = jwk["keys"]
    if jwk["kty"] == "oct":
        raise Mistake("a shared secret has no public half, and no thumbprint that may be shown")
    key: Private | Public = _KINDS[jwk["kty"]].from_jwk(jwk)
    return key


def _from_pem(pem: bytes) -> Private | Public:
    if b"PRIVATE KEY" in pem:
        found: Any = load_pem_private_key(pem, None)
    elif b"BEGIN CERTIFICATE" in pem:
        found = load_pem_x509_certificate(pem).public_key()
    else:
        found = load_pem_public_key(pem)
    if not isinstance(found, Private | Public):
        raise ValueError("another kind of key")
    return found


def _kind_of(key: Private | Public) -> Any:
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return RSAAlgorithm
    return ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) else OKPAlgorithm


def _algorithm_of(jwk: Mapping[str, str]) -> str:
    if jwk["kty"] == "RSA":
        return "RS256"
    curve = jwk["crv"]
    return _OF_CURVE.get(curve) or ("EdDSA" if curve == "Ed25519" else curve)
