"""The httpx transport behind `http_client`: checked addresses, the system's proxy, bounded and unpacked answers."""

from __future__ import annotations

import ssl
import threading
from typing import cast
from urllib.parse import urlsplit

import httpx

from .address import check_address
from .body import read_bounded, unpack
from .transport import Network, RequestCount


class BoundedTransport(httpx.BaseTransport):
    """Reads every answer whole, up to the limit; the response that comes out holds plain bytes."""

    def __init__(self, count: RequestCount, network: Network) -> None:
        self._count = count
        self._network = network
        self._lock = threading.Lock()
        self._routes: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and read its answer to the end."""
        address = str(request.url)
        check_address(address)
        self._count.add()
        answer = self._route(address).handle_request(request)
        try:
            raw = read_bounded(cast(httpx.SyncByteStream, answer.stream), self._network.limits.body)
        finally:
            answer.close()
        body = unpack(raw, answer.headers.get("content-encoding", ""), self._network.limits.body)
        headers = [
            (name, value)
            for name, value in answer.headers.raw
            if name.lower() not in {b"content-encoding", b"content-length", b"transfer-encoding"}
        ]
        return httpx.Response(
            answer.status_code, headers=headers, content=body, request=request, extensions=answer.extensions
        )

    def close(self) -> None:
        """Close the kept connections."""
        with self._lock:
            routes, self._routes = list(self._routes.values()), {}
        for route in routes:
            route.close()

    def _route(self, address: str) -> httpx.HTTPTransport:
        secure = urlsplit(address).scheme == "https"
        proxy = self._network.proxy(address) if secure else None
        name = proxy if secure else "http"
        with self._lock:
            route = self._routes.get(name)
            if route is None:
                # A context without certificates trusts nobody, which is right for plain http on this machine.
                trust = self._network.trust() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                route = httpx.HTTPTransport(verify=trust, proxy=proxy, trust_env=False)
                self._routes[name] = route
            return route
