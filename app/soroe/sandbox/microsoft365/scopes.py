"""The permissions a program can ask for, and the words the consent page has for them."""

from __future__ import annotations

from soroe.sandbox.microsoft365.entra_errors import EntraError

SIGN_IN = frozenset(("openid", "profile", "email", "offline_access"))
RESOURCE = "https://graph.microsoft.com/"

ENGLISH = {
    "User.Read": "Sign you in and read your profile",
    "Calendars.Read": "Read your calendars",
    "Calendars.ReadWrite": "Have full access to your calendars",
    "Calendars.Read.Shared": "Read calendars you can access",
    "Calendars.ReadWrite.Shared": "Read and write to your and shared calendars",
    "MailboxSettings.Read": "Read your mailbox settings",
    "MailboxSettings.ReadWrite": "Read and write to your mailbox settings",
    "OnlineMeetings.ReadWrite": "Read and create your online meetings",
}
JAPANESE = {
    "User.Read": "サインインとプロファイルの読み取り",
    "Calendars.Read": "予定表の読み取り",
    "Calendars.ReadWrite": "予定表へのフル アクセス",
    "Calendars.Read.Shared": "アクセスできる予定表の読み取り",
    "Calendars.ReadWrite.Shared": "自分の予定表と共有予定表の読み取りと書き込み",
    "MailboxSettings.Read": "メールボックスの設定の読み取り",
    "MailboxSettings.ReadWrite": "メールボックスの設定の読み取りと書き込み",
    "OnlineMeetings.ReadWrite": "オンライン会議の読み取りと作成",
}


def read_scopes(text: str) -> tuple[str, ...]:
    """Reads a `scope` parameter; Graph's own address before a name is taken off."""
    found = tuple(dict.fromkeys(scope.removeprefix(RESOURCE) for scope in text.split()))
    for scope in found:
        if scope not in SIGN_IN and scope not in ENGLISH:
            raise EntraError(
                70011, "invalid_scope", f"The provided value for the input parameter 'scope' is not valid: {scope}."
            )
    return found
