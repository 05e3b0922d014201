"""A CalDAV server in memory, as much of RFC 4791 and RFC 4918 as the peer asks for; answers are ready-made text.

Run as a process of its own: the peer's figures hold nothing of the server's work.
"""

from __future__ import annotations

import itertools
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.bench.child import Answer, serve
from tests.bench.meetings import ics, meetings

_HREF = re.compile(r"<(?:\w+:)?href>([^<]+)</(?:\w+:)?href>")
_HEAD = '<?xml version="1.0" encoding="utf-8"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'


class Collections:
    """The collections by their path, each with its items: href to etag and text."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, tuple[str, str]]] = {"/left/": {}, "/right/": {}}
        self.requests = 0
        self.lock = threading.Lock()
        self._etags = itertools.count(1)

    def put(self, path: str, text: str) -> str:
        """Keep an item under its path; returns its new etag."""
        collection = path[: path.rindex("/") + 1]
        etag = f'"{next(self._etags)}"'
        self.items[collection][path] = (etag, text)
        return etag

    def listing(self, collection: str) -> str:
        """Every item with its etag, as RFC 4918 answers PROPFIND with depth 1."""
        entries = "".join(
            f"<response><href>{href}</href><propstat><prop><resourcetype/>"
            f"<getcontenttype>text/calendar</getcontenttype><getetag>{etag}</getetag></prop>"
            "<status>HTTP/1.1 200 OK</status></propstat></response>"
            for href, (etag, _) in self.items[collection].items()
        )
        return f"{_HEAD}{entries}</multistatus>"

    def some(self, collection: str, hrefs: list[str]) -> str:
        """The items asked for, whole (RFC 4791, calendar-multiget)."""
        found = ((href, *self.items[collection][href]) for href in hrefs if href in self.items[collection])
        entries = "".join(
            f"<response><href>{href}</href><propstat><prop><getetag>{etag}</getetag>"
            f"<C:calendar-data>{escape(text)}</C:calendar-data></prop>"
            "<status>HTTP/1.1 200 OK</status></propstat></response>"
            for href, etag, text in found
        )
        return f"{_HEAD}{entries}</multistatus>"


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    kept: Collections

    def do_PROPFIND(self) -> None:
        self._body()
        with self.kept.lock:
            self._answer(207, self.kept.listing(self.path))

    def do_REPORT(self) -> None:
        hrefs = [unquote(href) for href in _HREF.findall(self._body())]
        with self.kept.lock:
            self._answer(207, self.kept.some(self.path, hrefs))

    def do_PUT(self) -> None:
        text = self._body()
        with self.kept.lock:
            etag = self.kept.put(unquote(self.path), text)
        self._answer(201, "", etag)

    def do_DELETE(self) -> None:
        self._body()
        with self.kept.lock:
            collection = self.path[: self.path.rindex("/") + 1]
            gone = self.kept.items[collection].pop(unquote(self.path), None)
        self._answer(204 if gone else 404, "")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""

    def _body(self) -> str:
        self.kept.requests += 1
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def _answer(self, status: int, text: str, etag: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def main() -> None:
    """Serve until the benchmark ends us."""
    kept = Collections()
    listener = ThreadingHTTPServer(("127.0.0.1", 0), type("Connection", (_Connection,), {"kept": kept}))
    threading.Thread(target=listener.serve_forever, args=(3600.0,), daemon=True).start()

    def fill(left: int, right: int) -> Answer:
        """Other events in each collection, and nothing else."""
        for collection in kept.items.values():
            collection.clear()
        for place, meeting in enumerate(meetings(left + right)):
            side = "left" if place < left else "right"
            kept.put(f"/{side}/{meeting.key}.ics", ics(meeting))
        return {}

    def counts() -> Answer:
        """How many items each collection holds, and the requests since the last question."""
        requests, kept.requests = kept.requests, 0
        return {"left": len(kept.items["/left/"]), "right": len(kept.items["/right/"]), "requests": requests}

    serve({"address": lambda: {"url": f"http://127.0.0.1:{listener.server_port}"}, "fill": fill, "counts": counts})


if __name__ == "__main__":
    main()
