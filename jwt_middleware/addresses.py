"""What may be asked: which URLs are safe, what an origin is, where an issuer's metadata stands."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit


def wrong_with_url(
    url: object,
    insecure: bool,
    *,
    danger: str = "anyone on the way could forge tokens",
    instead: str = "use bearer_token_file",
) -> str:
    """What is wrong with a URL to ask, and how to mend it; empty if nothing.

    ``danger`` is what plain http would bring about, ``instead`` where credentials belong.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
        return "this is no URL; write https://..."
    if parts.username is not None or parts.password is not None:
        return f"the URL holds credentials; {instead}"
    if parts.fragment:
        return "the URL holds a fragment; leave it out"
    if parts.scheme == "http" and not insecure and not _is_loopback(parts.hostname):
        return f"the URL is not https; {danger}"
    return ""


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port (RFC 6454 section 4)."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _split(url: object) -> SplitResult | None:
    if not isinstance(url, str) or re.search(r"[\s\x00-\x1f\\]", url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises where the port is none
    except ValueError:
        return None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """Where metadata may stand: OpenID Connect appended, RFC 8414 inserted, OpenID Connect inserted; in this order."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    paths = (
        f"{path}/.well-known/openid-configuration",
        f"/.well-known/oauth-authorization-server{path}",
        f"/.well-known/openid-configuration{path}",
    )
    return tuple(dict.fromkeys(urlunsplit((parts.scheme, parts.netloc, each, "", "")) for each in paths))
