"""A CRM's JSON, looked at by dotted paths."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from soroe.adapters.crm.documents import at, members, put

PATHS = ("id", "start.time", "start.zone", "start", "deal.owner.name", "deal.owner")
NAMES = st.sampled_from(("id", "start", "time", "zone", "deal", "owner", "name", "start.time", "other"))
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=3),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(DOCUMENTS)
def test_all_paths_at_once_find_what_each_path_finds(document: Any) -> None:
    found = members(PATHS)(document)
    for path in PATHS:
        assert found[path] == at(document, path)
        assert type(found[path]) is type(at(document, path))


@given(st.sampled_from(PATHS), st.integers())
def test_what_is_put_at_a_path_is_found_there(path: str, value: int) -> None:
    document: dict[str, Any] = {}
    put(document, path, value)
    assert at(document, path) == value
