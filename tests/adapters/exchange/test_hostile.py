"""Items mangled in every way: told as unreadable or as something, and never at the cost of the others."""

from __future__ import annotations

import random
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped] # it publishes no typing information

from soroe.adapters.exchange.library import Connection, Mailbox, element
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.adapters.exchange.wire import CalendarFacts, is_elsewhere, read_item, read_series
from soroe.adapters.net.transport import Network, RequestCount
from soroe.core.event import ContainerId, ObservedItem, Unreadable

from .conftest import SATO

FACTS = CalendarFacts(ContainerId("AAMkFolder="), "Asia/Tokyo", SATO)
MASTER = """<t:CalendarItem xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">
<t:ItemId Id="AAMkItem=" ChangeKey="DwAAABY="/><t:ParentFolderId Id="AAMkFolder=" ChangeKey="AQ=="/>
<t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Round</t:Subject><t:Sensitivity>Private</t:Sensitivity>
<t:DateTimeCreated>2026-05-01T01:02:03Z</t:DateTimeCreated>
<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="980653a9-f9f9-499b-b68c-878de80ee161"
 PropertyName="SoroeStamp" PropertyType="String"/><t:Value>soroe1|key|partner</t:Value></t:ExtendedProperty>
<t:EffectiveRights><t:Delete>true</t:Delete><t:Modify>true</t:Modify><t:Read>true</t:Read></t:EffectiveRights>
<t:LastModifiedTime>2026-05-02T01:02:03Z</t:LastModifiedTime><t:TextBody BodyType="Text">Bring</t:TextBody>
<t:Start>2026-05-12T01:00:00Z</t:Start><t:End>2026-05-12T02:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent>
<t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:Location>Osaka</t:Location><t:IsMeeting>true</t:IsMeeting>
<t:IsCancelled>false</t:IsCancelled><t:CalendarItemType>RecurringMaster</t:CalendarItemType>
<t:MyResponseType>Organizer</t:MyResponseType>
<t:Organizer><t:Mailbox><t:Name>Sato</t:Name><t:EmailAddress>sato@example.com</t:EmailAddress></t:Mailbox></t:Organizer>
<t:RequiredAttendees><t:Attendee><t:Mailbox><t:Name>Suzuki</t:Name><t:EmailAddress>suzuki@example.com</t:EmailAddress>
<t:RoutingType>SMTP</t:RoutingType></t:Mailbox><t:ResponseType>Accept</t:ResponseType></t:Attendee></t:RequiredAttendees>
<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday</t:DaysOfWeek>
<t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence>
<t:StartDate>2026-05-12+09:00</t:StartDate><t:NumberOfOccurrences>6</t:NumberOfOccurrences></t:NumberedRecurrence>
</t:Recurrence><t:ModifiedOccurrences><t:Occurrence><t:ItemId Id="AAMkOther=" ChangeKey="Dw=="/>
<t:Start>2026-05-20T01:00:00Z</t:Start><t:End>2026-05-20T02:00:00Z</t:End>
<t:OriginalStart>2026-05-19T01:00:00Z</t:OriginalStart></t:Occurrence></t:ModifiedOccurrences>
<t:DeletedOccurrences><t:DeletedOccurrence><t:Start>2026-05-26T01:00:00Z</t:Start></t:DeletedOccurrence>
</t:DeletedOccurrences><t:StartTimeZone Id="Tokyo Standard Time"/><t:EndTimeZone Id="Tokyo Standard Time"/>
</t:CalendarItem>""".replace("\n", "")
JUNK = (
    "", "x", "-1", "9" * 20, "2026-13-45T99:99:99Z", "true", "日本", "NaN", "2026-05-12", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "x" * 600_000,
)  # fmt: skip # short values, several a line


@pytest.fixture(scope="module")
def mailbox() -> Mailbox:
    secret = ExchangeSecret("secret", "https://mail.example.com/EWS/Exchange.asmx", Auth.BASIC)
    settings = ExchangeSettings(SATO, zone="Asia/Tokyo")
    return Mailbox(settings, Connection(settings, secret, Network(), RequestCount()))


def mangled(chance: random.Random) -> Any:
    """The item with up to three parts emptied, dropped, renamed, doubled or filled with junk."""
    root = etree.fromstring(MASTER)
    for _ in range(chance.randint(1, 3)):
        parts = list(root.iter())
        part = chance.choice(parts)
        match chance.randrange(6):
            case 0:
                part.text = chance.choice(JUNK)
            case 1 if part.getparent() is not None:
                part.getparent().remove(part)
            case 2:
                part.tag = chance.choice(parts).tag
            case 3 if part.attrib:
                part.set(chance.choice(list(part.attrib)), chance.choice(JUNK))
            case 4:
                part.append(etree.fromstring(etree.tostring(chance.choice(parts))))
            case _:
                part.clear()
    return root


def test_the_item_as_it_should_be_is_read_whole(mailbox: Mailbox) -> None:
    found = element(etree.fromstring(MASTER), mailbox)
    seen = read_item(found, FACTS)
    assert isinstance(seen, ObservedItem) and seen.stamp == "soroe1|key|partner" and not is_elsewhere(found, FACTS)
    series = read_series(found, FACTS)
    assert (len(series.exceptions), len(series.cancelled)) == (1, 1)


@pytest.mark.parametrize("seed", range(10))
def test_no_mangled_item_breaks_the_reading(mailbox: Mailbox, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        found = element(mangled(chance), mailbox)
        seen = read_item(found, FACTS)
        is_elsewhere(found, FACTS)
        if isinstance(seen, Unreadable):
            assert seen.field and seen.reason and len(seen.reason) < 200
        else:
            read_series(found, FACTS)
            assert len(seen.content.title) <= 40_000


def test_a_zone_a_name_and_an_organiser_come_as_they_are(mailbox: Mailbox) -> None:
    for told, field in (("Moon Standard Time", "StartTimeZone"), ("Customized Time Zone", "StartTimeZone")):
        seen = read_item(element(etree.fromstring(MASTER.replace("Tokyo Standard Time", told)), mailbox), FACTS)
        assert isinstance(seen, Unreadable) and seen.field == field


def test_what_is_no_appointment_is_told_as_what_it_is(mailbox: Mailbox) -> None:
    for kind in ("Booking", "Message", "NeverHeardOf"):
        seen = read_item(
            element(
                etree.fromstring(
                    MASTER.replace("CalendarItem>", f"{kind}>").replace("<t:CalendarItem ", f"<t:{kind} ")
                ),
                mailbox,
            ),
            FACTS,
        )
        assert isinstance(seen, Unreadable) and seen.field == "kind" and kind in seen.reason
