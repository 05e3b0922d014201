"""The fortnight in Salesforce: accounts and contacts, group events, recurring events, a series, an absence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.salesforce import SalesforceSandbox, User
from soroe.sandbox.salesforce.values import Values

from .appointments import COLLEAGUE, CUSTOMER, ME, ZONE, Appointment, Calendar, Days, Hours
from .fortnight import ACTIVITIES, REJECTED_WORD, REJECTION
from .rules import WeeklyRule, weekly_rule

TYPES = {"meeting": "Meeting", "call": "Call", "task": "Other", "lunch": "Other"}
STAMP_FIELD = "Soroe_Id__c"

PRIVATE = Appointment("健康診断", Hours(2, 16, 0, 60), place="本町クリニック", private=True)
ABSENT = Appointment("出張:名古屋", Hours(9, 9, 0, 180), place="名古屋")
"""Shown as out of office, which a calendar calls busy (SF-4)."""
OF_AN_ACCOUNT = Appointment("青木商事 定期訪問", Hours(10, 14), place="大阪市北区梅田 2-4-9")
GROUP = Appointment("Aoki Trading: contract review", Hours(4, 14), place="Aoki Trading HQ")
"""Sato's own, with a colleague and a contact of the customer's (SF-24)."""
INVITED = Appointment("全社営業会議", Hours(6, 10, 0, 90), place="本社 大会議室")
"""A colleague's, to which Sato is invited: his copy of it follows hers (SF-6)."""
RECURRING = Appointment("週次レビュー", Hours(1, 9, 0, 30), place="会議室 C", repeats=("RRULE:FREQ=WEEKLY;COUNT=6",))
MOVED = Hours(9, 11, 0, 30)
"""When the second of the weekly reviews takes place instead."""
SERIES = Appointment("Pipeline review", Hours(3, 16, 30, 30), repeats=("RRULE:FREQ=WEEKLY;COUNT=4",))
"""Made in Lightning: an event series (SF-26)."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def fill(box: SalesforceSandbox, calendar: Calendar) -> User:
    """Everything that Sato finds in the CRM; a validation rule refuses some subjects."""
    sato = people(box)
    suzuki = box.add_user(COLLEAGUE, "鈴木 花", ZONE)
    kimura = box.add_user("kimura@example.com", "木村 直樹", ZONE)
    account = box.add_account("青木商事", sato)
    contact = box.add_contact("青木 次郎", CUSTOMER, account)
    box.reject_subjects(REJECTED_WORD, REJECTION)
    for appointment in (*ACTIVITIES, PRIVATE):
        put(box, sato, appointment, calendar)
    put(box, sato, ABSENT, calendar, ShowAs="OutOfOffice")
    put(box, sato, OF_AN_ACCOUNT, calendar, WhatId=account["Id"], WhoId=contact["Id"])
    group = put(box, sato, GROUP, calendar, WhatId=account["Id"])
    for guest in (kimura.id, str(contact["Id"])):
        box.user_invites(group["Id"], guest)
    box.user_invites(put(box, suzuki, INVITED, calendar)["Id"], sato.id)
    _recurring(box, sato, calendar)
    _series(box, sato, calendar)
    return sato


def people(box: SalesforceSandbox) -> User:
    """Sato, in an org whose IT has made the field for our mark."""
    box.add_external_id(STAMP_FIELD)
    return box.add_user(ME, "佐藤 健", ZONE)


def put(
    box: SalesforceSandbox,
    user: User,
    appointment: Appointment,
    calendar: Calendar,
    **more: Any,  # noqa: ANN401 - fields of several types
) -> Values:
    """One event."""
    when = appointment.when
    length = when.days if isinstance(when, Days) else _length(when)
    fields: Mapping[str, Any] = {
        "Type": TYPES[appointment.kind],
        "Location": appointment.place,
        "Description": appointment.notes,
        "IsPrivate": appointment.private,
        "ShowAs": "Free" if appointment.free else "Busy",
    }
    return box.user_creates(user, appointment.title.strip(), calendar.start(when), length, **{**fields, **more})


def _recurring(box: SalesforceSandbox, user: User, calendar: Calendar) -> None:
    """A Classic recurring event, of which one meeting was moved and one cancelled."""
    rule, start, when = _weekly(RECURRING, calendar)
    last = start.date() + timedelta(weeks=rule.weeks * (rule.count - 1))
    made = box.user_creates_recurring(
        user, RECURRING.title, start, last, _length(when), Location=RECURRING.place,
        RecurrenceType="RecursWeekly", RecurrenceInterval=rule.weeks,
        RecurrenceDayOfWeekMask=1 << (start.weekday() + 1) % 7,
    )  # fmt: skip # short values, several a line
    meetings = box.occurrences(made["Id"])
    box.user_changes(meetings[1]["Id"], calendar.start(MOVED), _length(MOVED))
    box.user_deletes(meetings[2]["Id"])


def _series(box: SalesforceSandbox, user: User, calendar: Calendar) -> None:
    rule, start, when = _weekly(SERIES, calendar)
    pattern = f"FREQ=WEEKLY;BYDAY={_DAYS[start.weekday()]};INTERVAL={rule.weeks};COUNT={rule.count}"
    box.user_creates_series(user, SERIES.title, start, pattern, _length(when))


def _weekly(appointment: Appointment, calendar: Calendar) -> tuple[WeeklyRule, datetime, Hours]:
    when = appointment.when
    start = calendar.start(when)
    assert isinstance(when, Hours) and isinstance(start, datetime)
    return weekly_rule(appointment.repeats[0]), start, when


def _length(when: Hours) -> timedelta:
    return timedelta(minutes=when.minutes)
