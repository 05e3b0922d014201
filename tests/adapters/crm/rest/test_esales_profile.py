"""The profile of eSales Manager on a server that plays it, and IT's corrected copy on one with other words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.rest.conformance import TestActivity, check
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings, within_limits
from soroe.adapters.crm.rest.profile_file import load_profile, parse_profile
from soroe.adapters.crm.rest.table import ProfileInvalid
from soroe.adapters.crm.service import Line
from soroe.core.dialect import ESALES
from soroe.core.event import CRM_LIST, AllDay, Field, Guest, ItemId, ObservedItem, Particulars, Ref, Response, Tombstone
from soroe.ports.errors import AdminRequired, ChangedMeanwhile, ItemRejected, LocalTrouble
from soroe.ports.remote import Create, Update
from soroe.sandbox.esales import TENANT, Employee, EsalesSandbox, Kind
from soroe.sandbox.esales.api import Shape
from tests.adapters.crm.builders import TOKYO, WINDOW, Clock, day_off, done, meeting, trouble
from tests.adapters.crm.rest.conftest import PROFILES

SHIPPED = (PROFILES / "esales.toml").read_text(encoding="utf-8")
MAIL = "sato@example.com"
TEN = datetime(2026, 5, 4, 10)
SEARCH = "/schedules/search"
Opens = Callable[..., RestCrm]


@pytest.fixture
def esales(clock: Clock) -> Iterator[EsalesSandbox]:
    with EsalesSandbox(clock=clock) as server:
        yield server


@pytest.fixture
def sato(esales: EsalesSandbox) -> Employee:
    return esales.add_employee(MAIL, "佐藤 健")


@pytest.fixture
def opens(clock: Clock) -> Iterator[Opens]:
    """Signs in to a server that plays eSales Manager."""
    opened: list[RestCrm] = []

    def open_(server: EsalesSandbox, text: str = SHIPPED, tenant: str = TENANT, email: str = MAIL) -> RestCrm:
        key = ApiKey(server.api_token(), "Authorization", "Bearer")
        settings = RestSettings(server.url, TOKYO, tenant, email)
        opened.append(RestCrm(settings, parse_profile(text), key, clock, Line()))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


@pytest.fixture
def account(esales: EsalesSandbox, sato: Employee, opens: Opens) -> RestCrm:
    return opens(esales)


def listed(account: RestCrm) -> list[ObservedItem]:
    """Everything in the window."""
    pages = account.reader.changes(CRM_LIST, None, WINDOW)
    return [one for page in pages for one in page.seen if isinstance(one, ObservedItem)]


def writes(account: RestCrm, write: Create | Update) -> ObservedItem:
    return done(account.writer.write([write])[0])


def sent(esales: EsalesSandbox, method: str = "POST", path: str = "/schedules$") -> dict[str, Any]:
    """The body of the last request of a kind."""
    found: dict[str, Any] = json.loads(esales.requests.all(method, path)[-1].body)
    return found


# --- reading ---
def test_what_esales_knows_beside_the_meeting_is_told_apart_from_it(
    account: RestCrm, esales: EsalesSandbox, sato: Employee
) -> None:
    esales.user_creates(
        sato, "ミーティング", TEN, customer="株式会社○○", businessplan="一般対応", address="東京都千代田区丸の内1-1",
        building="丸ビル", postal_code="100-0005", others_may_change=True, schedule_kind=2,
    )  # fmt: skip # short values, several a line
    (item,) = listed(account)
    assert (item.content.title, item.content.location) == ("ミーティング", "東京都千代田区丸の内1-1")
    assert item.particulars == Particulars("株式会社○○", "一般対応", "丸ビル", "100-0005")
    assert item.content.guests_may_change is True
    assert item.activity_type == "来社"


def test_participants_with_a_calendar_are_guests_and_the_user_himself_is_none(
    account: RestCrm, esales: EsalesSandbox, sato: Employee
) -> None:
    suzuki = esales.add_employee("suzuki@example.com", "鈴木", google_account="hanako@gmail.example")
    ito = esales.add_employee("ito@example.com", "伊藤", google_account="")
    esales.user_creates(sato, "社内", TEN, participants=(sato, suzuki, ito))
    (item,) = listed(account)
    assert item.content.guests == (Guest("hanako@gmail.example", "鈴木"),)


def test_employees_are_asked_for_once_and_again_when_somebody_new_turns_up(
    account: RestCrm, esales: EsalesSandbox, sato: Employee, clock: Clock
) -> None:
    suzuki = esales.add_employee("suzuki@example.com", "鈴木")
    esales.user_creates(sato, "A", TEN, participants=(sato, suzuki))
    listed(account)
    listed(account)
    asked = esales.requests.count("POST", "/employee/search")
    kimura = esales.add_employee("kimura@example.com", "木村")
    esales.user_creates(sato, "B", TEN, participants=(sato, kimura))
    assert [one.content.guests for one in listed(account)][1] == ()
    assert esales.requests.count("POST", "/employee/search") == asked
    clock.passes(minutes=11)
    assert [one.content.guests for one in listed(account)][1] == (Guest("kimura@example.com", "木村"),)
    assert esales.requests.count("POST", "/employee/search") == asked + 1


def test_a_regular_schedule_is_a_time_like_any(account: RestCrm, esales: EsalesSandbox, sato: Employee) -> None:
    esales.user_creates(sato, "部内定例", TEN, type=Kind.PERIODIC)
    esales.user_creates(sato, "研修", date(2026, 5, 5))
    regular, training = listed(account)
    assert regular.content.when == meeting().when
    assert training.content.when == AllDay(date(2026, 5, 5), date(2026, 5, 6))


def test_a_full_listing_asks_for_the_days_of_the_sync_and_a_later_one_for_what_changed(
    account: RestCrm, esales: EsalesSandbox, sato: Employee, clock: Clock
) -> None:
    esales.user_creates(sato, "Long ago", datetime(2025, 1, 6, 10))
    clock.passes(minutes=5)
    esales.user_creates(sato, "In", TEN)
    pages = list(account.reader.changes(CRM_LIST, None, WINDOW))
    columns = {one["column"]: one["value"] for one in sent(esales, path=SEARCH)["condition"]}
    assert columns == {"participants.employee_id": "2", "end": "2026/04/23", "start": "2026/08/10"}
    clock.passes(minutes=5)
    moved = esales.user_creates(sato, "Out", datetime(2027, 5, 4, 10))
    later = list(account.reader.changes(CRM_LIST, pages[-1].cursor, WINDOW))
    assert [one.ref.id for page in later for one in page.seen] == [str(moved.id)]
    assert set(columns) & {one["column"] for one in sent(esales, path=SEARCH)["condition"]} == {
        "participants.employee_id"
    }


def test_more_schedules_than_a_page_holds_are_all_told(account: RestCrm, esales: EsalesSandbox, sato: Employee) -> None:
    for number in range(205):
        esales.user_creates(sato, f"{number}", TEN)
    assert len(listed(account)) == 205


def test_a_schedule_the_user_was_taken_off_is_gone_for_him(
    account: RestCrm, esales: EsalesSandbox, sato: Employee
) -> None:
    suzuki = esales.add_employee("suzuki@example.com", "鈴木")
    made = esales.user_creates(sato, "社内", TEN, participants=(sato, suzuki))
    ref = Ref(CRM_LIST, ItemId(str(made.id)))
    assert isinstance(account.reader.read(ref), ObservedItem)
    esales.user_changes(made.id, participants=(suzuki,))
    assert account.reader.read(ref) == Tombstone(ref)


# --- writing ---
def test_a_new_schedule_is_the_users_in_name_and_list(account: RestCrm, esales: EsalesSandbox, sato: Employee) -> None:
    guests = (Guest("suzuki@example.com"), Guest("aoki@customer.example"))
    suzuki = esales.add_employee("suzuki@example.com", "鈴木")
    item = writes(account, Create(CRM_LIST, meeting(guests=guests), "seed", activity_type="会議"))
    body = sent(esales)
    assert body["participants"] == [{"employee_id": sato.id}, {"employee_id": suzuki.id}]
    assert (body["registrant"], body["schedule_kind"]) == (sato.id, 3)
    assert (body["start"], body["end"], body["type"]) == ("2026/05/04 10:00", "2026/05/04 11:00", "normal")
    assert {"customer", "businessplan", "people_met", "facilities"}.isdisjoint(body)
    assert item.content.guests == (Guest("suzuki@example.com", "鈴木"),)


def test_building_and_postal_code_go_with_the_place_and_with_nothing_else(
    account: RestCrm, esales: EsalesSandbox, sato: Employee
) -> None:
    esales.user_creates(sato, "訪問", TEN, address="A", building="B", postal_code="C", customer="D", businessplan="E")
    (item,) = listed(account)
    titled = Update(item.ref, item.version, meeting("New"), (Field.TITLE,), particulars=Particulars())
    item = writes(account, titled)
    assert sent(esales, "PUT", "/schedules/") == {"subject": "New"}
    moved = Update(
        item.ref, item.version, meeting(location="X"), (Field.LOCATION,), particulars=Particulars("D", "E", "B")
    )
    item = writes(account, moved)
    assert sent(esales, "PUT", "/schedules/") == {"address": "X", "building": "B", "postal_code": ""}
    assert item.particulars == Particulars("D", "E", "B", "")
    kept = Update(item.ref, item.version, meeting(location="Y"), (Field.LOCATION,))
    writes(account, kept)
    assert sent(esales, "PUT", "/schedules/") == {"address": "Y"}


def test_a_changed_list_of_guests_keeps_colleagues_without_a_calendar_and_leaves_out_who_declined(
    account: RestCrm, esales: EsalesSandbox, sato: Employee
) -> None:
    """ESM-I13, ESM-I14."""
    suzuki, kimura = (esales.add_employee(f"{name}@example.com", name) for name in ("suzuki", "kimura"))
    ito = esales.add_employee("ito@example.com", "伊藤", google_account="")
    esales.user_creates(sato, "社内", TEN, participants=(sato, suzuki, ito))
    (item,) = listed(account)
    guests = (Guest(suzuki.mail, response=Response.DECLINED), Guest(kimura.mail), Guest("nobody@example.com"))
    writes(account, Update(item.ref, item.version, meeting(guests=guests), (Field.GUESTS,)))
    assert set(esales.schedules()[0].fields.participants) == {sato.id, kimura.id, ito.id}


def test_a_regular_schedule_that_is_moved_stays_regular(
    account: RestCrm, esales: EsalesSandbox, sato: Employee
) -> None:
    made = esales.user_creates(sato, "部内定例", TEN, type=Kind.PERIODIC)
    (item,) = listed(account)
    esales.requests.clear()
    item = writes(account, Update(item.ref, item.version, meeting(hour=14), (Field.WHEN,)))
    assert [one.method for one in esales.requests] == ["GET", "PUT"]
    assert esales.schedule(made.id).fields.type is Kind.PERIODIC
    writes(account, Update(item.ref, item.version, day_off(), (Field.WHEN,)))
    assert esales.schedule(made.id).fields.type is Kind.ALL_DAY


def test_two_changes_within_one_second_are_told_apart(account: RestCrm, esales: EsalesSandbox, sato: Employee) -> None:
    made = esales.user_creates(sato, "訪問", TEN)
    pages = list(account.reader.changes(CRM_LIST, None, WINDOW))
    (item,) = (one for page in pages for one in page.seen)
    assert isinstance(item, ObservedItem)
    esales.user_changes(made.id, subject="Renamed")  # the clock stands still
    late = Update(item.ref, item.version, meeting("Late"), (Field.TITLE,))
    assert isinstance(trouble(account.writer.write([late])[0]), ChangedMeanwhile)
    news = [one for page in account.reader.changes(CRM_LIST, pages[-1].cursor, WINDOW) for one in page.seen]
    assert [one.content.title for one in news if isinstance(one, ObservedItem)] == ["Renamed"]


def test_a_kind_that_nobody_knows_is_refused_before_it_leaves(account: RestCrm) -> None:
    create = Create(CRM_LIST, meeting(), "seed", activity_type="meeting")
    error = trouble(account.writer.write([create])[0])
    assert isinstance(error, ItemRejected) and error.field == "schedule_kind"


def test_a_kind_that_the_administrator_adds_later_is_known_by_its_name(
    account: RestCrm, esales: EsalesSandbox, sato: Employee, clock: Clock
) -> None:
    esales.user_creates(sato, "A", TEN, schedule_kind=1)
    assert [one.activity_type for one in listed(account)] == ["訪問"]
    number = esales.add_kind("展示会")
    esales.user_creates(sato, "B", TEN, schedule_kind=number)
    assert [one.activity_type for one in listed(account)] == ["訪問", str(number)]
    clock.passes(minutes=11)
    assert [one.activity_type for one in listed(account)] == ["訪問", "展示会"]
    made = writes(account, Create(CRM_LIST, meeting(), "seed", activity_type="展示会"))
    assert made.activity_type == "展示会" and sent(esales)["schedule_kind"] == number


# --- who, and where ---
def test_the_employee_is_found_by_his_mail(account: RestCrm, sato: Employee) -> None:
    identity = account.reader.identity()
    assert (identity.key, identity.name) == (str(sato.id), MAIL)
    assert [(one.key, one.name) for one in account.reader.activity_types()][:2] == [("訪問", "訪問"), ("来社", "来社")]


def test_an_employee_who_is_nobody_or_two_is_told_to_it(esales: EsalesSandbox, opens: Opens) -> None:
    for code in ("user_not_found", "user_is_ambiguous"):
        with pytest.raises(AdminRequired) as caught:
            opens(esales).reader.identity()
        assert str(caught.value) == code
        esales.add_employee(MAIL)
        esales.add_employee(MAIL)


def test_a_company_that_is_not_told_or_not_known_is_named(esales: EsalesSandbox, opens: Opens) -> None:
    with pytest.raises(LocalTrouble) as missing:
        opens(esales, tenant="").reader.identity()
    assert missing.value.code == "account_needs_tenant"
    with pytest.raises(AdminRequired) as unknown:
        opens(esales, tenant="other").reader.identity()
    assert str(unknown.value) == "unknown_tenant"
    with pytest.raises(LocalTrouble) as nobody:
        opens(esales, email="").reader.identity()
    assert nobody.value.code == "account_needs_email"


def test_a_tenant_cannot_lead_to_another_path(esales: EsalesSandbox, opens: Opens) -> None:
    with pytest.raises(AdminRequired) as caught:
        opens(esales, tenant="../x?y").reader.identity()
    assert str(caught.value) == "endpoint_not_found"
    assert esales.requests.all()[-1].path.startswith("/esm-api/..%2Fx%3Fy/")


# --- the profile itself ---
WRONG = [
    ('employee = "employee_id"', 'employee = "employee_id"\nemail = "mail"', "guests"),
    ('employee = "employee_id"', "", "guests"),
    ('calendar_email = "google_account"', "", "user.calendar_email"),
    ('declined = "leave_out"', 'declined = "ask"', "guests.declined"),
    ('window = { format = "%Y/%m/%d" }', 'window = { form = "%Y/%m/%d" }', "filters.window.form"),
    ("other_timed = [", 'other_timed = "', ""),
    ('name = "name"\nby_name', "by_name", "activity_types.by_name"),
]


@pytest.mark.parametrize(("good", "bad", "key"), WRONG)
def test_a_copy_with_a_mistake_names_it(good: str, bad: str, key: str) -> None:
    assert good in SHIPPED
    with pytest.raises(ProfileInvalid) as caught:
        parse_profile(SHIPPED.replace(good, bad, 1), "esales-ours.toml")
    assert caught.value.key == key


def test_the_check_of_the_endpoint_finds_nothing_wrong_and_leaves_nothing(
    account: RestCrm, esales: EsalesSandbox, clock: Clock
) -> None:
    numbers = iter(range(10_000))
    trial = TestActivity.far_ahead("Soroe connection test, please ignore", clock.now)
    assert check(account, trial, lambda: f"seed{next(numbers):06d}", may_write=True) == []
    assert esales.schedules() == []


OTHER_WORDS = {
    "subject": "title", "start": "from", "end": "until", "detail": "memo", "participants": "members",
    "update_date": "modified", "schedule_id": "no", "others_may_change": "open_to_others",
}  # fmt: skip # short values, several a line
CORRECTIONS = (
    ('path = "esm-api/{tenant}/pub/esms/v1/sheet/employee', 'path = "sheet-fs/{tenant}/v2/employee'),
    ('path = "calendar-fs/v1/schedules', 'path = "calendar-fs/v2/plans'),
    ('"subject", max_length = 100', '"title", max_length = 30'),
    ('start_at = "start"', 'start_at = "from"'),
    ('end_at = "end"', 'end_at = "until"'),
    ('column = "start"', 'column = "from"'),
    ('column = "end"', 'column = "until"'),
    ('at = "detail"', 'at = "memo"'),
    ('at = "participants"', 'at = "members"'),
    ('column = "participants.', 'column = "members.'),
    ('"update_date"', '"modified"'),
    ('at = "schedule_id"', 'at = "no"'),
    ('at = "others_may_change"', 'at = "open_to_others"'),
)


def test_a_corrected_copy_works_on_an_edition_with_other_paths_words_and_lengths(
    opens: Opens, clock: Clock, tmp_path: Path
) -> None:
    copy = SHIPPED
    for ours, theirs in CORRECTIONS:
        assert ours in copy
        copy = copy.replace(ours, theirs)
    file = tmp_path / "esales-acme.toml"
    file.write_text(copy, encoding="utf-8")
    shape = Shape("/sheet-fs/{tenant}/v2/employee", "/calendar-fs/v2/plans", OTHER_WORDS)
    with EsalesSandbox(clock=clock, shape=shape) as edition:
        sato = edition.add_employee(MAIL, "佐藤 健")
        suzuki = edition.add_employee("suzuki@example.com", "鈴木")
        account = opens(edition, file.read_text(encoding="utf-8"))
        edition.user_creates(sato, "訪問", TEN, detail="memo", participants=(sato, suzuki))
        (item,) = listed(account)
        assert (item.content.title, item.content.description) == ("訪問", "memo")
        assert item.content.guests == (Guest("suzuki@example.com", "鈴木"),)
        changed = replace(item.content, title="New", guests=(), guests_may_change=True)
        fields = (Field.TITLE, Field.GUESTS, Field.GUESTS_MAY_CHANGE)
        item = writes(account, Update(item.ref, item.version, changed, fields))
        assert (item.content.title, item.content.guests, item.content.guests_may_change) == ("New", (), True)
        clock.passes(minutes=5)
        numbers = iter(range(10_000))
        trial = TestActivity.far_ahead("Test", clock.now + timedelta(days=1))
        assert check(account, trial, lambda: f"seed{next(numbers):06d}", may_write=True) == []
        assert within_limits(ESALES, load_profile(file)).title_limit == 30


def test_the_shipped_file_on_that_edition_says_what_does_not_fit(opens: Opens, clock: Clock) -> None:
    with EsalesSandbox(clock=clock, shape=Shape(names=OTHER_WORDS)) as edition:
        sato = edition.add_employee(MAIL, "佐藤 健")
        edition.user_creates(sato, "secret plan", TEN)
        trial = TestActivity.far_ahead("Test", clock.now)
        faults = check(opens(edition), trial, lambda: "seed0001", may_write=False)
    assert faults and "secret" not in repr(faults)
