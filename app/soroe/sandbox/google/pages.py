"""The pages of the sign-in: choose an account, give permissions, or read why it cannot go on. English and Japanese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from soroe.sandbox.google.model import Account
from soroe.sandbox.google.scopes import ENGLISH, JAPANESE


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    sandbox: str
    notice: str
    choose: str
    to_continue: str
    wants: str
    select: str
    single: str
    allow: str
    cancel: str
    blocked: str
    scopes: dict[str, str]


_ENGLISH = _Words(
    "en",
    "Sandbox",
    "This page belongs to a local sandbox on your own computer. It is not Google, and nothing leaves this computer.",
    "Choose an account",
    "to continue to {client}",
    "{client} wants access to your account",
    "Select what {client} can access",
    "This will allow {client} to:",
    "Allow",
    "Cancel",
    "Access blocked: this app's request is invalid",
    ENGLISH,
)
_JAPANESE = _Words(
    "ja",
    "サンドボックス",
    "これはお使いのパソコンの中で動く練習用のページです。Google ではありません。情報が外に送られることはありません。",
    "アカウントの選択",
    "「{client}」に移動",
    "「{client}」がアカウントへのアクセスを求めています",
    "「{client}」に許可する内容を選択してください",
    "「{client}」に次の操作を許可します:",
    "許可",
    "キャンセル",
    "アクセスをブロック: このアプリのリクエストは無効です",
    JAPANESE,
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --card: #fff; --page: #f3f5f8;
  --act: #0b57d0; --warn: #fff4d6; --warn-ink: #6b4e00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a3abb5; --line: #3a424c; --card: #1c2128;
  --page: #12161b; --act: #8ab4f8; --warn: #3b3011; --warn-ink: #f2d98c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--page);
  color: var(--ink); font: 16px/1.55 system-ui, "Hiragino Sans", "Yu Gothic UI", "Noto Sans JP", sans-serif; }
main { width: 100%; max-width: 460px; background: var(--card); border: 1px solid var(--line); border-radius: 16px;
  overflow: hidden; }
.banner { background: var(--warn); color: var(--warn-ink); padding: 14px 28px; font-size: 13px; }
.banner strong { display: block; font-size: 15px; }
.body { padding: 26px 28px 28px; }
h1 { margin: 0 0 4px; font-size: 23px; line-height: 1.3; font-weight: 600; }
p { margin: 0 0 18px; color: var(--soft); overflow-wrap: anywhere; }
ul { list-style: none; margin: 0 0 22px; padding: 0; border-top: 1px solid var(--line); }
li { border-bottom: 1px solid var(--line); }
li label, li span { display: flex; gap: 12px; align-items: flex-start; padding: 13px 2px; cursor: pointer; }
li span { cursor: default; }
input[type=checkbox] { width: 19px; height: 19px; margin: 3px 0 0; flex: none; accent-color: var(--act); }
button { font: inherit; border-radius: 20px; padding: 8px 24px; border: 1px solid var(--line); cursor: pointer;
  background: transparent; color: var(--act); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
button.main { background: var(--act); border-color: var(--act); color: var(--card); }
.account { display: flex; gap: 14px; align-items: center; width: 100%; border: 0; border-radius: 0; padding: 13px 2px;
  text-align: left; color: var(--ink); }
.account small { display: block; color: var(--soft); }
.face { width: 36px; height: 36px; border-radius: 50%; background: var(--act); color: var(--card); display: grid;
  place-items: center; flex: none; }
.actions { display: flex; gap: 12px; justify-content: flex-end; }
"""


def language_of(accept_language: str) -> str:
    """Returns `ja` when the browser prefers Japanese to English, else `en`."""
    for part in accept_language.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("ja"):
            return "ja"
        if tag.startswith("en"):
            return "en"
    return "en"


def accounts_page(language: str, session: str, client: str, accounts: Iterable[Account]) -> str:
    words = _words(language)
    rows = "".join(
        f'<li><button class="account" name="account" value="{escape(account.email)}">'
        f'<i class="face" aria-hidden="true">{escape(account.name[:1] or account.email[:1]).upper()}</i>'
        f"<b>{escape(account.name or account.email)}<small>{escape(account.email)}</small></b></button></li>"
        for account in accounts
    )
    return _page(
        words,
        words.choose,
        words.to_continue.format(client=client),
        f'<form method="post" action="/signin/account" data-page="account">{_session(session)}<ul>{rows}</ul></form>',
    )


def consent_page(language: str, session: str, client: str, account: Account, scopes: list[str]) -> str:
    """Asks for the scopes: one is granted with the page, several have a box each, none of them ticked."""
    words = _words(language)
    boxes = len(scopes) > 1
    rows = "".join(_scope_row(words, scope, box=boxes) for scope in scopes)
    heading = (words.select if boxes else words.single).format(client=client)
    return _page(
        words,
        words.wants.format(client=client),
        account.email,
        f'<form method="post" action="/signin/consent" data-page="consent">{_session(session)}'
        f"<b>{escape(heading)}</b><ul>{rows}</ul>"
        f'<div class="actions"><button name="action" value="cancel">{words.cancel}</button>'
        f'<button class="main" name="action" value="allow">{words.allow}</button></div></form>',
    )


def error_page(language: str, status: int, error: str, details: str) -> str:
    words = _words(language)
    return _page(words, words.blocked, f"{status} {error}", f"<p>{escape(details)}</p>")


def _scope_row(words: _Words, scope: str, *, box: bool) -> str:
    text = escape(words.scopes.get(scope, scope))
    if not box:
        return f"<li><span>{text}</span></li>"
    return f'<li><label><input type="checkbox" name="scope" value="{escape(scope)}">{text}</label></li>'


def _session(session: str) -> str:
    return f'<input type="hidden" name="session" value="{escape(session)}">'


def _words(language: str) -> _Words:
    return _JAPANESE if language == "ja" else _ENGLISH


def _page(words: _Words, title: str, under: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – {words.sandbox}</title><style>{_STYLE}</style></head><body><main>"
        f'<div class="banner" role="note"><strong>{words.sandbox}</strong>{words.notice}</div>'
        f'<div class="body"><h1>{escape(title)}</h1><p>{escape(under)}</p>{content}</div></main></body></html>'
    )
