"""Put appointments into the sandbox's CRMs, as their owner would in the web page."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.crm import User as CrmUser
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.pipedrive import User as PipedriveUser

from .appointments import ME, ZONE, Appointment, Calendar, Days
from .fortnight import ACTIVITIES, REJECTED_WORD, REJECTION


def fill_rest(crm: CrmSandbox, calendar: Calendar) -> CrmUser:
    """The fortnight in a CRM over the generic contract, which refuses some subjects by its own rule."""
    user = crm.add_user(ME, "佐藤 健", ZONE)
    crm.reject_subjects(REJECTED_WORD, REJECTION)
    for appointment in ACTIVITIES:
        put_rest(crm, user, appointment, calendar)
    return user


def put_rest(crm: CrmSandbox, user: CrmUser, appointment: Appointment, calendar: Calendar) -> None:
    """One activity."""
    crm.user_creates(
        user,
        appointment.title,
        calendar.start(appointment.when),
        calendar.end(appointment.when),
        type=appointment.kind,
        description=appointment.notes,
        location=appointment.place,
        private=appointment.private,
        show_as="free" if appointment.free else "busy",
    )


def fill_pipedrive(crm: PipedriveSandbox, calendar: Calendar) -> PipedriveUser:
    """The fortnight in Pipedrive: one day for all-day entries, no series, no privacy."""
    user = crm.add_user(ME, "佐藤 健", ZONE)
    for appointment in ACTIVITIES:
        put_pipedrive(crm, user, appointment, calendar)
    return user


def put_pipedrive(crm: PipedriveSandbox, user: PipedriveUser, appointment: Appointment, calendar: Calendar) -> None:
    """One activity."""
    start = calendar.start(appointment.when)
    crm.user_creates(
        user,
        appointment.title.strip(),
        start,
        None if isinstance(appointment.when, Days) else _length(start, calendar.end(appointment.when)),
        type=appointment.kind,
        public_description=appointment.notes,
        busy=not appointment.free,
        **({"location": appointment.place} if appointment.place else {}),
    )


def _length(start: date | datetime, end: date | datetime) -> timedelta:
    assert isinstance(start, datetime) and isinstance(end, datetime)
    return end - start
