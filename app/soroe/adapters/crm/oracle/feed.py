"""Oracle's changes: what was modified since, a sweep over the ids now and then, everything once a day.

There is no feed of deletions: deleted records leave the collection without a word, and restored ones come back under
their old id. The sweep finds both, and nothing becomes a tombstone that was not read directly and found gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from soroe.adapters.crm.documents import Malformed, at, id_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import ItemId, Seen, Tombstone, Window
from soroe.ports.errors import CursorExpired, Gone, ItemRejected, ServiceFault
from soroe.ports.remote import NOTHING_KNOWN, Cursor, KnownVersions, Page

from .api import Api, Question
from .looks import Looks
from .mark import Intervals, Mark, State, opened
from .wire import Records

ONE_DAY = timedelta(days=1)
MOST_LOOKS = 50
"""So many ids that a sweep finds new or missing are looked up one by one; of more, everything is listed again."""


class Feed:
    """Reads the records of one resource, as `looks` makes items of them."""

    def __init__(self, api: Api, records: Records, looks: Looks, intervals: Intervals) -> None:
        self._api = api
        self._records = records
        self._looks = looks
        self._intervals = intervals
        self._queries = True
        self._others: dict[str, State] = {}

    def changes(self, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window. Raises `CursorExpired`."""
        self._looks.prepare()
        self._looks.begins(self._intervals.others)
        if cursor is None:
            return self._everything(window, known)
        mark = opened(cursor)
        if self._api.clock() - mark.listed >= self._intervals.everything:
            # What is known of other people's records holds on: to look into all of them again takes too long.
            self._others = {own: state for own, state in mark.known.items() if not state.ours}
            raise CursorExpired("everything_is_listed_daily")
        if mark.owner != self._looks.me:
            raise CursorExpired("somebody_else_signed_in")
        return self._since(mark, window)

    def starting(self, start: str) -> Iterator[Json]:
        """The records that start at a time, as the service writes it, as far as a condition can say so."""
        names = self._records.resource
        condition = self._condition(f"{names.start} = '{start}'")
        for rows in self._asked(Question(names.asked, condition, f"{names.id}:asc"), f"{names.id}:asc"):
            yield from (row for row in rows if at(row, names.start) == start)

    # --- everything ---
    def _everything(self, window: Window, known: KnownVersions) -> Iterator[Page]:
        now = self._api.clock()
        mark = Mark(self._looks.me, now, now, now)
        page: Page | None = None
        for rows in self._listed(self._records.resource.asked, window):
            if page is None:
                # The service's own clock, from before anything else was listed: nothing can fall between.
                mark.since = min(now, self._api.session.served_at(now)) - self._intervals.overlap
            else:
                yield page
            seen: list[Seen] = []
            unchanged: list[ItemId] = []
            for row in rows:
                same = self._same_as_known(mark, row, known)
                one = self._news(mark, row) if same is None else None
                if same is not None:
                    unchanged.append(same)
                elif one is not None:
                    seen.append(one)
            page = Page(tuple(seen), unchanged=tuple(unchanged))
        self._others = {}
        yield replace(page or Page(()), cursor=mark.cursor())

    def _same_as_known(self, mark: Mark, row: Json, known: KnownVersions) -> ItemId | None:
        """The id of a record in the state that is known; its children are looked at in their turn."""
        try:
            own = ItemId(id_at(row, self._records.resource.id))
            if own not in known:
                return None
            mark.known[own] = State(known[own], self._looks.changed(row), touched=self._looks.touched(row))
            return own if known[own].partition("/")[0] == self._records.digest(row) else None
        except Malformed:
            return None

    def _listed(self, fields: tuple[str, ...], window: Window) -> Iterator[list[Json]]:
        """What lies in the window, with a day more at both ends."""
        names, dial = self._records.resource, self._records.dial
        first, last = window.first - ONE_DAY, window.last + ONE_DAY
        condition = f"{names.end} >= '{first}T00:00:00Z';{names.start} <= '{last}T23:59:59Z'"
        wide = Window(first, last)

        def inside(row: Json) -> bool:
            try:
                start, end = (dial.wall(at(row, name), name) for name in (names.start, names.end))
            except Malformed:
                return True  # told as unreadable
            return wide.holds(dial.when(start, max(start, end)))

        condition = ";".join(part for part in (condition, self._looks.of_mine()) if part)
        for rows in self._asked(Question(fields, self._condition(condition), f"{names.id}:asc"), f"{names.id}:asc"):
            yield [row for row in rows if inside(row)]

    # --- changes ---
    def _since(self, mark: Mark, window: Window) -> Iterator[Page]:
        newest: datetime | None = None
        served: datetime | None = None
        quiet = True
        for rows in self._modified(mark.since):
            # The service's own clock at the first page: what is changed while the others are read comes next time.
            served = served or self._api.session.served_at(self._api.clock())
            page: list[Seen] = []
            for row in rows:
                one = self._news(mark, row)
                page.extend([] if one is None else [one])
                newest = max(filter(None, (newest, self._looks.touched(row))), default=None)
            quiet = quiet and not page
            if page:
                yield Page(tuple(page))
        if newest is not None and served is not None:
            # What is all known already need not be fetched again; else what commits late is waited for.
            mark.since = max(mark.since, (served if quiet else min(newest, served)) - self._intervals.overlap)
        more = (*self._swept(mark, window), *self._in_turn(mark))
        yield Page(more, mark.cursor())

    def _modified(self, since: datetime) -> Iterator[list[Json]]:
        names, dial = self._records.resource, self._records.dial
        earliest = dial.told_since(since, self._api.clock())
        condition = self._condition(f"{names.modified} > '{earliest}'")
        question = Question(names.asked, condition, f"{names.modified}:asc")
        for rows in self._asked(question, f"{names.modified}:desc"):
            fresh = [row for row in rows if _later(at(row, names.modified), earliest)]
            yield fresh
            if not self._queries and len(fresh) < len(rows):
                return  # the rest is older still

    def _news(self, mark: Mark, row: Json) -> Seen | None:
        """What a record has to tell that was not told before."""
        try:
            own = id_at(row, self._records.resource.id)
        except Malformed:
            return self._records.read(row)
        seen, state = self._looks.at(row, own, mark.known.get(own) or self._others.get(own), mark.since)
        if state is None:
            mark.known.pop(own, None)
        else:
            mark.known[own] = state
        return seen

    # --- what nothing tells of ---
    def _swept(self, mark: Mark, window: Window) -> list[Seen]:
        """What was deleted, and what came back, since the last sweep."""
        now = self._api.clock()
        if now - mark.swept < self._intervals.sweep:
            return []
        names = self._records.resource
        listed = {
            own
            for rows in self._listed((names.id, names.start, names.end), window)
            for own in (at(row, names.id) for row in rows)
            if isinstance(own, str)
        }
        missing = [own for own in sorted(mark.known) if own not in listed]
        new = sorted(listed - mark.known.keys())
        if len(missing) + len(new) > MOST_LOOKS:
            raise CursorExpired("too_many_changes_to_look_through")
        mark.swept = now
        found = [self._looked_up(mark, own, gone=True) for own in missing]
        found += [self._looked_up(mark, own, gone=False) for own in new]
        return [one for one in found if one is not None]

    def _looked_up(self, mark: Mark, own: str, *, gone: bool) -> Seen | None:
        before = mark.known.get(own)
        try:
            row = self._api.get(self._records.resource, own)
        except Gone:
            mark.known.pop(own, None)
            return Tombstone(self._records.ref(own)) if before is not None and before.ours else None
        told = self._news(mark, row)
        if gone:
            mark.known.pop(own, None)  # it has left the window, or its list was not whole: the next one tells
        return told

    def _in_turn(self, mark: Mark) -> list[Seen]:
        """News of the children of the next few records."""
        due = self._looks.due(mark, self._intervals)
        found: list[Seen | None] = []
        for own in due:
            mark.turn = own
            if not mark.known[own].ours:
                self._others.pop(own, None)
                del mark.known[own]  # looked into as if for the first time: somebody may have been added to it
            found.append(self._looked_up(mark, own, gone=False))
        return [one for one in found if one is not None]

    # --- asking ---
    def _condition(self, condition: str) -> str:
        return ";".join(part for part in (condition, self._looks.narrowed()) if part)

    def _asked(self, question: Question, otherwise: str) -> Iterator[list[Json]]:
        """The records that fit; from a service that does not take conditions, all of them in the other order."""
        names = self._records.resource
        if self._queries:
            told = False
            try:
                for rows in self._api.rows(names.name, names.name, question):
                    told = True
                    yield rows
                return
            except ItemRejected as refused:
                if told:
                    raise ServiceFault(refused.code) from refused
                self._queries = False
        try:
            yield from self._api.rows(names.name, names.name, replace(question, condition="", order=otherwise))
        except ItemRejected as refused:  # no item was asked about: the service does not take the reading itself
            raise ServiceFault(":".join(filter(None, (refused.code, refused.field)))) from refused


def _later(told: Json, than: str) -> bool:
    """Whether a time as the service writes it comes after another; what is no time is told as unreadable."""
    return not isinstance(told, str) or told > than
