"""The page Today: each sync's health, what needs a look, the API budget, the last days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from soroe.core.finding import FindingKind
from soroe.core.route import SyncName
from soroe.engine.health import CALLS_FOR_USER, ERRORS, WAITS, Health, HealthState
from soroe.engine.messages import BudgetChanged, Resume, Start, SyncNow
from soroe.ports.reading import DayCount
from soroe.ports.store import SyncStatus
from soroe.ui.state import AppState, SyncStanding
from soroe.ui.texts import health_words, kind_name, progress_words, run_report, status_words, times

from .told import Told

NEARLY_SPENT = 0.8


class Tone(StrEnum):
    """How something stands; colour and symbol follow."""

    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class SyncCard:
    """One sync. `facts` are (name, value); `command` is what the button sends, None for one that opens Connections."""

    name: SyncName
    tone: Tone
    status: str
    meaning: str
    joined: str
    facts: tuple[tuple[str, str], ...]
    button: str
    command: SyncNow | Start | Resume | None
    can_pause: bool
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """How much of an account's API budget is spent; `share` is between 0 and 1."""

    account: str
    words: str
    resets: str
    share: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart; `words` tell it to a screen reader and on hover."""

    label: str
    synced: int
    failed: int
    held: int
    words: str


@dataclass(frozen=True, slots=True)
class TodayView:
    """The whole page. `attention` pairs kinds of findings with their name and count; `failing` names connections that
    need the user, with their state and its tone."""

    subtitle: str
    cards: tuple[SyncCard, ...]
    attention: tuple[tuple[FindingKind, str, str], ...]
    budgets: tuple[BudgetLine, ...]
    failing: tuple[tuple[str, str, Tone], ...] = ()


def today_view(state: AppState, told: Told) -> TodayView:
    """The page for a state."""
    texts = told.texts
    attention = tuple((kind, kind_name(texts, kind), texts.number(n)) for kind, n in state.counts if n)
    budgets = tuple(
        BudgetLine(
            budget.account,
            _spent(budget, told),
            texts("today.budget.resets", moment=told.moment(budget.resets)) if budget.resets else "",
            share := min(1.0, budget.spent / budget.limit),
            Tone.WARN if share >= NEARLY_SPENT else Tone.GOOD,
        )
        for budget in state.budgets
        if budget.limit > 0
    )
    return TodayView(
        times.day(texts, told.today, told.today),
        tuple(_card(state, sync, told) for sync in state.syncs),
        attention,
        budgets,
        tuple(
            (
                account.name,
                texts(f"health.{account.health.state.value}"),
                Tone.BAD if account.health.state in ERRORS else Tone.WARN,
            )
            for account in state.accounts
            if account.health.state in CALLS_FOR_USER
        ),
    )


def _spent(budget: BudgetChanged, told: Told) -> str:
    texts = told.texts
    words = texts("today.budget.words", spent=texts.number(budget.spent), limit=texts.number(budget.limit))
    return f"{words} · {told.moment(budget.resets)}" if budget.resets and budget.spent >= budget.limit else words


def chart_view(days: Sequence[DayCount], told: Told) -> tuple[Bar, ...]:
    """The bars of the chart, oldest first."""
    return tuple(_bar(count, told) for count in days)


def _bar(count: DayCount, told: Told) -> Bar:
    at = date.fromisoformat(count.day)
    words = told.texts(
        "today.chart.words",
        day=times.day(told.texts, at, told.today),
        synced=told.texts.number(count.synced),
        failed=told.texts.number(count.failed),
        held=told.texts.number(count.held),
    )
    return Bar(times.short_day(told.texts, at), count.synced, count.failed, count.held, words)


def _card(state: AppState, sync: SyncStanding, told: Told) -> SyncCard:
    texts = told.texts
    accounts = (sync.setup.crm, sync.setup.calendar)
    failing = next((name for name in accounts if _health(state, name).state in ERRORS), None)
    waits = next((name for name in accounts if _health(state, name).state in WAITS), None)
    tone, status, meaning = _standing(sync, failing, told)
    if waits is not None and failing is None and tone is Tone.GOOD:
        tone, status, meaning = _waiting(state, waits, told)
    button, command = _button(sync, failing, told)
    return SyncCard(
        sync.name,
        tone,
        status,
        meaning,
        f"{sync.setup.crm}  {_arrow(sync)}  {sync.setup.calendar}",
        (
            (texts("sync.last"), _last(sync, told)),
            (texts("sync.next"), _next_of(state, sync, failing, waits, told)),
            (texts("sync.findings"), texts.number(sync.findings)),
        ),
        button,
        command,
        isinstance(command, SyncNow),
        sync.progress.done if sync.progress else None,
        sync.progress.total if sync.progress else None,
    )


def _health(state: AppState, name: str) -> Health:
    account = state.account(name)
    return account.health if account is not None else Health(HealthState.CONNECTED)


def _waiting(state: AppState, name: str, told: Told) -> tuple[Tone, str, str]:
    """A sync that can do nothing for a while, without anything being lost: why, and until when."""
    words = health_words(told.texts, _health(state, name), told.now, told.zone)
    return Tone.WARN, told.texts("sync.status.waiting", account=name), told.texts.sentences([words.what, words.means])


def _arrow(sync: SyncStanding) -> str:
    return {"two-way": "⇄", "crm-to-calendar": "→", "calendar-to-crm": "←"}[sync.setup.direction.value]


def _standing(sync: SyncStanding, failing: str | None, told: Told) -> tuple[Tone, str, str]:
    texts, status = told.texts, sync.state.status
    if failing and status is SyncStatus.RUNNING:
        return Tone.BAD, texts("sync.status.waiting", account=failing), texts("sync.meaning.waiting")
    if sync.running:
        words = texts("sync.meaning.running")
        if sync.progress:
            words = progress_words(texts, sync.progress.phase, sync.progress.done, sync.progress.total)
        return Tone.BUSY, texts("sync.status.syncing"), words
    tones = {
        SyncStatus.RUNNING: Tone.GOOD,
        SyncStatus.HELD: Tone.WARN,
        SyncStatus.PAUSED: Tone.CALM,
        SyncStatus.STOPPED: Tone.CALM,
    }
    words = status_words(texts, sync.state, told.now, told.zone)
    return tones[status], words, texts(f"sync.meaning.{status.value}")


def _button(sync: SyncStanding, failing: str | None, told: Told) -> tuple[str, SyncNow | Start | Resume | None]:
    texts = told.texts
    if failing:
        return texts("today.check"), None
    match sync.state.status:
        case SyncStatus.STOPPED:
            return texts("today.start"), Start(sync.name)
        case SyncStatus.PAUSED:
            return texts("today.resume"), Resume(sync.name)
        case SyncStatus.HELD:
            return texts("banner.look"), None
        case SyncStatus.RUNNING:
            return texts("today.sync_now"), SyncNow(sync.name)


def _last(sync: SyncStanding, told: Told) -> str:
    if sync.looked is None:
        return told.texts("time.never")
    report = run_report(told.texts, sync.report) if sync.report else told.texts("run.nothing")
    return f"{told.moment(sync.looked)} · {report}"


def _next_of(state: AppState, sync: SyncStanding, failing: str | None, waits: str | None, told: Told) -> str:
    if failing is None and waits is not None and sync.state.status is SyncStatus.RUNNING:
        health = _health(state, waits)
        if health.state is HealthState.PAUSED_BY_LIMIT and health.until is not None:
            return told.moment(health.until)
        return told.texts("sync.next.when_mended")
    return _next(sync, failing, told)


def _next(sync: SyncStanding, failing: str | None, told: Told) -> str:
    texts = told.texts
    if failing:
        return texts("sync.next.when_mended")
    match sync.state.status:
        case SyncStatus.STOPPED:
            return texts("sync.next.when_started")
        case SyncStatus.HELD:
            return texts("sync.next.when_decided")
        case SyncStatus.PAUSED:
            if sync.state.paused_until:
                return told.moment(sync.state.paused_until)
            return texts("sync.next.when_resumed")
        case SyncStatus.RUNNING:
            soon = sync.next_run is None or (sync.next_run - told.now).total_seconds() <= 60
            return texts("sync.next.soon") if soon else told.moment(sync.next_run)
