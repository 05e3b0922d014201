"""The band at the top of the window while something needs the user (BK-5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soroe.ports.store import SyncStatus
from soroe.ui.state import AppState
from soroe.ui.texts import code_words

from .today import Tone
from .told import Told


class Page(StrEnum):
    """The pages of the window, in the order of the navigation."""

    TODAY = "today"
    ACTIVITIES = "activities"
    FINDINGS = "findings"
    CONNECTIONS = "connections"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class BannerView:
    """What it says, what its button says, and which page that opens."""

    message: str
    button: str
    page: Page
    tone: Tone = Tone.BAD


def banner_view(state: AppState, told: Told) -> BannerView | None:
    """The banner for a state: connections in error, syncs on hold, no tray; None when nothing needs the user."""
    texts, failing = told.texts, state.in_error
    if len(failing) == 1:
        message = texts("banner.failing", account=failing[0].name)
        return BannerView(message, texts("banner.check"), Page.CONNECTIONS)
    if failing:
        message = texts("banner.failing_several", n=texts.number(len(failing)))
        return BannerView(message, texts("banner.check"), Page.CONNECTIONS)
    held = next((sync for sync in state.syncs if sync.state.status is SyncStatus.HELD), None)
    if held:
        code = held.state.held_for.split(":")[0]
        message = texts("banner.held", sync=held.name, why=code_words(texts, code))
        return BannerView(message, texts("banner.look"), Page.FINDINGS, Tone.WARN)
    if not state.tray:
        return BannerView(texts("tray.no_host"), "", Page.TODAY, Tone.CALM)
    return None


def page_counts(state: AppState) -> dict[Page, int]:
    """The numbers beside the names of the pages; zero is not shown."""
    return {Page.FINDINGS: state.findings, Page.CONNECTIONS: len(state.in_error)}
