"""What is told of fields that a CRM holds in a poorer form: all of them, and no finding hides another."""

from __future__ import annotations

from soroe.core.dialect import GENERIC
from soroe.core.event import ContainerId, Field, ItemId, Ref
from soroe.core.notes import altered
from soroe.core.rules.form import CUT, PLAIN_TEXT, TRIMMED, Alteration

EVENT = Ref(ContainerId("sato@example.com"), ItemId("e1"))


def test_all_fields_that_were_cut_are_named_in_one_finding() -> None:
    cut = [Alteration(CUT, field, 3_000, 255) for field in (Field.TITLE, Field.DESCRIPTION, Field.LOCATION)]
    (finding,) = altered((*cut, Alteration(TRIMMED, Field.TITLE, 9, 8)), GENERIC, None, EVENT)
    assert finding.fields == ("title", "description", "location")
    assert finding.numbers == ()


def test_one_field_that_was_cut_is_told_with_its_lengths() -> None:
    (finding,) = altered((Alteration(CUT, Field.TITLE, 300, 255),), GENERIC, None, EVENT)
    assert (finding.fields, finding.numbers) == (("title",), (("before", 300), ("after", 255)))


def test_losses_of_several_kinds_are_findings_of_their_own() -> None:
    losses = (
        Alteration(CUT, Field.TITLE, 300, 255),
        Alteration(PLAIN_TEXT, Field.DESCRIPTION, 24, 10),
        Alteration(CUT, Field.DESCRIPTION, 40_000, 32_000),
    )
    found = altered(losses, GENERIC, None, EVENT)
    assert [(one.cause, one.fields) for one in found] == [
        (CUT, ("title", "description")),
        (PLAIN_TEXT, ("description",)),
    ]
    assert len({one.id for one in found}) == 2
