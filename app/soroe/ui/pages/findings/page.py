"""The page Findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from soroe.core.finding import Finding, FindingAction, FindingId, FindingKind, Severity
from soroe.core.route import SyncName
from soroe.engine.messages import Resolve, TakeBack, Undo
from soroe.ui.context import Context
from soroe.ui.state import AppState
from soroe.ui.texts import action_done
from soroe.ui.view.findings import (
    FindingDetails,
    about_connections,
    common_actions,
    details,
    kinds_view,
    line,
    setting_of,
)
from soroe.ui.view.taking_back import ShowAgain, can_take_back, reversals
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import (
    LARGE,
    MEDIUM,
    SMALL,
    Chips,
    Role,
    button,
    card,
    column,
    empty,
    label,
    pill,
    row,
    scrolled,
    selectable,
)
from soroe.ui.widgets.lines import Line, LineList
from soroe.ui.widgets.page import EmptyPart, PageWidget
from soroe.ui.widgets.sides import sides

TONES = {Severity.INFO: Tone.CALM, Severity.WARNING: Tone.WARN, Severity.ERROR: Tone.BAD}
SYMBOLS = {Severity.INFO: "info", Severity.WARNING: "warn", Severity.ERROR: "bad"}
ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class FindingsPage(PageWidget):
    """Counts per kind, the list, and the finding chosen with the buttons that act on it."""

    def __init__(self, context: Context) -> None:
        texts = context.texts
        super().__init__(context, texts("findings.title"), " ")
        self._found: Sequence[tuple[SyncName, Finding]] = ()
        self._stored: Sequence[tuple[SyncName, Finding]] = ()
        self._connections: Sequence[tuple[SyncName, Finding]] = ()
        self._listed: list[tuple[SyncName, Finding]] = []
        self._kind: FindingKind | None = None
        self._kinds: tuple[FindingKind | None, ...] = ()
        self._chips = Chips(texts("nav.findings"), self._choose_kind)
        self._list = LineList(context, texts("findings.title"), several=True)
        self._list.selectionModel().selectionChanged.connect(self._show_chosen)
        inner = QWidget()
        self._panel = QVBoxLayout(inner)
        self._panel.setContentsMargins(0, 0, 4, 0)
        self._panel.setSpacing(MEDIUM)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(LARGE)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._list)
        self._foot = QVBoxLayout()
        self._split.addWidget(card(scrolled(inner, texts("a11y.details")), self._foot))
        self._split.setSizes([430, 520])
        self._empty = EmptyPart(context, "good")
        for part in (self._chips, self._split, self._empty):
            self.box.addWidget(part)
        self.box.setStretchFactor(self._split, 1)
        self.box.setStretchFactor(self._empty, 1)

    def show_state(self, state: AppState) -> None:
        """The list reads the database itself; a state tells whether there are syncs, and how the connections stand."""
        self._empty.say_first_step("findings.empty", state)
        connections = about_connections(state, self.context.told())
        if connections != self._connections:
            self._connections = connections
            self._draw(self._chosen_ids())

    def reload(self, state: AppState) -> None:
        """Read the findings again; what is chosen stays chosen while it is there."""
        self.show_state(state)
        kept = self._chosen_ids()
        self._stored = self.context.services.reading.findings()
        self._draw(kept)

    def _chosen_ids(self) -> set[FindingId]:
        return {self._listed[at][1].id for at in self._list.chosen() if at < len(self._listed)}

    def first_focus(self) -> QWidget | None:
        """The list."""
        return self._list

    def _draw(self, kept: set[FindingId] | None = None) -> None:
        texts = self.context.texts
        self._found = (*self._connections, *self._stored)
        kinds = kinds_view(self._found, texts)
        self._kinds = tuple(kind for kind, _, _ in kinds)
        if self._kind not in self._kinds:
            self._kind = None
        self._chips.show_choices([(name, n) for _, name, n in kinds], self._kinds.index(self._kind))
        self.subtitle.setText(texts.count("findings.subtitle", len(self._found)))
        matching = [pair for pair in self._found if self._kind in {None, pair[1].kind}]
        self._listed = sorted(matching, key=lambda pair: ORDER[pair[1].severity])
        self._list.lines.show_many(len(self._listed), self._line)
        for part in (self._chips, self._split):
            part.setVisible(bool(self._found))
        self._empty.setVisible(not self._found)
        places = [at for at, (_, finding) in enumerate(self._listed) if kept and finding.id in kept]
        self._list.choose(places[0] if places else 0)
        self._show_chosen()

    def show_kind(self, kind: FindingKind | None) -> None:
        """Narrow the list down to one kind, or None for all."""
        self._kind = kind
        self._draw()

    def _line(self, at: int) -> Line:
        sync, finding = self._listed[at]
        shown = line(sync, finding, self.context.services.reading.both_sides, self.context.told())
        tone, symbol = TONES[finding.severity], SYMBOLS[finding.severity]
        return Line(tone, shown.title, shown.words.what, shown.words.kind, symbol)

    def _choose_kind(self, at: int) -> None:
        self._kind = self._kinds[at]
        self._draw()

    def _show_chosen(self, *_: object) -> None:
        empty(self._panel)
        empty(self._foot)
        chosen = [self._listed[at] for at in self._list.chosen() if at < len(self._listed)]
        texts = self.context.texts
        if not chosen:
            self._panel.addWidget(label(texts("findings.none_chosen"), Role.MUTED, wrap=True))
        elif len(chosen) == 1:
            sync, finding = chosen[0]
            self._show_one(details(sync, finding, self.context.services.reading.both_sides, self.context.told()))
        else:
            self._panel.addWidget(label(texts.count("findings.chosen", len(chosen)), Role.HEADING))
        if chosen:
            self._show_actions(chosen)
        self._panel.addStretch(1)

    def _show_one(self, shown: FindingDetails) -> None:
        texts, finding, words = self.context.texts, shown.line.finding, shown.line.words
        tone = TONES[finding.severity]
        self._panel.addLayout(row(pill(words.kind, tone), label(words.severity, Role.SMALL), None))
        title = label(shown.line.title, Role.HEADING, wrap=True)
        self._panel.addLayout(column(title, label(shown.line.when, Role.MUTED, wrap=True), spacing=3))
        for name, text in (("what", words.what), ("why", words.why)):
            if text:
                part = selectable(label(text, wrap=True))
                self._panel.addLayout(column(label(texts(f"findings.{name}"), Role.SMALL), part, spacing=2))
        if shown.has_items:
            self._panel.addWidget(sides(texts("side.crm"), texts("side.calendar"), shown.fields))
        if shown.others:
            lines = [label(" · ".join(part for part in other if part), wrap=True) for other in shown.others]
            self._panel.addLayout(column(label(texts("findings.also"), Role.SMALL), *lines, spacing=2))
        if words.rule:
            self._panel.addWidget(label(words.rule, Role.SMALL, wrap=True))

    def _show_actions(self, chosen: list[tuple[SyncName, Finding]]) -> None:
        texts = self.context.texts
        actions = common_actions([finding for _, finding in chosen], texts)
        if not actions:
            if len(chosen) > 1:
                self._foot.addWidget(label(texts("findings.no_common"), Role.MUTED, wrap=True))
            return
        buttons = [
            button(name, partial(self._act, action, chosen), Role.PRIMARY if at == 0 else Role.PLAIN)
            for at, (action, name) in enumerate(actions)
        ]
        rows = [buttons[at : at + 3] for at in range(0, len(buttons), 3)]
        self._foot.addLayout(column(*(row(*some, None, spacing=SMALL + 2) for some in rows), spacing=SMALL + 2))

    def _act(self, action: FindingAction, chosen: list[tuple[SyncName, Finding]]) -> None:
        match action:
            case FindingAction.RECONNECT:
                for name in sorted({finding.account for _, finding in chosen if finding.account}):
                    self.context.reconnect(name)
            case FindingAction.SHOW_SETTING | FindingAction.CHANGE_PRIVACY:
                sync, finding = chosen[0]
                self.context.show_choices(sync, setting_of(action, finding.cause))
            case _:
                for sync, finding in chosen:
                    self.context.send(Resolve(sync, finding.id, action))
                self._say_done(action, chosen)

    def _say_done(self, action: FindingAction, chosen: list[tuple[SyncName, Finding]]) -> None:
        texts = self.context.texts
        done = texts.count("findings.resolved", len(chosen), done=action_done(texts, action))
        undo = partial(self._take_back, action, chosen, self.context.services.clock())
        self.context.say(done, undo if can_take_back(action) else None)

    def _take_back(self, action: FindingAction, chosen: list[tuple[SyncName, Finding]], since: datetime) -> None:
        services = self.context.services
        found = reversals(action, chosen, since, services.reading)
        for reversal in found:
            match reversal:
                case ShowAgain(sync, finding):
                    services.take_back(sync, finding)
                case TakeBack() | Undo():
                    self.context.send(reversal)
        if not found:
            self.context.say(self.context.texts("findings.undo_in_history"), None)
