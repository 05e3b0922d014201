"""Events, read whole: a series with its changed occurrences and with those that it has lost.

Graph tells both of a series when they are asked for by name (`cancelledOccurrences`, `exceptionOccurrences`). Where a
service does not know these names, the instances of the series are listed, and what its rule has and they lack is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from soroe.adapters.net.reading import Json, Misfit
from soroe.core.event import ContainerId, EventContent, Timed, Window, starts_on
from soroe.core.rules.recurrence import RunawayRule, occurrences
from soroe.ports.errors import ItemRejected, RetryLater, ServiceFault

from .calendars import event_path
from .repeats import read_original, read_recurrence
from .session import Answer, Call, Session
from .times import query_time, read_when
from .wire import EVENT_QUERY, SERIES_QUERY, SPOILT, is_series

_MOST_PAGES = 100
_INSTANCE_FIELDS = "id,type,seriesMasterId,originalStart,start,end,isAllDay,originalStartTimeZone,attendees,organizer"
_ASTRAY = timedelta(days=730)
"""So far from its series an occurrence is looked for: the first may be moved ahead at will, and the last behind."""
_YEARS_AHEAD = 2
"""Up to the end of the year after next: a series that goes on for ever is compared no further."""


def event_call(container: ContainerId, own: str) -> Call:
    """The reading of an event of whatever kind."""
    return Call("GET", event_path(container, own), EVENT_QUERY)


def read_entry(session: Session, container: ContainerId, own: str) -> Json:
    """The event with this id; raises `Gone` and the port's other errors."""
    return completed(session, container, session.json(event_call(container, own)))


def completed(session: Session, container: ContainerId, entry: Json) -> Json:
    """The event, asked for once more where it turned out to be a series."""
    if not is_series(entry) or "cancelledOccurrences" in entry:
        return entry
    (whole,) = read_series(session, container, [str(entry.get("id", ""))])
    if whole is not None and SPOILT in whole:
        raise ItemRejected(str(whole[SPOILT]))
    return entry if whole is None else whole


def read_series(session: Session, container: ContainerId, ids: Sequence[str]) -> list[Json | None]:
    """Series with their changed and cancelled occurrences; None for one that is gone."""
    if session.tells_cancelled:
        calls = [Call("GET", event_path(container, own), SERIES_QUERY) for own in ids]
        answers = session.together(calls)
        if not any(_unknown_names(session, *pair) for pair in zip(calls, answers, strict=True)):
            entries = [entry_or_none(session, *one) for one in zip(calls, answers, ids, strict=True)]
            if all(map(_is_whole, entries)):
                return entries
        session.tells_cancelled = False
    calls = [event_call(container, own) for own in ids]
    entries = [entry_or_none(session, *one) for one in zip(calls, session.together(calls), ids, strict=True)]
    spans = [None if entry is None else _span(entry, session.now()) for entry in entries]
    listings = [instances_call(container, own, *span) for own, span in zip(ids, spans, strict=True) if span is not None]
    told = iter(zip(listings, session.together(listings), strict=True))
    for entry, span in zip(entries, spans, strict=True):
        if entry is not None and span is not None:
            call, answer = next(told)
            _complete(entry, list(listed(session, call, answer)), session.now())
    return entries


def entry_or_none(session: Session, call: Call, answer: Answer | None, own: str) -> Json | None:
    """The event in an answer; None for one that is gone, and nothing but a word of it where Graph cannot show it.
    Raises the port's errors for anything else."""
    if answer is None:
        raise RetryLater("answer_lost")
    if answer.ok:
        return answer.json(call)
    refused = session.refusal(call, answer)
    if refused.is_gone:
        return None
    if refused.spoilt or refused.hidden:
        return {"id": own, SPOILT: refused.spoilt or refused.hidden}
    raise session.trouble(refused) from refused


def instances_call(container: ContainerId, series: str, start: datetime, end: datetime) -> Call:
    """The listing of a series' occurrences, plain and changed, in a span of UTC moments."""
    span = urlencode({"startDateTime": query_time(start), "endDateTime": query_time(end)})
    path = f"{event_path(container, series)}/instances"
    return Call("GET", path, f"{span}&$select={_INSTANCE_FIELDS}&$top=500")


def instances(session: Session, container: ContainerId, series: str, start: datetime, end: datetime) -> Iterator[Json]:
    """The occurrences of a series in a span of UTC moments."""
    call = instances_call(container, series, start, end)
    yield from listed(session, call, session.send(call))


def listed(session: Session, call: Call, answer: Answer | None) -> Iterator[Json]:
    """The entries of a whole listing, of which the first page was asked for already.

    Raises the port's errors where it cannot be read to its end: what a listing lacks is taken for gone.
    """
    for _ in range(_MOST_PAGES):
        if answer is None:
            raise RetryLater("answer_lost")
        if not answer.ok:
            raise session.trouble_of(call, answer)
        told = answer.json(call)
        entries = told.get("value")
        if not isinstance(entries, list):
            raise ServiceFault("value_not_a_list")
        yield from (one for one in entries if isinstance(one, dict))
        if told.get("@odata.nextLink") is None:
            return
        following = session.link(told["@odata.nextLink"])
        if following is None:
            raise RetryLater("listing_without_end")
        path, _, query = following.partition("?")
        call = Call("GET", path, query, calendar=call.calendar)
        answer = session.send(call)
    raise ServiceFault("listing_without_end")


def _unknown_names(session: Session, call: Call, answer: Answer | None) -> bool:
    return answer is not None and answer.status == 400 and not session.refusal(call, answer).is_gone


def _is_whole(entry: Json | None) -> bool:
    """Whether an answer names the cancelled occurrences of a series, be there none: silence is no such word."""
    return entry is None or not is_series(entry) or "cancelledOccurrences" in entry


def _span(entry: Json, now: datetime) -> tuple[datetime, datetime] | None:
    """Where the occurrences of a series may lie; None for what is no readable series."""
    try:
        when = read_when(entry, repeats=True)
        if not is_series(entry) or read_recurrence(entry, when) is None:
            return None
        start = datetime.combine(starts_on(when), time(), UTC) - _ASTRAY
        return start, max(start + 2 * _ASTRAY, datetime.combine(_horizon(now), time(), UTC) + _ASTRAY)
    except (Misfit, OverflowError):
        return None


def _horizon(now: datetime) -> date:
    return date(now.year + _YEARS_AHEAD, 12, 31)


def _complete(entry: Json, found: list[Json], now: datetime) -> None:
    """Write into a series what Graph would have told of it: which occurrences are changed, and which are lost."""
    when = read_when(entry, repeats=True)
    rule = read_recurrence(entry, when)
    content = EventContent("", when, recurrence=rule and replace(rule, removed=()))
    entry["exceptionOccurrences"] = [one for one in found if one.get("type") == "exception"]
    there = set()
    for one in found:
        try:
            there.add(read_original(one))
        except Misfit:
            return  # the listing cannot be compared: what looks lost might not be
    try:
        lost = [day for original, day in _expected(content, _horizon(now)) if original not in there]
    except RunawayRule:
        return
    entry["cancelledOccurrences"] = [f"OID.{entry.get('id')}.{day}" for day in lost]


def _expected(content: EventContent, last: date) -> Iterator[tuple[datetime | date, date]]:
    """The original starts that a rule has up to a day, and the days they stand on by the series' clock."""
    when = content.when
    first = starts_on(when)
    for year in range(first.year, last.year + 1):
        window = Window(max(first, date(year, 1, 1)), date(year, 12, 31))
        for _, original in occurrences(content, window):
            if isinstance(original, datetime) and isinstance(when, Timed):
                day = original.replace(tzinfo=UTC).astimezone(ZoneInfo(when.zone)).date()
            else:
                day = original if not isinstance(original, datetime) else original.date()
            if window.first <= day <= window.last:
                yield original, day
