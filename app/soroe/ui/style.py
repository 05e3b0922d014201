"""The style sheet of the window, made from the colours of a theme."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

SHEET = Template("""
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QDialog, QWidget#content, QWidget#page { background: $ground; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 4px 6px; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }

QLabel[role="title"] { font-size: 18pt; font-weight: 600; }
QLabel[role="heading"] { font-size: 11.5pt; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: 9pt; }
QLabel[role="number"] { font-size: 15pt; font-weight: 600; }
QLabel[role="differs"] { background: $warn_soft; border-radius: 4px; padding: 1px 5px; }

QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: 12px; }
QFrame[role="inset"] { background: $sunken; border: 1px solid $line; border-radius: 8px; }
QFrame[role="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }

QLabel[role="pill"] { border-radius: 9px; padding: 2px 9px; font-size: 9pt; font-weight: 600; }
QLabel[tone="good"] { color: $good; } QLabel[role="pill"][tone="good"] { background: $good_soft; }
QLabel[tone="warn"] { color: $warn; } QLabel[role="pill"][tone="warn"] { background: $warn_soft; }
QLabel[tone="bad"] { color: $bad; } QLabel[role="pill"][tone="bad"] { background: $bad_soft; }
QLabel[tone="busy"] { color: $busy; } QLabel[role="pill"][tone="busy"] { background: $busy_soft; }
QLabel[tone="calm"] { color: $calm; } QLabel[role="pill"][tone="calm"] { background: $calm_soft; }

QPushButton { background: $surface; border: 1px solid $line; border-radius: 8px; padding: 6px 14px; min-height: 18px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 13px; }
QPushButton:disabled { color: $muted; background: $sunken; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent; border-color: $text; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $hover; color: $muted; border-color: $line; }
QPushButton[role="danger"] { color: $bad; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent; padding: 4px 6px; font-weight: 600;
  margin-left: -6px; }
QPushButton[role="link"]:hover { background: $hover; }
QPushButton[role="link"]:focus { border: 2px solid $accent; padding: 2px 4px; }
QPushButton[role="line"] { background: transparent; border: none; text-align: left; padding: 3px 8px;
  margin-left: -8px; }
QPushButton[role="line"]:hover { background: $hover; }
QPushButton[role="line"]:focus { border: 2px solid $accent; padding: 1px 6px; }
QPushButton[role="chip"] { border-radius: 13px; padding: 4px 13px; background: $surface; color: $muted; }
QPushButton[role="chip"]:hover { background: $hover; }
QPushButton[role="chip"]:focus { border: 2px solid $accent; padding: 3px 12px; }
QPushButton[role="chip"]:checked { background: $accent_soft; color: $accent; border-color: $accent; font-weight: 600; }
QPushButton[role="tile"] { text-align: left; padding: 12px 14px; border-radius: 10px; }
QPushButton::menu-indicator { width: 0px; }

QWidget#sidebar { background: $surface; border-right: 1px solid $line; }
QWidget#sidebar QLabel#brand { font-size: 14pt; font-weight: 700; }
QPushButton[role="nav"] { text-align: left; border: none; border-radius: 8px; padding: 8px 10px; color: $muted;
  background: transparent; }
QPushButton[role="nav"]:hover { background: $hover; color: $text; }
QPushButton[role="nav"]:checked { background: $accent_soft; color: $accent; font-weight: 600; }
QLabel[role="badge"] { background: $hover; color: $muted; border-radius: 8px; padding: 1px 7px; font-size: 8.5pt;
  font-weight: 600; }
QLabel[role="badge"][tone="bad"] { background: $bad_soft; color: $bad; }
QLabel[role="badge"][tone="warn"] { background: $warn_soft; color: $warn; }
QPushButton[role="nav"]:focus { border: 2px solid $accent; padding: 6px 8px; }

QFrame#banner { border-radius: 10px; }
QFrame#banner[tone="bad"] { background: $bad_soft; border: 1px solid $bad; }
QFrame#banner[tone="bad"] QLabel { color: $bad; font-weight: 600; }
QFrame#banner[tone="warn"] { background: $warn_soft; border: 1px solid $warn; }
QFrame#banner[tone="warn"] QLabel { color: $warn; font-weight: 600; }
QFrame#banner[tone="calm"] { background: $calm_soft; border: 1px solid $line; }
QFrame#toast { background: $text; border-radius: 10px; }
QFrame#toast QLabel { color: $ground; }
QFrame#toast QPushButton { background: transparent; color: $ground; border: 1px solid $muted; padding: 3px 12px;
  font-weight: 600; }
QFrame#toast QPushButton:focus { border: 2px solid $ground; padding: 2px 11px; }

QLineEdit, QComboBox, QDateEdit { background: $surface; border: 1px solid $line; border-radius: 8px; padding: 6px 10px;
  min-height: 18px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QComboBox:focus, QDateEdit:focus { border: 2px solid $accent; padding: 5px 9px; }
QLineEdit:disabled, QComboBox:disabled, QDateEdit:disabled { background: $sunken; color: $muted; }
QComboBox::drop-down, QDateEdit::drop-down { border: none; width: 22px; }
QCheckBox::indicator:unchecked, QListView::indicator:unchecked { border: 1px solid $muted; border-radius: 3px;
  background: $surface; width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; padding: 4px;
  selection-background-color: $accent_soft; selection-color: $text; }

QTableView, QListView { background: $surface; border: 1px solid $line; border-radius: 12px;
  selection-background-color: $accent_soft; selection-color: $text; gridline-color: transparent; }
QTableView::item { padding: 0px 8px; border-bottom: 1px solid $hover; }
QTableView::item:selected { background: $accent_soft; color: $text; }
QListWidget { padding: 4px 6px; }
QListWidget::item { padding: 2px 0px; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 8px 10px; font-weight: 600; font-size: 9pt; }
QHeaderView::section:first { border-top-left-radius: 12px; }
QHeaderView::section:last { border-top-right-radius: 12px; }
QTableCornerButton::section { background: transparent; border: none; }

QProgressBar { background: $hover; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QProgressBar[tone="warn"]::chunk { background: $warn; }
QProgressBar[tone="busy"]::chunk { background: $busy; }

QMenu { background: $surface; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 6px 22px 6px 14px; border-radius: 5px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }

QSplitter::handle { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $line; border-radius: 3px; min-height: 30px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle:horizontal { background: $line; border-radius: 3px; min-width: 30px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def style_sheet(colours: Mapping[str, str]) -> str:
    """The style sheet in these colours; raises `KeyError` for a colour that is not there."""
    return SHEET.substitute(colours)
