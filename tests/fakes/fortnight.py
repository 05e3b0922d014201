"""A salesperson's fortnight as the window sees it, in English and in Japanese: for screenshots and for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from soroe.core.event import (
    CRM_LIST,
    AllDay,
    ContainerId,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    ReadOnlyCause,
    Recurrence,
    Ref,
    Side,
    Timed,
    Version,
    Visibility,
    bounds_utc,
)
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.core.plan import Verb, Why
from soroe.engine.forecast import Basis, Forecast
from soroe.engine.health import Health, HealthState
from soroe.ports.reading import BothSides, DayCount, DeletedItem, MeetingRow
from soroe.ports.store import ChangeId, ChangeState, JournalEntry, RunId, RunKind, RunRecord, SyncState, SyncStatus
from soroe.ui.ports import Account, AccountKind, Permission, Registration, SyncSetup, Way
from soroe.ui.texts import Language
from tests.fakes.desk import NOW, Desk, sync_name

CALENDAR = ContainerId("primary")
WORK = sync_name("Work")
TITLES = {
    Language.ENGLISH: (
        "Visit to Aoki Trading",
        "Quarterly review with Hoshino Foods",
        "Call: Tanabe about the offer",
        "Demo for Midori Logistics",
        "Team meeting",
        "Lunch with Mr Kuroda",
        "Dentist",
        "Contract signing, Nishi Works",
        "Trade fair, hall 4",
        "Follow-up call: Sakura Clinic",
        "Site inspection, Osaka plant",
        "Offer presentation for Yamato Parts",
    ),
    Language.JAPANESE: (
        "青木商事 訪問",
        "星野フーズ 四半期レビュー",
        "田辺様 お電話(見積の件)",
        "みどり物流 製品デモ",
        "営業チーム定例",
        "黒田様 会食",
        "歯医者",
        "ニシ工業 契約締結",
        "展示会(第4ホール)",
        "さくらクリニック フォロー電話",
        "大阪工場 現地視察",
        "大和部品 ご提案",
    ),
}
PLACES = {Language.ENGLISH: "Chiyoda 1-3, 5F", Language.JAPANESE: "千代田区丸の内1-3 5階"}
NOTES = {
    Language.ENGLISH: "Bring the new price list. Ms Aoki asks for delivery before the end of June.",
    Language.JAPANESE: "新しい価格表を持参。青木様より6月末までの納品希望あり。",
}
SAYS = {
    Language.ENGLISH: "Start time must lie in working hours",
    Language.JAPANESE: "開始時刻は営業時間内に設定してください",
}
TYPES = {Language.ENGLISH: ("Meeting", "Call", "Lunch"), Language.JAPANESE: ("商談", "電話", "会食")}
WHYS = (
    Why.IN_STEP,
    Why.CHANGED_IN_CRM,
    Why.IN_STEP,
    Why.IN_STEP,
    Why.DIRECTION,
    Why.IN_STEP,
    Why.PRIVATE_BLOCK,
    Why.CONFLICT,
    Why.IN_STEP,
    Why.REJECTED,
    Why.DUPLICATE,
    Why.NEW_IN_CALENDAR,
)


def fortnight(language: Language = Language.ENGLISH, *, dark: bool = False, failing: bool = False) -> Desk:
    """The desk of a salesperson on a Tuesday morning; with `failing`, the calendar's sign-in has expired."""
    desk = Desk(language=language, dark=dark)
    _accounts(desk, failing=failing)
    _meetings(desk)
    _findings(desk)
    _history(desk)
    for back in range(14):
        day = (NOW.date() - timedelta(days=back)).isoformat()
        weekend = date.fromisoformat(day).weekday() >= 5
        synced = 2 if weekend else 9 + (back * 7) % 16
        desk.reading.days[day] = DayCount(day, synced, int(back in {3, 9}), 12 if back == 6 else 0)
    return desk


def _accounts(desk: Desk, *, failing: bool) -> None:
    since = NOW - timedelta(days=23)
    good = Health(HealthState.CONNECTED, since)
    expired = Health(HealthState.SIGN_IN_NEEDED, NOW - timedelta(minutes=34), "invalid_grant")
    scopes = ("calendar.events", "calendar.calendarlist.readonly")
    desk.accounts.all = [
        Account(
            "Google",
            AccountKind.GOOGLE,
            "sato@example.com",
            expired if failing else good,
            tuple(Permission(name, True) for name in scopes),
            Forecast(NOW + timedelta(days=157), Basis.UNUSED),
            registration=Registration("soroe-desktop", server="www.googleapis.com"),
        ),
        Account("Sales CRM", AccountKind.REST, "crm.example.com · sato", good, (Permission("activities:write", True),)),
        Account("Pipedrive", AccountKind.PIPEDRIVE, "", Health(HealthState.NOT_CONNECTED), way=Way.KEY),
        *_places(),
    ]
    desk.accounts.setups = [SyncSetup(WORK, "Sales CRM", "Google")]
    desk.accounts.types = list(TYPES[desk.language])
    started = NOW - timedelta(days=23)
    desk.reading.states = [(WORK, SyncState(SyncStatus.RUNNING, started, last_run=NOW - timedelta(seconds=40)))]


def _places() -> tuple[Account, Account]:
    """Where meetings are held online."""
    good = Health(HealthState.CONNECTED, NOW - timedelta(days=12))
    zoom, teams = (
        tuple(Permission(name, True) for name in names)
        for names in (
            ("user:read:user", "meeting:read:list_meetings", "meeting:write:meeting", "meeting:delete:meeting"),
            ("OnlineMeetings.ReadWrite", "User.Read"),
        )
    )
    ends = Forecast(NOW + timedelta(days=78), Basis.UNUSED)
    return (
        Account("Zoom", AccountKind.ZOOM, "sato@example.com", good, zoom, ends),
        Account("Teams", AccountKind.TEAMS, "sato@example.com", good, teams, ends),
    )


def _content(language: Language, at: int, **changes: object) -> EventContent:
    day = datetime(2026, 5, 11) + timedelta(days=at % 9 - 1)
    start = day.replace(hour=9 + at % 8, minute=0 if at % 3 else 30)
    when = Timed(start, start + timedelta(minutes=60 if at % 2 else 45), "Asia/Tokyo")
    content = EventContent(TITLES[language][at % 12], when, NOTES[language], PLACES[language])
    if at % 12 == 8:
        content = replace(content, when=AllDay(date(2026, 5, 20), date(2026, 5, 22)))
    if at % 12 == 6:
        content = replace(content, visibility=Visibility.PRIVATE, description="", location="")
    if at % 12 == 4:
        content = replace(content, recurrence=Recurrence(("FREQ=WEEKLY;BYDAY=TU",)))
    if at % 12 == 0:
        content = replace(content, guests=(Guest("aoki@example.com", "Y. Aoki"), Guest("mori@example.com", "K. Mori")))
    return replace(content, **changes)  # type: ignore[arg-type]  # the callers name the fields


def _meetings(desk: Desk) -> None:
    for at in range(96):
        content = _content(desk.language, at)
        if at >= 12:
            content = replace(content, when=_moved(content, at // 12 * 9))
        crm, calendar = Ref(CRM_LIST, ItemId(f"a{at}")), Ref(CALENDAR, ItemId(f"e{at}"))
        why = WHYS[at % 12]
        only_calendar = why is Why.NEW_IN_CALENDAR and at < 12
        only_crm = why is Why.REJECTED
        _keep(desk, content, None if only_calendar else crm, None if only_crm else calendar, why, at)


def _moved(content: EventContent, days: int) -> Timed | AllDay:
    when, by = content.when, timedelta(days=days)
    if isinstance(when, AllDay):
        return AllDay(when.start + by, when.end + by)
    return Timed(when.start + by, when.end + by, when.zone)


def _keep(desk: Desk, content: EventContent, crm: Ref | None, calendar: Ref | None, why: Why, at: int) -> None:
    start, end = bounds_utc(content.when)
    private = content.visibility is Visibility.PRIVATE
    kind = TYPES[desk.language][at % 3]
    date_only = isinstance(content.when, AllDay)
    desk.reading.rows.append(MeetingRow(WORK, crm, calendar, content.title, start, end, date_only, kind, private, why))
    shown = content
    if why is Why.CONFLICT and isinstance(content.when, Timed):
        later = Timed(content.when.start + timedelta(hours=1), content.when.end + timedelta(hours=1), content.when.zone)
        shown = replace(content, when=later, location="Zoom")
    if private:
        masked = "Private" if desk.language is Language.ENGLISH else "非公開"
        shown = replace(content, title=masked, description="", location="")
    crm_item = ObservedItem(crm, Version("1"), shown, activity_type=kind) if crm else None
    calendar_item = ObservedItem(calendar, Version("1"), content) if calendar else None
    sides = BothSides(crm_item, calendar_item, None, why)
    for side, ref in ((Side.CRM, crm), (Side.CALENDAR, calendar)):
        if ref:
            desk.reading.sides[(side, ref)] = sides


def _findings(desk: Desk) -> None:
    def crm(at: int) -> Ref:
        return Ref(CRM_LIST, ItemId(f"a{at}"))

    def calendar(at: int) -> Ref:
        return Ref(CALENDAR, ItemId(f"e{at}"))

    take = (FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR)
    doubles = (FindingAction.KEEP_ONE, FindingAction.MERGE, FindingAction.NOT_A_DUPLICATE)
    private = (FindingAction.CHANGE_PRIVACY, FindingAction.DISMISS)
    kinds, warning, info = FindingKind, Severity.WARNING, Severity.INFO
    says = SAYS[desk.language]
    findings = [
        Finding(
            kinds.CONFLICT, "S-conflict", warning, Why.CONFLICT, crm(7), calendar(7), (), ("when", "location"), (), take
        ),
        Finding(
            kinds.DUPLICATE,
            "PD-9",
            warning,
            Why.DUPLICATE,
            crm(10),
            None,
            ((Side.CALENDAR, calendar(10)), (Side.CALENDAR, calendar(22))),
            (),
            (("copies", 3),),
            doubles,
        ),
        Finding(
            kinds.DUPLICATE,
            "PD-9",
            warning,
            Why.DUPLICATE,
            crm(34),
            None,
            ((Side.CALENDAR, calendar(34)),),
            (),
            (("copies", 2),),
            doubles,
        ),
        Finding(
            kinds.REJECTED,
            "SF-18",
            warning,
            Why.REJECTED,
            crm(9),
            None,
            (),
            (),
            (),
            (FindingAction.RETRY, FindingAction.DISMISS),
            says,
        ),
        Finding(
            kinds.ONE_WAY,
            "ESM-G5",
            info,
            ReadOnlyCause.FOREIGN_ORGANISER,
            crm(4),
            calendar(4),
            (),
            (),
            (),
            (FindingAction.DISMISS,),
        ),
        Finding(kinds.PRIVATE, "PD-7", info, Why.PRIVATE_BLOCK, crm(6), calendar(6), (), (), (), private),
        Finding(kinds.PRIVATE, "PD-7", info, Why.PRIVATE_BLOCK, crm(18), calendar(18), (), (), (), private),
        Finding(
            kinds.ALTERED,
            "ESM-IL1",
            info,
            "cut",
            crm(1),
            calendar(1),
            (),
            ("description",),
            (("before", 2412), ("after", 1000)),
            (FindingAction.DISMISS,),
        ),
    ]
    desk.reading.found = [(WORK, finding) for finding in findings]


def _history(desk: Desk) -> None:
    counts = [((0, 0), (0, 1), (0, 0)), ((1, 2), (3, 1), (0, 0)), ((0, 1), (0, 0), (0, 1)), ((4, 0), (1, 0), (0, 0))]
    for at, (created, updated, deleted) in enumerate(counts):
        started = NOW - timedelta(minutes=18 + 95 * at)
        desk.reading.records.append(
            RunRecord(
                RunId(40 - at),
                WORK,
                RunKind.SYNC,
                started,
                started + timedelta(seconds=2),
                created,
                updated,
                deleted,
                requests=4,
                seconds=1.8,
                failed=int(at == 3),
                conflicts=int(at == 1),
            )
        )
    first = NOW - timedelta(days=2)
    desk.reading.records.append(
        RunRecord(RunId(20), WORK, RunKind.SYNC, first, first, (48, 37), linked=21, requests=31, undone=False)
    )
    before = _content(desk.language, 1)
    after = replace(before, when=_moved(before, 1), location=PLACES[desk.language] + " B")
    change = JournalEntry(
        RunId(40),
        NOW - timedelta(minutes=18),
        Verb.UPDATE,
        Side.CALENDAR,
        Why.CHANGED_IN_CRM,
        None,
        Ref(CALENDAR, ItemId("e1")),
        before,
        after,
        ("when", "location"),
        state=ChangeState.DONE,
        id=ChangeId(1),
    )
    made = replace(change, id=ChangeId(2), verb=Verb.CREATE, before=None, after=_content(desk.language, 3), fields=())
    gone = replace(
        change,
        id=ChangeId(3),
        run=RunId(38),
        verb=Verb.DELETE,
        why=Why.REMOVED_IN_CRM,
        before=_content(desk.language, 5),
        after=None,
        fields=(),
        at=NOW - timedelta(hours=3, minutes=28),
    )
    desk.reading.journal = {
        RunId(40): [change],
        RunId(39): [replace(made, run=RunId(39)), replace(change, run=RunId(39), id=ChangeId(4))],
        RunId(38): [gone],
    }
    desk.reading.deleted = [DeletedItem(WORK, gone, _content(desk.language, 5))]
