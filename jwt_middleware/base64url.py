"""Strict base64url without padding (RFC 7515 section 2): every octet string has exactly one text."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final

# base64url to base64; what only base64 has (and padding) becomes a character that strict decoding refuses
_URL_SAFE: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
# by how many characters a text's length leaves over: the last of 2 or 3 holds 4 or 2 bits that must be zero
_ENDINGS: Final = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}
_PADDING: Final = {2: b"==", 3: b"="}


def decode(text: bytes) -> bytes:
    """Raises ValueError for every text but the canonical one of something not empty."""
    over = len(text) % 4
    translated = text.translate(_URL_SAFE)
    if over:
        if over == 1 or text[-1] not in _ENDINGS[over]:
            raise ValueError("not canonical base64url")
        translated += _PADDING[over]
    elif not text:
        raise ValueError("not canonical base64url")
    try:
        return a2b_base64(translated, strict_mode=True)
    except Base64Error as error:
        raise ValueError("not canonical base64url") from error
