"""Is the TLS of a server fit: its version, its certificate, the chain to who vouches for it, the name it is for?"""

import socket
import ssl
import time
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from .finding import Finding

_TIMEOUT: Final = 10.0  # seconds
_DAY: Final = 86_400  # seconds
_SOON: Final = 21  # days that a certificate should still be good: automatic renewal has failed by then
_OTHER_SIDE: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
# what OpenSSL found wrong (verify(1)): the code of the finding, what it means, and how to mend it
_WRONG: Final = MappingProxyType(
    {
        9: ("certificate_not_yet_valid", "it is not good yet", "look at the clocks of both machines (NTP)"),
        10: ("certificate_expired", "it has expired", "renew it, and look why that did not happen by itself"),
        18: ("certificate_chain", "it has signed itself", "get one from an authority, or name it: ca_file=..."),
        19: (
            "certificate_chain",
            "its authority is not trusted here",
            "trust it: ca_file=..., or in the system's store",
        ),
        20: (
            "certificate_chain",
            "its authority is not known here, or the server leaves out the certificates in between",
            "send the whole chain, or trust the authority: ca_file=..., or in the system's store",
        ),
        62: ("certificate_host", "it is for another name", "get one for this name, or ask by the name that it is for"),
        64: ("certificate_host", "it is for another address", "get one for it, or ask by the name that it is for"),
    }
)


def tls_findings(url: str, context: ssl.SSLContext, now: float | None = None) -> Iterator[Finding]:
    """Shake hands with the server of an https URL, once as guards do, and once more to see what was wrong.

    Nothing where nobody can be reached: who asks for a document finds that out. ``now``: seconds since the epoch.
    """
    parts = urlsplit(url)
    host, where = parts.hostname or "", parts.netloc
    if parts.scheme != "https":
        return
    address = host, parts.port or 443
    try:
        with (
            socket.create_connection(address, _TIMEOUT) as sock,
            context.wrap_socket(sock, server_hostname=host) as tls,
        ):
            yield from _of_certificate(where, tls.version() or "", _read(tls), time.time() if now is None else now)
    except ssl.SSLCertVerificationError as error:
        code, means, mend = _WRONG.get(error.verify_code, ("certificate_chain", error.verify_message, "look at it"))
        yield Finding("error", code, f"the certificate of {where} is no good: {means}{_shown(address)}", mend)
    except ssl.SSLError as error:
        yield _of_handshake(where, str(error.reason or ""))
    except OSError:
        return


def _of_certificate(where: str, version: str, found: x509.Certificate | None, now: float) -> Iterator[Finding]:
    if found is None:
        return
    days = int((found.not_valid_after_utc.timestamp() - now) // _DAY)
    says = f"{where} speaks {version}; its certificate is good for {days} days"
    if days < _SOON:
        yield Finding("warning", "certificate_expires", says, "renew it; every guard refuses the keys from then on")
    else:
        yield Finding("ok", "tls", says)


def _of_handshake(where: str, reason: str) -> Finding:
    if any(each in reason for each in _OTHER_SIDE):
        return Finding("error", "tls_missing", f"{where} speaks no TLS", "serve https there, or name the right port")
    if "PROTOCOL" in reason or "VERSION" in reason:
        says = f"{where} speaks only versions of TLS that are not safe any more"
        return Finding("error", "tls_version", says, "let it speak TLS 1.2 or 1.3")
    says = f"{where} ends the handshake of TLS: {reason.lower().replace('_', ' ') or 'it says nothing'}"
    return Finding("error", "tls_handshake", says, "look for a version and a cipher that both sides know")


def _shown(address: tuple[str, int]) -> str:
    """What stands in the certificate that was not believed: looked at, and used for nothing."""
    unbelieving = ssl.create_default_context()
    unbelieving.check_hostname, unbelieving.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(address, _TIMEOUT) as sock,
            unbelieving.wrap_socket(sock, server_hostname=address[0]) as tls,
        ):
            found = _read(tls)
    except OSError:
        return ""
    if found is None:
        return ""
    until = f"{found.not_valid_after_utc:%Y-%m-%d}"
    return f" (for {', '.join(_names(found)) or 'no name'}; by {found.issuer.rfc4514_string()[:200]}; until {until})"


def _names(found: x509.Certificate) -> list[str]:
    try:
        listed = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(each.value)[:100] for each in listed][:5]


def _read(tls: ssl.SSLSocket) -> x509.Certificate | None:
    found = tls.getpeercert(binary_form=True)
    return None if found is None else x509.load_der_x509_certificate(found)
