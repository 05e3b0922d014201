"""Two syncs of one calendar: each carries what people made, and takes nothing that is the other's."""

from __future__ import annotations


from soroe.core.dialect import GENERIC, PIPEDRIVE, Dialect
from soroe.core.event import Recurrence
from soroe.core.stamp import sync_key
from soroe.ports.remote import Capabilities
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .test_series import day

WEEKLY = Recurrence(("FREQ=WEEKLY;COUNT=3",))
ANY_CRM, ANY_PIPEDRIVE = (REST_LIKE, GENERIC), (PIPEDRIVE_LIKE, PIPEDRIVE)


def two_syncs(*crms: tuple[Capabilities, Dialect]) -> list[Laptop]:
    """A sync with each of these CRMs, all of one calendar."""
    clock = Clock()
    calendar = FakeService(GOOGLE_LIKE, clock)
    return [
        Laptop(
            FakeService(capabilities, clock), calendar, clock=clock, dialect=dialect,
            key=sync_key(f"crm-{number}", "calendar-1"),
        )
        for number, (capabilities, dialect) in enumerate(crms)
    ]  # fmt: skip # short values, several a line


def rest(*syncs: Laptop) -> None:
    """All come to rest together."""
    for _ in range(4):
        if not any([sync.until_quiet() for sync in syncs]):
            return
    raise AssertionError("the syncs do not come to rest")


def titles(sync: Laptop) -> list[str]:
    return sorted(content.title for content in sync.crm.contents())


def test_an_occurrence_that_another_sync_moved_and_stamped_is_moved_in_both_crms() -> None:
    whole, single = two_syncs(ANY_CRM, ANY_PIPEDRIVE)
    series = whole.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    rest(whole, single)
    first = sorted(single.crm.items)[0]
    single.crm.user_changes(first, title="Jour fixe, long", when=at(15))
    rest(single, whole)
    exception = day(series, 0)
    assert "|" in (whole.calendar.items[exception].stamp or "")
    twin = next(item for item in whole.crm.items.values() if item.occurrence is not None)
    assert (twin.content.title, twin.content.when) == ("Jour fixe, long", at(15))
