"""A succession as JSON, with what signs closed by a seal: the form in which every store keeps it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..errors import ConfigurationError
from .sealing import Seal
from .succession import KeyRecord, Succession


def written(succession: Succession, seal: Seal) -> str:
    """The document of a succession."""
    keys = [
        {
            "kid": record.key.kid,
            "algorithm": record.key.algorithm,
            "published_at": record.published_at,
            "activated_at": record.activated_at,
            "retired_at": record.retired_at,
            "sealed": seal.close(record.key),
        }
        for record in succession.records
    ]
    document = {"revision": succession.revision, "withdrawn": dict(succession.withdrawn), "keys": keys}
    return json.dumps(document, indent=1)


def parsed(document: str | bytes, seal: Seal, where: str) -> Succession:
    """Raises ConfigurationError for a document that is none, or that another seal has closed."""
    try:
        found: Mapping[str, Any] = json.loads(document)
        return Succession(
            tuple(_record(each, seal) for each in found["keys"]),
            MappingProxyType(dict(found["withdrawn"])),
            int(found["revision"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigurationError(f"{where} holds no signing keys") from None


def _record(kept: Mapping[str, Any], seal: Seal) -> KeyRecord:
    key = seal.open(kept["kid"], kept["algorithm"], kept["sealed"])
    return KeyRecord(key, kept["published_at"], kept["activated_at"], kept["retired_at"])
