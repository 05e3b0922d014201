"""An activity's time: an end before its start is noticed, also where a clock is turned."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from soroe.adapters.crm.documents import Malformed, members
from soroe.adapters.crm.rest.occurrences import Occurrences
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.rest.reading import ItemReading
from soroe.adapters.crm.rest.times import TimesReading, times_told
from soroe.core.event import UTC_ZONE, ObservedItem, Timed, When, instant

from .conftest import PROFILES

GENERIC = load_profile(PROFILES / "generic.toml")
ZONES = ("Asia/Tokyo", "Europe/Berlin", "Etc/UTC", "Australia/Lord_Howe")
TURNED = (datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1), datetime(2026, 4, 5, 1), datetime(2026, 10, 4, 1))
NEAR = st.builds(lambda at, minutes: at + timedelta(minutes=minutes), st.sampled_from(TURNED), st.integers(-30, 150))


def read(start: datetime, end: datetime, zone: str) -> When | None:
    """The time that an activity tells so, None for one that nobody can use."""
    told = {
        "start": {"date_time": start.isoformat(), "time_zone": zone},
        "end": {"date_time": end.isoformat(), "time_zone": zone},
    }
    times = TimesReading(GENERIC.times, lambda: UTC_ZONE)
    try:
        return times.when(members(times_told(GENERIC.times))(told))
    except Malformed:
        return None


@given(NEAR, NEAR, st.sampled_from(ZONES))
@example(datetime(2026, 3, 29, 2, 59), datetime(2026, 3, 29, 3), "Europe/Berlin")
@example(datetime(2026, 3, 29, 3), datetime(2026, 3, 29, 2, 59), "Europe/Berlin")
def test_a_time_is_refused_exactly_where_its_end_comes_first(start: datetime, end: datetime, zone: str) -> None:
    if instant(end, zone) < instant(start, zone):
        assert read(start, end, zone) is None
    else:
        assert read(start, end, zone) == Timed(start, end, zone)


def test_an_activity_tells_when_it_was_made_and_when_it_was_changed() -> None:
    reading = ItemReading(GENERIC, lambda: UTC_ZONE, Occurrences())
    made, changed = "2026-04-01T09:00:00Z", "2026-04-02T10:30:00+09:00"
    for updated in (made, changed):
        item = reading.seen(
            {
                "id": "a",
                "etag": "1",
                "subject": "Visit",
                "start": {"date_time": "2026-04-10T10:00:00", "time_zone": "Asia/Tokyo"},
                "end": {"date_time": "2026-04-10T11:00:00", "time_zone": "Asia/Tokyo"},
                "created_at": made,
                "updated_at": updated,
            }
        )
        assert isinstance(item, ObservedItem)
        assert item.created_at == datetime.fromisoformat(made)
        assert item.changed_at == datetime.fromisoformat(updated)
