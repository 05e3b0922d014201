"""Permissions: what each scope is called in the consent page, and which ones each method of the API accepts."""

from __future__ import annotations

PREFIX = "https://www.googleapis.com/auth/"

SIGN_IN = {
    "openid": "openid",
    "email": f"{PREFIX}userinfo.email",
    "profile": f"{PREFIX}userinfo.profile",
    f"{PREFIX}userinfo.email": f"{PREFIX}userinfo.email",
    f"{PREFIX}userinfo.profile": f"{PREFIX}userinfo.profile",
}
"""The scopes that only sign in, with the long names Google answers with."""

_ALL = f"{PREFIX}calendar"
_READ = f"{PREFIX}calendar.readonly"
_EVENTS = f"{PREFIX}calendar.events"
_EVENTS_READ = f"{PREFIX}calendar.events.readonly"
_OWNED = f"{PREFIX}calendar.events.owned"
_OWNED_READ = f"{PREFIX}calendar.events.owned.readonly"
_LIST = f"{PREFIX}calendar.calendarlist"
_LIST_READ = f"{PREFIX}calendar.calendarlist.readonly"
_CALENDARS = f"{PREFIX}calendar.calendars"
_CALENDARS_READ = f"{PREFIX}calendar.calendars.readonly"
_SETTINGS = f"{PREFIX}calendar.settings"
_SETTINGS_READ = f"{PREFIX}calendar.settings.readonly"

OWNED_ONLY = frozenset((_OWNED, _OWNED_READ))
"""Scopes that reach only the calendars the user owns."""

_READ_EVENTS = (_ALL, _EVENTS, _OWNED, _OWNED_READ, _EVENTS_READ, _READ)
_WRITE_EVENTS = (_ALL, _EVENTS, _OWNED)

ACCEPTED: dict[str, tuple[str, ...]] = {
    "CalendarList.List": (_ALL, _LIST, _LIST_READ, _READ),
    "CalendarList.Get": (_ALL, _LIST, _LIST_READ, _READ),
    "Calendars.Get": (_ALL, _CALENDARS, _CALENDARS_READ, _READ),
    "Settings.List": (_ALL, _READ, _SETTINGS, _SETTINGS_READ),
    "Settings.Get": (_ALL, _READ, _SETTINGS, _SETTINGS_READ),
    "Events.List": _READ_EVENTS,
    "Events.Get": _READ_EVENTS,
    "Events.Instances": _READ_EVENTS,
    "Events.Insert": _WRITE_EVENTS,
    "Events.Update": _WRITE_EVENTS,
    "Events.Patch": _WRITE_EVENTS,
    "Events.Delete": _WRITE_EVENTS,
    "Events.Move": _WRITE_EVENTS,
    "Events.Import": _WRITE_EVENTS,
}
"""Which scopes each method accepts, after the discovery document."""

KNOWN = frozenset((*SIGN_IN, *(scope for scopes in ACCEPTED.values() for scope in scopes)))

ENGLISH = {
    _ALL: "See, edit, share and permanently delete all the calendars you can access",
    _READ: "See and download any calendar you can access",
    _EVENTS: "View and edit events on all your calendars",
    _EVENTS_READ: "View events on all your calendars",
    _OWNED: "See, create, change and delete events on calendars you own",
    _OWNED_READ: "See the events on calendars you own",
    _LIST: "See, add and remove calendars you're subscribed to",
    _LIST_READ: "See the list of calendars you're subscribed to",
    _CALENDARS: "See and change the properties of calendars you have access to",
    _CALENDARS_READ: "See the title, description, default time zone and other properties of your calendars",
    _SETTINGS: "See and change your calendar settings",
    _SETTINGS_READ: "View your calendar settings",
}
JAPANESE = {
    _ALL: "アクセス可能なすべてのカレンダーの参照、編集、共有、完全な削除",
    _READ: "アクセス可能なカレンダーの表示とダウンロード",
    _EVENTS: "すべてのカレンダーの予定の表示と編集",
    _EVENTS_READ: "すべてのカレンダーの予定の表示",
    _OWNED: "所有するカレンダーの予定の表示、作成、変更、削除",
    _OWNED_READ: "所有するカレンダーの予定の表示",
    _LIST: "登録しているカレンダーの一覧の表示、追加、削除",
    _LIST_READ: "登録しているカレンダーの一覧の表示",
    _CALENDARS: "アクセス可能なカレンダーのプロパティの表示と変更",
    _CALENDARS_READ: "カレンダーのタイトル、説明、既定のタイムゾーンなどの表示",
    _SETTINGS: "カレンダーの設定の表示と変更",
    _SETTINGS_READ: "カレンダーの設定の表示",
}
