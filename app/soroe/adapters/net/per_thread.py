"""Clients for several threads: each thread has one of its own, and all are closed together."""

from __future__ import annotations

import threading
from weakref import WeakSet

from .transport import LibraryClient, Network, RequestCount


class ClientOfThread:
    """Gives each thread its own `LibraryClient`; the connection of a thread that has ended is closed with it."""

    def __init__(self, count: RequestCount, network: Network | None) -> None:
        self._count = count
        self._network = network or Network()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._clients: WeakSet[LibraryClient] = WeakSet()

    def mine(self) -> LibraryClient:
        """The client of the thread that asks."""
        client: LibraryClient | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = LibraryClient(self._count, self._network)
            with self._lock:
                self._clients.add(client)
        return client

    def close(self) -> None:
        """Close the connections of all threads; whoever asks again gets a new client."""
        with self._lock:
            clients = list(self._clients)
            self._clients.clear()
            self._local = threading.local()
        for client in clients:
            client.close()
