"""Which column of somebody's file is which: by the headings that CRMs, calendars and people write, in two languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .remarks import NotReadable, said

_HEADINGS = {
    "subject": (
        "subject", "title", "summary", "activity name", "activity subject", "activity title", "meeting title",
        "meeting name", "hs meeting title", "event title", "event name",
        "件名", "タイトル", "表題", "活動名", "予定名", "用件", "予定",
    ),
    "type": (
        "type", "activity type", "kind", "category", "event type", "task subtype", "hs activity type",
        "種別", "種類", "タイプ", "活動種別", "活動の種別", "活動タイプ", "活動の種類", "予定種別", "分類", "区分",
    ),
    "start": (
        "start", "start date", "start at", "starts", "begin", "start date time", "start datetime", "meeting start time",
        "hs meeting start time", "activity date time", "date time", "date", "activity date", "due date",
        "due date only", "hs timestamp",
        "開始", "開始日時", "開始日", "日時", "活動日時", "予定日時", "訪問日時", "実施日時", "日付", "活動日",
        "予定日", "訪問日", "実施日", "期日", "期限日", "期限",
    ),
    "start time": ("start time", "time", "due time", "activity time", "開始時刻", "開始時間", "時刻"),
    "end": (
        "end", "end date", "end at", "ends", "finish", "end date time", "end datetime", "meeting end time",
        "hs meeting end time", "終了", "終了日時", "終了日",
    ),
    "end time": ("end time", "終了時刻", "終了時間"),
    "duration": ("duration", "length", "所要時間"),
    "minutes": (
        "duration in minutes", "duration minutes", "duration min", "minutes", "所要時間分",
    ),
    "all-day": (
        "all-day", "all day", "all day event", "is all day event", "is all day", "終日", "終日イベント", "終日予定",
    ),
    "location": ("location", "place", "where", "meeting location", "hs meeting location", "venue", "address",
                 "場所", "所在地", "訪問場所", "住所"),
    "description": (
        "description", "notes", "note", "details", "memo", "public description", "comments", "full comments", "body",
        "meeting body", "hs meeting body", "meeting description", "meeting notes",
        "詳細", "説明", "内容", "メモ", "備考", "コメント", "活動内容",
    ),
    "private": ("private", "confidential", "is private", "非公開", "プライベート"),
}  # fmt: skip # one line for what belongs together
"""Our names of the columns, and what they are called: of several that a file has, the one that stands first here."""
_GROUP = re.compile(r"^(?:activity|event|task|meeting|活動|予定)\s*[-–:・]\s+", re.IGNORECASE)
"""What an export writes before the name of a column, as in `Activity - Due date`."""


def named(headings: Sequence[str]) -> list[str]:
    """Our names of the columns, empty for those we do not use; raises `NotReadable` for a file without what is needed.

    A file that has no column for a start, but one for its time, has both in that.
    """
    found: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(headings):
        known = _KNOWN.get(_plain(heading))
        if known is not None:
            name, rank = known
            found[name] = min(found.get(name, (rank, place)), (rank, place))
    if "start" not in found and "start time" in found:
        for whole, part in (("start", "start time"), ("end", "end time")):
            if whole not in found and part in found:
                found[whole] = found.pop(part)
    for needed in ("subject", "start"):
        if needed not in found:
            raise NotReadable(needed, said("no_such_column", names=_examples(needed)))
    names = [""] * len(headings)
    for name, (_, place) in found.items():
        names[place] = name
    return names


def _plain(heading: str) -> str:
    """Without what programs write differently: `StartDateTime`, `start_date_time`, `Activity - Start Date/Time`."""
    text = _GROUP.sub("", heading.strip().lstrip("\ufeff"))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"[\s_/()（）:*-]+", "", text).lower()


def _examples(name: str) -> str:
    """One name in either language."""
    japanese = next(alias for alias in _HEADINGS[name] if not alias.isascii())
    return f"{name} / {japanese}"


_KNOWN = {_plain(alias): (name, rank) for name, aliases in _HEADINGS.items() for rank, alias in enumerate(aliases)}
