"""Calendar files as programs in the wild write them: loaded, taken to each CRM and back, and nothing lost unsaid."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from soroe.adapters.google.wire import CalendarFacts, read_event
from soroe.core.dialect import DIALECTS, SALESFORCE, Dialect, RecurrenceSupport
from soroe.core.event import ContainerId, EventContent, Field, ObservedItem, Occurrence, Ref, Seen, Window
from soroe.core.rules.form import same, to_calendar, to_crm
from soroe.core.rules.limits import refusal
from soroe.core.rules.recurrence import as_single_items, assemble
from soroe.core.rules.recurrence_limits import single_items
from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.from_ics import load_calendar
from soroe.sandbox.demo.in_google import GoogleShelf
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.demo.words import told

FOLDER = Path(__file__).parents[2] / "corpus"
FACTS = CalendarFacts(ContainerId(ME), "Asia/Tokyo", "owner")
SEASON = Window(date(2026, 3, 1), date(2026, 12, 31))

MEETINGS = {
    "google.ics": {
        "定例会議 🗓️ 週次": 4,
        "定例会議（延長）": 1,
        "定例会議 続き": 3,
        "ゴールデンウィーク": 1,
        "Call with New York (no end)": 10,
    },
    "outlook.ics": {
        "Vertriebsrunde – Umsätze & Prognose": 6,
        "Morgenrunde über die Zeitumstellung": 9,
        "Brückentag": 1,
        "Nur HTML": 1,
    },
    "exchange.ics": {"Quarterly review": 6, "Stays open": 1},
    "apple.ics": {"Island stand-up 🏝️👩🏽‍💻": 10, "Floating, for ninety minutes": 1, "No end at all": 1},
    "notes.ics": {
        "Every date by hand": 3,
        "Rule and dates": 3,
        "Rule and dates, in the afternoon from here": 1,
    },
    "thunderbird.ics": {
        "Nachtschicht an der Zeitumstellung": 5,
        "Riesige Notiz": 1,
        "Letzter Werktag": 10,
        "Zwei Tage im Monat": 6,
    },
    "zoho.ics": {"株式会社○○ 様　訪問": 1, "隔年の契約更新": 1, "二十六時間の棚卸し": 3, "百二十回": 120},
    "old_outlook_shift_jis.ics": {"東京支店 打合せ": 1},
}
"""How many meetings of a title the season has; counted by hand."""
PROBLEMS = {"apple.ics": ["DTSTART"], "notes.ics": ["RECURRENCE-ID"], "old_outlook_shift_jis.ics": ["file"]}
"""The properties that could not be taken as they are, by file; "file" is the encoding that was concluded."""


@cache
def loaded(name: str) -> tuple[list[Seen], list[str]]:
    """The events of a file as the program reads them from a calendar, and what was said about the rest."""
    google = GoogleSandbox()
    google.add_account(ME)
    problems = told(load_calendar(GoogleShelf(google), OwnFile(FOLDER / name)))
    return [read_event(event, FACTS) for event in google.events(ME)], problems


def contents(name: str) -> list[EventContent]:
    return [item.content for item in loaded(name)[0] if isinstance(item, ObservedItem)]


def titles(seen: list[Seen]) -> Counter[str]:
    """The titles of every meeting in the season."""
    items = [item for item in seen if isinstance(item, ObservedItem)]
    found = Counter(
        item.content.title.strip() for item in items if item.occurrence is None and item.content.recurrence is None
    )
    for master in items:
        if master.content.recurrence is not None:
            parts = [part for part in seen if part is master or _series(part) == master.ref]
            whole = assemble(parts)
            assert whole is not None
            found.update(item.content.title.strip() for item in as_single_items(whole, SEASON))
    return found


def _series(part: Seen) -> Ref | None:
    occurrence: Occurrence | None = getattr(part, "occurrence", None)
    return Ref(part.ref.container, occurrence.series) if occurrence is not None else None


def test_every_file_is_spoken_of() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.ics")) == sorted(MEETINGS)


@pytest.mark.parametrize("name", sorted(MEETINGS))
def test_a_file_has_the_meetings_that_its_own_program_shows(name: str) -> None:
    seen, problems = loaded(name)
    assert all(isinstance(one, ObservedItem) for one in seen)
    assert titles(seen) == Counter(MEETINGS[name])
    assert [problem.split(": ")[1] for problem in problems] == PROBLEMS.get(name, [])


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("name", sorted(MEETINGS))
def test_s_8_a_crm_and_back_loses_nothing_beyond_what_is_said(name: str, dialect: Dialect) -> None:
    for whole in contents(name):
        single = dialect.recurrence is RecurrenceSupport.SINGLE_ITEMS
        content = replace(whole, recurrence=None) if single else whole  # there, an occurrence is what travels
        form = to_crm(content, dialect, "Asia/Tokyo")
        back = to_calendar(form.content, dialect, "Asia/Tokyo", content)
        said = {loss.field for loss in form.alterations} | unsayable(content, dialect)
        lost = [field for field in Field if field not in said and not same(back, content, field)]
        assert lost == [], content.title
        assert to_crm(back, dialect, "Asia/Tokyo").content == form.content, content.title


def unsayable(content: EventContent, dialect: Dialect) -> set[Field]:
    """The fields that this CRM does not have at all: they stay as they are in the calendar, and are never written."""
    fields = set()
    if not dialect.privacy_flag:
        fields.add(Field.VISIBILITY)
    if content.show_as not in dialect.show_as:
        fields.add(Field.SHOW_AS)
    if not dialect.guests or not (dialect.answers and dialect.declined_stay):
        fields.add(Field.GUESTS)
    if dialect.title_tail is not None:
        fields.add(Field.TITLE)
    return fields


def test_sf_8_sf_9_sf_10_what_salesforce_makes_of_them() -> None:
    every = [content for name in sorted(MEETINGS) for content in contents(name) if content.recurrence is not None]
    refused = {content.title: one.rule for content in every if (one := refusal(content, SALESFORCE)) is not None}
    assert refused == {"隔年の契約更新": "SF-9", "二十六時間の棚卸し": "SF-8"}
    single = {content.title for content in every if single_items(content, SALESFORCE, tied=False) is not None}
    assert single == {
        "百二十回",
        "Call with New York (no end)",
        "Every date by hand",
        "Rule and dates",
        "Zwei Tage im Monat",
        "Leap birthday",
        "Vertriebsrunde – Umsätze & Prognose",
    }
