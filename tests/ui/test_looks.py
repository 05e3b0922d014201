"""Colours that can be read, and icons that can be told apart without them."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from soroe.ui.icons import Icons
from soroe.ui.texts import Language
from soroe.ui.theme import DARK, LIGHT, Theme, font_for
from soroe.ui.view.today import Tone
from soroe.ui.view.tray import TrayIcon
from tests.fakes.desk import RESOURCES

PANELS = ("#f6f5f4", "#ffffff", "#2b2b2b", "#101010")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(theme: Theme) -> None:
    pairs = [
        *product((theme.text, theme.muted, theme.accent), (theme.ground, theme.surface, theme.sunken)),
        (theme.on_accent, theme.accent),
        (theme.accent, theme.accent_soft),
        (theme.text, theme.accent_soft),
        (theme.text, theme.warn_soft),
        (theme.text, theme.hover),
        *((theme.tone(tone), theme.soft(tone)) for tone in Tone),
        *((theme.tone(tone), theme.surface) for tone in Tone),
    ]
    assert [(pair, round(contrast(*pair), 2)) for pair in pairs if contrast(*pair) < 4.5] == []


def silhouette(icons: Icons, state: TrayIcon, size: int) -> list[bool]:
    image = icons.tray(state).pixmap(size, size).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    return [image.pixelColor(x, y).alpha() > 127 for y in range(size) for x in range(size)]


@pytest.mark.parametrize("size", [16, 22])
def test_the_tray_icons_differ_in_shape_and_not_in_colour_only(qtbot: QtBot, size: int) -> None:
    icons = Icons(RESOURCES / "icons")
    shapes = {state: silhouette(icons, state, size) for state in TrayIcon}
    alike = []
    for one, other in combinations(TrayIcon, 2):
        differ = sum(a != b for a, b in zip(shapes[one], shapes[other], strict=True))
        if differ < size * size * 0.04:
            alike.append((one, other, differ))
    assert alike == []


@pytest.mark.parametrize("state", TrayIcon)
@pytest.mark.parametrize("panel", PANELS)
def test_the_tray_icons_stand_out_on_light_and_on_dark_panels(qtbot: QtBot, state: TrayIcon, panel: str) -> None:
    image = Icons(RESOURCES / "icons").tray(state).pixmap(22, 22).toImage()
    ink = [image.pixelColor(x, y) for y in range(22) for x in range(22)]
    solid = [colour for colour in ink if colour.alpha() > 250 and colour != QColor("#ffffff")]
    common = max(set(map(QColor.name, solid)), key=[colour.name() for colour in solid].count)
    assert contrast(common, panel) >= 3.0


def test_a_count_changes_the_warning(qtbot: QtBot) -> None:
    icons = Icons(RESOURCES / "icons")
    pictures = [icons.tray(TrayIcon.WARNING, count).pixmap(22, 22).toImage() for count in (0, 3, 8)]
    assert all(one != other for one, other in combinations(pictures, 2))


@pytest.mark.parametrize("language", Language)
def test_the_type_has_japanese_letters_in_both_languages(qtbot: QtBot, language: Language) -> None:
    families = font_for(language).families()
    assert any("CJK JP" in family or "Gothic" in family for family in families)
