"""The words of one language, by message id."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Language(StrEnum):
    """The languages the program speaks."""

    ENGLISH = "en"
    JAPANESE = "ja"


def language_of(preferred: Iterable[str]) -> Language:
    """The first preferred language that we speak (`ja-JP`, `ja_JP.UTF-8`, `en`); English when there is none."""
    spoken = {language.value: language for language in Language}
    for name in preferred:
        found = spoken.get(name.replace("_", "-").split("-")[0].split(".")[0].lower())
        if found is not None:
            return found
    return Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Texts:
    """Finds the sentence for a message id and fills in its values.

    Ids that end in `.one` and `.other` are the forms of one message for one thing and for several; Japanese has only
    the second. A missing id or value raises `KeyError`: the catalogues are complete by test.
    """

    language: Language
    messages: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence for `key`."""
        sentence = self.messages[key]
        return sentence.format_map(values) if values or "{" in sentence else sentence

    def has(self, key: str) -> bool:
        """Whether there is a sentence for `key`."""
        return key in self.messages

    def count(self, key: str, n: int, **values: object) -> str:
        """The sentence for `n` things; `{n}` in it is the number with thousands separated."""
        form = "one" if n == 1 and self.language is Language.ENGLISH else "other"
        return self(f"{key}.{form}", n=self.number(n), **values)

    def number(self, n: int) -> str:
        """A number as both languages write it: 12,345."""
        return f"{n:,}"

    def listed(self, parts: Iterable[str]) -> str:
        """Parts one after another, as the language separates them."""
        return ("、" if self.language is Language.JAPANESE else ", ").join(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        """Whole sentences one after another."""
        return ("" if self.language is Language.JAPANESE else " ").join(part for part in parts if part)


def load(folder: Path, language: Language) -> Texts:
    """Read the catalogue of a language from `folder` (`resources/translations`).

    Raises `OSError` when the file is not there and `ValueError` naming the file when it is no catalogue.
    """
    path = folder / f"{language.value}.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not all(isinstance(word, str) for word in found.values()):
        raise ValueError(f"{path.name} must be one JSON object of texts; install the program again.")
    return Texts(language, found)
