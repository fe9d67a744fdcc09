"""Whether a text is one that others know: a public key must never become an HMAC secret (RFC 8725 section 2.1)."""

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import load_der_x509_certificate

_ARMOUR: Final = re.compile(rb"-----BEGIN |---- BEGIN SSH2 |(?:^|\s)(?:sk-)?(?:ssh-[a-z0-9]+|ecdsa-sha2-)[\w@.-]*\s")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def is_published(text: bytes) -> bool:
    """Whether ``text`` is a key or certificate as PEM, SSH, DER or its base64, or a JSON document such as a JWK."""
    return _ARMOUR.search(text) is not None or _is_json(text) or _is_der(text) or _is_der(_from_base64(text))


def _is_json(text: bytes) -> bool:
    if text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(text.decode("utf-8-sig"))
    except RecursionError:
        return True
    except ValueError:  # random bytes may start with a bracket, too
        return False
    return True


def _is_der(octets: bytes) -> bool:
    for load in (load_der_public_key, load_der_x509_certificate):
        try:
            load(octets)
        except (ValueError, UnsupportedAlgorithm):
            continue
        return True
    return False


def _from_base64(text: bytes) -> bytes:
    bare = b"".join(text.split()).rstrip(b"=").translate(_URL_SAFE)
    try:
        return b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except Base64Error:
        return b""
