"""How long the texts of a schedule may be, and what becomes of longer ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soroe.sandbox.esales.refusals import bad_value

USUAL: Mapping[str, int] = {"subject": 100, "detail": 32_000, "address": 255, "building": 100, "postal_code": 8}


@dataclass(frozen=True, slots=True)
class Limits:
    """Longest texts in characters. Longer ones lose what is too much without a word (ESM-IL1), or are refused.

    The service publishes no numbers: these stand for whatever a company's edition has.
    """

    longest: Mapping[str, int] = field(default_factory=lambda: dict(USUAL))
    refuse: bool = False

    def within(self, name: str, text: str) -> str:
        """The text as it is kept; raises 400 where long texts are refused."""
        most = self.longest.get(name)
        if most is None or len(text) <= most:
            return text
        if self.refuse:
            raise bad_value(name, f"must not be longer than {most} characters")
        return text[:most]
