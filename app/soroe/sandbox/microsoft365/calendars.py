"""The resources around the events: the person, the mailbox, the calendars, the zones."""

from __future__ import annotations

from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.model import Account, Calendar, State


def person(account: Account) -> Json:
    return {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
        "businessPhones": [],
        "displayName": account.name,
        "givenName": None,
        "jobTitle": None,
        "mail": account.email if account.mailbox else None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": account.locale,
        "surname": None,
        "userPrincipalName": account.email,
        "id": account.object_id,
    }


def mailbox_settings(account: Account) -> Json:
    return {
        "timeZone": account.time_zone,
        "dateFormat": "yyyy/MM/dd",
        "timeFormat": "H:mm",
        "language": {"locale": account.locale, "displayName": account.locale},
        "workingHours": {
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "09:00:00.0000000",
            "endTime": "18:00:00.0000000",
            "timeZone": {"name": account.time_zone},
        },
    }


def calendar_resource(state: State, email: str, calendar: Calendar) -> Json:
    """One entry of a person's list; shared ones say whether he may change them."""
    mine = calendar.owner == email
    edits = mine or email in calendar.editors
    owner = state.accounts[calendar.owner]
    return {
        "id": calendar.id,
        "name": calendar.name if mine else owner.name or owner.email,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": mine and calendar.primary,
        "changeKey": calendar.id[-16:],
        "canShare": mine,
        "canViewPrivateItems": mine,
        "canEdit": edits,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"] if mine and owner.work_account else [],
        "defaultOnlineMeetingProvider": "teamsForBusiness" if mine and owner.work_account else "unknown",
        "isTallyingResponses": mine and calendar.primary,
        "isRemovable": not calendar.primary,
        "owner": {"name": owner.name or owner.email, "address": owner.email},
    }


def supported_zones(standard: str) -> Json:
    """The names a mailbox takes; `standard` is `iana`, or anything else for Windows' names."""
    from tzlocal.windows_tz import tz_win, win_tz  # several hundred names, needed only where a sandbox runs

    names = sorted(tz_win) if standard == "iana" else sorted(win_tz)
    return {"value": [{"alias": name, "displayName": name} for name in names]}
