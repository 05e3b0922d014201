"""The page Today."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from soroe.core.finding import FindingKind
from soroe.core.route import SyncName
from soroe.ui.context import Context
from soroe.ui.state import AppState
from soroe.ui.view.banner import Page
from soroe.ui.view.today import TodayView, Tone, chart_view, today_view
from soroe.ui.widgets.basics import (
    LARGE,
    MEDIUM,
    SMALL,
    Role,
    button,
    card,
    column,
    empty,
    label,
    picture,
    row,
    scrolled,
)
from soroe.ui.widgets.chart import BarChart
from soroe.ui.widgets.page import EmptyPart, PageWidget

from .card import SyncCardFrame

CHART_DAYS = 14
CHART_HEIGHT = 236


class TodayPage(PageWidget):
    """Health of each sync, what needs a look, the API budget, and the last fourteen days."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.texts("today.title"), " ")
        self._shown: TodayView | None = None
        self._syncs: dict[SyncName, SyncCardFrame] = {}
        self._empty = EmptyPart(context, "both")
        self._empty.say("today.empty", context.texts("today.empty.next"), partial(context.go, Page.CONNECTIONS))
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, 4, 0)
        box.setSpacing(LARGE)
        self._cards = QGridLayout()
        self._cards.setSpacing(LARGE)
        self._chart = BarChart(context)
        self._no_chart = label(context.texts("today.chart.empty"), Role.MUTED, wrap=True)
        self._chart_card = card(self._chart_head(), self._chart, self._no_chart)
        self._chart.setFixedHeight(CHART_HEIGHT)
        self._attention = QVBoxLayout()
        self._attention.setSpacing(SMALL)
        self._budgets = QVBoxLayout()
        self._budgets.setSpacing(MEDIUM)
        attention = card(label(context.texts("today.attention"), Role.HEADING), self._attention)
        budgets = card(label(context.texts("today.budget"), Role.HEADING), self._budgets)
        self._lower = QWidget()
        lower = row(column(self._chart_card, None), column(attention, budgets, None, spacing=LARGE), spacing=LARGE)
        lower.setStretch(0, 3)
        lower.setStretch(1, 2)
        self._lower.setLayout(lower)
        box.addLayout(self._cards)
        box.addWidget(self._lower)
        box.addStretch(1)
        self._area = scrolled(inner, context.texts("nav.today"))
        self.box.addWidget(self._area, 1)
        self.box.addWidget(self._empty, 1)

    def show_state(self, state: AppState) -> None:
        """Draw what has changed since the last time."""
        view = today_view(state, self.context.told())
        if view == self._shown:
            return
        before, self._shown = self._shown, view
        self.subtitle.setText(view.subtitle)
        self._empty.setVisible(not view.cards)
        self._area.setVisible(bool(view.cards))
        self._draw_cards(view)
        if before is None or (before.attention, before.failing) != (view.attention, view.failing):
            self._draw_attention(view)
        if before is None or before.budgets != view.budgets:
            self._draw_budgets(view)

    def reload(self, state: AppState) -> None:
        """Read the chart's days again as well."""
        told = self.context.told()
        today = self.context.services.clock().date().isoformat()
        bars = chart_view(self.context.services.reading.chart(CHART_DAYS, today), told)
        has_any = any(bar.synced or bar.failed or bar.held for bar in bars)
        self._chart.show_bars(bars)
        self._chart.setVisible(has_any)
        self._no_chart.setVisible(not has_any)
        self.show_state(state)

    def first_focus(self) -> QWidget | None:
        """The first sync's button."""
        return next((frame.act for frame in self._syncs.values()), None)

    def _chart_head(self) -> QWidget:
        texts, theme = self.context.texts, self.context.theme
        legend = [
            part
            for name, colour in (("synced", theme.accent), ("held", theme.warn), ("failed", theme.bad))
            for part in (picture(self.context, "dot", colour, 22), label(texts(f"today.chart.{name}"), Role.SMALL))
        ]
        head = QWidget()
        head.setLayout(row(label(texts("today.chart"), Role.HEADING), None, *legend, spacing=SMALL))
        return head

    def _draw_cards(self, view: TodayView) -> None:
        names = [shown.name for shown in view.cards]
        if names != list(self._syncs):
            empty(self._cards)
            columns = 1 if len(names) == 1 else 2
            self._syncs = {name: SyncCardFrame(self.context) for name in names}
            for at, frame in enumerate(self._syncs.values()):
                self._cards.addWidget(frame, at // columns, at % columns)
        for shown in view.cards:
            self._syncs[shown.name].show_card(shown)

    def _draw_attention(self, view: TodayView) -> None:
        empty(self._attention)
        texts = self.context.texts
        for failing in view.failing:
            self._attention.addWidget(self._failing_line(*failing))
        if not view.attention and not view.failing:
            good = picture(self.context, "good", self.context.theme.good)
            self._attention.addLayout(row(good, label(texts("today.attention.none"), Role.MUTED), None))
            return
        for kind, name, count in view.attention:
            self._attention.addWidget(self._attention_line(kind, name, count))
        if not view.attention:
            return
        open_all = button(texts("today.all_findings"), partial(self.context.go, Page.FINDINGS), Role.LINK)
        self._attention.addLayout(row(open_all, None))

    def _attention_line(self, kind: FindingKind, name: str, count: str) -> QWidget:
        made = button(name, partial(self.context.findings, kind), Role.LINE)
        made.setAccessibleName(self.context.texts("a11y.count", name=name, n=count))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = row(None, label(count, Role.STRONG))
        inside.setContentsMargins(0, 0, 8, 0)
        made.setLayout(inside)
        return made

    def _failing_line(self, name: str, standing: str, tone: Tone) -> QWidget:
        """A connection that needs the user: its name and its state, as a button that opens Connections."""
        made = button(name, partial(self.context.go, Page.CONNECTIONS), Role.LINE)
        made.setIcon(self.context.icons.icon(tone.value, self.context.theme.tone(tone), 16))
        made.setAccessibleName(self.context.texts("a11y.health", name=name, state=standing))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = row(None, label(standing, Role.SMALL))
        inside.setContentsMargins(0, 0, 8, 0)
        made.setLayout(inside)
        return made

    def _draw_budgets(self, view: TodayView) -> None:
        empty(self._budgets)
        if not view.budgets:
            self._budgets.addWidget(label(self.context.texts("today.budget.empty"), Role.MUTED, wrap=True))
        for budget in view.budgets:
            meter = QProgressBar()
            meter.setTextVisible(False)
            meter.setRange(0, 1000)
            meter.setValue(round(budget.share * 1000))
            meter.setProperty("tone", budget.tone.value)
            meter.setAccessibleName(f"{budget.account}: {budget.words}")
            meter.setToolTip(budget.resets)
            head = row(label(budget.account), None, label(budget.words, Role.SMALL))
            self._budgets.addLayout(column(head, meter, spacing=5))
