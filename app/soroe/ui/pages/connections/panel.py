"""One connection in full: what happened, what mends it, where it is used, what was granted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from soroe.engine.health import Mend
from soroe.engine.messages import Start, Stop, TestSync
from soroe.ui.context import Context
from soroe.ui.ports import SignInPage
from soroe.ui.view.connections import AccountDetails, SyncUse
from soroe.ui.view.help import help_pages
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import (
    MEDIUM,
    SMALL,
    Role,
    button,
    card,
    column,
    empty,
    label,
    line,
    picture,
    pill,
    row,
    selectable,
    toned,
)
from soroe.ui.widgets.flow import Flow


class DetailsPanel(QWidget):
    """Draws the details of one account. `remove` asks whether to remove it."""

    def __init__(self, context: Context, remove: Callable[[str], None]) -> None:
        super().__init__()
        self._context, self._remove_asked = context, remove
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 4, 0)
        self._box.setSpacing(MEDIUM)

    def show_none(self) -> None:
        """Nothing is chosen."""
        empty(self._box)
        self._box.addWidget(label(self._context.texts("connections.none_chosen"), Role.MUTED, wrap=True))
        self._box.addStretch(1)

    def show_details(self, shown: AccountDetails, icon: str) -> None:
        """Draw an account anew."""
        empty(self._box)
        texts, box = self._context.texts, self._box
        names = [
            label(shown.line.name, Role.HEADING, wrap=True),
            selectable(label(shown.identity, Role.MUTED, wrap=True)),
        ]
        head = row(
            picture(self._context, icon, self._context.theme.accent, 28),
            column(*names, spacing=1),
            pill(shown.line.state, shown.line.tone),
        )
        head.setStretch(1, 1)
        box.addLayout(head)
        words = texts.sentences([shown.what, shown.means])
        since = " · ".join(part for part in (shown.since, self._code(shown)) if part)
        small = [selectable(label(since, Role.SMALL, wrap=True))] if since else []
        box.addLayout(column(selectable(label(words, wrap=True)), *small, spacing=3))
        if shown.do:
            box.addLayout(self._what_to_do(shown))
        if shown.refusal and not shown.signing_in:
            box.addWidget(selectable(toned(label(shown.refusal, wrap=True), Tone.BAD)))
        box.addLayout(self._working(shown) if shown.signing_in else self._mends(shown))
        if shown.for_it:
            box.addLayout(self._message_for_it(shown.for_it))
        box.addWidget(line())
        used = texts("connections.place.title" if shown.is_place else "connections.syncs")
        box.addLayout(column(label(used, Role.SMALL), *self._uses(shown), spacing=SMALL))
        box.addWidget(line())
        box.addLayout(column(label(texts("connections.permissions"), Role.SMALL), *self._permissions(shown)))
        if shown.ends:
            box.addLayout(self._ends(shown))
        box.addWidget(line())
        box.addLayout(column(label(texts("connections.help"), Role.SMALL), self._help(shown), spacing=SMALL))
        box.addStretch(1)

    def _help(self, shown: AccountDetails) -> QWidget:
        """PD-12: the service's own pages, and a file for the support with nobody's words in it."""
        texts, opens = self._context.texts, self._context.services.open_page
        pages = [button(texts(name), partial(opens, address), Role.LINK) for name, address in help_pages(shown.kind)]
        for each in pages:
            each.setAccessibleName(f"{each.text()}: {shown.line.kind}")
        part = QWidget()
        file = button(texts("connections.help.file"), self._support_file, Role.LINK)
        part.setLayout(Flow(*pages, file, spacing=SMALL))
        return part

    def _support_file(self) -> None:
        texts = self._context.texts
        chosen, _ = QFileDialog.getSaveFileName(
            self, texts("connections.help.file"), str(Path.home() / "soroe-support.zip"), "ZIP (*.zip)"
        )
        if chosen:
            self._context.say(texts("connections.help.writing"), None)
            self._context.services.write_support_file(Path(chosen))

    def _ends(self, shown: AccountDetails) -> QVBoxLayout:
        texts = self._context.texts
        ends = toned(label(shown.ends, wrap=True), Tone.WARN) if shown.ends_soon else label(shown.ends, wrap=True)
        soon = [label(texts("forecast.soon"), Role.SMALL, wrap=True)] if shown.ends_soon else []
        return column(label(texts("connections.expiry"), Role.SMALL), ends, *soon, spacing=2)

    def _code(self, shown: AccountDetails) -> str:
        return self._context.texts("connections.code", code=shown.code) if shown.code else ""

    def _what_to_do(self, shown: AccountDetails) -> QVBoxLayout:
        title = label(self._context.texts("connections.diagnosis"), Role.SMALL)
        return column(title, selectable(label(shown.do, Role.STRONG, wrap=True)), spacing=2)

    # --- what mends it ---
    def _mends(self, shown: AccountDetails) -> Flow:
        texts, context, name = self._context.texts, self._context, shown.line.name
        parts: list[QWidget] = []
        if shown.button:
            parts.append(button(shown.button, partial(context.mend, shown.mend, name), Role.PRIMARY))
        if shown.again:
            role = Role.PRIMARY if shown.ends_soon and not shown.button else Role.PLAIN
            parts.append(button(shown.again, partial(context.mend, Mend.RECONNECT, name), role))
        parts.append(button(texts("connections.remove"), partial(self._remove_asked, name), Role.DANGER))
        return Flow(*parts, spacing=SMALL + 2)

    def _working(self, shown: AccountDetails) -> QVBoxLayout:
        texts = self._context.texts
        cancel = button(texts("connections.cancel_sign_in"), partial(self._context.cancel, shown.line.name))
        in_browser = shown.page is not None
        words = texts("connections.working" if in_browser else "connections.working.secret")
        text = row(label(words, Role.MUTED, wrap=True), cancel, spacing=SMALL + 2)
        text.setStretch(0, 1)
        return column(text, *([self._address(shown.page)] if shown.page is not None else []), spacing=SMALL)

    def _address(self, page: SignInPage) -> QWidget:
        """Where the sign-in waits, for whoever's browser did not open."""
        texts = self._context.texts
        where = QLineEdit(page.address)
        where.setReadOnly(True)
        where.setCursorPosition(0)
        where.setAccessibleName(texts("connections.page.opened" if page.opened else "connections.page.not_opened"))
        copy = button(texts("connections.page.copy"), partial(self._copy, page.address, "connections.copied"))
        said = label(where.accessibleName(), Role.SMALL if page.opened else Role.STRONG, wrap=True)
        return card(said, row(where, copy, spacing=SMALL + 2), margin=MEDIUM, spacing=SMALL)

    def _message_for_it(self, text: str) -> QVBoxLayout:
        title = label(self._context.texts("connections.for_it"), Role.SMALL)
        body = selectable(label(text, Role.SMALL, wrap=True))
        return column(title, card(body, margin=MEDIUM), spacing=SMALL)

    def _copy(self, text: str, said: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._context.say(self._context.texts(said), None)

    # --- where it is used ---
    def _uses(self, shown: AccountDetails) -> list[QWidget]:
        if shown.is_place:
            return [label(self._context.texts("connections.place"), Role.MUTED, wrap=True)]
        if not shown.uses:
            return [label(self._context.texts("connections.syncs.none"), Role.MUTED)]
        return [self._use(use) for use in shown.uses]

    def _use(self, use: SyncUse) -> QWidget:
        texts = self._context.texts
        test = button(texts("connections.test"), partial(self._context.test, TestSync(use.name)))
        if use.is_started:
            switch = button(texts("connections.stop"), partial(self._context.send, Stop(use.name)))
        else:
            switch = button(texts("connections.start"), partial(self._context.send, Start(use.name)), Role.PRIMARY)
        choices = button(texts("connections.choices"), partial(self._context.show_choices, use.name, "direction"))
        for each in (choices, test, switch):
            each.setAccessibleName(f"{each.text()}: {use.name}")
        name = column(label(use.name, Role.STRONG), label(use.choices, Role.SMALL, wrap=True), spacing=1)
        part = QWidget()
        results = [label(text, Role.SMALL, wrap=True) for text in use.test]
        part.setLayout(column(name, Flow(choices, test, switch, spacing=SMALL + 2), *results))
        return part

    def _permissions(self, shown: AccountDetails) -> list[QWidget]:
        texts, theme = self._context.texts, self._context.theme
        if not shown.permissions:
            return [label(texts("connections.permissions.none"), Role.MUTED, wrap=True)]
        parts: list[QWidget] = []
        for name, granted in shown.permissions:
            icon = picture(self._context, "good" if granted else "bad", theme.good if granted else theme.bad, 16)
            word = texts("connections.permission.granted" if granted else "connections.permission.missing")
            part = QWidget()
            part.setLayout(row(icon, selectable(label(name, wrap=True)), label(word, Role.SMALL), spacing=SMALL + 2))
            parts.append(part)
        return parts
