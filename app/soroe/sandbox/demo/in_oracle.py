"""The fortnight in Oracle CRM On Demand: appointments, events that the company mirrors, books."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from soroe.sandbox.oracle import Access, OracleSandbox, User

from .appointments import COLLEAGUE, ME, ZONE, Appointment, Calendar, Hours
from .fortnight import ACTIVITIES, REJECTED_WORD, REJECTION

TYPES = {"meeting": "Meeting", "call": "Call", "task": "To Do", "lunch": "Other"}

EVENTS: tuple[Appointment, ...] = (
    Appointment("心臓病学会セミナー", Hours(3, 9, 30, 60), place="マリオットホテル"),
    Appointment("Symposium on diabetes care", Hours(9, 9, 0, 180), place="Hilton Osaka"),
)
"""Sato's own events; the company keeps an appointment for each."""

INVITED = Appointment("西日本エリア合同説明会", Hours(7, 13, 0, 90), place="リーガロイヤルホテル")
"""An event of a colleague's with Sato in its team, who may read the appointment and no more."""

BOOKED = Appointment("訪問:南商会(鈴木)", Hours(4, 16), place="神戸市中央区")
"""An appointment of a colleague's that Sato sees only through a book."""

PRIVATE = Appointment("健康診断", Hours(2, 16, 0, 60), place="本町クリニック", private=True)


def fill(box: OracleSandbox, calendar: Calendar) -> User:
    """Everything that Sato finds in the CRM; the CRM refuses some subjects by its own rule."""
    sato = people(box)
    suzuki = box.add_user(COLLEAGUE, "Hana Suzuki", ZONE)
    box.reject_subjects(REJECTED_WORD, REJECTION)
    for appointment in (*ACTIVITIES, PRIVATE):
        put(box, sato, appointment, calendar)
    for event in EVENTS:
        put_event(box, sato, event, calendar)
    invited = put_event(box, suzuki, INVITED, calendar)
    box.user_adds_user(invited, sato)
    book = box.add_book("西日本", {sato: Access.READ_ONLY, suzuki: Access.FULL})
    box.user_puts_in_book(put(box, suzuki, BOOKED, calendar), book)
    return sato


def people(box: OracleSandbox) -> User:
    """Sato, in a company that serves a demo without making it wait for the next minute."""
    box.lift_limit()
    return box.add_user(ME, "Takeshi Sato", ZONE)


def put(box: OracleSandbox, user: User, appointment: Appointment, calendar: Calendar) -> str:
    """One appointment; returns its id. A range of days lasts from midnight to midnight: there is no other way."""
    texts = {"Location": appointment.place, "Description": appointment.notes}
    made = box.user_creates(
        user,
        appointment.title,
        moment(calendar.start(appointment.when)),
        moment(calendar.end(appointment.when)),
        Type=TYPES[appointment.kind],
        Private=appointment.private,
        **{name: text for name, text in texts.items() if text},
    )
    return made.id


def put_event(box: OracleSandbox, user: User, event: Appointment, calendar: Calendar) -> str:
    """One event; returns its id."""
    start, end = moment(calendar.start(event.when)), moment(calendar.end(event.when))
    return box.user_creates_event(user, event.title, start, end, Location=event.place).id


def moment(at: date | datetime) -> datetime:
    """A time as it is, and a day as its midnight."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(), ZoneInfo(ZONE))
