"""Makes every secret of the example that is not there yet: python make_secrets.py [FOLDER]

Each service needs only its own: accounts `orders-secret`, `session-secret` and `keys-seal`; orders `orders-secret`;
shipping `courier-secret`, `shipping-key.pem` and `partner-keys-seal`; inventory none.
"""

import os
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

TEXTS = ("orders-secret", "courier-secret", "session-secret", "keys-seal", "partner-keys-seal")
KEY = "shipping-key.pem"  # shipping shows that it holds this one, and no secret


def make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in TEXTS:
        write(folder / name, secrets.token_urlsafe(48).encode())
    write(
        folder / KEY,
        generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def write(file: Path, content: bytes) -> None:
    """What is there stays: others know it already."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(content)


if __name__ == "__main__":
    make(Path(sys.argv[1] if len(sys.argv) > 1 else ".secrets"))
