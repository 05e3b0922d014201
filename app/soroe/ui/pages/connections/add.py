"""The dialog that adds an account: choose the service, fill in what it needs, sign in in the browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from soroe.ui.context import Context
from soroe.ui.ports import AccountKind, FieldKind, FormField, Refused
from soroe.ui.ports import Role as AccountRole
from soroe.ui.texts import refused_words
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import (
    LARGE,
    MEDIUM,
    PAGE,
    SMALL,
    Role,
    beside_lock,
    button,
    column,
    empty,
    label,
    lock_told,
    row,
    toned,
)
from soroe.ui.widgets.choices import ChoiceBox, TickBox

ICONS = {AccountRole.CALENDAR: "calendar", AccountRole.CRM: "crm", AccountRole.LOCATION: "location"}
Entry = QLineEdit | QComboBox | QCheckBox
_IN_A_ROW = 3
_LINES = 28
"""So many lines of text high: the tiles of all services, and the longest form."""
NOTHING_GIVEN: Mapping[str, str] = {}


class AddAccount(QDialog):
    """First the service, then its form; what is not accepted is said beside the form, and nothing is lost."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._kind: AccountKind | None = None
        self._entries: dict[str, Entry] = {}
        self._fields: tuple[FormField, ...] = ()
        self.setWindowTitle(context.texts("add.title"))
        self._steps = QStackedWidget()
        self._form_page = QWidget()
        self._form_box = QVBoxLayout(self._form_page)
        self._form_box.setContentsMargins(0, 0, 0, 0)
        self._form_box.setSpacing(MEDIUM)
        chooser = column(*self._choices(), spacing=LARGE)
        page = QWidget()
        page.setLayout(chooser)
        self._steps.addWidget(page)
        self._steps.addWidget(self._form_page)
        box = QVBoxLayout(self)
        box.setContentsMargins(PAGE, PAGE, PAGE, PAGE)
        box.addWidget(self._steps)
        # Told before it is shown, in letters: what the layouts ask for grows once they know their letters.
        self.setMinimumSize(chooser.totalMinimumSize().width() + 2 * PAGE, _LINES * self.fontMetrics().lineSpacing())

    def _choices(self) -> Iterator[QWidget | QLayout | None]:
        texts = self._context.texts
        tiles = {kind: self._tile(kind) for kind in self._context.services.accounts.kinds()}
        widest = max((tile.sizeHint().width() for tile in tiles.values()), default=0)
        for tile in tiles.values():
            tile.setMinimumSize(widest, tile.sizeHint().height())
        yield column(
            label(texts("add.choose"), Role.HEADING), label(texts("add.choose.text"), Role.MUTED, wrap=True), spacing=3
        )
        yield from (self._group(role, tiles) for role in AccountRole if any(kind.role is role for kind in tiles))
        if not tiles:
            yield label(texts("add.none"), Role.MUTED, wrap=True)
        yield None
        yield row(None, button(texts("add.cancel"), self.reject))

    def _group(self, role: AccountRole, tiles: Mapping[AccountKind, QPushButton]) -> QVBoxLayout:
        grid = QGridLayout()
        grid.setSpacing(MEDIUM)
        for at, kind in enumerate(kind for kind in tiles if kind.role is role):
            grid.addWidget(tiles[kind], *divmod(at, _IN_A_ROW))
        for at in range(_IN_A_ROW):
            grid.setColumnStretch(at, 1)  # a lonely tile is as wide as the others
            grid.setColumnMinimumWidth(at, max(tile.minimumWidth() for tile in tiles.values()))
        return column(label(self._context.texts(f"role.{role.value}"), Role.STRONG), grid, spacing=SMALL)

    def _tile(self, kind: AccountKind) -> QPushButton:
        texts = self._context.texts
        tile = QPushButton(texts(f"kind.{kind.value}"), self)  # within the window, whose style it is measured in
        tile.setAccessibleDescription(texts(f"role.{kind.role.value}"))
        tile.setProperty("role", "tile")
        tile.setIcon(self._context.icons.icon(ICONS[kind.role], self._context.theme.accent, 24))
        tile.setIconSize(QSize(24, 24))
        tile.ensurePolished()
        tile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tile.clicked.connect(partial(self.ask, kind))
        return tile

    def ask(self, kind: AccountKind, _checked: bool = False, *, given: Mapping[str, str] = NOTHING_GIVEN) -> None:
        """Show the form of a service, with what is `given` of it filled in; what IT has set stays."""
        self._kind, texts = kind, self._context.texts
        self._fields = tuple(_with(field, given) for field in self._context.services.accounts.form(kind))
        empty(self._form_box)
        form = QFormLayout()
        form.setSpacing(MEDIUM)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._entries = {}
        for field in self._fields:
            entry = self._entry(field)
            self._entries[field.name] = entry
            name = label(self._name_of(field.name))
            name.setBuddy(entry)
            form.addRow(beside_lock(name, self._context) if field.locked else name, entry)
        self._trouble = toned(label("", wrap=True), Tone.BAD)
        self._trouble.hide()
        connect = button(texts("add.connect"), self._connect, Role.PRIMARY)
        connect.setDefault(True)
        back = button(texts("add.back"), partial(self._steps.setCurrentIndex, 0))
        back.setAutoDefault(False)
        self._form_box.addWidget(label(texts("add.form", kind=texts(f"kind.{kind.value}")), Role.HEADING))
        self._form_box.addLayout(form)
        if any(field.locked for field in self._fields):
            self._form_box.addLayout(lock_told(self._context))
        hint = f"form.hint.{kind.value}"
        if texts.has(hint):
            self._form_box.addWidget(label(texts(hint), Role.SMALL, wrap=True))
        self._form_box.addWidget(self._trouble)
        self._form_box.addStretch(1)
        self._form_box.addLayout(row(back, None, connect))
        self._steps.setCurrentIndex(1)
        next(iter(self._entries.values())).setFocus()

    def _entry(self, field: FormField) -> Entry:
        made: Entry
        if field.choices:
            made = ChoiceBox(self._context)
            for choice in field.choices:
                key = f"form.{field.name}.{choice}"
                made.addItem(self._context.texts(key) if self._context.texts.has(key) else choice, choice)
            made.setCurrentIndex(max(0, made.findData(field.value)))
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        elif field.kind is FieldKind.SWITCH:
            key = f"form.{field.name}.text"
            made = TickBox(self._context.texts(key) if self._context.texts.has(key) else "", self._context)
            made.setChecked(field.value == "true")
        else:
            made = QLineEdit(field.value)
            if field.kind is FieldKind.SECRET:
                made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setAccessibleName(self._name_of(field.name))
        made.setEnabled(not field.locked)
        if field.locked:
            made.setToolTip(self._context.texts("add.locked"))
        return made

    def _name_of(self, field: str) -> str:
        key = f"form.{field}"
        return self._context.texts(key) if self._context.texts.has(key) else field

    def _value(self, entry: Entry) -> str:
        if isinstance(entry, QLineEdit):
            return entry.text() if entry.echoMode() is QLineEdit.EchoMode.Password else entry.text().strip()
        return str(entry.currentData()) if isinstance(entry, QComboBox) else ("true" if entry.isChecked() else "false")

    def _connect(self) -> None:
        if self._kind is None:
            return
        texts = self._context.texts
        values = {name: self._value(entry) for name, entry in self._entries.items()}
        missing = next((field.name for field in self._fields if field.required and not values[field.name]), None)
        if missing:
            self._refuse(missing, texts("add.required", field=self._name_of(missing)))
            return
        try:
            self._context.services.accounts.add(self._kind, values)
        except Refused as refused:
            self._refuse(refused.field, refused_words(texts, self._name_of(refused.field), refused.code))
            return
        self._context.signing_in(values[self._fields[0].name])
        self.accept()

    def _refuse(self, field: str, why: str) -> None:
        self._trouble.setText(why)
        self._trouble.show()
        if field in self._entries:
            self._entries[field].setFocus()


def _with(field: FormField, given: Mapping[str, str]) -> FormField:
    return field if field.locked or field.name not in given else replace(field, value=given[field.name])
