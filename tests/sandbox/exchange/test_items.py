"""Single items: bodies as words and as pages, whole days, shapes, and what is added to what is there."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.caller import MORNING, SATO, STAMP, Caller, Clock, item_id, set_field

PAGE = escape(
    "<html><head><style>p {}</style></head><body><p>持ち物 &amp; 地図</p><p>駅で</p></body></html>", quote=False
)


def test_a_page_is_given_as_words_where_words_are_asked_for(sato: Caller) -> None:
    identity = sato.created(f'<t:Subject>Visit</t:Subject><t:Body BodyType="HTML">{PAGE}</t:Body>{MORNING}')
    as_words = sato.get(item_id(identity), more="<t:BodyType>Text</t:BodyType>")
    assert as_words.texts("Body") == ["持ち物 & 地図\r\n駅で"]
    assert "<p>" in sato.get(item_id(identity)).texts("Body")[0]
    more = '<t:AdditionalProperties><t:FieldURI FieldURI="item:TextBody"/></t:AdditionalProperties>'
    assert sato.get(item_id(identity), shape="IdOnly", more=more).texts("TextBody") == ["持ち物 & 地図\r\n駅で"]


def test_words_are_given_as_a_page_where_a_page_is_asked_for(sato: Caller) -> None:
    identity = sato.created(f'<t:Body BodyType="Text">1 &lt; 2\n次</t:Body>{MORNING}')
    page = sato.get(item_id(identity), more="<t:BodyType>HTML</t:BodyType>").texts("Body")[0]
    assert "1 &lt; 2<br>\r\n次" in page
    assert sato.get(item_id(identity)).texts("Body") == ["1 < 2\r\n次"]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-04-06T00:00:00+09:00", "2026-04-07T00:00:00+09:00", (6, 7)),
        ("2026-04-06T09:30:00+09:00", "2026-04-07T17:00:00+09:00", (6, 8)),
        ("2026-04-06T00:00:00+09:00", "2026-04-06T00:00:00+09:00", (6, 7)),
    ],
)
def test_whole_days_go_from_midnight_to_midnight(
    exchange: ExchangeSandbox, sato: Caller, start: str, end: str, days: tuple[int, int]
) -> None:
    zones = '<t:StartTimeZone Id="Tokyo Standard Time"/><t:EndTimeZone Id="Tokyo Standard Time"/>'
    times = f"<t:Start>{start}</t:Start><t:End>{end}</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent>"
    stored = exchange.item(sato.created(f"{times}{zones}")[0])
    # Midnight in Tokyo is 15:00 UTC of the day before.
    assert (stored.start, stored.end) == tuple(datetime(2026, 4, day - 1, 15, tzinfo=UTC) for day in days)


def test_the_smallest_shape_has_ids_only(sato: Caller) -> None:
    stamp = f"<t:ExtendedProperty>{STAMP}<t:Value>1</t:Value></t:ExtendedProperty>"
    identity = sato.created(f"<t:Subject>Visit</t:Subject>{stamp}{MORNING}")
    bare = sato.get(item_id(identity), shape="IdOnly")
    assert (bare.ids(), bare.texts("Subject"), bare.texts("Value")) == ([identity], [], [])
    more = f"<t:AdditionalProperties>{STAMP}</t:AdditionalProperties>"
    assert sato.get(item_id(identity), shape="IdOnly", more=more).texts("Value") == ["1"]


def test_something_is_added_to_what_is_there(exchange: ExchangeSandbox, sato: Caller) -> None:
    identity = sato.created(f'<t:Body BodyType="Text">One</t:Body>{MORNING}')
    body = '<t:Body BodyType="Text"> and two</t:Body>'
    added = set_field("item:Body", body).replace("SetItemField", "AppendToItemField")
    assert sato.update(identity, added).code == "NoError"
    assert exchange.item(identity[0]).body == "One and two"
    identity = sato.get(item_id(identity[0])).ids()[0]
    subject = set_field("item:Subject", "<t:Subject>x</t:Subject>").replace("SetItemField", "AppendToItemField")
    assert sato.update(identity, subject).code == "ErrorInvalidPropertyAppend"


def test_a_change_is_dated(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    identity = sato.created()
    made = clock()
    clock.advance(hours=1)
    sato.update(
        identity, set_field("calendar:LegacyFreeBusyStatus", "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus>")
    )
    item = exchange.item(identity[0])
    assert (item.created, item.modified, item.show_as) == (made, clock(), "OOF")
    assert item.modified_by == "佐藤 花子"


def test_several_items_are_written_each_on_its_own(exchange: ExchangeSandbox, sato: Caller) -> None:
    good, bad = f"<t:Subject>Good</t:Subject>{MORNING}", "<t:Subject>Without times</t:Subject>"
    items = "".join(f"<t:CalendarItem>{one}</t:CalendarItem>" for one in (good, bad, good))
    answer = sato.ask(f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items>{items}</m:Items></m:CreateItem>')
    assert answer.codes == ["NoError", "ErrorRequiredPropertyMissing", "NoError"]
    assert [item.subject for item in exchange.items(SATO).values()] == ["Good", "Good"]
