"""What there is to say of a file of the user's and of the entries in it: as codes, to be worded in his language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is to be said; worded as `demo.own.<code>` with its values."""

    code: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of a file, or of the entry at a line of it (0: the whole file), with its own id if it has one.

    `field` is the property or column as the file has it, "file", "row", "entry", or empty.
    """

    file: str
    line: int
    uid: str
    field: str
    what: Said


class NotReadable(Exception):
    """This entry, or the whole file, cannot be read; `field` names the property or column, and `what` says why."""

    def __init__(self, field: str, what: Said) -> None:
        super().__init__(field, what)
        self.field = field
        self.what = what


def said(code: str, **values: object) -> Said:
    """A code with what its sentence names."""
    return Said(code, tuple(values.items()))
