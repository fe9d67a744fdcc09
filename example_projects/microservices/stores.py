"""What has to outlive one process or be seen by several: in Redis and in a folder where they are named, else here."""

import os
from typing import Any

from places import secret, setting

from jwt_middleware.issuing import SigningKeys, seal_from_file
from jwt_middleware.issuing.session_stores.memory import MemorySessions
from jwt_middleware.revocation_stores.memory import memory

REDIS_URL = setting("REDIS_URL")
KEYS = os.environ.get("KEYS", "")


def revocations() -> Any:
    """What was withdrawn. Without Redis each process knows only what it has withdrawn by itself."""
    if not REDIS_URL:
        return memory()
    from jwt_middleware.revocation_stores.redis import redis  # wants the package redis

    return redis(REDIS_URL)


def sessions() -> Any:
    """Who is logged in. Without Redis a restart logs everybody out."""
    if not REDIS_URL:
        return MemorySessions()
    from jwt_middleware.issuing.session_stores.redis import redis  # the same

    return redis(REDIS_URL)


def signing_keys(seal: str) -> SigningKeys:
    """The keys of an issuer. Without a folder a restart makes new ones, and nobody's token is good any more."""
    if not KEYS:
        return SigningKeys(algorithm="ES256")
    from jwt_middleware.issuing.key_directory import key_directory  # for POSIX systems

    keys = SigningKeys(store=key_directory(KEYS, seal=seal_from_file(secret(seal))), algorithm="ES256")
    keys.prepare()
    return keys
