"""A browser that signs in by itself on any sandbox's pages, for tests and the demo without a display."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

import httpx

_MOST_STEPS = 20
_ALLOW = ("allow", "accept", "approve", "authorize", "yes", "ok")
_CANCEL = ("cancel", "deny", "decline", "reject", "no")


class PageNotUnderstood(Exception):
    """The page offers no way on that this browser knows; the message says what it showed."""


@dataclass(slots=True)
class ScriptedBrowser:
    """Opens an address as the user's browser would, and clicks through the sign-in.

    It chooses `account` (empty: the first one offered), ticks all boxes (or only those of `tick`: values, or their
    ends), and presses Allow, or Cancel where `allow` is false. `password` fills a password field. Redirects are
    followed to the end, the program's own loopback address included. `visited` lists every address opened.
    """

    account: str = ""
    tick: Collection[str] | None = None
    allow: bool = True
    password: str = "sandbox"  # noqa: S105 - sandboxes take any password
    language: str = "en"
    visited: list[str] = field(default_factory=list)

    def open(self, url: str) -> str:
        """Walks from `url` to the page at the end, and returns its text; raises `PageNotUnderstood` on a dead end."""
        with httpx.Client(
            follow_redirects=False,
            timeout=30,
            trust_env=False,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # no certificates: loading them takes long
            headers={"Accept-Language": self.language},
        ) as client:
            response = self._get(client, url)
            for _ in range(_MOST_STEPS):
                if response.is_redirect:
                    response = self._get(client, urljoin(str(response.url), response.headers["Location"]))
                    continue
                if response.is_error:
                    raise PageNotUnderstood(f"The page answered {response.status_code}: {_text_of(response.text)}")
                form = _first_form(response.text)
                if form is None:
                    return response.text
                response = self._submit(client, str(response.url), form)
        raise PageNotUnderstood(f"The sign-in did not end after {_MOST_STEPS} pages: {', '.join(self.visited)}")

    def open_in_background(self, url: str) -> threading.Thread:
        """Opens `url` in a thread of its own, as a real browser does; the caller joins the thread."""
        thread = threading.Thread(target=self.open, args=(url,), name="scripted browser", daemon=True)
        thread.start()
        return thread

    def _get(self, client: httpx.Client, url: str) -> httpx.Response:
        self.visited.append(url)
        return client.get(url)

    def _submit(self, client: httpx.Client, page: str, form: _Form) -> httpx.Response:
        fields = list(form.hidden)
        fields += [(name, self._typed(name, kind)) for name, kind in form.texts]
        fields += [(name, value) for name, value in form.boxes if self._ticks(value)]
        fields += self._chosen(form.choices)
        button = self._button(form)
        if button is not None:
            fields.append(button)
        target = urljoin(page, form.action)
        content = urlencode(fields)
        if form.method == "get":
            return self._get(client, f"{target}?{content}")
        self.visited.append(target)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return client.post(target, content=content, headers=kind)

    def _typed(self, name: str, kind: str) -> str:
        return self.password if kind == "password" else self.account

    def _ticks(self, value: str) -> bool:
        return self.tick is None or any(value.endswith(wanted) for wanted in self.tick)

    def _chosen(self, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Picks of each group of choices the one with the account's name, else the first."""
        picked: dict[str, str] = {}
        for name, value in choices:
            if name not in picked or value.lower() == self.account.lower():
                picked[name] = value
        return list(picked.items())

    def _button(self, form: _Form) -> tuple[str, str] | None:
        """Finds the button to press: the account, or Allow or Cancel, or the only one there is."""
        if not form.buttons:
            return None
        accounts = [button for button in form.buttons if button[0] == "account"]
        if accounts:
            wanted = [button for button in accounts if self.account.lower() in ("", button[1].lower())]
            if not wanted:
                raise PageNotUnderstood(f"The page does not offer the account {self.account}.")
            return wanted[0]
        words = _ALLOW if self.allow else _CANCEL
        for button in form.buttons:
            if button[1].lower() in words:
                return button
        if len(form.buttons) == 1:
            return form.buttons[0] if form.buttons[0][0] else None
        raise PageNotUnderstood(f"The page has no button to {words[0]}: {[value for _, value in form.buttons]}")


@dataclass(slots=True)
class _Form:
    action: str
    method: str
    hidden: list[tuple[str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(given.get("action", ""), given.get("method", "get").lower()))
            self._inside = True
        elif "disabled" in given:
            return  # browsers do not send what is switched off
        elif self._inside and tag == "button":
            self.found[-1].buttons.append((given.get("name", ""), given.get("value", "")))
        elif self._inside and tag == "input":
            self._input(self.found[-1], given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def _input(self, form: _Form, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        match given.get("type", "text"):
            case "hidden":
                form.hidden.append((name, value))
            case "checkbox":
                form.boxes.append((name, value or "on"))
            case "radio":
                form.choices.append((name, value or "on"))
            case "submit":
                form.buttons.append((name, value))
            case kind:
                form.texts.append((name, kind))


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._style and data.strip():
            self.parts.append(data.strip())


def _first_form(html: str) -> _Form | None:
    forms = _Forms()
    forms.feed(html)
    return forms.found[0] if forms.found else None


def _text_of(html: str) -> str:
    texts = _Texts()
    texts.feed(html)
    return " ".join(texts.parts)[:400]
