"""HTTPS on loopback with a certificate made for this run: msal takes no other address for an identity server."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from soroe.sandbox.server import Listener, LoopbackServer


class TlsServer(LoopbackServer):
    """A loopback server that speaks HTTPS. `authority_file` is the certificate a program has to trust for it.

    The certificate is its own authority, is valid for `127.0.0.1` and `localhost`, and disappears with `stop`.
    """

    _folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """The address without a trailing slash, for example `https://127.0.0.1:40124`; needs a started server."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def authority_file(self) -> Path:
        """The PEM file with the certificate; exists while the server runs."""
        if self._folder is None:
            raise RuntimeError("The sandbox server is not running: call start() before asking for its certificate.")
        return Path(self._folder.name) / "authority.pem"

    def _listening(self) -> Listener:
        self._folder = tempfile.TemporaryDirectory(prefix="soroe-sandbox-")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        key_file = Path(self._folder.name) / "key.pem"
        _write_certificate(self.authority_file, key_file)
        context.load_cert_chain(self.authority_file, key_file)
        listener = super()._listening()
        # Before a thread waits there, which would find no socket while this one changes hands. The handshake is left to
        # each connection's own thread, so that a slow one holds nobody up.
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
        return listener

    def stop(self) -> None:
        super().stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()


def _write_certificate(certificate_file: Path, key_file: Path) -> None:
    from cryptography import x509  # loaded only where a sandbox starts: it costs a noticeable moment
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Soroe sandbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    key_file.touch(mode=0o600)
    key_file.write_bytes(text)
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
