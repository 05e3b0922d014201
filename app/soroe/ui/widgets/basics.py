"""Labels, buttons, cards: everything that is styled by its role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from soroe.ui.context import Context
from soroe.ui.view.today import Tone

SMALL, MEDIUM, LARGE, PAGE = 6, 12, 18, 26
"""The spacing scale, in logical pixels."""


class Role(StrEnum):
    """What a label or button is; the style sheet follows."""

    TITLE = "title"
    HEADING = "heading"
    STRONG = "strong"
    BODY = "body"
    MUTED = "muted"
    SMALL = "small"
    NUMBER = "number"
    PILL = "pill"
    BADGE = "badge"
    DIFFERS = "differs"
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"
    LINK = "link"
    LINE = "line"


def label(text: str, role: Role = Role.BODY, *, wrap: bool = False) -> QLabel:
    """A text in its role. It is plain text always: titles come from outside."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role.value)
    if wrap:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def selectable(made: QLabel) -> QLabel:
    """The same label, with text that can be selected by mouse and keyboard."""
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made


def pill(text: str, tone: Tone) -> QLabel:
    """A short state in its colour."""
    made = label(text, Role.PILL)
    made.setProperty("tone", tone.value)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return made


def toned(made: QLabel, tone: Tone) -> QLabel:
    """The same label in the colour of a tone."""
    made.setProperty("tone", tone.value)
    return made


def redraw(made: QWidget) -> None:
    """Let the style sheet look at a widget's properties again."""
    made.style().unpolish(made)
    made.style().polish(made)


def picture(context: Context, name: str, colour: str, size: int = 18) -> QLabel:
    """An icon that only decorates."""
    made = QLabel()
    made.setPixmap(context.icons.pixmap(name, colour, size, 3.0))
    made.setScaledContents(True)
    made.setFixedSize(size, size)
    return made


def button(text: str, pressed: Callable[[], None], role: Role = Role.PLAIN, *, name: str | None = None) -> QPushButton:
    """A button that does one thing; `name` is for screen readers when the text alone is not enough."""
    made = QPushButton(text)
    made.setProperty("role", role.value)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    made.clicked.connect(lambda _checked=False: pressed())
    if name:
        made.setAccessibleName(name)
    return made


def with_icon(made: QPushButton, context: Context, icon: str, colour: str) -> QPushButton:
    """The same button with an icon before its text."""
    made.setIcon(context.icons.icon(icon, colour, 16))
    made.setIconSize(QSize(16, 16))
    return made


def beside_lock(name: QLabel, context: Context) -> QWidget:
    """The name of a field that the organisation has set, with a lock that says so."""
    lock = picture(context, "lock", context.theme.muted, 14)
    lock.setToolTip(context.texts("add.locked"))
    lock.setAccessibleName(context.texts("add.locked"))
    part = QWidget()
    part.setLayout(row(name, lock, None, spacing=SMALL))
    return part


def lock_told(context: Context) -> QHBoxLayout:
    """What the locks of a form mean."""
    lock = picture(context, "lock", context.theme.muted, 14)
    return row(lock, label(context.texts("add.locked"), Role.SMALL), None, spacing=SMALL)


def card(*contents: QWidget | QLayout, role: str = "card", margin: int = LARGE, spacing: int = MEDIUM) -> QFrame:
    """A panel with contents below each other."""
    frame = QFrame()
    frame.setProperty("role", role)
    box = QVBoxLayout(frame)
    box.setContentsMargins(margin, margin, margin, margin)
    box.setSpacing(spacing)
    fill(box, contents)
    return frame


def row(*contents: QWidget | QLayout | None, spacing: int = MEDIUM) -> QHBoxLayout:
    """Contents beside each other; None is a stretch."""
    box = QHBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(spacing)
    fill(box, contents)
    return box


def column(*contents: QWidget | QLayout | None, spacing: int = SMALL) -> QVBoxLayout:
    """Contents below each other; None is a stretch."""
    box = QVBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(spacing)
    fill(box, contents)
    return box


def fill(box: QHBoxLayout | QVBoxLayout, contents: Sequence[QWidget | QLayout | None]) -> None:
    """Put contents into a layout; None is a stretch."""
    for content in contents:
        if content is None:
            box.addStretch(1)
        elif isinstance(content, QWidget):
            box.addWidget(content)
        else:
            box.addLayout(content)


def line() -> QFrame:
    """A thin line between two things."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


def empty(layout: QLayout) -> None:
    """Take everything out of a layout, at once and not at the next turn of the event loop."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            empty(inner)


def scrolled(content: QWidget, name: str) -> QScrollArea:
    """A part that scrolls when the window is small."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


class Chips(QWidget):
    """Choices of which one is on, in as many rows as they need: tabs and filters by kind."""

    def __init__(self, name: str, chosen: Callable[[int], None]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(chosen)

    def show_choices(self, names: Sequence[tuple[str, int | None]], chosen: int) -> None:
        """Show these choices with their counts; buttons that are there already keep the focus."""
        for extra in self._group.buttons()[len(names) :]:
            self._group.removeButton(extra)
            extra.hide()
            extra.deleteLater()
        for index, (name, count) in enumerate(names):
            chip = self._group.button(index) or self._add(index)
            chip.setText(name if count is None else f"{name}  {count:,}")
            chip.setChecked(index == chosen)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Another width, other rows."""
        super().resizeEvent(event)
        self._arrange()

    def _add(self, at: int) -> QPushButton:
        chip = QPushButton(self)
        chip.setProperty("role", "chip")
        chip.setCheckable(True)
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.show()
        self._group.addButton(chip, at)
        return chip

    def _arrange(self) -> None:
        x = y = height = 0
        for chip in self._group.buttons():
            wanted = chip.sizeHint()
            if x and x + wanted.width() > self.width():
                x, y = 0, y + height + SMALL
            chip.setGeometry(x, y, wanted.width(), wanted.height())
            x, height = x + wanted.width() + SMALL + 2, wanted.height()
        if self.height() != y + height:
            self.setFixedHeight(y + height)
