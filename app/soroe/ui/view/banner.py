"""The band at the top of the window while something needs the user (BK-5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soroe.engine.connection_findings import connection_finding
from soroe.engine.health import HealthState, Mend, mend_of
from soroe.ports.store import SyncStatus
from soroe.ui.ports import Role
from soroe.ui.state import AppState
from soroe.ui.texts import code_words

from .connections import ends_soon
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
    """What it says, what its button says, and which page that opens; `unlocks`: the button asks the keychain instead.

    A second button, where `reconnect` names an account, signs that one in at once.
    """

    message: str
    button: str
    page: Page
    tone: Tone = Tone.BAD
    unlocks: bool = False
    reconnect: str = ""


def banner_view(state: AppState, told: Told) -> BannerView | None:
    """The banner for a state: connections in error, a locked keychain, syncs on hold, a service out of
    reach, a sign-in about to end, no tray; None when nothing needs the user."""
    texts, failing = told.texts, state.in_error
    if len(failing) == 1:
        account = failing[0]
        is_place = account.kind.role is Role.LOCATION
        message = texts("banner.failing.place" if is_place else "banner.failing", account=account.name)
        mends = mend_of(account.health) is Mend.RECONNECT and account.name not in state.signing_in
        reconnect = account.name if mends else ""
        return BannerView(message, texts("banner.check"), Page.CONNECTIONS, reconnect=reconnect)
    if failing:
        has_place = any(account.kind.role is Role.LOCATION for account in failing)
        key = "banner.failing_several.place" if has_place else "banner.failing_several"
        message = texts(key, n=texts.number(len(failing)))
        return BannerView(message, texts("banner.check"), Page.CONNECTIONS)
    if state.keychain_waits:
        unlock = texts("mend.unlock_keychain")
        return BannerView(texts("banner.keychain"), unlock, Page.CONNECTIONS, Tone.WARN, unlocks=True)
    held = next((sync for sync in state.syncs if sync.state.status is SyncStatus.HELD), None)
    if held:
        code = held.state.held_for.split(":")[0]
        message = texts("banner.held", sync=held.name, why=code_words(texts, code))
        return BannerView(message, texts("banner.look"), Page.FINDINGS, Tone.WARN)
    late = next((account for account in state.accounts if account.health.state is HealthState.DELAYED), None)
    if late is not None:
        since = told.moment(late.health.since)
        message = texts("banner.delayed", account=late.name, since=since)
        return BannerView(message, texts("banner.check"), Page.CONNECTIONS, Tone.WARN)
    ending = next((account for account in state.accounts if ends_soon(account, told)), None)
    if ending is not None and ending.ends is not None:
        message = texts("banner.ending", account=ending.name, moment=told.moment(ending.ends.at))
        return BannerView(message, texts("banner.check"), Page.CONNECTIONS, Tone.WARN, reconnect=ending.name)
    if not state.tray:
        return BannerView(texts("tray.no_host"), "", Page.TODAY, Tone.CALM)
    return None


def page_counts(state: AppState) -> dict[Page, int]:
    """The numbers beside the names of the pages; zero is not shown. Findings lists connections in error as well."""
    used = {name for sync in state.syncs for name in (sync.setup.crm, sync.setup.calendar)}
    about = [one for one in state.accounts if one.name in used and connection_finding(one.name, one.health)]
    return {Page.FINDINGS: state.findings + len(about), Page.CONNECTIONS: len(state.in_error)}
