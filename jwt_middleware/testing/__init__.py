"""What your own tests need: an issuer in the same process, and tokens for every kind of caller."""

from collections.abc import Callable, Iterable
from time import time

from ..issuing import SigningKey, SigningKeys, TokenIssuer
from ..verification.trusted_issuer import TrustedIssuer

__all__ = ["LocalIssuer"]


class LocalIssuer:
    """Issues tokens with a key made for this test run; nothing is fetched and nothing is patched.

    Build your application with ``Guard(local.trusted)`` and send ``headers=local.headers(scopes=["orders:read"])``.
    ``lifetime`` is in seconds; for a token that has expired, hand in a ``clock`` that lies behind.
    """

    def __init__(
        self,
        issuer: str = "https://issuer.test",
        *,
        audience: str,
        lifetime: float = 300.0,  # seconds
        clock: Callable[[], float] = time,
    ) -> None:
        self.keys = SigningKeys(SigningKey.generate("EdDSA"), token_lifetime=max(lifetime, 1.0), clock=clock)
        self.trusted = TrustedIssuer(issuer, audience=audience, keys=self.keys)
        self._audience = audience
        self._issuer = TokenIssuer(issuer, self.keys, lifetime, clock)

    def token(
        self,
        subject: str = "alice",
        *,
        audience: str | None = None,
        client_id: str = "tests",
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        groups: Iterable[str] = (),
        tenant: str | None = None,
    ) -> str:
        """A signed access token for this caller, by default meant for the audience of ``trusted``."""
        return self._issuer.access_token(
            subject,
            audience=audience or self._audience,
            client_id=client_id,
            scopes=scopes,
            roles=roles,
            permissions=permissions,
            groups=groups,
            tenant=tenant,
        )

    def headers(
        self,
        subject: str = "alice",
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        groups: Iterable[str] = (),
        tenant: str | None = None,
    ) -> dict[str, str]:
        """The header that this caller sends, for a test client."""
        token = self.token(subject, scopes=scopes, roles=roles, permissions=permissions, groups=groups, tenant=tenant)
        return {"Authorization": f"Bearer {token}"}
