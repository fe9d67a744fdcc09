"""The issuer of development tokens, which nobody trusts by accident."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

HOST: Final = "development.invalid"  # RFC 2606 section 2: no such host can exist
DEVELOPMENT_ISSUER: Final = f"https://{HOST}/jwt-middleware"  # of jwt-middleware issue
WARNING: Final = (
    "DEVELOPMENT TOKENS ARE TAKEN: whoever can read the key file of jwt-middleware issue is whoever they say they are."
    " Never deploy this."
)


class DevelopmentIssuerWarning(UserWarning):
    """A TrustedIssuer was declared with ``development=True``."""


def is_of_development(issuers: Iterable[str | None]) -> bool:
    """Whether one of them is an issuer of development tokens, by its host. What is no text is none."""
    return any(_host(each) == HOST for each in issuers if isinstance(each, str))


def _host(issuer: str) -> str:
    try:
        return (urlsplit(issuer).hostname or "").rstrip(".")
    except ValueError:
        return ""
