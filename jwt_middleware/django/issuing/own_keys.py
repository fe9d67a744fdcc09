"""A key source for a site that takes its own tokens: ``"KEYS": "jwt_middleware.django.issuing.own_keys.own_keys"``."""

from ...keys.key_set import KeySet
from .conf import issuing


class OwnKeys:
    """The signing keys of this site, looked up when they are asked for."""

    @property
    def symmetric(self) -> bool:
        return issuing().keys.symmetric

    def fetch(self) -> KeySet:
        return issuing().keys.fetch()

    async def afetch(self) -> KeySet:
        return await issuing().keys.afetch()


own_keys = OwnKeys()
