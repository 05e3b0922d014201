"""The fields of a profile made ready, both ways: what the profile says of a field is settled once for all items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from soroe.adapters.crm.documents import (
    Malformed,
    as_markup,
    checked_text,
    plain_text,
    putter,
    without_controls,
)
from soroe.core.event import ShowAs

from .profile import FieldMap, Fields, Profile
from .profile_requests import EtagVersions, FieldStamp, FieldVersions, Scalar
from .times import Values, times_told

TextReader = Callable[[Values], str]
WordReader = Callable[[Values], str | None]
TextWriter = Callable[[dict[str, Any], str, bool], None]
"""Puts a text or a word of ours into a body; the flag tells a change from a create. Raises `Malformed`."""


def text_reader(field: FieldMap | None) -> TextReader:
    """Reads a text: "" where there is none, or where the CRM has no such field."""
    if field is None:
        return _no_text
    paths = field.parts if field.at is None else (field.at,)
    if len(paths) > 1 or field.text == "html":
        return lambda values: _joined(values, field)
    path: str = paths[0]

    def text(values: Values) -> str:
        value = values[path]
        return "" if value is None or value == "" else checked_text(value, path)

    return text


def _joined(values: Values, field: FieldMap) -> str:
    paths = field.parts if field.at is None else (field.at,)
    parts = [checked_text(values[path], path) for path in paths]
    found = field.separator.join(part for part in parts if part)
    return plain_text(found) if field.text == "html" else found


def _no_text(_values: Values) -> str:
    return ""


def word_reader(field: FieldMap | None) -> WordReader:
    """Reads our word for their value: None where there is none, or where the CRM has no such field."""
    if field is None or field.at is None:
        return _no_word
    path: str = field.at
    if not field.values:
        return lambda values: _word_as_it_stands(values, path)
    ours = {(type(theirs), theirs): word for word, theirs in field.values.items()}  # 1 is not the same as true
    texts = {theirs: word for word, theirs in field.values.items() if type(theirs) is str}

    def word(values: Values) -> str | None:
        value = values[path]
        if type(value) is str and value in texts:
            return texts[value]
        if value is None:
            return None
        key = (type(value), value)
        if type(value) in {str, int, bool} and key in ours:
            return ours[key]
        raise Malformed(path, "has a value that the profile does not name")

    return word


def _word_as_it_stands(values: Values, path: str) -> str | None:
    value = values[path]
    if value is None:
        return None
    if type(value) is bool:
        return "true" if value else "false"
    return checked_text(value, path, 64)


def show_as_reader(field: FieldMap | None) -> Callable[[Values], ShowAs]:
    """Reads how the time counts: as busy where nothing stands there, or where the CRM has no such field."""
    word = word_reader(field)

    def show_as(values: Values) -> ShowAs:
        told = word(values)
        if told is None:
            return ShowAs.BUSY
        if told not in _SHOW_AS:
            raise Malformed("show_as", "is a word nobody knows")
        return _SHOW_AS[told]

    return show_as


_SHOW_AS = {word.value: word for word in ShowAs}


def yes_reader(field: FieldMap | None) -> Callable[[Values], bool | None]:
    """Reads a yes or no: no where nothing stands there, None where the CRM has no such field."""
    if field is None or field.at is None:
        return _no_word
    path, word, is_plain = field.at, word_reader(field), not field.values

    def yes(values: Values) -> bool:
        value = values[path]
        if is_plain and (value is None or type(value) is bool):
            return value is True
        told = word(values)
        if told not in {None, "true", "false"}:
            raise Malformed(path, "is neither true nor false")
        return told == "true"

    return yes


def _no_word(_values: Values) -> None:
    return None


def text_writer(field: FieldMap | None, *, always: bool = False) -> TextWriter:
    """Writes a text; a create leaves an empty one out, unless it is `always` there."""
    if field is None or field.write == "never":
        return _nothing
    first, *others = map(putter, (field.at,) if field.at is not None else field.parts)
    in_changes, is_html, empties = field.write == "always", field.text == "html", field.empty == "null"

    def write(body: dict[str, Any], text: str, change: bool) -> None:
        if change and not in_changes:
            return
        if not text.isprintable():
            text = without_controls(text)
        if not text and not (change or always):
            return
        if text:
            first(body, as_markup(text) if is_html else text)
        else:
            first(body, None if empties else "")
        for put_rest in others:
            put_rest(body, None if empties else "")

    return write


def word_writer(field: FieldMap | None) -> TextWriter:
    """Writes our word in theirs."""
    if field is None or field.at is None or field.write == "never":
        return _nothing
    path, put_word, in_changes = field.at, putter(field.at), field.write == "always"
    theirs = field.values or _PLAIN_WORDS

    def write(body: dict[str, Any], word: str, change: bool) -> None:
        if change and not in_changes:
            return
        if word in theirs:
            put_word(body, theirs[word])
        elif field.values:
            raise Malformed(path, f"this CRM has no word for {word}")
        else:
            put_word(body, word)

    return write


_PLAIN_WORDS: Mapping[str, Scalar] = {"true": True, "false": False}


def _nothing(_body: dict[str, Any], _word: str, _change: bool) -> None:
    """The CRM does not take this field."""


def paths_told(profile: Profile) -> Iterator[str]:
    """Where an item has whatever is read of it."""
    yield from _paths_of(profile.fields)
    yield from times_told(profile.times)
    if profile.guests is not None:
        yield profile.guests.at
    if isinstance(profile.stamp, FieldStamp):
        yield profile.stamp.field
    versions = profile.versions
    if isinstance(versions, EtagVersions | FieldVersions) and versions.field is not None:
        yield versions.field


def paths_digested(profile: Profile) -> tuple[str, ...]:
    """Where an item has what a change of it may touch, for CRMs that tell its version by its last change alone."""
    times = profile.times
    paths: list[str | None] = [*_paths_of(profile.fields)]
    paths += [times.timed.start_at, times.timed.end_at, times.timed.duration_at, times.timed.start_zone_at]
    paths += [getattr(times.all_day, name, None) for name in ("start_at", "end_at", "flag_at")]
    paths.append(profile.guests.at if profile.guests is not None else None)
    paths.append(profile.stamp.field if isinstance(profile.stamp, FieldStamp) else None)
    return tuple(sorted({path for path in paths if path is not None}))


def _paths_of(fields: Fields) -> Iterator[str]:
    for name in fields.__slots__:
        field: FieldMap | None = getattr(fields, name)
        if field is not None:
            yield from (field.parts if field.at is None else (field.at, *field.parts))
