"""What the tray shows: the icon, the words, the lines of its menu."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soroe.engine.health import RECONNECTS, HealthState
from soroe.ports.store import SyncStatus
from soroe.ui.state import AppState
from soroe.ui.texts import progress_words, run_report

from .told import Told


class TrayIcon(StrEnum):
    """The states of the icon; each has its own shape (`resources/icons/tray-*.svg`)."""

    FINE = "fine"
    SYNCING = "syncing"
    WARNING = "warning"
    ERROR = "error"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class TrayView:
    """`count` stands on the icon when it warns; `reconnect` pairs account names with their menu lines."""

    icon: TrayIcon
    count: int
    headline: str
    happened: str
    can_sync: bool
    can_pause: bool
    can_resume: bool
    reconnect: tuple[tuple[str, str], ...]

    @property
    def tooltip(self) -> str:
        """What hovering tells."""
        return f"{self.headline}\n{self.happened}"


def tray_view(state: AppState, told: Told) -> TrayView:
    """The tray for a state: an error beats a hold, a run under way, a pause, a warning."""
    texts = told.texts
    statuses = [sync.state.status for sync in state.syncs]
    icon, headline = _standing(state, told, statuses)
    reconnect = tuple(
        (account.name, texts("tray.reconnect", account=account.name))
        for account in state.accounts
        if account.health.state in RECONNECTS and account.health.since is not None
    )
    return TrayView(
        icon,
        state.findings if icon is TrayIcon.WARNING else 0,
        headline,
        _happened(state, told),
        can_sync=SyncStatus.RUNNING in statuses,
        can_pause=SyncStatus.RUNNING in statuses,
        can_resume=SyncStatus.PAUSED in statuses,
        reconnect=reconnect,
    )


def _standing(state: AppState, told: Told, statuses: list[SyncStatus]) -> tuple[TrayIcon, str]:
    texts = told.texts
    if state.in_error:
        return TrayIcon.ERROR, texts("tray.title.error")
    if any(account.health.state is HealthState.WAITING_FOR_KEYCHAIN for account in state.accounts):
        return TrayIcon.WARNING, texts("notice.keychain.title")
    if SyncStatus.HELD in statuses:
        return TrayIcon.WARNING, texts("tray.title.held")
    if any(sync.running for sync in state.syncs):
        return TrayIcon.SYNCING, texts("tray.title.syncing")
    if statuses and SyncStatus.RUNNING not in statuses:
        is_pause = SyncStatus.PAUSED in statuses
        return TrayIcon.PAUSED, texts("tray.title.paused" if is_pause else "tray.title.idle")
    if not statuses:
        return TrayIcon.PAUSED, texts("tray.title.idle")
    if state.findings:
        return TrayIcon.WARNING, texts.count("tray.title.warning", state.findings)
    return TrayIcon.FINE, texts("tray.title.fine")


def _happened(state: AppState, told: Told) -> str:
    under_way = next((sync.progress for sync in state.syncs if sync.progress), None)
    if under_way:
        return progress_words(told.texts, under_way.phase, under_way.done, under_way.total)
    runs = [sync for sync in state.syncs if sync.looked is not None]
    if not runs:
        return told.texts("tray.no_run")
    newest = max(runs, key=lambda sync: sync.looked or told.now)
    report = run_report(told.texts, newest.report) if newest.report else told.texts("run.nothing")
    return told.texts("tray.last_run", moment=told.moment(newest.looked), report=report)
