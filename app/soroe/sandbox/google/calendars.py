"""The user's list of calendars and his settings, as the API writes them. The caller holds the lock."""

from __future__ import annotations

from soroe.sandbox.google.errors import Json, bad_request, full_sync_required, invalid, not_found
from soroe.sandbox.google.model import AccessRole, Account, Calendar, State
from soroe.sandbox.google.query import Parameters, flag, one, page_size

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 250


def list_entry(email: str, calendar: Calendar) -> Json:
    entry: Json = {
        "kind": "calendar#calendarListEntry",
        "etag": f'"{calendar.generation}{len(calendar.roles)}"',
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "colorId": "14",
        "backgroundColor": "#9fe1e7",
        "foregroundColor": "#000000",
        "selected": True,
        "accessRole": calendar.roles[email].name,
        "defaultReminders": [{"method": "popup", "minutes": 10}] if calendar.primary else [],
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.description:
        entry["description"] = calendar.description
    if calendar.primary and calendar.owner == email:
        entry["primary"] = True
    if not calendar.primary:
        entry["dataOwner"] = calendar.owner
    return entry


def list_calendars(state: State, email: str, parameters: Parameters) -> Json:
    """Answers calendarList.list with paging and its own sync token."""
    least = _least_role(parameters)
    since = _since(state, parameters)
    mine = [calendar for calendar in state.calendars.values() if email in calendar.roles]
    entries = [
        list_entry(email, calendar)
        for calendar in sorted(mine, key=lambda c: (not (c.primary and c.owner == email), c.id))
        if calendar.roles[email] >= least and _changed(state, email, calendar.id, since)
    ]
    if since is not None:
        gone = [c for (who, c), version in state.list_changes.items() if who == email and version > since]
        still = {calendar.id for calendar in mine}
        entries += [
            {"kind": "calendar#calendarListEntry", "etag": '"0"', "id": c, "deleted": True}
            for c in gone
            if c not in still
        ]
    size = page_size(parameters, _DEFAULT_PAGE, _LARGEST_PAGE)
    offset = _offset(parameters)
    answer: Json = {
        "kind": "calendar#calendarList",
        "etag": f'"p{state.list_version:x}"',
        "items": entries[offset : offset + size],
    }
    if offset + size < len(entries):
        answer["nextPageToken"] = f"{offset + size}"
    else:
        answer["nextSyncToken"] = f"{state.token_generation}.{state.list_version}"
    return answer


def _least_role(parameters: Parameters) -> AccessRole:
    name = one(parameters, "minAccessRole")
    if name is None:
        return AccessRole.freeBusyReader
    if name not in AccessRole.__members__:
        raise invalid(f"Invalid value for: {name} is not a valid value", "minAccessRole")
    return AccessRole[name]


def _since(state: State, parameters: Parameters) -> int | None:
    token = one(parameters, "syncToken")
    if token is None:
        return None
    if parameters.get("minAccessRole") or flag(parameters, "showDeleted") is False:
        raise bad_request("The sync token cannot be used together with these parameters.", "syncToken")
    generation, _, version = token.partition(".")
    if not generation.isdecimal() or not version.isdecimal():
        raise invalid("Invalid sync token value.", "syncToken")
    if int(generation) != state.token_generation:
        raise full_sync_required()
    return int(version)


def _changed(state: State, email: str, calendar_id: str, since: int | None) -> bool:
    return since is None or state.list_changes.get((email, calendar_id), 0) > since


def _offset(parameters: Parameters) -> int:
    token = one(parameters, "pageToken")
    if token is None:
        return 0
    if not token.isdecimal():
        raise invalid("Invalid page token value.", "pageToken")
    return int(token)


def calendar_resource(calendar: Calendar) -> Json:
    resource: Json = {
        "kind": "calendar#calendar",
        "etag": f'"{calendar.generation}"',
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.description:
        resource["description"] = calendar.description
    if not calendar.primary:
        resource["dataOwner"] = calendar.owner
    return resource


def settings(account: Account) -> dict[str, Json]:
    """Returns the user's settings by name."""
    values = {
        "autoAddHangouts": "false",
        "dateFieldOrder": "YMD" if account.locale == "ja" else "MDY",
        "defaultEventLength": "60",
        "format24HourTime": "true" if account.locale == "ja" else "false",
        "hideInvitations": "false",
        "hideWeekends": "false",
        "locale": account.locale,
        "remindOnRespondedEventsOnly": "false",
        "showDeclinedEvents": "true",
        "timezone": account.time_zone,
        "useKeyboardShortcuts": "true",
        "weekStart": "0",
    }
    return {
        name: {"kind": "calendar#setting", "etag": '"0"', "id": name, "value": value} for name, value in values.items()
    }


def list_settings(state: State, account: Account) -> Json:
    return {
        "kind": "calendar#settings",
        "etag": '"p0"',
        "items": list(settings(account).values()),
        "nextSyncToken": f"{state.token_generation}.0",
    }


def setting(account: Account, name: str) -> Json:
    found = settings(account).get(name)
    if found is None:
        raise not_found()
    return found
