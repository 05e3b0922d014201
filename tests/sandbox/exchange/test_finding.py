"""FindItem by restriction: comparisons, pages, orders, and what cannot be searched for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.caller import MORNING, SATO, STAMP, Answered, Caller, Clock

PAGE = '<m:IndexedPageItemView MaxEntriesReturned="{}" Offset="{}" BasePoint="Beginning"/>'


def search(sato: Caller, expression: str, page: tuple[int, int] = (100, 0), order: str = "") -> Answered:
    return sato.find(f"{PAGE.format(*page)}<m:Restriction>{expression}</m:Restriction>{order}")


def compared(name: str, path: str, value: str) -> str:
    return f'<t:{name}>{path}<t:FieldURIOrConstant><t:Constant Value="{value}"/></t:FieldURIOrConstant></t:{name}>'


def field(uri: str) -> str:
    return f'<t:FieldURI FieldURI="{uri}"/>'


@pytest.fixture
def days(exchange: ExchangeSandbox, clock: Clock) -> list[str]:
    start = clock()
    return [
        exchange.user_creates(SATO, f"Day {n}", start + timedelta(days=n), start + timedelta(days=n, hours=1))
        for n in range(5)
    ]


def test_a_stamp_is_found_whatever_the_case_of_its_set(sato: Caller) -> None:
    sato.created(f"<t:ExtendedProperty>{STAMP}<t:Value>one</t:Value></t:ExtendedProperty>{MORNING}")
    wanted = sato.created(f"<t:ExtendedProperty>{STAMP}<t:Value>two</t:Value></t:ExtendedProperty>{MORNING}")
    lower = STAMP.replace("0F3C1A52", "0f3c1a52")
    assert search(sato, compared("IsEqualTo", lower, "two")).ids() == [wanted]
    assert search(sato, f"<t:Not><t:Exists>{STAMP}</t:Exists></t:Not>").ids() == []
    more = f"<t:AdditionalProperties>{STAMP}</t:AdditionalProperties>"
    assert sato.find(PAGE.format(9, 0), more).texts("Value") == ["two", "one"]


def test_moments_and_words_are_compared(sato: Caller, days: list[str]) -> None:
    after = compared("IsGreaterThanOrEqualTo", field("calendar:Start"), "2026-04-04T09:00:00Z")
    until = compared("IsLessThan", field("calendar:Start"), "2026-04-05T09:00:00Z")
    assert search(sato, f"<t:And>{after}{until}</t:And>").texts("Subject") == ["Day 3"]
    modes = 'ContainmentMode="Substring" ContainmentComparison="IgnoreCase"'
    named = f'<t:Contains {modes}>{field("item:Subject")}<t:Constant Value="DAY 1"/></t:Contains>'
    either = f"<t:Or>{named}{after}</t:Or>"
    assert search(sato, either).texts("Subject") == ["Day 4", "Day 3", "Day 1"]


def test_pages_go_on_where_the_last_one_ended(sato: Caller, days: list[str]) -> None:
    order = f'<m:SortOrder><t:FieldOrder Order="Ascending">{field("calendar:Start")}</t:FieldOrder></m:SortOrder>'
    everything = f"<t:Exists>{field('item:Subject')}</t:Exists>"
    found: list[str] = []
    for offset in (0, 2, 4):
        answer = search(sato, everything, (2, offset), order)
        found += [identity for identity, _ in answer.ids()]
    assert found == days
    (root,) = (one for one in answer.root.iter() if one.tag.endswith("RootFolder"))
    assert (root.get("IncludesLastItemInRange"), root.get("TotalItemsInView")) == ("true", "5")


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (compared("IsEqualTo", field("calendar:UID"), "x"), "ErrorUnsupportedPathForQuery"),
        (compared("IsEqualTo", field("calendar:Nothing"), "x"), "ErrorSchemaValidation"),
        ("<t:Resembles/>", "ErrorSchemaValidation"),
        (
            compared("IsEqualTo", '<t:ExtendedFieldURI PropertyName="x" PropertyType="String"/>', "x"),
            "ErrorInvalidExtendedProperty",
        ),
    ],
)
def test_what_cannot_be_searched_for_is_refused(sato: Caller, days: list[str], expression: str, code: str) -> None:
    assert search(sato, expression).code == code


def test_a_view_takes_no_restriction(sato: Caller) -> None:
    view = '<m:CalendarView StartDate="2026-04-01T00:00:00Z" EndDate="2026-05-01T00:00:00Z"/>'
    restriction = f"<m:Restriction><t:Exists>{field('item:Subject')}</t:Exists></m:Restriction>"
    assert sato.find(view + restriction).code == "ErrorRestrictionTooComplex"
