"""The choices of one sync that findings lead to: what is chosen, what else could be, what IT locked (PD-4, PD-8)."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QSizePolicy, QVBoxLayout, QWidget

from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy
from soroe.ui.context import Context
from soroe.ui.ports import Refused, SyncSetup
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import MEDIUM, PAGE, SMALL, Role, button, column, label, row, toned

WIDTH = 520


class SyncChoices(QDialog):
    """Shows a sync's choices, the one that matters with the focus; what is changed holds from the next run on."""

    def __init__(self, context: Context, setup: SyncSetup, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._setup = context, setup
        texts = context.texts
        self.setWindowTitle(texts("choices.title", sync=setup.name))
        self.setMinimumWidth(WIDTH)
        self._boxes: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.setSpacing(MEDIUM)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for name, kind, now in (
            ("direction", Direction, setup.direction.value),
            ("privacy", PrivacyPolicy, setup.privacy.value),
            ("conflicts", ConflictPolicy, setup.conflicts.value),
        ):
            self._boxes[name] = self._box(name, [each.value for each in kind], now)
            title = label(texts(f"choices.{name}"), Role.STRONG if name == key else Role.BODY)
            title.setBuddy(self._boxes[name])
            form.addRow(title, self._boxes[name])
        self._trouble = toned(label("", wrap=True), Tone.BAD)
        self._trouble.setVisible(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(PAGE, PAGE, PAGE, PAGE)
        box.setSpacing(MEDIUM)
        head = label(self.windowTitle(), Role.HEADING)
        box.addLayout(column(head, label(f"{setup.crm} ⇄ {setup.calendar}", Role.MUTED), spacing=SMALL // 2))
        box.addLayout(form)
        box.addWidget(label(texts("choices.text"), Role.SMALL, wrap=True))
        box.addWidget(self._trouble)
        box.addStretch(1)
        cancel = button(texts("add.cancel"), self.reject)
        cancel.setAutoDefault(False)
        save = button(texts("choices.save"), self._save, Role.PRIMARY)
        save.setDefault(True)
        box.addLayout(row(None, cancel, save, spacing=SMALL + 2))
        self._boxes[key].setFocus()

    def _box(self, name: str, values: list[str], now: str) -> QComboBox:
        texts, made = self._context.texts, QComboBox()
        for value in values:
            made.addItem(texts(f"{name}.{value}"), value)
        made.setCurrentIndex(values.index(now))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.setAccessibleName(texts(f"choices.{name}"))
        if name in self._setup.locked:
            made.setEnabled(False)
            made.setToolTip(texts("add.locked"))
        return made

    def _save(self) -> None:
        setup = self._setup
        before = {
            "direction": setup.direction.value,
            "privacy": setup.privacy.value,
            "conflicts": setup.conflicts.value,
        }
        chosen = {name: str(box.currentData()) for name, box in self._boxes.items()}
        changed = {name: value for name, value in chosen.items() if value != before[name]}
        if changed:
            try:
                self._context.choose(setup.name, changed)
            except Refused as refused:
                texts = self._context.texts
                key = f"refused.{refused.code}"
                reason = texts(key) if texts.has(key) else texts("refused.unknown", code=refused.code)
                self._trouble.setText(texts("add.refused", field=refused.field, reason=reason))
                self._trouble.show()
                return
            self._context.say(self._context.texts("choices.saved"), None)
        self.accept()
