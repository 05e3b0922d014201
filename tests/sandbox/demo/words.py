"""What is said of a file, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from soroe.bootstrap.own_files import remark_words
from soroe.sandbox.demo.remarks import Remark
from soroe.ui.texts import Language, load

TRANSLATIONS = Path(__file__).resolve().parents[3] / "resources" / "translations"


def told(remarks: Sequence[Remark], language: Language = Language.ENGLISH) -> list[str]:
    """Each remark as a line."""
    texts = load(TRANSLATIONS, language)
    return [remark_words(texts, remark) for remark in remarks]
