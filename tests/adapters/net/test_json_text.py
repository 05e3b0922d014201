"""JSON is written by a part that is made once, and is the same text as the standard library's, to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from soroe.adapters.net.json_text import json_text, json_writer

ENCODERS = {
    "ascii": json.JSONEncoder(separators=(",", ":"), check_circular=False),
    "unicode": json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False),
    "sorted": json.JSONEncoder(sort_keys=True, ensure_ascii=True, check_circular=False),
}
VALUES: list[Any] = [
    {},
    [],
    None,
    True,
    -12,
    1.5,
    1e22,
    {"b": 1, "a": {"d": [None, False, {"f": "", "e": '\u00e9\n"\\\x00'}], "c": "\u6253\u5408\u305b \U0001f5d3"}},
    ["\u2028</script>", "\ud800", {"1": 10**30}],
    ({"a": ()},),
]


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("number", range(len(VALUES)))
def test_a_value_is_written_as_the_standard_library_writes_it(name: str, number: int) -> None:
    encoder, value = ENCODERS[name], VALUES[number]
    assert json_writer(encoder)(value) == encoder.encode(value)


def test_one_writer_writes_one_value_after_the_other() -> None:
    write = json_writer(ENCODERS["sorted"])
    assert [write(value) for value in VALUES] == [ENCODERS["sorted"].encode(value) for value in VALUES]


def test_numbers_that_are_no_json_are_refused_where_the_encoder_refuses_them() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_writer(ENCODERS["unicode"])({"a": float("nan")})
    assert json_text([float("inf")]) == "[Infinity]"


def test_what_json_has_no_form_for_is_refused() -> None:
    with pytest.raises(TypeError):
        json_text({"a": object()})
