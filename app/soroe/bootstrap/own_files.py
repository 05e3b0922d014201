"""Words for what there is to say of a file that the user exported."""

from __future__ import annotations

from soroe.sandbox.demo.remarks import Remark
from soroe.ui.texts import Texts


def remark_words(texts: Texts, remark: Remark) -> str:
    """One line: the file, the place in it, the field as the file has it, and what is to be said.

    What a service or a library says for itself stands in its own words.
    """
    where = remark.file
    if remark.line:
        key = "demo.own.at.named" if remark.uid else "demo.own.at"
        where = texts(key, file=remark.file, line=remark.line, uid=remark.uid)
    place = f"demo.own.field.{remark.field}"
    field = texts(place) if texts.has(place) else remark.field
    what = texts(f"demo.own.{remark.what.code}", **dict(remark.what.values))
    return ": ".join(part for part in (where, field, what) if part)
