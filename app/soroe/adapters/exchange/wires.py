"""The wire under exchangelib: the system's trust store and proxy, bounded answers, no redirects, counted requests.

Loaded with exchangelib when an account of this kind is opened. Everything that goes wrong here is raised as what it
means for the engine, before the library can make its own sense of it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from requests_ntlm.requests_ntlm import HttpNtlmAuth, _get_certificate_hash

from soroe.adapters.net.address import check_address
from soroe.adapters.net.body import read_bounded, unpack
from soroe.adapters.net.pooled import take_our_connections
from soroe.adapters.net.transport import USER_AGENT, AnswerLost, Network, NotReached, RequestCount

from .settings import Auth

_CHUNK = 64 * 1024


class Wire(HTTPAdapter):
    """One TCP connection to one server: NTLM signs in the connection, so requests must not stray from it."""

    def __init__(self, network: Network, count: RequestCount) -> None:
        self._network = network
        self._count = count
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=True)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:  # noqa: ANN401 - the library's signature
        """The pool, with the program's one TLS context."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._network.trust(), **more)
        take_our_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401 - as above
        """The pool through a proxy; https goes by CONNECT, so the proxy sees no content."""
        trust = self._network.trust()
        via = super().proxy_manager_for(proxy, ssl_context=trust, proxy_ssl_context=trust, **more)
        take_our_connections(via)
        return via

    def cert_verify(self, conn: Any, url: str, verify: object, cert: object) -> None:  # noqa: ANN401 - as above
        """Certificates are always checked, against the system's store; the library would add its own list."""
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None

    def send(self, request: Any, *_positional: object, **_named: object) -> requests.Response:  # noqa: ANN401 - as above
        """One request, one whole answer. Raises the transport's errors."""
        check_address(request.url)
        limits = self._network.limits
        proxy = self._network.proxy(request.url)
        proxies = {} if proxy is None else {"http": proxy, "https": proxy}
        try:
            response = super().send(
                request, stream=True, timeout=(limits.connect, limits.read), verify=True, proxies=proxies
            )
        except (requests.RequestException, OSError) as error:
            trouble = _sending_trouble(error)
            if isinstance(trouble, AnswerLost):
                self._count.add()
            raise trouble from error
        self._count.add()
        response.certificate = _certificate(response.raw)  # type: ignore[attr-defined] # read on by `Ntlm`
        self._take(response)
        return response

    def _take(self, response: requests.Response) -> None:
        """Read the whole answer, within bounds, and give the connection back."""
        from urllib3.exceptions import HTTPError

        done = False
        try:
            raw = read_bounded(self._chunks(response.raw), self._network.limits.body)
            done = True
        except (HTTPError, TimeoutError) as error:
            raise AnswerLost(type(error).__name__) from error
        finally:
            if not done:
                response.raw.close()
            response.raw.release_conn()
        packing = response.headers.pop("content-encoding", "")
        response._content = unpack(raw, packing, self._network.limits.body)  # where requests keeps it
        response._content_consumed = True

    def _chunks(self, raw: Any) -> Iterator[bytes]:  # noqa: ANN401 - urllib3's answer
        deadline = self._network.clock() + self._network.limits.whole
        while chunk := raw.read1(_CHUNK, decode_content=False):
            yield chunk
            if self._network.clock() > deadline:
                raise TimeoutError("The answer took too long.")


class Ntlm(HttpNtlmAuth):
    """NTLM for the server only: the library would offer the mailbox's password to a proxy too."""

    def response_hook(self, r: requests.Response, **more: Any) -> requests.Response:  # noqa: ANN401 - the library's signature
        """Answers a server's 401 once, and nothing else."""
        return super().response_hook(r, **more) if r.status_code == 401 else r

    def _get_server_cert(self, response: requests.Response) -> bytes | None:
        """The hash that binds the sign-in to this TLS connection (extended protection), taken when it was open."""
        certificate = getattr(response, "certificate", None)
        return _get_certificate_hash(certificate) if certificate else None


def open_session(address: str, wire: Wire, auth: AuthBase | None, headers: Mapping[str, str]) -> requests.Session:
    """A session that knows this one address and takes nothing from the environment."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount(address, wire)
    session.headers.clear()
    session.headers.update({**headers, "User-Agent": USER_AGENT})
    session.auth = auth
    return session


def signing(auth: Auth, username: str, password: str) -> AuthBase:
    """What signs requests. A ticket of the desktop's own sign-in takes neither name nor password."""
    match auth:
        case Auth.BASIC:
            # As bytes, because requests would spell a text in Latin-1 and fail for a Japanese password.
            return HTTPBasicAuth(username.encode(), password.encode())
        case Auth.NTLM:
            # An address needs an empty domain before it, or the part after the @ is taken for one.
            name = f"\\{username}" if "@" in username and "\\" not in username else username
            return Ntlm(name, password)
        case Auth.KERBEROS:
            return _kerberos()


def _kerberos() -> AuthBase:
    """SSPI on Windows, GSSAPI elsewhere; raises `LocalTrouble` where neither is installed."""
    from importlib import import_module

    from soroe.ports.errors import LocalTrouble

    for module, name in (("requests_negotiate_sspi", "HttpNegotiateAuth"), ("requests_gssapi", "HTTPSPNEGOAuth")):
        try:
            made: AuthBase = getattr(import_module(module), name)()
        except ImportError:
            continue
        return made
    raise LocalTrouble("kerberos_not_installed")


def _certificate(raw: Any) -> bytes | None:  # noqa: ANN401 - urllib3's answer
    sock = getattr(getattr(raw, "connection", None), "sock", None)
    return sock.getpeercert(True) if isinstance(sock, ssl.SSLSocket) else None


def _sending_trouble(error: BaseException) -> OSError:
    """What an error before any answer means: whether the request may have left."""
    from urllib3 import exceptions as of

    unsent = (of.NewConnectionError, of.ConnectTimeoutError, of.ProxyError, of.ClosedPoolError)
    lines, causes = str(error), list(_chain(error))
    if any(isinstance(one, AnswerLost) for one in causes):
        return AnswerLost(type(error).__name__)
    for one in causes:
        if isinstance(one, (NotReached, *unsent)):
            return NotReached(lines)
    return AnswerLost(type(error).__name__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
