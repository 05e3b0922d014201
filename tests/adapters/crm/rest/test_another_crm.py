"""A CRM unlike the contract, reached through a profile: slashed dates, the zone in a header, numbers for types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, Response, request

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
from soroe.adapters.crm.rest.profile_file import parse_profile
from soroe.adapters.crm.service import Line
from soroe.core.event import CRM_LIST, AllDay, Field, ObservedItem, Timed, Tombstone, Visibility
from soroe.ports.errors import ChangedMeanwhile, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Update
from soroe.sandbox.faults import Answer
from soroe.sandbox.server import LoopbackServer
from tests.adapters.crm.builders import TOKYO, WINDOW, Clock, day_off, done, meeting, trouble

PROFILE = """
format = 1
name = "slashes"
title = "A CRM with slashes in its dates"
[auth]
methods = ["api_key"]
api_key = { header = "Authorization", scheme = "Bearer" }
[operations]
me = { method = "GET", path = "v1/employees/self", item_at = "data" }
get = { method = "GET", path = "v1/schedules/{id}", item_at = "data" }
create = { method = "POST", path = "v1/schedules", item_at = "data", wrap = "schedule" }
delete = { method = "DELETE", path = "v1/schedules/{id}" }
[operations.list]
method = "POST"
path = "v1/schedules/search"
items_at = "data.rows"
[operations.list.json]
condition = [{ column = "owner", value = "{me}" }, { column = "updated", value = "{since}" }]
page = "{page}"
[operations.update]
method = "PUT"
path = "v1/schedules/{id}"
item_at = "data"
wrap = "schedule"
body = "whole_item"
[paging]
kind = "page"
parameter = "page"
first = 1
size = 2
[changes]
kind = "since"
since = { format = "%Y/%m/%d %H:%M:%S", overlap_seconds = 10 }
[deletions]
kind = "flag"
at = "deleted"
deleted_value = 1
[versions]
kind = "field"
field = "revision"
[idempotency]
kind = "none"
[stamp]
kind = "none"
[quiet]
kind = "never_mails"
[fields]
id = { at = "id", write = "never" }
subject = { at = "subject" }
location = { parts = ["address", "building"], separator = " " }
description = { at = "detail", text = "html", empty = "null" }
type = { at = "kind" }
private = { at = "private", values = { true = 1, false = 0 } }
[times]
zone = "header"
zone_header = "X-ESM-TIMEZONE"
timed = { format = "%Y/%m/%d %H:%M", start_at = "start", end_at = "end" }
instants = { format = "%Y/%m/%d %H:%M:%S", updated_at = "updated" }
[times.all_day]
kind = "flag"
flag_at = "all_day"
all_day_value = 1
timed_value = 0
format = "%Y/%m/%d"
start_at = "start"
end_at = "end"
end = "inclusive"
[user]
id = "employee_id"
email = "mail"
[activity_types]
map = { meeting = 10, call = 20 }
[[errors]]
status = 200
text = "maximum rate of requests"
means = "retry_later"
[[errors]]
status = 404
means = "gone"
[[errors]]
status = 409
means = "changed_meanwhile"
"""


@dataclass
class SlashedCrm:
    """Keeps schedules as dictionaries, in the wall-clock time of the request's zone header (Tokyo here)."""

    clock: Clock
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    zones: set[str] = field(default_factory=set)
    searches: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask(__name__)
        app.add_url_rule("/v1/employees/self", "me", lambda: answer({"employee_id": 7, "mail": "sato@example.com"}))
        app.add_url_rule("/v1/schedules/search", "search", self._zoned(self._search), methods=["POST"])
        app.add_url_rule("/v1/schedules", "create", self._zoned(self._create), methods=["POST"])
        app.add_url_rule("/v1/schedules/<int:number>", "get", self._zoned(self._get))
        app.add_url_rule("/v1/schedules/<int:number>", "put", self._zoned(self._put), methods=["PUT"])
        app.add_url_rule("/v1/schedules/<int:number>", "delete", self._zoned(self._delete), methods=["DELETE"])
        return app

    def stamp(self) -> str:
        return f"{self.clock.now.astimezone(ZoneInfo(TOKYO)):%Y/%m/%d %H:%M:%S}"

    def add(self, **row: Any) -> dict[str, Any]:
        number = len(self.rows) + 1
        known = {"id": number, "revision": 1, "updated": self.stamp(), "deleted": 0, "all_day": 0, "private": 0}
        self.rows[number] = {**known, **row}
        return self.rows[number]

    def _zoned(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def handle(**path: int) -> Response:
            self.zones.add(request.headers.get("X-ESM-TIMEZONE", "missing"))
            return handler(**path)

        return handle

    def _search(self) -> Response:
        asked = request.get_json()
        self.searches.append(asked)
        since = next((one["value"] for one in asked["condition"] if one["column"] == "updated"), "")
        found = [row for row in self.rows.values() if row["updated"] >= since and (since or not row["deleted"])]
        first = (asked["page"] - 1) * 2
        return answer({"rows": found[first : first + 2]})

    def _create(self) -> Response:
        return answer(self.add(**request.get_json()["schedule"]))

    def _get(self, number: int) -> Response:
        row = self.rows.get(number)
        return answer(row) if row and not row["deleted"] else answer({}, 404)

    def _put(self, number: int) -> Response:
        row, wanted = self.rows[number], request.get_json()["schedule"]
        if wanted["revision"] != row["revision"]:
            return answer({}, 409)
        self.rows[number] = {**wanted, "revision": row["revision"] + 1, "updated": self.stamp()}
        return answer(self.rows[number])

    def _delete(self, number: int) -> Response:
        self.rows[number] |= {"deleted": 1, "updated": self.stamp()}
        return Response(status=204)


def answer(data: Any, status: int = 200) -> Response:
    return Response(json.dumps({"data": data}), status, content_type="application/json")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def theirs(clock: Clock) -> SlashedCrm:
    return SlashedCrm(clock)


@pytest.fixture
def server(theirs: SlashedCrm, clock: Clock) -> Iterator[LoopbackServer]:
    with LoopbackServer(theirs.app(), clock=clock).start() as running:
        yield running


@pytest.fixture
def crm(server: LoopbackServer, clock: Clock) -> Iterator[RestCrm]:
    settings = RestSettings(server.url, TOKYO)
    account = RestCrm(settings, parse_profile(PROFILE), ApiKey("key", "Authorization", "Bearer"), clock, Line())
    yield account
    account.close()


def test_slashed_times_are_read_in_the_zone_of_the_header(crm: RestCrm, theirs: SlashedCrm) -> None:
    theirs.add(subject="Visit", start="2026/05/04 10:00", end="2026/05/04 11:00", kind=10, private=1)
    theirs.add(subject="Fair", start="2026/05/04", end="2026/05/05", all_day=1, address="Osaka", building="Hall 2")
    theirs.add(subject="Call", start="2026/05/06 10:00", end="2026/05/06 11:00", detail="<p>One</p><p>Two &amp; 3</p>")
    pages = list(crm.reader.changes(CRM_LIST, None, WINDOW))
    visit, fair, call = [one for page in pages for one in page.seen if isinstance(one, ObservedItem)]
    assert visit.content.when == Timed(datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11), TOKYO)
    assert (visit.activity_type, visit.content.visibility) == ("meeting", Visibility.PRIVATE)
    assert fair.content.when == AllDay(date(2026, 5, 4), date(2026, 5, 6))
    assert fair.content.location == "Osaka Hall 2"
    assert call.content.description == "One\nTwo & 3"
    assert visit.changed_at == theirs.clock.now
    assert theirs.zones == {TOKYO}
    assert theirs.searches[0]["condition"] == [{"column": "owner", "value": "7"}]
    assert [search["page"] for search in theirs.searches] == [1, 2]


def test_times_are_written_with_slashes_in_that_zone(crm: RestCrm, theirs: SlashedCrm) -> None:
    when = Timed(datetime(2026, 5, 4, 1), datetime(2026, 5, 4, 2), "Etc/UTC")
    content = meeting()
    content = type(content)("Visit", when, description="1 < 2\nDone", visibility=Visibility.PRIVATE)
    done(crm.writer.write([Create(CRM_LIST, content, "seed", activity_type="meeting")])[0])
    done(crm.writer.write([Create(CRM_LIST, day_off(days=2), "seed2", activity_type="call")])[0])
    visit, off = theirs.rows.values()
    assert (visit["start"], visit["end"], visit["all_day"]) == ("2026/05/04 10:00", "2026/05/04 11:00", 0)
    assert (visit["kind"], visit["private"], visit["detail"]) == (10, 1, "1 &lt; 2<br>Done")
    assert (off["start"], off["end"], off["all_day"]) == ("2026/05/04", "2026/05/05", 1)


def test_a_change_sends_the_whole_item_and_loses_nothing_we_do_not_know(crm: RestCrm, theirs: SlashedCrm) -> None:
    theirs.add(subject="Visit", start="2026/05/04 10:00", end="2026/05/04 11:00", customer={"id": 5}, kind=10)
    [item] = [one for page in crm.reader.changes(CRM_LIST, None, WINDOW) for one in page.seen]
    assert isinstance(item, ObservedItem)
    changed = Update(item.ref, item.version, meeting("New"), (Field.TITLE,))
    assert done(crm.writer.write([changed])[0]).content.title == "New"
    assert theirs.rows[1]["customer"] == {"id": 5}
    assert isinstance(trouble(crm.writer.write([changed])[0]), ChangedMeanwhile)


def test_changes_and_flagged_deletions_are_told_once(crm: RestCrm, theirs: SlashedCrm, clock: Clock) -> None:
    theirs.add(subject="Visit", start="2026/05/04 10:00", end="2026/05/04 11:00")
    first = list(crm.reader.changes(CRM_LIST, None, WINDOW))
    [item] = [one for page in first for one in page.seen]
    clock.passes(seconds=5)
    assert [page.seen for page in crm.reader.changes(CRM_LIST, first[-1].cursor, WINDOW)] == [()]
    assert isinstance(item, ObservedItem)
    assert crm.writer.write([Delete(item.ref, item.version)]) == [Erased(item.ref)]
    pages = list(crm.reader.changes(CRM_LIST, first[-1].cursor, WINDOW))
    assert [one for page in pages for one in page.seen] == [Tombstone(item.ref)]
    assert [page.seen for page in crm.reader.changes(CRM_LIST, pages[-1].cursor, WINDOW)] == [()]
    assert theirs.searches[-1]["condition"][1]["value"] == "2026/05/01 08:59:55"


def test_an_error_behind_a_status_of_success_is_an_error(crm: RestCrm, server: LoopbackServer) -> None:
    page = {"message": "The Maximum Rate of Requests was exceeded"}
    server.faults.add(Answer.as_json(200, page), path="/search")
    with pytest.raises(RetryLater):
        list(crm.reader.changes(CRM_LIST, None, WINDOW))


def test_a_create_whose_answer_was_lost_is_found_by_title_and_time(crm: RestCrm, theirs: SlashedCrm) -> None:
    create = Create(CRM_LIST, meeting(), "seed", activity_type="meeting")
    made = done(crm.writer.write([create])[0])
    theirs.add(subject="Other", start="2026/05/04 10:00", end="2026/05/04 11:00")
    assert [one.ref for one in crm.reader.find(create)] == [made.ref]
