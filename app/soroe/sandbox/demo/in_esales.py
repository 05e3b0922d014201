"""The fortnight in eSales Manager: deals, buildings, colleagues, private schedules, and times on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.esales import Employee, EsalesSandbox, Kind

from .appointments import ME, ZONE, Appointment, Calendar, Days, Hours
from .fortnight import ACTIVITIES

KINDS = {"meeting": 1, "call": 4, "task": 3, "lunch": 2}


@dataclass(frozen=True, slots=True)
class Deal:
    """A schedule that belongs to a customer and a deal, in a building."""

    appointment: Appointment
    customer: str
    name: str
    building: str = ""
    postal_code: str = ""


DEALS: tuple[Deal, ...] = (
    Deal(
        Appointment("提案", Hours(1, 10), place="東京都千代田区丸の内1-1"),
        "丸の内商事株式会社",
        "基幹システム更新",
        "丸ビル",
        "100-0005",
    ),
    Deal(Appointment("ミーティング", Hours(4, 14, 0, 90)), "株式会社みなと", "一般対応"),
    Deal(
        Appointment("見積もりのご説明", Hours(8, 11), place="大阪市北区大深町4-20", notes="見積書を 3 部持参"),
        "株式会社関西フーズ",
        "冷蔵設備の入れ替え",
        "グランフロント大阪 タワーA",
        "530-0011",
    ),
)
PRIVATE = Appointment("健康診断", Hours(2, 16, 30, 60), place="本町クリニック", private=True)
"""Marked 非公開: private in the calendar as well (ESM-O11)."""
WITH_COLLEAGUE = Appointment("社内レビュー", Hours(3, 13), place="本社 会議室 B")
"""Sato and a colleague with a calendar, and one without: the first is a guest, the other is left out (ESM-O8)."""
REGULAR = Appointment("部内定例", Hours(6, 9, 0, 30), place="会議室 A")
"""A regular schedule (定例): in the calendar an ordinary event (ESM-O3)."""


def fill(box: EsalesSandbox, calendar: Calendar) -> Employee:
    """Everything that Sato finds in the CRM."""
    sato = box.add_employee(ME, "佐藤 健")
    kimura = box.add_employee("kimura@example.com", "木村 直樹")
    without_calendar = box.add_employee("ito@example.com", "伊藤 誠", google_account="")
    for appointment in (*ACTIVITIES, PRIVATE):
        put(box, sato, appointment, calendar)
    for deal in DEALS:
        put(
            box, sato, deal.appointment, calendar, customer=deal.customer, businessplan=deal.name,
            building=deal.building, postal_code=deal.postal_code, people_met=("ご担当者様",),
        )  # fmt: skip # short values, several a line
    put(
        box, sato, WITH_COLLEAGUE, calendar, participants=(sato, kimura, without_calendar), facilities=("会議室 B",),
        others_may_change=True,
    )  # fmt: skip # short values, several a line
    put(box, sato, REGULAR, calendar, type=Kind.PERIODIC)
    return sato


def put(
    box: EsalesSandbox,
    user: Employee,
    appointment: Appointment,
    calendar: Calendar,
    **more: Any,  # noqa: ANN401 - members of several types
) -> None:
    """One schedule. Several whole days are entered as what they are here: a time from one morning to an evening."""
    start, end = calendar.start(appointment.when), calendar.end(appointment.when)
    if isinstance(appointment.when, Days):
        start, end = days(start, appointment.when.days)
    box.user_creates(
        user, appointment.title.strip(), start, end, schedule_kind=KINDS[appointment.kind], detail=appointment.notes,
        address=appointment.place, private=appointment.private, **more,
    )  # fmt: skip # short values, several a line


def days(first: date, number: int) -> tuple[date | datetime, date | datetime]:
    """So many days as a schedule can hold them: one as an all-day schedule, more from nine o'clock to six."""
    if number <= 1:
        return first, first
    zone, last = ZoneInfo(ZONE), date.fromordinal(first.toordinal() + number - 1)
    morning, evening = datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=18)
    return datetime.combine(first, morning, zone), datetime.combine(last, evening, zone)
