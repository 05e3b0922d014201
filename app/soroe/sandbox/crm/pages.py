"""The sign-in and consent pages of the sandbox servers, in English and Japanese by the browser's wish."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from html import escape

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from soroe.sandbox.crm.sign_in import BackToProgram, BadRequest, SignIn, TokenError

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "sandbox": "Sandbox",
        "notice": "This is a practice server on this computer. Nothing leaves it.",
        "sign_in": "Sign in to {product}",
        "email": "Email",
        "password": "Password",
        "next": "Sign in",
        "wrong": "The address or the password is wrong.",
        "try": "For practice: {email}, password {password}",
        "wants": "{program} wants to use your {product} account",
        "as": "Signed in as {email}",
        "allow": "Allow",
        "cancel": "Cancel",
        "error": "This sign-in cannot go on",
    },
    "ja": {
        "sandbox": "Sandbox（練習用）",
        "notice": "このコンピューター上の練習用サーバーです。外部には何も送信されません。",
        "sign_in": "{product} にサインイン",
        "email": "メールアドレス",
        "password": "パスワード",
        "next": "サインイン",
        "wrong": "メールアドレスまたはパスワードが正しくありません。",
        "try": "練習用: {email}、パスワード {password}",
        "wants": "{program} が {product} アカウントの利用を求めています",
        "as": "{email} としてサインイン中",
        "allow": "許可する",
        "cancel": "キャンセル",
        "error": "サインインを続けられません",
    },
}

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --dim: #5b6577; --ground: #eef1f5; --card: #fff; --line: #d5dbe5;
  --act: #1f5fbf; --warn: #a8321f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf3; --dim: #a3adbd; --ground: #14181f; --card: #1e242e;
  --line: #39424f; --act: #6fa8ff; --warn: #ff9b8a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, "Hiragino Sans", "Yu Gothic UI", "Noto Sans CJK JP", sans-serif; }
main { width: min(26rem, 92vw); background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 0 1.75rem 1.75rem; overflow: hidden; }
header { margin: 0 -1.75rem 1.5rem; padding: .75rem 1.75rem; border-bottom: 1px solid var(--line); }
header b { letter-spacing: .04em; } header p, .dim { margin: 0; color: var(--dim); font-size: .85rem; }
h1 { font-size: 1.2rem; line-height: 1.35; margin: 0 0 1rem; }
label { display: block; margin: .75rem 0; } label.scope { display: flex; gap: .6rem; align-items: baseline; }
input[type=email], input[type=password] { display: block; width: 100%; margin-top: .25rem; padding: .6rem .7rem;
  font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; }
.buttons { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 1.5rem; }
button { font: inherit; padding: .55rem 1.2rem; border-radius: 8px; border: 1px solid var(--line); background: none;
  color: inherit; cursor: pointer; } button.main { background: var(--act); border-color: var(--act); color: #fff; }
@media (prefers-color-scheme: dark) { button.main { color: #101418; } }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; } .warn { color: var(--warn); }
"""


def _language() -> str:
    return request.accept_languages.best_match(["en", "ja"], default="en") or "en"


def _page(title: str, body: str, status: int = 200) -> Response:
    language = _language()
    words = _TEXTS[language]
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<main><header><b>{words['sandbox']}</b><p>{words['notice']}</p></header><h1>{escape(title)}</h1>{body}</main>"
        "</body></html>"
    )
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language", "X-Frame-Options": "DENY"}
    return Response(html, status, headers, content_type="text/html; charset=utf-8")


class Pages:
    """The routes authorize, sign-in, consent, token and revoke below `prefix`; every request holds `lock`.

    `practice` are the addresses and passwords that the page offers for practice.
    """

    def __init__(
        self, sign_in: SignIn, lock: threading.RLock, product: str, practice: Mapping[str, str], prefix: str = "/oauth"
    ) -> None:
        self._sign_in = sign_in
        self._lock = lock
        self._product = product
        self._practice = practice
        self._prefix = prefix

    def install(self, app: Flask) -> None:
        """Adds the routes to `app`."""
        routes: list[tuple[str, str, Callable[[], AnyResponse]]] = [
            ("GET", "authorize", self._authorize),
            ("POST", "sign-in", self._enter),
            ("POST", "consent", self._decide),
            ("POST", "token", self._token),
            ("POST", "revoke", self._revoke),
        ]
        for method, path, handler in routes:
            app.add_url_rule(f"{self._prefix}/{path}", f"oauth {path}", self._guarded(handler), methods=[method])

    def _guarded(self, handler: Callable[[], AnyResponse]) -> Callable[[], AnyResponse]:
        def answer() -> AnyResponse:
            with self._lock:
                try:
                    return handler()
                except BadRequest as problem:
                    body = f'<p role="alert">{escape(str(problem))}</p>'
                    return _page(_TEXTS[_language()]["error"], body, 400)
                except BackToProgram as problem:
                    return redirect(problem.address)

        return answer

    def _authorize(self) -> AnyResponse:
        ticket = self._sign_in.ask(request.args.to_dict())
        return self._sign_in_form(ticket, self._sign_in.asked(ticket).hint)

    def _enter(self) -> AnyResponse:
        ticket, email = request.form.get("ticket", ""), request.form.get("email", "")
        if not self._sign_in.enter(ticket, email, request.form.get("password", "")):
            return self._sign_in_form(ticket, email, wrong=True)
        return self._consent_form(ticket, email)

    def _decide(self) -> AnyResponse:
        allowed = request.form.get("decision") == "allow"
        scopes = tuple(request.form.getlist("scope"))
        return redirect(self._sign_in.decide(request.form.get("ticket", ""), allowed, scopes))

    def _token(self) -> AnyResponse:
        try:
            answer = jsonify(self._sign_in.exchange(request.form.to_dict(), _basic()))
        except TokenError as problem:
            answer = jsonify(error=problem.error, error_description=problem.description)
            answer.status_code = problem.status
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _revoke(self) -> AnyResponse:
        self._sign_in.revoke(request.form.get("token", ""))
        return Response(status=200)

    def _sign_in_form(self, ticket: str, email: str, wrong: bool = False) -> Response:
        words = _TEXTS[_language()]
        tips = "".join(
            f'<p class="dim">{escape(words["try"].format(email=mail, password=password))}</p>'
            for mail, password in list(self._practice.items())[:3]
        )
        warning = f'<p class="warn" role="alert">{words["wrong"]}</p>' if wrong else ""
        body = (
            f'{warning}<form method="post" action="{self._prefix}/sign-in">'
            f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
            f'<label>{words["email"]}<input type="email" name="email" value="{escape(email)}" autocomplete="username"'
            f' required></label><label>{words["password"]}<input type="password" name="password"'
            f' autocomplete="current-password" required></label>{tips}'
            f'<div class="buttons"><button class="main" type="submit">{words["next"]}</button></div></form>'
        )
        return _page(words["sign_in"].format(product=self._product), body, 401 if wrong else 200)

    def _consent_form(self, ticket: str, email: str) -> Response:
        language = _language()
        words, asked = _TEXTS[language], self._sign_in.asked(ticket)
        fixed = " disabled" if asked.client.secret is not None else ""
        boxes = "".join(
            f'<label class="scope"><input type="checkbox" name="scope" value="{escape(scope)}" checked{fixed}>'
            f"<span>{escape(self._sign_in.scopes[scope][language])}</span></label>"
            for scope in asked.scopes
        )
        body = (
            f'<p class="dim">{escape(words["as"].format(email=email))}</p>'
            f'<form method="post" action="{self._prefix}/consent">'
            f'<input type="hidden" name="ticket" value="{escape(ticket)}">{boxes}<div class="buttons">'
            f'<button type="submit" name="decision" value="cancel">{words["cancel"]}</button>'
            f'<button class="main" type="submit" name="decision" value="allow">{words["allow"]}</button></div></form>'
        )
        return _page(words["wants"].format(program=asked.client.name, product=self._product), body)


def _basic() -> tuple[str, str] | None:
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    return given.username or "", given.password or ""
