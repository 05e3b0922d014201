"""Where a sign-in comes back to: Entra posts its answer as a form, so that no code stands in the browser's history."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any

from soroe.adapters.net.redirect import LandingPlace, RedirectListener, RedirectPages

_LONGEST = 64 * 1024
_PLACE = LandingPlace(host="localhost")


class FormListener(RedirectListener):
    """A listener that takes the redirect as a posted form as well; the same rules hold for it."""

    def __init__(self, pages: RedirectPages, state: str) -> None:
        super().__init__(pages, _PLACE, state)
        self._server.RequestHandlerClass = _with_forms(self._server.RequestHandlerClass)

    @property
    def redirect(self) -> str:
        """The address to be told at sign-in: `http://localhost` and the port, as registered without a path."""
        return self.address.removesuffix("/")


def _with_forms(kind: Any) -> type[BaseHTTPRequestHandler]:  # noqa: ANN401 - the listener's own handler, whatever it is
    class Request(kind):  # type: ignore[misc]  # as above
        path: str

        def do_POST(self) -> None:  # noqa: N802 - the library looks for this name
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit() and int(length) <= _LONGEST):
                self.send_error(413)
                return
            form = self.rfile.read(int(length)).decode("ascii", "replace")
            self.path = f"{self.path.partition('?')[0]}?{form}"
            self.do_GET()

    return Request
