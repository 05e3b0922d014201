"""The dialog that adds an account: choose the service, fill in what it needs, sign in in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
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
LINE = 1.25
"""How much room a line of a tile needs: Japanese letters stand higher than the font's own measure."""
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
        self.setMinimumSize(560, 420)
        self._steps = QStackedWidget()
        self._form_page = QWidget()
        self._form_box = QVBoxLayout(self._form_page)
        self._form_box.setContentsMargins(0, 0, 0, 0)
        self._form_box.setSpacing(MEDIUM)
        self._steps.addWidget(self._chooser())
        self._steps.addWidget(self._form_page)
        box = QVBoxLayout(self)
        box.setContentsMargins(PAGE, PAGE, PAGE, PAGE)
        box.addWidget(self._steps)

    def _chooser(self) -> QWidget:
        texts, page, grid = self._context.texts, QWidget(), QGridLayout()
        grid.setSpacing(MEDIUM)
        kinds = self._context.services.accounts.kinds()
        for at, kind in enumerate(kinds):
            grid.addWidget(self._tile(kind), at // 2, at % 2)
        if not kinds:
            grid.addWidget(label(texts("add.none"), Role.MUTED, wrap=True), 0, 0)
        head = column(
            label(texts("add.choose"), Role.HEADING), label(texts("add.choose.text"), Role.MUTED, wrap=True), spacing=3
        )
        cancel = button(texts("add.cancel"), self.reject)
        page.setLayout(column(head, grid, None, row(None, cancel), spacing=LARGE))
        return page

    def _tile(self, kind: AccountKind) -> QPushButton:
        texts = self._context.texts
        tile = QPushButton(f"{texts(f'kind.{kind.value}')}\n{texts(f'role.{kind.role.value}')}")
        tile.setProperty("role", "tile")
        tile.setIcon(self._context.icons.icon(ICONS[kind.role], self._context.theme.accent, 24))
        tile.setIconSize(QSize(24, 24))
        tile.ensurePolished()
        tile.setMinimumHeight(round(2 * LINE * tile.fontMetrics().lineSpacing()) + 2 * MEDIUM)
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
