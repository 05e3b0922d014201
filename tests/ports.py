"""Ports that a test names before anything listens there, and that no other program is given meanwhile."""

from __future__ import annotations

from random import SystemRandom
from socket import socket

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below those that the system hands out to whoever does not care, which is what every other test asks for."""
_given: set[int] = set()


def port_of_our_own() -> int:
    """A port of 127.0.0.1 on which nothing listens, another one each time."""
    random = SystemRandom()
    for _ in range(1000):
        port = random.randint(_LOWEST, _HIGHEST)
        if port in _given:
            continue
        with socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:  # somebody else's
                continue
        _given.add(port)
        return port
    raise OSError("There is no free port for a test.")
