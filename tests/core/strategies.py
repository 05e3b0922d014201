"""Random meetings, links, dialects and choices, as wild as a service may tell them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from soroe.core.dialect import DIALECTS as EVERY_DIALECT
from soroe.core.dialect import Dialect
from soroe.core.event import (
    AllDay,
    EventContent,
    Guest,
    ObservedItem,
    Particulars,
    ReadOnlyCause,
    Recurrence,
    Response,
    ShowAs,
    Side,
    Timed,
    Version,
    Visibility,
    When,
)
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy, Route
from tests.builders import item, route

TIGHT = Dialect("tight", title_limit=1, description_limit=2, location_limit=0, guest_limit=1, grid_minutes=15)
DIALECTS = st.sampled_from((*EVERY_DIALECT.values(), TIGHT))
ZONES = st.sampled_from(
    ("Etc/UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    (" Visit ", "Visit\n", "<p>Agenda</p><p>1 &amp; 2</p>", "a <b> c", "ﾃﾞﾓ　ＡＢＣ", "x" * 300, "…", "a " * 200, "")
)


@st.composite
def times(draw: st.DrawFn) -> When:
    """Any time a calendar can tell."""
    if draw(st.booleans()):
        start = draw(st.dates(date(2026, 4, 20), date(2026, 7, 1)))
        return AllDay(start, start + timedelta(days=draw(st.integers(1, 5))))
    begin = draw(st.datetimes(datetime(2026, 4, 20), datetime(2026, 11, 20)))
    return Timed(begin, begin + timedelta(seconds=draw(st.integers(0, 300_000))), draw(ZONES))


GUESTS = st.lists(
    st.builds(
        Guest, st.sampled_from(("a@example.com", "B@example.com", "c@example.com")), TEXTS, st.sampled_from(Response)
    ),
    max_size=3,
    unique_by=lambda guest: guest.email.lower(),
).map(tuple)
RECURRENCES = st.none() | st.sampled_from(
    (Recurrence(("FREQ=WEEKLY;COUNT=5",)), Recurrence(("FREQ=DAILY;UNTIL=20260701T000000Z",)))
)
CONTENTS = st.builds(
    EventContent,
    TEXTS,
    times(),
    TEXTS,
    TEXTS,
    st.sampled_from(ShowAs),
    st.sampled_from(Visibility),
    GUESTS,
    RECURRENCES,
    st.none() | st.booleans(),
)
SINGLES = CONTENTS.filter(lambda content: content.recurrence is None)
ROUTES: st.SearchStrategy[Route] = st.builds(
    route,
    direction=st.sampled_from(Direction),
    privacy=st.sampled_from(PrivacyPolicy),
    conflicts=st.sampled_from(ConflictPolicy),
    guests_to_calendar=st.booleans(),
    guests_to_crm=st.booleans(),
    zone=ZONES,
)
NAMES = st.sampled_from(
    ("", "株式会社○○", "Aoki Trading (Kobe)", "一般対応", "丸ビル", "新丸ビル 5F", " 100-0005 ", "a/b")
)
PARTICULARS = st.none() | st.builds(Particulars, NAMES, NAMES, NAMES, NAMES)
CAUSES = st.none() | st.sampled_from(ReadOnlyCause)


@st.composite
def items(draw: st.DrawFn, side: Side, content: st.SearchStrategy[EventContent] = CONTENTS) -> ObservedItem:
    """Any item as a service may show it."""
    changed = draw(st.datetimes(datetime(2026, 5, 1), datetime(2026, 5, 11), timezones=st.just(UTC)))
    return item(
        side,
        draw(st.sampled_from(("1", "2"))),
        draw(content),
        version=Version(str(draw(st.integers(1, 9)))),
        changed_at=draw(st.none() | st.just(changed)),
        read_only=draw(CAUSES),
        activity_type=draw(st.sampled_from(("meeting", "Event"))) if side is Side.CRM else None,
        particulars=draw(PARTICULARS) if side is Side.CRM else None,
        declined=side is Side.CALENDAR and draw(st.integers(0, 9)) == 0,
    )
