"""Colours, type and spacing of the window, light and dark.

Text and its ground differ by 4.5 : 1 or more in both (a test computes it); one accent colour; sizes in points, so that
the desktop's scaling applies.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from .texts import Language
from .view.today import Tone

SANS = ("Noto Sans", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Cantarell", "Ubuntu")
JAPANESE = ("Noto Sans CJK JP", "Noto Sans JP", "Yu Gothic UI", "Hiragino Sans", "Meiryo", "IPAexGothic")
BASE_POINTS = 10


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one scheme, as #rrggbb."""

    ground: str
    surface: str
    sunken: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    hover: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    busy: str
    busy_soft: str
    calm: str
    calm_soft: str

    def tone(self, tone: Tone) -> str:
        """The colour of a tone's words and symbols."""
        return str(getattr(self, tone.value))

    def soft(self, tone: Tone) -> str:
        """The ground that goes with a tone."""
        return str(getattr(self, f"{tone.value}_soft"))

    def colours(self) -> dict[str, str]:
        """All colours by name."""
        return {each.name: str(getattr(self, each.name)) for each in fields(self)}


LIGHT = Theme(
    ground="#f4f6f8",
    surface="#ffffff",
    sunken="#f7f9fa",
    line="#dfe4ea",
    text="#18212c",
    muted="#566273",
    accent="#0b756f",
    on_accent="#ffffff",
    accent_soft="#e0f1ef",
    hover="#eceff3",
    good="#177245",
    good_soft="#e3f4ea",
    warn="#8a5200",
    warn_soft="#fdf0d9",
    bad="#b42332",
    bad_soft="#fce8ea",
    busy="#1f5fb5",
    busy_soft="#e5effc",
    calm="#566273",
    calm_soft="#eceff3",
)
DARK = Theme(
    ground="#12161b",
    surface="#1b2128",
    sunken="#161b21",
    line="#2e3742",
    text="#e9edf2",
    muted="#9faab8",
    accent="#46c2b8",
    on_accent="#04211f",
    accent_soft="#15393a",
    hover="#262e38",
    good="#5fcb91",
    good_soft="#173527",
    warn="#ecb257",
    warn_soft="#3b2c12",
    bad="#f58a90",
    bad_soft="#43202a",
    busy="#83b4f5",
    busy_soft="#1b2f4b",
    calm="#9faab8",
    calm_soft="#262e38",
)


def apply(application: QApplication, theme: Theme, language: Language) -> None:
    """Give the application these colours and the type of its language; windows add the style sheet (`Window`)."""
    application.setStyle("Fusion")
    application.setFont(font_for(language))
    application.setPalette(palette(theme))


def font_for(language: Language) -> QFont:
    """The type: the desktop's own where it is a good one, and a Japanese family behind, or before, it."""
    installed = set(QFontDatabase.families())
    sans = [name for name in SANS if name in installed]
    japanese = [name for name in JAPANESE if name in installed]
    own = QFont().families()
    families = [*japanese, *sans, *own] if language is Language.JAPANESE else [*sans, *own, *japanese]
    font = QFont()
    font.setFamilies(families)
    font.setPointSizeF(BASE_POINTS)
    return font


def palette(theme: Theme) -> QPalette:
    """The palette for whatever the style sheet leaves alone."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.sunken,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.surface,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent_soft,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.ToolTipBase: theme.surface,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return made
