"""How values stand in a query or an address of Salesforce's."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def is_record_id(text: str) -> bool:
    """Whether a text can be the id of a record: nothing else is put into a query or an address."""
    return _ID.fullmatch(text) is not None


def literal(moment: datetime) -> str:
    """A moment as a query spells it: UTC, whole seconds, no quotes."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def quoted(text: str) -> str:
    """A text as a query spells it."""
    plain = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{plain}'"
