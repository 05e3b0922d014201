"""Values that are made quickly are frozen dataclasses like any other."""

from __future__ import annotations

import copy
import inspect
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import get_type_hints

import pytest

from soroe.core.event import CRM_LIST, EventContent, ItemId, ObservedItem, Ref
from soroe.core.plan import Action, Decision
from soroe.core.quickly import quickly_made
from soroe.ports.journal import JournalEntry
from soroe.ports.remote import Create, Update


@dataclass(frozen=True, slots=True)
class Plain:
    """A value as Python makes it."""

    ref: Ref
    title: str
    note: str = "none"
    marks: tuple[str, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    """The same, made quickly."""

    ref: Ref
    title: str
    note: str = "none"
    marks: tuple[str, ...] = ()


QUICK = (EventContent, ObservedItem, Action, Decision, JournalEntry, Create, Update)
REF = Ref(CRM_LIST, ItemId("1"))


def test_it_is_called_as_python_would_have_it_called() -> None:
    assert str(inspect.signature(Quick)) == str(inspect.signature(Plain))
    assert get_type_hints(Quick.__init__) == get_type_hints(Plain.__init__)
    made = Quick(REF, "Visit", marks=("a",))
    assert (made.ref, made.title, made.note, made.marks) == (REF, "Visit", "none", ("a",))
    assert repr(made) == repr(Plain(REF, "Visit", marks=("a",))).replace("Plain", "Quick")
    with pytest.raises(TypeError, match="title"):
        Quick(REF)  # type: ignore[call-arg]  # what is left out is told


def test_nobody_can_change_it() -> None:
    made = Quick(REF, "Visit")
    assert type(made) is Quick
    assert not hasattr(made, "__dict__")
    for name in ("title", "other"):
        with pytest.raises((FrozenInstanceError, TypeError)):
            setattr(made, name, "Call")
    with pytest.raises(FrozenInstanceError):
        del made.title
    assert made.title == "Visit"


def test_it_is_compared_hashed_replaced_and_copied_as_any_other() -> None:
    made = Quick(REF, "Visit")
    assert made == Quick(REF, "Visit") != Quick(REF, "Call")
    assert hash(made) == hash(Quick(REF, "Visit")) == hash(Plain(REF, "Visit"))
    assert replace(made, title="Call") == Quick(REF, "Call")
    assert copy.deepcopy(made) == copy.copy(made) == made


@pytest.mark.parametrize("kind", QUICK)
def test_the_values_of_a_run_are_made_of_their_fields(kind: type) -> None:
    assert [*inspect.signature(kind).parameters] == [one.name for one in fields(kind)]


def test_fields_that_need_more_than_to_be_set_are_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Made:
        items: list[str] = field(default_factory=list)

    @dataclass(frozen=True, slots=True)
    class Checked:
        title: str

        def __post_init__(self) -> None:
            """Look at the title."""

    for kind in (Made, Checked):
        with pytest.raises(TypeError, match=kind.__name__):
            quickly_made(kind)


def test_no_class_is_derived_from_one() -> None:
    with pytest.raises(TypeError, match="Derived"):
        type("Derived", (Quick,), {})
