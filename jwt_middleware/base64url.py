"""Strict base64url without padding (RFC 7515 section 2): every octet string has exactly one text."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final

# base64url to base64; what only base64 has (and padding) becomes a character that strict decoding refuses
_URL_SAFE: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
# the last character of a text whose length leaves 2 or 3 over holds 4 or 2 bits that must be zero
_ENDINGS: Final = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}


def decode(text: bytes) -> bytes:
    """Raises ValueError for every text but the canonical one of something not empty."""
    over = len(text) % 4
    if not text or over == 1 or (over and text[-1] not in _ENDINGS[over]):
        raise ValueError("not canonical base64url")
    try:
        return a2b_base64(text.translate(_URL_SAFE) + b"=" * (-over % 4), strict_mode=True)
    except Base64Error as error:
        raise ValueError("not canonical base64url") from error
