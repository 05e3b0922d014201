"""Put the user's own exported activities (.csv) into the sandbox's CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.crm import User as CrmUser
from soroe.sandbox.esales import Employee, EsalesSandbox
from soroe.sandbox.esales.refusals import Refusal as EsalesRefusal
from soroe.sandbox.oracle import OracleSandbox
from soroe.sandbox.oracle import User as OracleUser
from soroe.sandbox.oracle.fields import APPOINTMENTS
from soroe.sandbox.oracle.refusals import Refusal
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.pipedrive import User as PipedriveUser
from soroe.sandbox.salesforce import SalesforceSandbox
from soroe.sandbox.salesforce import User as SalesforceUser
from soroe.sandbox.salesforce.refusals import Refusal as SalesforceRefusal

from . import in_esales, in_oracle, in_salesforce
from .appointments import ME, ZONE
from .csv_file import Activity, read_rows, understood
from .remarks import NotReadable, Remark, Said, said
from .text_file import OwnFile, outside

_NAME = "佐藤 健"
_KINDS = {
    "": "meeting",
    "電話": "call",
    "コール": "call",
    "phone": "call",
    "phone call": "call",
    "会議": "meeting",
    "打合せ": "meeting",
    "打ち合わせ": "meeting",
    "訪問": "meeting",
    "面談": "meeting",
    "商談": "meeting",
    "visit": "meeting",
    "appointment": "meeting",
    "タスク": "task",
    "todo": "task",
    "to-do": "task",
    "昼食": "lunch",
    "ランチ": "lunch",
}
_COMMON = frozenset({"call", "meeting", "task", "lunch"})


def load_rest(crm: CrmSandbox, own: OwnFile) -> tuple[CrmUser, list[Remark]]:
    """Every row that can be read is an activity of Sato's; of each other one, a remark names file, line and column."""
    user = crm.add_user(ME, _NAME, ZONE)
    problems: list[Remark] = []
    known = set(_COMMON)
    for activity in _activities(own, problems):
        kind, name = _kind(activity.kind)
        if kind not in known:
            crm.add_activity_type(kind, name)
            known.add(kind)
        crm.user_creates(
            user, activity.subject, activity.start, activity.end, type=kind,
            description=activity.notes, location=activity.place, private=activity.private,
        )  # fmt: skip # short values, several a line
    return user, problems


def load_pipedrive(crm: PipedriveSandbox, own: OwnFile) -> tuple[PipedriveUser, list[Remark]]:
    """The same in Pipedrive, whose activities are open and, when all-day, one day long; the texts say where."""
    user = crm.add_user(ME, _NAME, ZONE)
    problems: list[Remark] = []
    known = set(_COMMON) | {"deadline", "email"}
    for activity in _activities(own, problems):
        kind, name = _kind(activity.kind)
        if kind not in known:
            crm.add_activity_type(kind, name)
            known.add(kind)
        if activity.private:
            problems.append(_remark(own, activity.line, "private", said("pipedrive_open")))
        crm.user_creates(
            user, activity.subject, activity.start, _length(own, activity, problems), type=kind, busy=True,
            **({"public_description": activity.notes} if activity.notes else {}),
            **({"location": activity.place} if activity.place else {}),
        )  # fmt: skip # short values, several a line
    return user, problems


def load_oracle(box: OracleSandbox, own: OwnFile) -> tuple[OracleUser, list[Remark]]:
    """The same in Oracle CRM On Demand, whose list of types is closed and whose texts are short; the problems tell."""
    user = in_oracle.people(box)
    problems: list[Remark] = []
    for activity in _activities(own, problems):
        kind, name = _kind(activity.kind)
        if kind not in in_oracle.TYPES:
            what = said("oracle_type", name=name)
            problems.append(_remark(own, activity.line, "type", what))
        texts = {"Subject": activity.subject, "Location": activity.place, "Description": activity.notes}
        given = {field: _cut(own, activity, field, text, problems) for field, text in texts.items() if text}
        try:
            box.user_creates(
                user, given.pop("Subject", ""), in_oracle.moment(activity.start), in_oracle.moment(activity.end),
                Type=in_oracle.TYPES.get(kind, "Other"), Private=activity.private, **given,
            )  # fmt: skip # short values, several a line
        except Refusal as refusal:
            problems.append(_remark(own, activity.line, "row", said("service_says", message=refusal.detail)))
    return user, problems


def load_salesforce(box: SalesforceSandbox, own: OwnFile) -> tuple[SalesforceUser, list[Remark]]:
    """The same in Salesforce, which refuses events of more than 14 days and long subjects; the problems tell."""
    user = in_salesforce.people(box)
    problems: list[Remark] = []
    for activity in _activities(own, problems):
        kind, name = _kind(activity.kind)
        start, end = activity.start, activity.end
        length: timedelta | int = end.toordinal() - start.toordinal()
        if isinstance(start, datetime) and isinstance(end, datetime):
            length = end - start
        try:
            box.user_creates(
                user, activity.subject, start, length,
                Type=in_salesforce.TYPES.get(kind, name), Location=activity.place, Description=activity.notes,
                IsPrivate=activity.private,
            )  # fmt: skip # short values, several a line
        except SalesforceRefusal as refusal:
            problems.append(_remark(own, activity.line, "row", said("service_says", message=refusal.message)))
    return user, problems


def load_esales(box: EsalesSandbox, own: OwnFile) -> tuple[Employee, list[Remark]]:
    """The same in eSales Manager, which has its own grid of times; an unknown type becomes a schedule kind."""
    user = box.add_employee(ME, _NAME)
    problems: list[Remark] = []
    kinds = dict(in_esales.KINDS)
    for activity in _activities(own, problems):
        kind, name = _kind(activity.kind)
        if kind not in kinds:
            kinds[kind] = box.add_kind(name)
        start, end = activity.start, activity.end
        if not isinstance(start, datetime):
            start, end = in_esales.days(start, end.toordinal() - start.toordinal())
        try:
            box.user_creates(
                user, activity.subject, start, end, schedule_kind=kinds[kind], detail=activity.notes,
                address=activity.place, private=activity.private,
            )  # fmt: skip # short values, several a line
        except EsalesRefusal as refusal:
            problems.append(
                _remark(own, activity.line, refusal.field or "row", said("service_says", message=refusal.message))
            )
    return user, problems


def _cut(own: OwnFile, activity: Activity, field: str, text: str, problems: list[Remark]) -> str:
    longest = APPOINTMENTS.fields[field].longest
    if len(text) > longest:
        what = said("oracle_cut", most=longest, count=len(text))
        problems.append(_remark(own, activity.line, field.lower(), what))
    return text[:longest]


def _length(own: OwnFile, activity: Activity, problems: list[Remark]) -> timedelta | None:
    start, end = activity.start, activity.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end - start
    days = end.toordinal() - start.toordinal()
    if days > 1:
        what = said("pipedrive_days", days=days)
        problems.append(_remark(own, activity.line, "end", what))
    return None


def _activities(own: OwnFile, problems: list[Remark]) -> Iterator[Activity]:
    broken: list[tuple[int, str, Said]] = []
    try:
        rows = read_rows(own.path.read_bytes(), broken, own.encoding)
    except OSError as error:
        problems.append(_remark(own, 0, "file", said("not_opened", reason=error.strerror or type(error).__name__)))
        return
    except NotReadable as error:
        problems.append(_remark(own, 0, error.field, error.what))
        return
    problems.extend(_remark(own, line, field, what) for line, field, what in broken)
    beyond = 0
    for row in rows:
        try:
            activity = understood(row, ZONE)
        except NotReadable as error:
            problems.append(_remark(own, row.line, error.field, error.what))
            continue
        beyond += own.shown is not None and not own.shown.first <= _day(activity.start) <= own.shown.last
        yield activity
    if own.shown is not None and beyond:
        problems.append(_remark(own, 0, "file", outside(beyond, own.shown)))


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def _remark(own: OwnFile, line: int, field: str, what: Said) -> Remark:
    return Remark(own.path.name, line, "", field, what)


def _kind(written: str) -> tuple[str, str]:
    """The key and the name of an activity type; a name the CRM does not know becomes a type of its own."""
    word = " ".join(written.split())[:64]
    key = _KINDS.get(word.lower(), word.lower())
    return key, word or key
