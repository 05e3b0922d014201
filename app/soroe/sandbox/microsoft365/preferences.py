"""The `Prefer` header: which ids, which zone, which form of text, how many items on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from soroe.sandbox.microsoft365.errors import invalid_parameter
from soroe.sandbox.microsoft365.times import zone

USUAL_PAGE = 10
LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a request prefers; `zone` is empty where UTC was not replaced."""

    immutable: bool = False
    zone: str = ""
    text: bool = False
    page: int | None = None

    def applied(self) -> str:
        """The `Preference-Applied` header."""
        said = ['IdType="ImmutableId"'] if self.immutable else []
        said += [f'outlook.timezone="{self.zone}"'] if self.zone else []
        said += ['outlook.body-content-type="text"'] if self.text else []
        said += [f"odata.maxpagesize={self.page}"] if self.page is not None else []
        return ", ".join(said)


def read_preferences(headers: Mapping[str, str]) -> Preferences:
    """Reads the header; several preferences may be joined with commas. Unknown ones are passed over."""
    said: dict[str, str] = {}
    for name, quoted, plain in re.findall(r'([\w.-]+)\s*=\s*(?:"([^"]*)"|([^,;\s]+))', headers.get("prefer", "")):
        said[name.lower()] = quoted or plain
    page = said.get("odata.maxpagesize")
    if page is not None and (not page.isdigit() or int(page) < 1):
        raise invalid_parameter(f"The odata.maxpagesize preference '{page}' has to be a whole number from 1.")
    name = said.get("outlook.timezone", "")
    if name:
        zone(name)
    return Preferences(
        immutable=said.get("idtype", "").lower() == "immutableid",
        zone=name,
        text=said.get("outlook.body-content-type", "").lower() == "text",
        page=min(int(page), LARGEST_PAGE) if page is not None else None,
    )
