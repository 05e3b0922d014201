"""The choices of a sync: where findings lead, what a change would do before it is kept (PD-3, PD-4), what IT locked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateEdit
from pytestqt.qtbot import QtBot

from soroe.core.event import ReadOnlyCause, Side
from soroe.core.finding import FindingAction, FindingKind
from soroe.core.plan import Verb, Why
from soroe.engine.messages import CommandDone, Foreseen, Preview
from soroe.ui.app import Desktop
from soroe.ui.ports import CalendarOffer
from soroe.ui.sheets.sync_choices import SyncChoices
from soroe.ui.texts import Texts, foreseen_words
from soroe.ui.view.findings import setting_of
from soroe.ui.widgets.ticks import Ticks
from tests.fakes.desk import Desk
from tests.fakes.fortnight import fortnight
from tests.ui.conftest import Opened
from tests.ui.parts import WORK, button, offscreen_grumbles, one, shown_texts, window_of

SKIP = Preview(WORK, (("privacy", "skip"),))


def choices(desktop: Desktop, key: str = "direction") -> SyncChoices:
    desktop.context().show_choices(WORK, key)
    return one(window_of(desktop), SyncChoices)


def box(dialog: SyncChoices, name: str) -> QComboBox:
    (found,) = [each for each in dialog.findChildren(QComboBox) if each.accessibleName() == name]
    return found


def ticks(dialog: SyncChoices, name: str) -> Ticks:
    (found,) = [each for each in dialog.findChildren(Ticks) if each.accessibleName() == name]
    return found


def choose(dialog: SyncChoices, name: str, value: str) -> None:
    found = box(dialog, name)
    found.setCurrentIndex(found.findData(value))


def asked(qtbot: QtBot, desk: Desk, number: int = 1) -> Preview:
    """The preview that the sheet asks for once the choosing has settled."""
    qtbot.waitUntil(lambda: len(desk.accounts.previewed) == number)
    return desk.accounts.previewed[-1]


def pick(desk: Desk, **changes: object) -> None:
    desk.accounts.setups = [replace(desk.accounts.setups[0], **changes)]  # type: ignore[arg-type]  # checked by replace


@offscreen_grumbles
def test_pd_4_a_change_is_kept_only_after_what_it_would_do_was_shown(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    desktop = opened(desk)
    dialog = choices(desktop, "privacy")
    save = button(dialog, "Save")
    assert box(dialog, "Private events").currentData() == "block"
    choose(dialog, "Private events", "skip")
    assert not save.isEnabled()
    assert asked(qtbot, desk) == SKIP
    desk.tell(CommandDone(SKIP, foreseen=Foreseen(((Verb.DELETE, Side.CRM, 3),), findings=2)))
    qtbot.waitUntil(save.isEnabled)
    assert "The next run would do this: CRM: delete 3. 2 findings would be listed." in shown_texts(dialog)
    assert desk.accounts.chosen == []
    save.click()
    assert desk.accounts.chosen == [(WORK, {"privacy": "skip"})]
    assert "Saved. It holds from the next run on." in shown_texts(window_of(desktop))
    sync = desktop.state.sync(WORK)
    assert sync is not None and sync.setup.privacy.value == "skip"


@offscreen_grumbles
def test_the_button_of_a_private_event_opens_the_privacy_of_its_sync(opened: Opened) -> None:
    window = window_of(opened(fortnight()))
    window.open_findings(FindingKind.PRIVATE)
    button(window, "Change privacy …").click()
    assert box(one(window, SyncChoices), "Private events").hasFocus()


@offscreen_grumbles
def test_an_answer_to_what_was_chosen_before_is_not_taken_for_the_present_choice(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    dialog = choices(opened(desk))
    choose(dialog, "Private events", "skip")
    asked(qtbot, desk)
    choose(dialog, "Direction", "crm-to-calendar")
    desk.tell(CommandDone(SKIP, foreseen=Foreseen((), 0)))
    both = asked(qtbot, desk, 2)
    assert both.choices == (("direction", "crm-to-calendar"), ("privacy", "skip"))
    assert not button(dialog, "Save").isEnabled()
    desk.tell(CommandDone(both, foreseen=Foreseen((), 0)))
    qtbot.waitUntil(button(dialog, "Save").isEnabled)
    assert "Both sides would stay as they are." in shown_texts(dialog)


@offscreen_grumbles
def test_without_an_answer_from_a_service_the_choice_can_be_kept_and_says_so(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    dialog = choices(opened(desk))
    choose(dialog, "Private events", "skip")
    desk.tell(CommandDone(asked(qtbot, desk), "not_connected"))
    qtbot.waitUntil(button(dialog, "Save").isEnabled)
    assert any(text.startswith("Nobody can say now what this would do") for text in shown_texts(dialog))


@offscreen_grumbles
def test_choosing_what_is_chosen_already_asks_and_keeps_nothing(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    dialog = choices(opened(desk))
    choose(dialog, "Private events", "skip")
    choose(dialog, "Private events", "block")
    qtbot.wait(500)
    assert desk.accounts.previewed == []
    button(dialog, "Save").click()
    assert desk.accounts.chosen == []


@offscreen_grumbles
def test_pd_4_calendars_and_activity_types_are_ticked_and_one_must_stay(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    team = CalendarOffer("team@example.com", "Team", frozenset({"team@example.com"}))
    mine = CalendarOffer("primary", "Sato", frozenset({"primary", "sato@example.com"}))
    pick(desk, calendars_offered=(mine, team), types_offered=("call", "meeting"), calendars=("sato@example.com",))
    dialog = choices(opened(desk))
    calendars, kinds = ticks(dialog, "Calendars"), ticks(dialog, "Activities for the calendar")
    assert (calendars.ticked(), kinds.ticked()) == (("primary",), ("call", "meeting"))
    calendars.item(1).setCheckState(Qt.CheckState.Checked)
    kinds.item(0).setCheckState(Qt.CheckState.Unchecked)
    wanted = (("calendars", ("primary", "team@example.com")), ("activity_types", ("meeting",)))
    assert asked(qtbot, desk).choices == wanted
    kinds.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert "Tick one at least." in shown_texts(dialog)
    assert not button(dialog, "Save").isEnabled()


@offscreen_grumbles
def test_pd_3_older_items_are_taken_from_a_day_on_and_counted_before(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    pick(desk, new_items_only=True)
    dialog = choices(opened(desk))
    older, since = one(dialog, QCheckBox), one(dialog, QDateEdit)
    assert not since.isEnabled()
    older.setChecked(True)
    since.setDate(QDate(2026, 4, 1))
    command = asked(qtbot, desk)
    assert command.choices == (("backfill_from", date(2026, 4, 1)),)
    desk.tell(CommandDone(command, foreseen=Foreseen(((Verb.CREATE, Side.CALENDAR, 41),), 0)))
    qtbot.waitUntil(button(dialog, "Save").isEnabled)
    assert "The next run would do this: Calendar: create 41." in shown_texts(dialog)


@offscreen_grumbles
def test_what_it_has_locked_cannot_be_changed(opened: Opened) -> None:
    desk = fortnight()
    pick(desk, locked=frozenset({"privacy", "activity_types"}))
    dialog = choices(opened(desk))
    assert not box(dialog, "Private events").isEnabled()
    assert not ticks(dialog, "Activities for the calendar").isEnabled()
    assert box(dialog, "Direction").isEnabled()
    assert "Set by your organisation" in shown_texts(dialog)


@offscreen_grumbles
def test_where_it_has_locked_nothing_no_lock_is_explained(opened: Opened) -> None:
    desk = fortnight()
    pick(desk)
    assert "Set by your organisation" not in shown_texts(choices(opened(desk)))


def test_a_preview_that_would_be_held_says_so_in_each_language(texts: Texts) -> None:
    seen = Foreseen(((Verb.DELETE, Side.CALENDAR, 60),), findings=1, held=60)
    words = foreseen_words(texts, CommandDone(SKIP, foreseen=seen))
    assert texts.count("choices.would.held", 60) in words
    assert texts.count("choices.would.findings", 1) in words


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
