"""The program's own end of a sign-in: a page that says thank you."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from soroe.sandbox.server import LoopbackServer


@contextmanager
def landing_page() -> Iterator[LoopbackServer]:
    """Serves the address a browser is sent back to."""
    app = Flask("landing", static_folder=None)
    app.add_url_rule("/callback", "callback", lambda: "Thank you, you can close this page.")
    with LoopbackServer(app) as server:
        yield server
