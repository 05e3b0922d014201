"""How the properties of a calendar item are shown in answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.html import page_of, words_of
from soroe.sandbox.exchange.ids import shown_id
from soroe.sandbox.exchange.model import Account, Attendee, Person, PropertyUri, State
from soroe.sandbox.exchange.recurrence import shown_recurrence
from soroe.sandbox.exchange.series import Seen, first_and_last, plain
from soroe.sandbox.exchange.soap import node
from soroe.sandbox.exchange.zones import shown


@dataclass(frozen=True, slots=True)
class Look:
    """One item as one person asks for it; `body_type` is Text, HTML or Best."""

    state: State
    account: Account
    seen: Seen
    body_type: str = "Best"


Show = Callable[[Look], Element | None]


def words(name: str, value: Callable[[Look], str]) -> Show:
    def show(look: Look) -> Element | None:
        text = value(look)
        return node(f"t:{name}", text) if text else None

    return show


def flag(name: str, value: Callable[[Look], bool]) -> Show:
    return lambda look: node(f"t:{name}", "true" if value(look) else "false")


def other(name: str) -> Show:
    return words(name, lambda look: dict(look.seen.item.other).get(name, ""))


def body(look: Look) -> Element:
    item = look.seen.item
    wanted = item.body_type if look.body_type == "Best" else look.body_type
    text = item.body
    if wanted == "Text" and item.body_type == "HTML":
        text = words_of(item.body)
    elif wanted == "HTML" and item.body_type == "Text":
        text = page_of(item.body)
    return node("t:Body", _lines(text), BodyType=wanted)


def text_body(look: Look) -> Element:
    item = look.seen.item
    text = words_of(item.body) if item.body_type == "HTML" else item.body
    return node("t:TextBody", _lines(text), BodyType="Text")


def _lines(text: str) -> str:
    """A body's lines end as Windows ends them, however they were sent."""
    return "\r\n".join(text.replace("\r\n", "\n").split("\n"))


def mailbox(person: Person) -> Element:
    return node(
        "t:Mailbox",
        node("t:Name", person.name or person.email),
        node("t:EmailAddress", person.email),
        node("t:RoutingType", "SMTP"),
        node("t:MailboxType", "Mailbox"),
    )


def attendees(name: str, value: Callable[[Look], tuple[Attendee, ...]]) -> Show:
    def show(look: Look) -> Element | None:
        found = value(look)
        return node(f"t:{name}", *(_attendee(one) for one in found)) if found else None

    return show


def _attendee(one: Attendee) -> Element:
    return node("t:Attendee", mailbox(one.person), node("t:ResponseType", one.response))


def organizer(look: Look) -> Element | None:
    person = look.seen.item.organizer
    return node("t:Organizer", mailbox(person)) if person is not None else None


def rights(look: Look) -> Element:
    write = "true" if look.state.may_write(look.account, look.seen.folder) else "false"
    rights = {"CreateAssociated": "false", "CreateContents": "false", "CreateHierarchy": "false"}
    rights |= {"Delete": write, "Modify": write, "Read": "true", "ViewPrivateItems": write}
    return node("t:EffectiveRights", *(node(f"t:{name}", value) for name, value in rights.items()))


def categories(look: Look) -> Element | None:
    names = look.seen.item.categories
    return node("t:Categories", *(node("t:String", name) for name in names)) if names else None


def shown_rule(look: Look) -> Element | None:
    rule = look.seen.item.recurrence
    return shown_recurrence(rule) if rule is not None else None


def edge(name: str, last: bool) -> Show:
    def show(look: Look) -> Element | None:
        record = look.seen.record
        found = first_and_last(record) if look.seen.kind == "RecurringMaster" else None
        original = None if found is None else found[1] if last else found[0]
        if original is None:
            return None
        item = plain(record, original)
        return node(
            f"t:{name}",
            shown_id(record, original),
            node("t:Start", shown(item.start)),
            node("t:End", shown(item.end)),
            node("t:OriginalStart", shown(original)),
        )

    return show


def modified(look: Look) -> Element | None:
    record = look.seen.record
    if look.seen.kind != "RecurringMaster" or not record.exceptions:
        return None
    return node(
        "t:ModifiedOccurrences",
        *(
            node(
                "t:Occurrence",
                shown_id(record, original),
                node("t:Start", shown(item.start)),
                node("t:End", shown(item.end)),
                node("t:OriginalStart", shown(original)),
            )
            for original, (item, _) in sorted(record.exceptions.items(), key=lambda pair: pair[0])
        ),
    )


def deleted(look: Look) -> Element | None:
    item = look.seen.item
    if look.seen.kind != "RecurringMaster" or not item.lost:
        return None
    starts = (node("t:DeletedOccurrence", node("t:Start", shown(start))) for start in sorted(item.lost))
    return node("t:DeletedOccurrences", *starts)


def zone_of(name: str, value: Callable[[Look], str]) -> Show:
    return lambda look: node(f"t:{name}", Id=value(look), Name=value(look))


def original_start(look: Look) -> Element | None:
    original = look.seen.original
    return node("t:OriginalStart", shown(original)) if original is not None else None


def recurrence_id(look: Look) -> Element | None:
    original = look.seen.original
    return node("t:RecurrenceId", shown(original)) if original is not None else None


def appointment_state(look: Look) -> Element:
    item = look.seen.item
    meeting = 1 if item.invited else 0
    received = 2 if meeting and item.my_response != "Organizer" else 0
    return node("t:AppointmentState", str(meeting + received + (4 if item.cancelled else 0)))


def duration(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return f"P{minutes // 1440}DT{minutes % 1440 // 60}H{minutes % 60}M" if minutes else "PT0S"


def extended(look: Look, wanted: list[PropertyUri]) -> list[Element]:
    """The extended properties asked for that the item has."""
    return [shown_property(uri, values) for uri, values in look.seen.item.extended if uri in wanted]


def shown_property(uri: PropertyUri, values: tuple[str, ...]) -> Element:
    path = node("t:ExtendedFieldURI", **dict(uri.attributes))
    if uri.kind.endswith("Array"):
        return node("t:ExtendedProperty", path, node("t:Values", *(node("t:Value", value) for value in values)))
    return node("t:ExtendedProperty", path, node("t:Value", values[0]))
