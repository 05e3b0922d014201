"""SyncFolderItems: newest first, at most 512, opaque states, and nothing told twice."""

from __future__ import annotations

import pytest

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.caller import (
    MORNING,
    SATO,
    Caller,
    Clock,
    T,
    changes,
    item_id,
    set_field,
    state_of,
)


def many(exchange: ExchangeSandbox, count: int, clock: Clock) -> list[str]:
    return [exchange.user_creates(SATO, f"Visit {n}", clock(), clock()) for n in range(count)]


def test_everything_is_new_at_first_and_newest_first(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    made = many(exchange, 3, clock)
    answer = sato.sync()
    assert changes(answer) == [("Create", identity) for identity in reversed(made)]
    assert answer.texts("IncludesLastItemInRange") == ["true"]
    assert changes(sato.sync(state_of(answer))) == []


def test_pages_end_where_everything_was_told(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    made = many(exchange, 7, clock)
    told: list[tuple[str, str]] = []
    state, last = "", "false"
    while last == "false":
        answer = sato.sync(state, most=3)
        told += changes(answer)
        state, last = state_of(answer), answer.texts("IncludesLastItemInRange")[0]
    assert told == [("Create", identity) for identity in reversed(made)]


def test_changes_between_two_pages_are_not_lost(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    made = many(exchange, 6, clock)
    answer = sato.sync(most=3)
    assert [identity for _, identity in changes(answer)] == [made[5], made[4], made[3]]
    exchange.user_changes(made[0], subject="Changed before it was told")
    exchange.user_changes(made[5], subject="Changed after it was told")
    exchange.user_deletes(made[4])
    exchange.user_deletes(made[1])
    rest = sato.sync(state_of(answer))
    assert changes(rest) == [("Delete", made[4]), ("Update", made[5]), ("Create", made[0]), ("Create", made[2])]
    assert changes(sato.sync(state_of(rest))) == []


def test_what_came_and_went_is_not_told(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    state = state_of(sato.sync())
    exchange.user_deletes(exchange.user_creates(SATO, "Short", clock(), clock()))
    assert changes(sato.sync(state)) == []


def test_an_old_state_tells_the_same_again(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    state = state_of(sato.sync())
    (identity,) = many(exchange, 1, clock)
    assert changes(sato.sync(state)) == changes(sato.sync(state)) == [("Create", identity)]


@pytest.mark.parametrize("state", ["nonsense", "eJyLVkosLU5VKC5JLElVKEssKk4tUbIqKSpNBQCQaAoH", "AAAA"])
def test_a_state_nobody_gave_out_is_refused(sato: Caller, state: str) -> None:
    assert sato.sync(state).code == "ErrorInvalidSyncStateData"


def test_a_state_of_another_folder_is_refused(exchange: ExchangeSandbox, sato: Caller) -> None:
    other = exchange.add_calendar(SATO, "営業")
    assert sato.sync(state_of(sato.sync()), folder=f'<t:FolderId Id="{other}"/>').code == "ErrorInvalidSyncStateData"


def test_states_can_expire(exchange: ExchangeSandbox, sato: Caller) -> None:
    state = state_of(sato.sync())
    exchange.expire_sync_states()
    assert sato.sync(state).code == "ErrorInvalidSyncStateData"
    assert sato.sync().code == "NoError"


def test_a_calendar_that_is_gone_cannot_be_followed(exchange: ExchangeSandbox, sato: Caller) -> None:
    folder = exchange.add_calendar(SATO, "営業")
    exchange.remove_calendar(folder)
    assert sato.sync(folder=f'<t:FolderId Id="{folder}"/>').code == "ErrorSyncFolderNotFound"


@pytest.mark.parametrize("most", [0, 513])
def test_more_than_512_changes_cannot_be_asked_for(sato: Caller, most: int) -> None:
    answer = sato.sync(most=most)
    assert (answer.status, answer.code) == (500, "ErrorSchemaValidation")


def test_summaries_have_no_body_no_guests_and_no_pattern(exchange: ExchangeSandbox, sato: Caller) -> None:
    attendee = "<t:Attendee><t:Mailbox><t:EmailAddress>guest@example.net</t:EmailAddress></t:Mailbox></t:Attendee>"
    properties = '<t:Subject>Visit</t:Subject><t:Body BodyType="Text">words</t:Body>'
    sato.created(f"{properties}{MORNING}<t:RequiredAttendees>{attendee}</t:RequiredAttendees>")
    summary = sato.sync(shape="AllProperties")
    names = {one.tag.removeprefix(T) for one in summary.root.iter() if one.tag.startswith(T)}
    assert {"Subject", "Start", "IsMeeting"} <= names
    assert not {"Body", "TextBody", "RequiredAttendees", "Recurrence"} & names
    view = '<m:IndexedPageItemView MaxEntriesReturned="10" Offset="0" BasePoint="Beginning"/>'
    more = '<t:AdditionalProperties><t:FieldURI FieldURI="item:Body"/></t:AdditionalProperties>'
    assert sato.find(view, more).code == "ErrorInvalidPropertyRequest"


def test_a_moved_item_is_gone_here_and_new_there(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    (identity,) = many(exchange, 1, clock)
    there = exchange.add_calendar(SATO, "営業")
    here = state_of(sato.sync())
    answer = sato.ask(
        f'<m:MoveItem><m:ToFolderId><t:FolderId Id="{there}"/></m:ToFolderId><m:ItemIds>{item_id(identity)}</m:ItemIds>'
        "</m:MoveItem>"
    )
    ((moved, _),) = answer.ids()
    assert moved != identity
    assert changes(sato.sync(here)) == [("Delete", identity)]
    assert changes(sato.sync(folder=f'<t:FolderId Id="{there}"/>')) == [("Create", moved)]


def test_a_change_of_one_occurrence_is_a_change_of_its_series(exchange: ExchangeSandbox, sato: Caller) -> None:
    daily = (
        "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>"
        "<t:NumberedRecurrence><t:StartDate>2026-04-06</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences>"
        "</t:NumberedRecurrence></t:Recurrence>"
    )
    series = sato.created(f"<t:Subject>Round</t:Subject>{MORNING}{daily}")
    state = state_of(sato.sync())
    second = f'<t:OccurrenceItemId RecurringMasterId="{series[0]}" InstanceIndex="2"/>'
    ((occurrence, key),) = sato.get(second).ids()[:1]
    sato.update((occurrence, key), set_field("item:Subject", "<t:Subject>Special</t:Subject>"))
    answer = sato.sync(state)
    assert changes(answer) == [("Update", series[0])]
    sato.ask(
        '<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToNone"><m:ItemIds>'
        f"{second}</m:ItemIds></m:DeleteItem>"
    )
    assert changes(sato.sync(state_of(answer))) == [("Update", series[0])]


def test_feeds_can_lie(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    made = many(exchange, 3, clock)
    exchange.lies.answer_empty()
    empty = sato.sync()
    assert (changes(empty), changes(sato.sync(state_of(empty)))) == ([], [])
    exchange.lies.answer_truncated(1)
    assert [identity for _, identity in changes(sato.sync())] == made[2:]
    exchange.lies.answer_out_of_order()
    assert [identity for _, identity in changes(sato.sync())] == made
    exchange.lies.repeat_items()
    assert len(changes(sato.sync())) == 6
    exchange.lies.spoil_first_item()
    assert sato.sync(shape="Default").texts("Start")[0] == "sometime"
    assert [identity for _, identity in changes(sato.sync())] == made[::-1]
