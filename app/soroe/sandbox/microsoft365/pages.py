"""The pages of the sign-in: pick an account, consent, or read why it cannot go on. English and Japanese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from soroe.sandbox.microsoft365.model import Account
from soroe.sandbox.microsoft365.scopes import ENGLISH, JAPANESE


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    sandbox: str
    notice: str
    pick: str
    asked: str
    would: str
    accept: str
    cancel: str
    back: str
    approval: str
    approval_text: str
    trouble: str
    going_on: str
    scopes: dict[str, str]


_ENGLISH = _Words(
    "en",
    "Sandbox",
    "This page belongs to a local sandbox on your own computer. It is not Microsoft, and nothing leaves this computer.",
    "Pick an account",
    "Permissions requested",
    "{client} would like to:",
    "Accept",
    "Cancel",
    "Return to the application without granting consent",
    "Need admin approval",
    "{client} needs permission to access resources in your organization that only an admin can grant.",
    "Sorry, but we're having trouble signing you in.",
    "Returning to the application",
    ENGLISH,
)
_JAPANESE = _Words(
    "ja",
    "サンドボックス",
    "これはお使いのパソコンの中で動く練習用のページです。Microsoft ではありません。情報は外に送られません。",
    "アカウントを選択する",
    "要求されているアクセス許可",
    "「{client}」は次の許可を求めています:",
    "承諾",
    "キャンセル",
    "同意せずにアプリに戻る",
    "管理者の承認が必要",
    "「{client}」には、管理者だけが付与できるアクセス許可が必要です。",
    "サインインできませんでした。",
    "アプリに戻ります",
    JAPANESE,
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5e5e5e; --line: #d6d6d6; --card: #fff; --page: #eef1f4;
  --act: #0067b8; --warn: #fff4d6; --warn-ink: #6b4e00; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #adadad; --line: #444; --card: #242424;
  --page: #161616; --act: #4cc2ff; --warn: #3b3011; --warn-ink: #f2d98c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--page);
  color: var(--ink); font: 15px/1.5 "Segoe UI", system-ui, "Yu Gothic UI", "Noto Sans JP", sans-serif; }
main { width: 100%; max-width: 440px; background: var(--card); box-shadow: 0 2px 6px #0003; }
.banner { background: var(--warn); color: var(--warn-ink); padding: 14px 44px; font-size: 13px; }
.banner strong { display: block; font-size: 15px; }
.body { padding: 36px 44px 44px; }
h1 { margin: 0 0 8px; font-size: 24px; line-height: 1.3; font-weight: 600; }
p { margin: 0 0 16px; color: var(--soft); overflow-wrap: anywhere; }
ul { margin: 0 0 24px; padding: 0; list-style: none; }
li { padding: 10px 0; border-bottom: 1px solid var(--line); }
button { font: inherit; padding: 6px 16px; min-width: 108px; border: 1px solid var(--line); background: transparent;
  color: var(--ink); cursor: pointer; }
button.main { background: var(--act); border-color: var(--act); color: var(--card); }
button:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.account { width: 100%; border: 0; padding: 4px 0; text-align: left; }
.account small { display: block; color: var(--soft); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; justify-content: flex-end; }
"""


def language_of(accept_language: str) -> str:
    """Returns `ja` when the browser prefers Japanese to English, else `en`."""
    for part in accept_language.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag[:2] in ("ja", "en"):
            return tag[:2]
    return "en"


def accounts_page(language: str, session: str, accounts: Iterable[Account]) -> str:
    words = _words(language)
    rows = "".join(
        f'<li><button class="account" name="account" value="{escape(one.email)}"><b>{escape(one.name or one.email)}'
        f"<small>{escape(one.email)}</small></b></button></li>"
        for one in accounts
    )
    return _page(words, words.pick, "", _form("/signin/account", session, f"<ul>{rows}</ul>"))


def consent_page(language: str, session: str, client: str, account: Account, scopes: list[str]) -> str:
    words = _words(language)
    rows = "".join(f"<li>{escape(words.scopes.get(scope, scope))}</li>" for scope in scopes)
    buttons = (
        f'<div class="actions"><button name="action" value="cancel">{words.cancel}</button>'
        f'<button class="main" name="action" value="accept">{words.accept}</button></div>'
    )
    content = f"<p>{escape(words.would.format(client=client))}</p><ul>{rows}</ul>{buttons}"
    return _page(words, words.asked, account.email, _form("/signin/consent", session, content))


def approval_page(language: str, session: str, client: str) -> str:
    """The end of the way for a user whose company lets only administrators consent."""
    words = _words(language)
    button = f'<div class="actions"><button name="action" value="cancel">{words.back}</button></div>'
    text = words.approval_text.format(client=client)
    return _page(words, words.approval, text, _form("/signin/consent", session, button))


def error_page(language: str, description: str) -> str:
    words = _words(language)
    return _page(words, words.trouble, description, "")


def post_page(language: str, address: str, answer: dict[str, str]) -> str:
    """Hands the answer to the program as a form, which a script sends off at once."""
    words = _words(language)
    fields = "".join(f'<input type="hidden" name="{k}" value="{escape(v)}">' for k, v in answer.items())
    form = f'<form method="post" action="{escape(address)}">{fields}</form>'
    return _page(words, words.going_on, "", f"{form}<script>document.forms[0].submit()</script>")


def _form(action: str, session: str, content: str) -> str:
    hidden = f'<input type="hidden" name="session" value="{escape(session)}">'
    return f'<form method="post" action="{action}">{hidden}{content}</form>'


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
