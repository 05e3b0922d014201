"""Google Meet links: asked for with conferenceDataVersion=1, made a moment later, never touched without it."""

from __future__ import annotations

from soroe.sandbox.google.errors import Json, invalid
from soroe.sandbox.google.model import Calendar, Record, State


def applied(body: Json, old: Json, version: int) -> Json:
    """Returns the body with the conference data the service keeps: without version 1, what was there before."""
    kept = {key: value for key, value in body.items() if key != "conferenceData"}
    before = old.get("conferenceData")
    wanted = body.get("conferenceData")
    if version == 0:
        return {**kept, "conferenceData": before} if before else kept
    if not wanted:
        return kept
    request = wanted.get("createRequest")
    if request is None:
        return {**kept, "conferenceData": wanted}
    if not isinstance(request, dict) or not request.get("requestId"):
        raise invalid("Invalid conference type value.", "conferenceData")
    if before and before.get("createRequest", {}).get("requestId") == request["requestId"]:
        return {**kept, "conferenceData": before}
    pending = {**request, "status": {"statusCode": "pending"}}
    return {**kept, "conferenceData": {"createRequest": pending}}


def note_pending(state: State, calendar: Calendar, record: Record) -> None:
    """Remembers a link that is still to be made; it is there at the next reading."""
    if _is_pending(record.body):
        state.pending_conferences.append((calendar, record))


def finish_pending(state: State) -> None:
    """Makes the links that were asked for, as the service does a little after the write."""
    pending, state.pending_conferences = state.pending_conferences, []
    for calendar, record in pending:
        if record.cancelled or not _is_pending(record.body):
            continue
        letters = "".join(state.random.choices("abcdefghijkmnopqrstuvwxyz", k=10))
        code = f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
        link = f"https://meet.google.com/{code}"
        request = {**record.body["conferenceData"]["createRequest"], "status": {"statusCode": "success"}}
        record.body = {
            **record.body,
            "hangoutLink": link,
            "conferenceData": {
                "createRequest": request,
                "entryPoints": [{"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")}],
                "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
                "conferenceId": code,
            },
        }
        calendar.put(record)


def _is_pending(body: Json) -> bool:
    request = body.get("conferenceData", {}).get("createRequest", {})
    return bool(request.get("status", {}).get("statusCode") == "pending")
