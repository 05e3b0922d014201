"""What a finding's "Change privacy" and "Show the setting" lead to: that very setting, and a way to change it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox

from soroe.core.event import ReadOnlyCause
from soroe.core.finding import FindingAction
from soroe.core.plan import Why
from soroe.ui.app import Desktop
from soroe.ui.pages.findings.choices import SyncChoices
from soroe.ui.pages.findings.page import FindingsPage
from soroe.ui.view.banner import Page
from soroe.ui.view.findings import setting_of
from tests.fakes.fortnight import fortnight
from tests.ui.conftest import Opened
from tests.ui.parts import WORK, button, offscreen_grumbles, one, shown_texts, window_of


def choices(desktop: Desktop, key: str) -> SyncChoices:
    window = window_of(desktop)
    window.go(Page.FINDINGS)
    one(window, FindingsPage).show_setting(WORK, key)
    return one(window, SyncChoices)


def box(dialog: SyncChoices, name: str) -> QComboBox:
    (found,) = [each for each in dialog.findChildren(QComboBox) if each.accessibleName() == name]
    return found


@offscreen_grumbles
def test_change_privacy_opens_the_privacy_of_that_sync_and_a_change_is_kept(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    dialog = choices(desktop, "privacy")
    privacy = box(dialog, "Private events")
    assert privacy.currentData() == "block"
    privacy.setCurrentIndex(privacy.findData("skip"))
    button(dialog, "Save").click()
    assert desk.accounts.chosen == [(WORK, {"privacy": "skip"})]
    assert "Saved. It holds from the next run on." in shown_texts(window_of(desktop))
    sync = desktop.state.sync(WORK)
    assert sync is not None and sync.setup.privacy.value == "skip"


@offscreen_grumbles
def test_what_it_has_locked_cannot_be_changed_and_nothing_is_saved_for_nothing(opened: Opened) -> None:
    desk = fortnight()
    desk.accounts.setups = [replace(desk.accounts.setups[0], locked=frozenset({"privacy"}))]
    dialog = choices(opened(desk), "privacy")
    assert not box(dialog, "Private events").isEnabled()
    assert box(dialog, "Direction").isEnabled()
    button(dialog, "Save").click()
    assert desk.accounts.chosen == []


@pytest.mark.parametrize(
    ("action", "cause", "key"),
    [
        (FindingAction.CHANGE_PRIVACY, Why.PRIVATE_BLOCK, "privacy"),
        (FindingAction.SHOW_SETTING, Why.PRIVATE_SKIPPED, "privacy"),
        (FindingAction.SHOW_SETTING, Why.DIRECTION, "direction"),
        (FindingAction.SHOW_SETTING, ReadOnlyCause.FOREIGN_ORGANISER, "direction"),
        (FindingAction.SHOW_SETTING, Why.CONFLICT, "conflicts"),
    ],
)
def test_pd_8_each_finding_leads_to_the_setting_that_made_it(action: FindingAction, cause: str, key: str) -> None:
    assert setting_of(action, cause) == key
