"""Icons from `resources/icons`, in the colour asked for, sharp at every scale."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from .view.tray_icon import TrayIcon

TRAY_SIZES = (16, 20, 22, 24, 32, 44, 48, 64)
INK = "#000000"
COUNT_INK = "#ffffff"
MOST_ON_ICON = 9
PICTURES_KB = 10_240  # as Qt has it


class Icons:
    """The icons of one theme. Line icons are drawn in black and take the colour asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._draw = lru_cache(maxsize=256)(self._drawn)

    def icon(self, name: str, colour: str, size: int = 18) -> QIcon:
        """An icon for a button or a list, drawn for 1×, 2× and 3× screens."""
        made = QIcon()
        for scale in (1, 2, 3):
            made.addPixmap(self._draw(name, colour, size * scale))
        return made

    def pixmap(self, name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
        """A picture of `size` logical pixels for a screen of this ratio."""
        drawn = QPixmap(self._draw(name, colour, round(size * ratio)))
        drawn.setDevicePixelRatio(ratio)
        return drawn

    def tray(self, state: TrayIcon, count: int = 0) -> QIcon:
        """The tray icon of a state, with a count on it when there is one to tell."""
        made = QIcon()
        for size in TRAY_SIZES:
            name = f"tray-{state.value}-count" if count else f"tray-{state.value}"
            drawn = QPixmap(self._draw(name, "", size))
            if count:
                _write_count(drawn, count)
            made.addPixmap(drawn)
        return made

    def program(self) -> QIcon:
        """The icon of the program itself."""
        made = QIcon()
        for size in (16, 24, 32, 48, 64, 128, 256):
            made.addPixmap(self._draw("soroe", "", size))
        return made

    def _drawn(self, name: str, colour: str, pixels: int) -> QPixmap:
        svg = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
        if colour:
            svg = svg.replace(INK, colour)
        picture = QPixmap(pixels, pixels)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
        return picture


def keep_pictures(*, seen: bool) -> None:
    """Let Qt keep drawn pictures only while there is a window: it wakes every ten seconds to throw a few of them away,
    and the one on the panel is with the panel (P-7)."""
    QPixmapCache.setCacheLimit(PICTURES_KB if seen else 0)


def _write_count(picture: QPixmap, count: int) -> None:
    """A number on the foot of the triangle, where it is widest; 9 stands for more where there is no room for 9+."""
    pixels = picture.width()
    text = str(count) if count <= MOST_ON_ICON else ("9+" if pixels >= 32 else "9")
    font = QFont()
    font.setBold(True)
    font.setPixelSize(round(pixels * (0.6 if len(text) == 1 else 0.48)))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(COUNT_INK))
    painter.setFont(font)
    painter.drawText(QRectF(0, pixels * 0.3, pixels, pixels * 0.68), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
