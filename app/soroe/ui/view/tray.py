"""What the tray shows: the icon, the words, the lines of its menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from soroe.engine.health import HealthState, Mend, mend_of
from soroe.engine.messages import RunProgress
from soroe.ports.store import SyncStatus
from soroe.ui.ports import Account
from soroe.ui.state import AppState
from soroe.ui.texts import mend_words, progress_words, run_report

from .told import Told
from .tray_icon import TrayIcon as TrayIcon  # named here too, for those who look at views


@dataclass(frozen=True, slots=True)
class TrayView:
    """`count` stands on the icon when it warns; `mends` are lines of the menu: what each does, about which account, and
    what it says. `happened` tells of the last look, `hint` of the last one that changed anything."""

    icon: TrayIcon
    count: int
    headline: str
    happened: str
    hint: str
    can_sync: bool
    can_pause: bool
    can_resume: bool
    mends: tuple[tuple[Mend, str, str], ...]

    @property
    def tooltip(self) -> str:
        """What hovering tells."""
        return f"{self.headline}\n{self.hint}" if self.hint else self.headline


def tray_view(state: AppState, told: Told) -> TrayView:
    """The tray for a state: an error beats a hold, a run under way, a pause, a warning."""
    statuses = [sync.state.status for sync in state.syncs]
    icon, headline = _standing(state, told, statuses)
    return TrayView(
        icon,
        state.findings if icon is TrayIcon.WARNING else 0,
        headline,
        _happened(state, told),
        _hint(state, told),
        can_sync=SyncStatus.RUNNING in statuses,
        can_pause=SyncStatus.RUNNING in statuses,
        can_resume=SyncStatus.PAUSED in statuses,
        mends=_mends(state, told),
    )


def _mends(state: AppState, told: Told) -> tuple[tuple[Mend, str, str], ...]:
    """One line for each connection that a press mends; the keychain is one for all of them."""
    lines: list[tuple[Mend, str, str]] = []
    for account in state.accounts:
        mend, texts = mend_of(account.health), told.texts
        if account.health.since is None:
            continue
        match mend:
            case Mend.RECONNECT:
                lines.append((mend, account.name, texts("tray.reconnect", account=account.name)))
            case Mend.COPY_FOR_IT | Mend.MOVE_TO_MICROSOFT365:
                line = texts("tray.mend", account=account.name, mend=mend_words(texts, account.health))
                lines.append((mend, account.name, line))
            case Mend.UNLOCK_KEYCHAIN if all(mend is not known for known, _, _ in lines):
                lines.append((mend, "", mend_words(texts, account.health)))
            case Mend.UNLOCK_KEYCHAIN | Mend.NOTHING:
                continue
            case _:
                assert_never(mend)
    return tuple(lines)


def _standing(state: AppState, told: Told, statuses: list[SyncStatus]) -> tuple[TrayIcon, str]:
    texts = told.texts
    if state.in_error:
        return TrayIcon.ERROR, texts("tray.title.error")
    if state.keychain_waits:
        return TrayIcon.WARNING, texts("notice.keychain.title")
    if SyncStatus.HELD in statuses:
        return TrayIcon.WARNING, texts("tray.title.held")
    late = _first(state, HealthState.DELAYED)
    if late is not None:
        return TrayIcon.WARNING, texts("notice.delayed.title", account=late.name)
    if any(sync.running for sync in state.syncs):
        return TrayIcon.SYNCING, texts("tray.title.syncing")
    if statuses and SyncStatus.RUNNING not in statuses:
        is_pause = SyncStatus.PAUSED in statuses
        return TrayIcon.PAUSED, texts("tray.title.paused" if is_pause else "tray.title.idle")
    limited = _first(state, HealthState.PAUSED_BY_LIMIT)
    if limited is not None:
        until = told.moment(limited.health.until)
        return TrayIcon.PAUSED, texts("tray.title.limit", account=limited.name, until=until)
    if not statuses:
        return TrayIcon.PAUSED, texts("tray.title.idle")
    if state.findings:
        return TrayIcon.WARNING, texts.count("tray.title.warning", state.findings)
    return TrayIcon.FINE, texts("tray.title.fine")


def _first(state: AppState, health: HealthState) -> Account | None:
    return next((account for account in state.accounts if account.health.state is health), None)


def _progress(state: AppState) -> RunProgress | None:
    return next((sync.progress for sync in state.syncs if sync.progress), None)


def _happened(state: AppState, told: Told) -> str:
    under_way = _progress(state)
    if under_way:
        return progress_words(told.texts, under_way.phase, under_way.done, under_way.total)
    runs = [sync for sync in state.syncs if sync.looked is not None]
    if not runs:
        return told.texts("tray.no_run")
    newest = max(runs, key=lambda sync: sync.looked or told.now)
    report = run_report(told.texts, newest.report) if newest.report else told.texts("run.nothing")
    return told.texts("tray.last_run", moment=told.moment(newest.looked), report=report)


def _hint(state: AppState, told: Told) -> str:
    """What hovering tells besides the headline. Runs that find nothing leave it as it is: panels fetch every change."""
    if _progress(state):
        return _happened(state, told)
    newest = max((sync for sync in state.syncs if sync.looked), key=lambda sync: sync.looked or told.now, default=None)
    report = newest.report if newest is not None else None
    if report is not None and run_report(told.texts, report) != told.texts("run.nothing"):
        return _happened(state, told)
    changes = [sync.state.last_change for sync in state.syncs if sync.state.last_change is not None]
    return told.texts("tray.last_change", moment=told.moment(max(changes))) if changes else ""
