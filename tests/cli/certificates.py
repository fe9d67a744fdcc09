"""Certificates of every kind, and a server on the loopback interface that shows them."""

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# digital_signature, content_commitment, and so on: of all usages the sixth and the seventh
_SIGNS_CERTIFICATES = (False, False, False, False, False, True, True, False, False)


class Authority:
    """Signs certificates: for servers, and for authorities below it."""

    def __init__(self, name: str, above: "Authority | None" = None) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _signed(self.name, self.key, above or self, -400, 400, x509.BasicConstraints(True, None))

    def write(self, path: Path) -> str:
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return str(path)

    def server(
        self, folder: Path, *, days: int = 90, since: int = -30, host: str = "127.0.0.1", chain: Any = ()
    ) -> Path:
        """A file with key, certificate and ``chain``; ``days`` from now it ends."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server")])
        who: x509.GeneralName = x509.DNSName(host) if host[0].isalpha() else x509.IPAddress(ip_address(host))
        made = _signed(name, key, self, since, days, x509.SubjectAlternativeName([who]))
        file = folder / f"{time.monotonic_ns()}.pem"
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(text + b"".join(each.public_bytes(Encoding.PEM) for each in (made, *chain)))
        return file


def _signed(
    name: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: Authority,
    since: int,
    days: int,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(by.name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now + timedelta(days=since)).not_valid_after(now + timedelta(days=days, hours=1))
    made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    if isinstance(extension, x509.BasicConstraints):
        made = made.add_extension(x509.KeyUsage(*_SIGNS_CERTIFICATES), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    about = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    return made.add_extension(about, critical=False).sign(by.key, SHA256())


@contextlib.contextmanager
def serving(answers: dict[str, Any], certificate: Path | None, **options: Any) -> Iterator[str]:
    """A server that shows ``certificate`` and answers by path; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Cache-Control", "max-age=600")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None: ...

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None: ...  # a handshake that the doctor ended

    server = Quiet(("127.0.0.1", 0), Handler)
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        for name, value in options.items():
            setattr(tls, name, value)
            tls.set_ciphers("DEFAULT:@SECLEVEL=0")  # or it would not even offer what is old
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
