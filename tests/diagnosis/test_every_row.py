"""Every row of the table of errors, from the wire to the connection's state and the words that a person reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from soroe.adapters.keychain.errors import translate as from_keychain
from soroe.adapters.microsoft365.tokens import Microsoft365Secret
from soroe.core.finding import FindingKind
from soroe.engine.health import CALLS_FOR_USER, Health, HealthState, Mend, after_error, mend_of
from soroe.ports.errors import ACCOUNT_TROUBLE, ItemRejected, PortError, RetryLater, ServiceFault
from soroe.ui.texts import Language, Texts, finding_words, health_words, load, mend_words, notice_words
from soroe.ui.texts.diagnosis import code_words
from tests.builders import Laptop, meeting
from tests.fakes.desk import NOW, ZONE

from .case import Case, Raised
from .cases_esales import ESALES
from .cases_exchange import EXCHANGE
from .cases_google import ALL, GOOGLE
from .cases_local import KEPT, KEYCHAIN, ZOOM
from .cases_microsoft365 import MICROSOFT365
from .cases_oracle import ORACLE
from .cases_salesforce import SALESFORCE
from .doors import Door, ExchangeDoor, GoogleDoor, Microsoft365Door, ZoomDoor
from .esales_door import EsalesDoor
from .oracle_door import OracleDoor
from .salesforce_door import SalesforceDoor
from .table import TABLE, Kind

DOORS: dict[str, tuple[type[Door], tuple[Case, ...]]] = {
    "google": (GoogleDoor, (*GOOGLE, *ALL)),
    "exchange": (ExchangeDoor, EXCHANGE),
    "microsoft365": (Microsoft365Door, MICROSOFT365),
    "zoom": (ZoomDoor, ZOOM),
    "salesforce": (SalesforceDoor, SALESFORCE),
    "esales": (EsalesDoor, ESALES),
    "oracle": (OracleDoor, ORACLE),
}
CASES = [(service, case) for service, (_, cases) in DOORS.items() for case in cases]
LOCAL = (*KEYCHAIN, *KEPT)
TRANSLATIONS = Path(__file__).parents[2] / "resources" / "translations"
TRIED_ELSEWHERE = {"microsoft365/left_window", "google/given_up"}
"""No errors: the tests of the connectors try what leaves the window, and a sign-in that is given up."""
STATES: dict[Kind, tuple[HealthState, Mend]] = {
    Kind.RETRY: (HealthState.RETRYING, Mend.NOTHING),
    Kind.LIMIT: (HealthState.PAUSED_BY_LIMIT, Mend.NOTHING),
    Kind.RECONNECT: (HealthState.SIGN_IN_NEEDED, Mend.RECONNECT),
    Kind.CONSENT: (HealthState.PERMISSION_MISSING, Mend.RECONNECT),
    Kind.ADMIN: (HealthState.BLOCKED_BY_IT, Mend.COPY_FOR_IT),
    Kind.LOCAL: (HealthState.LOCAL_TROUBLE, Mend.NOTHING),
}
SPECIAL: dict[str, tuple[HealthState, Mend]] = {
    "keychain_locked": (HealthState.WAITING_FOR_KEYCHAIN, Mend.UNLOCK_KEYCHAIN),
}
RAW = re.compile(r"Traceback|Exception|Error\(|\bNone\b|\{|<class|Reraised|text of the library|Invalid credentials")
"""What a program says to programmers."""


@pytest.fixture(scope="module")
def doors() -> Iterator[Callable[[str], Door]]:
    opened: dict[str, Door] = {}

    def door(service: str) -> Door:
        if service not in opened:
            opened[service] = DOORS[service][0]()
        return opened[service]

    yield door
    for one in opened.values():
        one.close()


@cache
def language(name: Language) -> Texts:
    return load(TRANSLATIONS, name)


def is_as_told(found: PortError, case: Case) -> None:
    """It is the error that the case names, of a class that its row allows."""
    assert isinstance(found, type(case.means)), found
    assert str(found) == str(case.means)
    assert any(isinstance(found, kind.value) for kind in TABLE[case.row].kinds), f"{found!r} is not of its row"
    if isinstance(found, RetryLater) and isinstance(case.means, RetryLater) and case.means.after is not None:
        assert found.after == case.means.after
    if isinstance(found, ItemRejected) and isinstance(case.means, ItemRejected) and case.means.field:
        assert found.field == case.means.field


def tells_a_person(health: Health, code: str) -> None:
    """What happened, what it means and what to do, in both languages, in words and not in codes alone."""
    for name in Language:
        texts = language(name)
        words = health_words(texts, health, NOW, ZONE, "mail.example.com")
        said = (words.state, words.what, words.means, words.do)
        assert all(said[:3])
        if "_" in code and texts.has(f"code.{code}"):
            assert not [part for part in said if code in part], f"{code} is told as it stands"
        assert not [part for part in said if RAW.search(part) or part == code], said
        if health.state in CALLS_FOR_USER:
            assert words.do, f"{code}: nothing to do about it"
            notice = notice_words(texts, "Sato", health)
            assert notice is not None and notice.body not in {"", code} and not RAW.search(notice.body)
        assert bool(mend_words(texts, health)) is (mend_of(health) is not Mend.NOTHING)


def ends_in_its_state(error: PortError) -> None:
    """The connection's state, its one button and its words."""
    health = after_error(Health(HealthState.CONNECTED), error, NOW)
    code = str(error)
    kind = next(kind for kind in Kind if isinstance(error, kind.value))
    state, mend = SPECIAL.get(code, STATES[kind])
    assert health.state is state
    assert health.code == code
    assert mend_of(health) is (Mend.MOVE_TO_MICROSOFT365 if code == "exchange_online" else mend)
    tells_a_person(health, code)


def ends_for_its_item(error: PortError) -> None:
    """A change that is refused so: the item rests, goes one way or is looked at again, and nothing else stops."""
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.crm.user_creates(meeting("Another"), activity_type="meeting")
    laptop.until_quiet()
    laptop.crm.user_changes(activity, title="Visit, renamed")
    refusals = [error] * 3
    laptop.calendar.before_write = lambda _write: refusals.pop() if refusals else None
    result = laptop.run()
    laptop.run()
    assert result.trouble is None
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 2, "a meeting was lost, or doubled"
    findings = laptop.joint().store.findings()
    if isinstance(error, ItemRejected | ServiceFault):
        assert [finding.kind for finding in findings] == [FindingKind.REJECTED]
    elif findings:
        assert [finding.kind for finding in findings] == [FindingKind.ONE_WAY]
    for name in Language:
        for finding in findings:
            words = finding_words(language(name), finding)
            assert words.what and words.why
            assert f"“{error}”" not in words.why and f"「{error}」" not in words.why
            assert words.why != str(error) and not RAW.search(f"{words.what} {words.why}")
            assert finding.actions


@pytest.mark.parametrize(("service", "case"), CASES, ids=[f"{s}:{c.name}" for s, c in CASES])
def test_a_row_from_the_wire_to_the_words(doors: Callable[[str], Door], service: str, case: Case) -> None:
    found = doors(service).meets(case)
    is_as_told(found, case)
    if isinstance(found, ACCOUNT_TROUBLE):
        ends_in_its_state(found)
    else:
        ends_for_its_item(found)


@pytest.mark.parametrize("case", LOCAL, ids=[case.name for case in LOCAL])
def test_a_row_of_this_computer(case: Case) -> None:
    found = met_here(case)
    is_as_told(found, case)
    ends_in_its_state(found)


def met_here(case: Case) -> PortError:
    """What stands in the way without any service."""
    assert isinstance(case.wire, Raised)
    error = case.wire.error
    if case in KEPT:
        with pytest.raises(PortError) as raised:
            Microsoft365Secret.parse(str(error))
        return raised.value
    assert isinstance(error, Exception)
    return from_keychain(error)


def test_every_row_has_its_case() -> None:
    tried = {case.row for _, case in CASES} | {case.row for case in LOCAL}
    assert tried | TRIED_ELSEWHERE == set(TABLE)


def test_every_class_that_a_row_may_come_to_is_tried() -> None:
    found = {(case.row, kind) for case in (*(one for _, one in CASES), *LOCAL) for kind in Kind
             if isinstance(case.means, kind.value)}  # fmt: skip # short values, several a line
    open_ones = {(name, kind.name) for name, row in TABLE.items() for kind in row.kinds if (name, kind) not in found}
    assert open_ones == set()


@pytest.mark.parametrize("name", list(Language))
def test_a_reading_that_is_out_of_order_is_told_in_words(name: Language) -> None:
    for code in ("http_403", "ServiceFault"):
        assert code_words(language(name), code) != code
