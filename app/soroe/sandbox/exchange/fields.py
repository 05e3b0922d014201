"""The properties of a calendar item in the order of the schema, and the paths that lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.sandbox.exchange.ids import shown_id
from soroe.sandbox.exchange.showing import (
    Show,
    appointment_state,
    attendees,
    body,
    categories,
    deleted,
    duration,
    edge,
    flag,
    modified,
    organizer,
    original_start,
    other,
    recurrence_id,
    rights,
    shown_rule,
    text_body,
    words,
    zone_of,
)
from soroe.sandbox.exchange.soap import node
from soroe.sandbox.exchange.zones import shown


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is the element's, `uri` the path's. Only GetItem shows a `deep` one. `usual` ones belong to Default."""

    uri: str
    name: str
    show: Show
    deep: bool = False
    usual: bool = False


FIELDS: tuple[Field, ...] = (
    Field("item:MimeContent", "MimeContent", lambda look: None, deep=True),
    Field("item:ItemId", "ItemId", lambda look: shown_id(look.seen.record, look.seen.original), usual=True),
    Field(
        "item:ParentFolderId",
        "ParentFolderId",
        lambda look: node("t:ParentFolderId", Id=look.seen.folder.id, ChangeKey="AQAAAA=="),
    ),
    Field("item:ItemClass", "ItemClass", lambda look: node("t:ItemClass", "IPM.Appointment")),
    Field("item:Subject", "Subject", words("Subject", lambda look: look.seen.item.subject), usual=True),
    Field("item:Sensitivity", "Sensitivity", words("Sensitivity", lambda look: look.seen.item.sensitivity), usual=True),
    Field("item:Body", "Body", body, deep=True, usual=True),
    Field("item:Attachments", "Attachments", lambda look: None, deep=True),
    Field("item:DateTimeReceived", "DateTimeReceived", words("DateTimeReceived", lambda k: shown(k.seen.item.created))),
    Field("item:Size", "Size", words("Size", lambda look: str(1024 + len(look.seen.item.body)))),
    Field("item:Categories", "Categories", categories, usual=True),
    Field("item:Importance", "Importance", words("Importance", lambda look: look.seen.item.importance)),
    Field("item:InReplyTo", "InReplyTo", other("InReplyTo")),
    Field("item:IsSubmitted", "IsSubmitted", flag("IsSubmitted", lambda look: False)),
    Field("item:IsDraft", "IsDraft", flag("IsDraft", lambda look: False)),
    Field("item:IsFromMe", "IsFromMe", flag("IsFromMe", lambda look: False)),
    Field("item:IsResend", "IsResend", flag("IsResend", lambda look: False)),
    Field("item:IsUnmodified", "IsUnmodified", flag("IsUnmodified", lambda look: False)),
    Field("item:InternetMessageHeaders", "InternetMessageHeaders", lambda look: None, deep=True),
    Field("item:DateTimeSent", "DateTimeSent", words("DateTimeSent", lambda look: shown(look.seen.item.created))),
    Field(
        "item:DateTimeCreated",
        "DateTimeCreated",
        words("DateTimeCreated", lambda look: shown(look.seen.item.created)),
        usual=True,
    ),
    Field("item:ResponseObjects", "ResponseObjects", lambda look: None, deep=True),
    Field("item:ReminderDueBy", "ReminderDueBy", words("ReminderDueBy", lambda look: shown(look.seen.item.start))),
    Field("item:ReminderIsSet", "ReminderIsSet", flag("ReminderIsSet", lambda look: look.seen.item.reminder)),
    Field(
        "item:ReminderMinutesBeforeStart",
        "ReminderMinutesBeforeStart",
        words("ReminderMinutesBeforeStart", lambda look: str(look.seen.item.reminder_minutes)),
    ),
    Field("item:DisplayCc", "DisplayCc", lambda look: None),
    Field("item:DisplayTo", "DisplayTo", lambda look: None),
    Field("item:HasAttachments", "HasAttachments", flag("HasAttachments", lambda look: False)),
    Field("", "ExtendedProperty", lambda look: None),
    Field("item:Culture", "Culture", words("Culture", lambda look: dict(look.seen.item.other).get("Culture", "ja-JP"))),
    Field("item:EffectiveRights", "EffectiveRights", rights),
    Field(
        "item:LastModifiedName", "LastModifiedName", words("LastModifiedName", lambda look: look.seen.item.modified_by)
    ),
    Field(
        "item:LastModifiedTime",
        "LastModifiedTime",
        words("LastModifiedTime", lambda look: shown(look.seen.item.modified)),
        usual=True,
    ),
    Field("item:IsAssociated", "IsAssociated", flag("IsAssociated", lambda look: False)),
    Field("item:WebClientReadFormQueryString", "WebClientReadFormQueryString", lambda look: None),
    Field("item:WebClientEditFormQueryString", "WebClientEditFormQueryString", lambda look: None),
    Field("item:ConversationId", "ConversationId", lambda look: None),
    Field("item:UniqueBody", "UniqueBody", lambda look: None, deep=True),
    Field("item:TextBody", "TextBody", text_body, deep=True),
    Field("calendar:UID", "UID", words("UID", lambda look: look.seen.item.uid), usual=True),
    Field("calendar:RecurrenceId", "RecurrenceId", recurrence_id),
    Field("calendar:DateTimeStamp", "DateTimeStamp", words("DateTimeStamp", lambda k: shown(k.seen.item.created))),
    Field("calendar:Start", "Start", words("Start", lambda look: shown(look.seen.item.start)), usual=True),
    Field("calendar:End", "End", words("End", lambda look: shown(look.seen.item.end)), usual=True),
    Field("calendar:OriginalStart", "OriginalStart", original_start, usual=True),
    Field("calendar:IsAllDayEvent", "IsAllDayEvent", flag("IsAllDayEvent", lambda k: k.seen.item.all_day), usual=True),
    Field(
        "calendar:LegacyFreeBusyStatus",
        "LegacyFreeBusyStatus",
        words("LegacyFreeBusyStatus", lambda look: look.seen.item.show_as),
        usual=True,
    ),
    Field("calendar:Location", "Location", words("Location", lambda look: look.seen.item.location), usual=True),
    Field("calendar:When", "When", other("When")),
    Field("calendar:IsMeeting", "IsMeeting", flag("IsMeeting", lambda look: bool(look.seen.item.invited)), usual=True),
    Field("calendar:IsCancelled", "IsCancelled", flag("IsCancelled", lambda k: k.seen.item.cancelled), usual=True),
    Field(
        "calendar:IsRecurring",
        "IsRecurring",
        flag("IsRecurring", lambda look: look.seen.kind in ("Occurrence", "Exception")),
        usual=True,
    ),
    Field(
        "calendar:MeetingRequestWasSent",
        "MeetingRequestWasSent",
        flag("MeetingRequestWasSent", lambda look: look.seen.item.request_sent),
        usual=True,
    ),
    Field(
        "calendar:IsResponseRequested",
        "IsResponseRequested",
        words("IsResponseRequested", lambda look: dict(look.seen.item.other).get("IsResponseRequested", "true")),
        usual=True,
    ),
    Field(
        "calendar:CalendarItemType",
        "CalendarItemType",
        words("CalendarItemType", lambda look: look.seen.kind),
        usual=True,
    ),
    Field("calendar:MyResponseType", "MyResponseType", words("MyResponseType", lambda k: k.seen.item.my_response)),
    Field("calendar:Organizer", "Organizer", organizer, usual=True),
    Field(
        "calendar:RequiredAttendees",
        "RequiredAttendees",
        attendees("RequiredAttendees", lambda k: k.seen.item.required),
        deep=True,
    ),
    Field(
        "calendar:OptionalAttendees",
        "OptionalAttendees",
        attendees("OptionalAttendees", lambda k: k.seen.item.optional),
        deep=True,
    ),
    Field("calendar:Resources", "Resources", attendees("Resources", lambda k: k.seen.item.resources), deep=True),
    Field("calendar:ConflictingMeetingCount", "ConflictingMeetingCount", lambda look: None, deep=True),
    Field("calendar:AdjacentMeetingCount", "AdjacentMeetingCount", lambda look: None, deep=True),
    Field("calendar:ConflictingMeetings", "ConflictingMeetings", lambda look: None, deep=True),
    Field("calendar:AdjacentMeetings", "AdjacentMeetings", lambda look: None, deep=True),
    Field("calendar:Duration", "Duration", words("Duration", lambda k: duration(k.seen.item.end - k.seen.item.start))),
    Field("calendar:TimeZone", "TimeZone", words("TimeZone", lambda look: look.seen.item.start_zone)),
    Field("calendar:AppointmentReplyTime", "AppointmentReplyTime", lambda look: None),
    Field(
        "calendar:AppointmentSequenceNumber",
        "AppointmentSequenceNumber",
        words("AppointmentSequenceNumber", lambda look: str(look.seen.item.sequence)),
    ),
    Field("calendar:AppointmentState", "AppointmentState", appointment_state),
    Field("calendar:Recurrence", "Recurrence", shown_rule, deep=True, usual=True),
    Field("calendar:FirstOccurrence", "FirstOccurrence", edge("FirstOccurrence", last=False), deep=True, usual=True),
    Field("calendar:LastOccurrence", "LastOccurrence", edge("LastOccurrence", last=True), deep=True, usual=True),
    Field("calendar:ModifiedOccurrences", "ModifiedOccurrences", modified, deep=True, usual=True),
    Field("calendar:DeletedOccurrences", "DeletedOccurrences", deleted, deep=True, usual=True),
    Field("calendar:MeetingTimeZone", "MeetingTimeZone", lambda look: None, deep=True),
    Field("calendar:StartTimeZone", "StartTimeZone", zone_of("StartTimeZone", lambda k: k.seen.item.start_zone)),
    Field("calendar:EndTimeZone", "EndTimeZone", zone_of("EndTimeZone", lambda k: k.seen.item.end_zone)),
    Field("calendar:ConferenceType", "ConferenceType", other("ConferenceType")),
    Field("calendar:AllowNewTimeProposal", "AllowNewTimeProposal", other("AllowNewTimeProposal")),
    Field("calendar:IsOnlineMeeting", "IsOnlineMeeting", flag("IsOnlineMeeting", lambda look: False)),
    Field("calendar:MeetingWorkspaceUrl", "MeetingWorkspaceUrl", other("MeetingWorkspaceUrl")),
    Field("calendar:NetShowUrl", "NetShowUrl", other("NetShowUrl")),
)
BY_URI = {field.uri: field for field in FIELDS if field.uri}
ORDER = tuple(field.name for field in FIELDS)

__all__ = ["BY_URI", "FIELDS", "ORDER", "Field"]
