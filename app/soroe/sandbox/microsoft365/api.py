"""The calendar API itself: who asks, may he, within the limits, and which method it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import unquote

from soroe.sandbox.microsoft365 import calendars
from soroe.sandbox.microsoft365.delta import Deltas
from soroe.sandbox.microsoft365.errors import (
    GraphError,
    Json,
    access_denied,
    cannot_delete,
    insufficient_claims,
    invalid_token,
    item_not_found,
    no_mailbox,
    no_such_segment,
)
from soroe.sandbox.microsoft365.finding import find, find_deleted, seen_record
from soroe.sandbox.microsoft365.grants import AccessToken, Grants
from soroe.sandbox.microsoft365.http import Request, Response, error_response, json_response
from soroe.sandbox.microsoft365.limits import Limits
from soroe.sandbox.microsoft365.meetings import Meetings
from soroe.sandbox.microsoft365.model import Calendar, State
from soroe.sandbox.microsoft365.preferences import LARGEST_PAGE, USUAL_PAGE, Preferences, read_preferences
from soroe.sandbox.microsoft365.query import (
    check_options,
    expanded,
    next_link,
    number,
    read_expand,
    read_filter,
    read_order,
    selected,
    window,
)
from soroe.sandbox.microsoft365.series import Seen, in_window, view
from soroe.sandbox.microsoft365.view import Reader, by_name, etag, shown_event
from soroe.sandbox.microsoft365.writes import Order, Writes

_LIST = ("count", "expand", "filter", "orderby", "select", "skip", "top")
_READS = ("Calendars.Read", "Calendars.ReadWrite")
_SHARED = ("Calendars.Read.Shared", "Calendars.ReadWrite.Shared")


_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Call:
    """One request that found its method: who asks, what he prefers, and the decoded parts of the path."""

    token: AccessToken
    request: Request
    prefer: Preferences
    parts: tuple[str, ...]

    @property
    def email(self) -> str:
        return self.token.account.email


class GraphApi:
    """Serves `/v1.0/`. Takes the lock for each request; batches call it once for each part."""

    def __init__(
        self, state: State, grants: Grants, limits: Limits, deltas: Deltas, writes: Writes, meetings: Meetings
    ) -> None:
        self._state = state
        self._grants = grants
        self._limits = limits
        self._deltas = deltas
        self._writes = writes
        self._meetings = meetings

    def serve(self, request: Request) -> Response:
        """Answers one request; every refusal comes in Graph's shape."""
        try:
            with self._state.lock:
                token = self._token(request)
            with self._limits.one(token.account.email), self._state.lock:
                return self._routed(token, request)
        except GraphError as error:
            return error_response(error, request, self._state.clock())

    def now(self) -> datetime:
        return self._state.clock()

    def holder(self, request: Request) -> AccessToken:
        """Returns whose request it is, or refuses it."""
        with self._state.lock:
            return self._token(request)

    def _routed(self, token: AccessToken, request: Request) -> Response:
        path = re.sub(r"^users/([^/]+)", lambda found: _own(token, unquote(found[1])), request.path)
        known = False
        for method, pattern, scopes, handler in ROUTES:
            found = pattern.fullmatch(path)
            known = known or found is not None
            if found is not None and method == request.method:
                self._check_scope(token, scopes)
                parts = tuple(unquote(part) for part in found.groups())
                call = Call(token, request, read_preferences(request.headers), parts)
                response = handler(self, call)
                applied = call.prefer.applied()
                return Response(
                    response.status,
                    response.body,
                    response.headers | ({"Preference-Applied": applied} if applied else {}),
                )
        if known:
            raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        raise no_such_segment(path.rsplit("/", 1)[-1])

    def _token(self, request: Request) -> AccessToken:
        header = request.headers.get("authorization", "")
        if not header.startswith("Bearer "):
            raise invalid_token("Access token is empty.")
        token = self._grants.holder(header.removeprefix("Bearer ").strip())
        if token is None:
            raise invalid_token()
        challenge = self._grants.open_challenge(token)
        if challenge is not None:
            raise insufficient_claims(challenge.encoded())
        return token

    def _check_scope(self, token: AccessToken, scopes: tuple[str, ...]) -> None:
        if not set(scopes) & set(token.scopes):
            raise access_denied()
        if scopes[0] != "User.Read" and not token.account.mailbox:
            raise no_mailbox()

    def _calendar(self, call: Call, calendar_id: str, *, writing: bool = False) -> Calendar:
        calendar = self._state.calendar(call.email, calendar_id, writing=writing)
        wanted = _SHARED[1:] if writing else _SHARED
        if calendar.owner != call.email and not set(wanted) & set(call.token.scopes):
            raise access_denied()
        return calendar

    def _default(self, call: Call) -> Calendar:
        return self._state.default_calendar(call.email)

    def _found(self, call: Call, *, writing: bool = False) -> tuple[Calendar, Seen]:
        """The event of a call. A calendar in its address says whose mailbox is meant, not where the event has to be."""
        calendar, seen = find(self._state, call.email, call.parts[-1])
        if len(call.parts) > 1 and self._calendar(call, call.parts[0]).owner != calendar.owner:
            raise item_not_found()
        self._calendar(call, calendar.id, writing=writing)
        return calendar, seen

    def _reader(self, call: Call, calendar: Calendar) -> Reader:
        return Reader(self._state, calendar, call.email, call.prefer)

    def get_me(self, call: Call) -> Response:
        return json_response(calendars.person(call.token.account))

    def get_settings(self, call: Call) -> Response:
        return json_response(calendars.mailbox_settings(call.token.account))

    def get_zones(self, call: Call) -> Response:
        return json_response(calendars.supported_zones("iana" if "iana" in call.request.path.lower() else "windows"))

    def list_calendars(self, call: Call) -> Response:
        check_options(call.request.query, *_LIST)
        mine = self._state.calendars_of(call.email)
        if not set(_SHARED) & set(call.token.scopes):
            mine = [one for one in mine if one.owner == call.email]
        return self._page(
            call, mine, LARGEST_PAGE, lambda one: calendars.calendar_resource(self._state, call.email, one)
        )

    def get_calendar(self, call: Call) -> Response:
        calendar = self._calendar(call, call.parts[0]) if call.parts else self._default(call)
        return json_response(calendars.calendar_resource(self._state, call.email, calendar))

    def list_events(self, call: Call) -> Response:
        check_options(call.request.query, *_LIST)
        calendar = self._calendar(call, call.parts[0]) if call.parts else self._default(call)
        stored = [one for one in calendar.records.values() if not one.item.deleted and one.item.master is None]
        return self._listed(call, calendar, [seen_record(calendar, one.id) for one in stored])

    def list_view(self, call: Call) -> Response:
        check_options(call.request.query, *_LIST, "startdatetime", "enddatetime")
        calendar = self._calendar(call, call.parts[0]) if call.parts else self._default(call)
        return self._listed(call, calendar, view(calendar, *window(call.request.query)))

    def list_instances(self, call: Call) -> Response:
        check_options(call.request.query, *_LIST, "startdatetime", "enddatetime")
        calendar, seen = self._found(call)
        if seen.kind != "seriesMaster":
            raise GraphError(400, "ErrorInvalidOperation", "Expanded instances exist only for a series master.")
        found = sorted(
            in_window(calendar, seen.record, *window(call.request.query)), key=lambda one: one.item.start.moment
        )
        return self._listed(call, calendar, found)

    def get_delta(self, call: Call) -> Response:
        calendar = self._calendar(call, call.parts[0]) if call.parts else self._default(call)
        address = f"{call.request.base}/v1.0/{call.request.path}"
        return json_response(self._deltas.answer(self._reader(call, calendar), call.request, address))

    def get_event(self, call: Call) -> Response:
        check_options(call.request.query, "expand", "select")
        calendar, seen = find_deleted(self._state, call.email, call.parts[-1]) or self._found(call)
        return self._event(call, calendar, seen)

    def create_event(self, call: Call) -> Response:
        calendar = self._calendar(call, call.parts[0], writing=True) if call.parts else self._default(call)
        seen = self._writes.create(self._order(call), calendar)
        return self._event(call, calendar, seen, 201)

    def change_event(self, call: Call) -> Response:
        calendar, seen = self._found(call, writing=True)
        return self._event(call, calendar, self._writes.change(self._order(call), calendar, seen))

    def delete_event(self, call: Call) -> Response:
        if find_deleted(self._state, call.email, call.parts[-1]) is not None:
            raise cannot_delete()
        calendar, seen = self._found(call, writing=True)
        self._writes.delete(self._order(call, body=False), calendar, seen)
        return Response(204)

    def cancel_event(self, call: Call) -> Response:
        calendar, seen = self._found(call, writing=True)
        self._writes.cancel(self._order(call, body=False), calendar, seen)
        return Response(202)

    def accept_event(self, call: Call) -> Response:
        return self._answered(call, "accepted")

    def decline_event(self, call: Call) -> Response:
        return self._answered(call, "declined")

    def tentatively_accept_event(self, call: Call) -> Response:
        return self._answered(call, "tentativelyAccepted")

    def create_meeting(self, call: Call) -> Response:
        return json_response(self._meetings.create(call.email, call.request.json()), 201)

    def create_or_get_meeting(self, call: Call) -> Response:
        meeting, new = self._meetings.create_or_get(call.email, call.request.json())
        return json_response(meeting, 201 if new else 200)

    def get_meeting(self, call: Call) -> Response:
        return json_response(self._meetings.get(call.email, call.parts[-1]))

    def delete_meeting(self, call: Call) -> Response:
        self._meetings.delete(call.email, call.parts[-1])
        return Response(204)

    def translate_ids(self, call: Call) -> Response:
        raw = call.request.json()
        target = str(raw.get("targetIdType", ""))
        found: list[Json] = []
        for one in raw.get("inputIds", [])[:LARGEST_PAGE]:
            calendar, seen = find(self._state, call.email, str(one))
            wanted = self._state.place(calendar, *seen.place, immutable=target == "restImmutableEntryId")
            found.append({"sourceId": one, "targetId": wanted})
        return json_response({"value": found})

    def _answered(self, call: Call, response: str) -> Response:
        calendar, seen = self._found(call, writing=True)
        self._writes.answer(self._order(call), calendar, seen, response)
        return Response(202)

    def _order(self, call: Call, *, body: bool = True) -> Order:
        raw = call.request.json() if body and call.request.body else {}
        return Order(call.email, raw, call.request.headers.get("if-match"))

    def _event(self, call: Call, calendar: Calendar, seen: Seen, status: int = 200) -> Response:
        shown = self._shown(call, calendar, seen)
        shown = {"@odata.context": f"{call.request.base}/v1.0/$metadata#users/events/$entity", **shown}
        headers = {"ETag": etag(seen)}
        if status == 201:
            headers["Location"] = f"{call.request.base}/v1.0/me/events/{shown['id']}"
        return json_response(shown, status, headers)

    def _shown(self, call: Call, calendar: Calendar, seen: Seen) -> Json:
        reader = self._reader(call, calendar)
        query, expand = call.request.query, read_expand(call.request.query)
        if expand.exceptions and not self._state.names_occurrences:
            raise GraphError(400, "RequestBroker--ParseUri", "Could not find a property named 'exceptionOccurrences'.")
        shown = selected(shown_event(reader, seen), query, by_name(reader, seen)) | expanded(seen, expand)
        if expand.exceptions and seen.kind == "seriesMaster":
            found = [seen_record(calendar, one.id) for one in calendar.exceptions_of(seen.record.id)]
            shown["exceptionOccurrences"] = [
                selected(shown_event(reader, one), query, by_name(reader, one)) for one in found
            ]
        return shown

    def _listed(self, call: Call, calendar: Calendar, found: list[Seen]) -> Response:
        fits = read_filter(call.request.query)
        sort = read_order(call.request.query)
        reader = self._reader(call, calendar)
        if fits is not None:
            found = [seen for seen in found if fits(seen, shown_event(reader, seen))]
        if sort is not None:
            found = sort([(shown_event(reader, seen), seen) for seen in found])
        return self._page(call, found, USUAL_PAGE, lambda seen: self._shown(call, calendar, seen))

    def _page(self, call: Call, rows: list[_Row], usual: int, shown: Callable[[_Row], Json]) -> Response:
        query = call.request.query
        size = number(query, "top", call.prefer.page or usual, 1, LARGEST_PAGE)
        skip = number(query, "skip", 0, 0, 1_000_000)
        answer: Json = {"@odata.context": f"{call.request.base}/v1.0/$metadata#Collection(event)"}
        if query.get("count", "").lower() == "true":
            answer["@odata.count"] = len(rows)
        if skip + size < len(rows):
            answer["@odata.nextLink"] = next_link(f"{call.request.base}/v1.0/{call.request.path}", query, skip + size)
        return json_response(answer | {"value": [shown(row) for row in rows[skip : skip + size]]})


def _own(token: AccessToken, name: str) -> str:
    if name.lower() not in (token.account.email, token.account.object_id):
        raise access_denied()
    return "me"


_Handler = Callable[[GraphApi, Call], Response]
_Route = tuple[str, re.Pattern[str], tuple[str, ...], _Handler]


def _route(method: str, path: str, scopes: tuple[str, ...], handler: _Handler) -> _Route:
    return method, re.compile(path.replace("{}", "([^/]+)")), scopes, handler


_WRITES = ("Calendars.ReadWrite",)
_READ_OR_SHARED = (*_READS, *_SHARED)
_WRITE_OR_SHARED = (*_WRITES, "Calendars.ReadWrite.Shared")
_EVENT = "me/(?:calendar/)?events/{}"
_IN_CALENDAR = "me/calendars/{}/events/{}"


def _event_routes(method: str, tail: str, scopes: tuple[str, ...], handler: _Handler) -> tuple[_Route, ...]:
    return _route(method, _EVENT + tail, scopes, handler), _route(method, _IN_CALENDAR + tail, scopes, handler)


ROUTES = (
    _route("GET", "me", ("User.Read",), GraphApi.get_me),
    _route("GET", "me/mailboxSettings", ("MailboxSettings.Read", "MailboxSettings.ReadWrite"), GraphApi.get_settings),
    _route("GET", r"me/outlook/supportedTimeZones(?:\(.*\))?", ("User.Read",), GraphApi.get_zones),
    _route("GET", "me/calendars", _READ_OR_SHARED, GraphApi.list_calendars),
    _route("GET", "me/calendar", _READ_OR_SHARED, GraphApi.get_calendar),
    _route("GET", "me/calendars/{}", _READ_OR_SHARED, GraphApi.get_calendar),
    _route("GET", "me/(?:calendar/)?events", _READS, GraphApi.list_events),
    _route("GET", "me/calendars/{}/events", _READ_OR_SHARED, GraphApi.list_events),
    _route("POST", "me/(?:calendar/)?events", _WRITES, GraphApi.create_event),
    _route("POST", "me/calendars/{}/events", _WRITE_OR_SHARED, GraphApi.create_event),
    _route("GET", "me/(?:calendar/)?calendarView", _READS, GraphApi.list_view),
    _route("GET", "me/calendars/{}/calendarView", _READ_OR_SHARED, GraphApi.list_view),
    _route("GET", r"me/(?:calendar/)?calendarView/delta(?:\(\))?", _READS, GraphApi.get_delta),
    _route("GET", r"me/calendars/{}/calendarView/delta(?:\(\))?", _READ_OR_SHARED, GraphApi.get_delta),
    *_event_routes("GET", "", _READ_OR_SHARED, GraphApi.get_event),
    *_event_routes("PATCH", "", _WRITE_OR_SHARED, GraphApi.change_event),
    *_event_routes("DELETE", "", _WRITE_OR_SHARED, GraphApi.delete_event),
    *_event_routes("GET", "/instances", _READ_OR_SHARED, GraphApi.list_instances),
    *_event_routes("POST", "/cancel", _WRITE_OR_SHARED, GraphApi.cancel_event),
    *_event_routes("POST", "/accept", _WRITE_OR_SHARED, GraphApi.accept_event),
    *_event_routes("POST", "/decline", _WRITE_OR_SHARED, GraphApi.decline_event),
    *_event_routes("POST", "/tentativelyAccept", _WRITE_OR_SHARED, GraphApi.tentatively_accept_event),
    _route("POST", "me/onlineMeetings", ("OnlineMeetings.ReadWrite",), GraphApi.create_meeting),
    _route("POST", "me/onlineMeetings/createOrGet", ("OnlineMeetings.ReadWrite",), GraphApi.create_or_get_meeting),
    _route("GET", "me/onlineMeetings/{}", ("OnlineMeetings.ReadWrite",), GraphApi.get_meeting),
    _route("DELETE", "me/onlineMeetings/{}", ("OnlineMeetings.ReadWrite",), GraphApi.delete_meeting),
    _route("POST", "me/translateExchangeIds", ("User.Read",), GraphApi.translate_ids),
)
