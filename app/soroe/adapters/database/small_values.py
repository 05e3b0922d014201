"""Texts, times and lists as columns and JSON take them; the round trip is exact.

Text is written as it is, in UTF-8 that lets lone surrogates pass. Wall-clock times that are whole minutes are written
as minutes since the epoch, dates as their ordinal, UTC instants as seconds since the epoch; all others in ISO form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

BROKEN = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What decoding raises for bytes that this module did not write."""

Json = Any
"""What `json` makes of text; `mypy` has no closed type for it."""
Column = Any
"""A value of a row as SQLite gives it."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times are naive by design
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MINUTES = 24 * 60
_WHOLE_FRACTIONS = 1 << 32
"""Seconds from the epoch up to which a number tells microseconds apart; beyond, some would not come back whole."""
_MICROSECOND = timedelta(microseconds=1)
_SECOND_FOLD = "~"

_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_scan = json.JSONDecoder().raw_decode


def _chunks_of() -> Callable[[Json, int], Iterable[str]]:
    """What turns a value into pieces of JSON: `JSONEncoder.encode` makes it anew for every value, which takes longer
    than encoding one of ours."""
    make = getattr(json.encoder, "c_make_encoder", None)
    quoted = getattr(json.encoder, "encode_basestring", None)
    if make is None or quoted is None:  # a Python without the accelerator
        return lambda value, _: _ENCODER.iterencode(value)
    made: Callable[[Json, int], Iterable[str]] = make(
        None, _ENCODER.default, quoted, None, ":", ",", False, False, True
    )
    return made


_chunks = _chunks_of()


def dump(value: Json) -> bytes:
    """JSON as bytes."""
    return "".join(_chunks(value, 0)).encode("utf-8", "surrogatepass")


def load(blob: bytes) -> Json:
    """The JSON in these bytes."""
    text = blob.decode("utf-8", "surrogatepass")
    value, end = _scan(text)
    if end != len(text):
        raise ValueError("more than one value")
    return value


def to_text(value: str) -> str | bytes:
    """Text for a column: as text, or as bytes where a lone surrogate keeps it from being text."""
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


def to_texts(values: Sequence[str]) -> Sequence[str | bytes]:
    """Texts for a column, as `to_text` makes each: looked at as one text, because nearly all are plain."""
    joined = "".join(values)
    if joined.isascii():
        return values
    try:
        joined.encode("utf-8")
    except UnicodeEncodeError:
        return [to_text(value) for value in values]
    return values


def from_text(value: Column) -> str:
    """The text that `to_text` wrote."""
    if type(value) is str:
        return value
    return str(value, "utf-8", "surrogatepass")


def to_micros(at: datetime) -> int:
    """A UTC instant as microseconds since the epoch."""
    return (at - _EPOCH_UTC) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC instant of `to_micros`."""
    return _EPOCH_UTC + timedelta(microseconds=micros)


def to_instant(at: datetime | None) -> Json:
    """A UTC instant, or None."""
    if at is None:
        return 0
    if at.tzinfo is UTC:
        seconds = at.timestamp()
        if seconds and not at.microsecond:
            return int(seconds)
        if seconds and abs(seconds) < _WHOLE_FRACTIONS:
            return seconds
    return at.isoformat()


def from_instant(value: Json) -> datetime | None:
    """The instant of `to_instant`."""
    if value == 0:
        return None
    return datetime.fromisoformat(value) if type(value) is str else _EPOCH_UTC + timedelta(seconds=value)


def minutes(span: timedelta) -> int:
    """The whole minutes of a span of time."""
    return span.days * _DAY_MINUTES + span.seconds // 60  # a third of the time of dividing spans


def to_moment(at: datetime | date) -> Json:
    """A naive time or a date, told apart when read back."""
    if not isinstance(at, datetime):
        return [at.toordinal()]
    if at.second or at.microsecond or at.fold or at.tzinfo is not None:
        return at.isoformat() + (_SECOND_FOLD if at.fold else "")
    return minutes(at - EPOCH)


def from_moment(value: Json) -> datetime | date:
    """The time or date of `to_moment`."""
    return date.fromordinal(value[0]) if isinstance(value, list) else from_wall(value)


def from_wall(value: Json) -> datetime:
    """The naive time of `to_moment`."""
    if isinstance(value, int):
        return EPOCH + timedelta(minutes=value)
    at = datetime.fromisoformat(value.removesuffix(_SECOND_FOLD))
    return at.replace(fold=1) if value.endswith(_SECOND_FOLD) else at


def trimmed(values: list[Json]) -> list[Json]:
    """The values without the zeros at the end, which stand for defaults."""
    size = len(values)
    for value in reversed(values):
        if value != 0 or value is False:
            break
        size -= 1
    del values[size:]
    return values


def padded(values: Sequence[Json], size: int) -> Sequence[Json]:
    """The values with the zeros that `trimmed` took off; more than `size` stay as many, and cannot be unpacked."""
    return [*values, *(0,) * (size - len(values))]
