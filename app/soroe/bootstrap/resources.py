"""Where icons, texts and profiles lie."""

from __future__ import annotations

from pathlib import Path


def resources_folder() -> Path:
    """Inside an installed package, or beside the sources."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent.parent / "resources"
