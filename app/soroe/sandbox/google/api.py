"""The Calendar API itself: who asks, may he, within the quota, and which method it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from soroe.sandbox.google import calendars
from soroe.sandbox.google.bodies import READ_ONLY, WRITABLE
from soroe.sandbox.google.conference import finish_pending
from soroe.sandbox.google.errors import (
    GoogleError,
    Json,
    insufficient_permissions,
    invalid_credentials,
    login_required,
    not_found,
    required,
)
from soroe.sandbox.google.grants import AccessToken, Grants
from soroe.sandbox.google.http import Request, Response, error_response, json_response, partial, selected
from soroe.sandbox.google.listing import Listings
from soroe.sandbox.google.mailbox import read_send_updates
from soroe.sandbox.google.model import AccessRole, Record, State
from soroe.sandbox.google.query import flag, number, one, read_query, response_zone
from soroe.sandbox.google.quota import Quota
from soroe.sandbox.google.scopes import ACCEPTED, OWNED_ONLY
from soroe.sandbox.google.selection import instances
from soroe.sandbox.google.view import Reader, shown_event
from soroe.sandbox.google.writes import Order, Writes, find

EVENT = WRITABLE | READ_ONLY
LIST = frozenset(
    (
        "accessRole",
        "defaultReminders",
        "description",
        "etag",
        "items",
        "kind",
        "nextPageToken",
        "nextSyncToken",
        "summary",
        "timeZone",
        "updated",
    )
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that found its method: who asks and the decoded parts of the path."""

    token: AccessToken
    request: Request
    parts: tuple[str, ...]

    @property
    def email(self) -> str:
        return self.token.account.email


_Handler = Callable[["CalendarApi", Call], Response]


class CalendarApi:
    """Serves `/calendar/v3/`. Takes the lock for each request; batches call it once for each part."""

    def __init__(self, state: State, grants: Grants, quota: Quota, listings: Listings, writes: Writes) -> None:
        self._state = state
        self._grants = grants
        self._quota = quota
        self._listings = listings
        self._writes = writes

    def serve(self, request: Request) -> Response:
        """Answers one request; every refusal comes in Google's shape."""
        with self._state.lock:
            try:
                token = self._token(request)
                self._quota.count(token.account.email)
                for method, pattern, name, handler in ROUTES:
                    found = pattern.fullmatch(request.path) if method == request.method else None
                    if found is not None:
                        call = Call(token, request, tuple(unquote(part) for part in found.groups()))
                        self._check_scope(call, name)
                        return handler(self, call)
                raise not_found()
            except GoogleError as error:
                return error_response(error)

    def _token(self, request: Request) -> AccessToken:
        header = request.headers.get("authorization", "")
        if not header:
            raise login_required()
        token = self._grants.holder(header.removeprefix("Bearer ").strip())
        if token is None:
            raise invalid_credentials()
        return token

    def _check_scope(self, call: Call, name: str) -> None:
        accepted = ACCEPTED[name]
        held = set(call.token.scopes) & set(accepted)
        if not held:
            raise insufficient_permissions(name, accepted)
        if held <= OWNED_ONLY:
            calendar = self._state.calendar(call.email, call.parts[0])
            if calendar.roles[call.email] != AccessRole.owner:
                raise insufficient_permissions(name, accepted)

    def list_calendars(self, call: Call) -> Response:
        answer = calendars.list_calendars(self._state, call.email, call.request.query)
        return json_response(partial(call.request, answer, LIST))

    def get_list_entry(self, call: Call) -> Response:
        calendar = self._state.calendar(call.email, call.parts[0])
        return json_response(calendars.list_entry(call.email, calendar))

    def get_calendar(self, call: Call) -> Response:
        return json_response(calendars.calendar_resource(self._state.calendar(call.email, call.parts[0])))

    def list_settings(self, call: Call) -> Response:
        return json_response(partial(call.request, calendars.list_settings(self._state, call.token.account), LIST))

    def get_setting(self, call: Call) -> Response:
        return json_response(calendars.setting(call.token.account, call.parts[0]))

    def list_events(self, call: Call) -> Response:
        finish_pending(self._state)
        calendar = self._state.calendar(call.email, call.parts[0])
        query = read_query(call.request.query, calendar.time_zone)
        answer = self._listings.answer(call.email, calendar, query)
        return json_response(partial(call.request, answer, LIST, EVENT))

    def list_instances(self, call: Call) -> Response:
        calendar = self._state.calendar(call.email, call.parts[0])
        master = find(calendar, call.parts[1])
        parameters = {key: value for key, value in call.request.query.items() if key not in ("orderBy", "syncToken")}
        query = read_query({**parameters, "singleEvents": ["true"]}, calendar.time_zone)
        answer = self._listings.answer(call.email, calendar, query, lambda: instances(calendar, query, master))
        return json_response(partial(call.request, answer, LIST, EVENT))

    def get_event(self, call: Call) -> Response:
        finish_pending(self._state)
        record = find(self._state.calendar(call.email, call.parts[0]), call.parts[1])
        if call.request.headers.get("if-none-match") == record.etag:
            return Response(304, b"", {"ETag": record.etag})
        return self._event(call, record)

    def insert_event(self, call: Call) -> Response:
        return self._event(call, self._writes.insert(self._order(call, call.request.json())))

    def import_event(self, call: Call) -> Response:
        return self._event(call, self._writes.insert(self._order(call, call.request.json()), imported=True))

    def update_event(self, call: Call) -> Response:
        order = self._order(call, call.request.json())
        return self._event(call, self._writes.change(order, call.parts[1], patch=False))

    def patch_event(self, call: Call) -> Response:
        order = self._order(call, call.request.json())
        return self._event(call, self._writes.change(order, call.parts[1], patch=True))

    def delete_event(self, call: Call) -> Response:
        self._writes.delete(self._order(call, {}), call.parts[1])
        return Response(204)

    def move_event(self, call: Call) -> Response:
        destination = one(call.request.query, "destination")
        if destination is None:
            raise required("Required parameter: destination", "destination")
        record = self._writes.move(self._order(call, {}), call.parts[1], destination)
        return self._event(call, record, destination)

    def _order(self, call: Call, raw: Json) -> Order:
        query = call.request.query
        selected(call.request, EVENT)  # refused before anything is written
        return Order(
            email=call.email,
            calendar_id=call.parts[0],
            raw=raw,
            asked=read_send_updates(one(query, "sendUpdates"), one(query, "sendNotifications")),
            if_match=call.request.headers.get("if-match"),
            conference_version=number(query, "conferenceDataVersion", 0) or 0,
            attachments=flag(query, "supportsAttachments") or False,
            labels=number(query, "eventLabelVersion", 0) == 1,
        )

    def _event(self, call: Call, record: Record, calendar_id: str = "") -> Response:
        calendar = self._state.calendar(call.email, calendar_id or call.parts[0])
        zone = response_zone(call.request.query, calendar.time_zone)
        reader = Reader(call.email, calendar, zone, number(call.request.query, "maxAttendees"))
        resource = partial(call.request, shown_event(reader, record), EVENT)
        return json_response(resource, headers={"ETag": record.etag})


def _route(method: str, path: str, name: str, handler: _Handler) -> tuple[str, re.Pattern[str], str, _Handler]:
    return method, re.compile(path.replace("{}", "([^/]+)")), name, handler


ROUTES = (
    _route("GET", "calendars/{}/events", "Events.List", CalendarApi.list_events),
    _route("POST", "calendars/{}/events", "Events.Insert", CalendarApi.insert_event),
    _route("PATCH", "calendars/{}/events/{}", "Events.Patch", CalendarApi.patch_event),
    _route("GET", "calendars/{}/events/{}", "Events.Get", CalendarApi.get_event),
    _route("PUT", "calendars/{}/events/{}", "Events.Update", CalendarApi.update_event),
    _route("DELETE", "calendars/{}/events/{}", "Events.Delete", CalendarApi.delete_event),
    _route("POST", "calendars/{}/events/import", "Events.Import", CalendarApi.import_event),
    _route("GET", "calendars/{}/events/{}/instances", "Events.Instances", CalendarApi.list_instances),
    _route("POST", "calendars/{}/events/{}/move", "Events.Move", CalendarApi.move_event),
    _route("GET", "users/me/calendarList", "CalendarList.List", CalendarApi.list_calendars),
    _route("GET", "users/me/calendarList/{}", "CalendarList.Get", CalendarApi.get_list_entry),
    _route("GET", "calendars/{}", "Calendars.Get", CalendarApi.get_calendar),
    _route("GET", "users/me/settings", "Settings.List", CalendarApi.list_settings),
    _route("GET", "users/me/settings/{}", "Settings.Get", CalendarApi.get_setting),
)
