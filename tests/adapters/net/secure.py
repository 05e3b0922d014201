"""Servers that speak TLS with a certificate of their own making, and proxies before them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class tls_server:  # noqa: N801 - used like a function
    """A TLS server on loopback with a certificate of its own making, which says these pieces on each connection."""

    def __init__(self, folder: Path, *pieces: bytes) -> None:
        self._pieces = pieces or (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",)
        self.opened = 0
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.file = file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            with self._context.wrap_socket(connection, server_side=True) as secure:
                self.opened += 1
                secure.recv(4096)
                for piece in self._pieces:
                    secure.sendall(piece)  # a record of its own
                secure.recv(4096)
        except OSError:
            connection.close()

    def __enter__(self) -> str:
        self._thread.start()
        return f"https://localhost:{self._listener.getsockname()[1]}/"

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class closed_proxy(tls_server):  # noqa: N801 - as above
    """A proxy that lets nobody through."""

    def __init__(self) -> None:
        self.heard = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            self.heard += connection.recv(4096)
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"


@contextmanager
def tunnel(port: int) -> Iterator[str]:
    """A proxy that lets everybody through, to this port of this machine, whatever host was asked for."""
    threads: list[threading.Thread] = []
    open_ones: list[socket.socket] = []

    def begin(target: Callable[..., None], *args: socket.socket) -> None:
        threads.append(threading.Thread(target=target, args=args))
        threads[-1].start()

    def carry(here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while piece := here.recv(65_536):
                there.sendall(piece)
        with suppress(OSError):  # the other way may have ended first
            there.shutdown(socket.SHUT_WR)

    def serve() -> None:
        while True:
            try:
                outside, _ = listener.accept()
            except OSError:
                return
            outside.recv(4096)
            try:
                inside = socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                outside.close()
                continue
            open_ones.extend((outside, inside))
            outside.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            begin(carry, outside, inside)
            begin(carry, inside, outside)

    listener = socket.create_server(("127.0.0.1", 0))
    begin(serve)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in open_ones:
            with suppress(OSError):  # closed by the other end
                one.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        for one in open_ones:
            one.close()
