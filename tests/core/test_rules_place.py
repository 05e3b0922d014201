"""A place and the address, building and postal code that eSales Manager keeps of it (ESM-O6, ESM-I11, ESM-I12)."""

from __future__ import annotations

import pytest
from hypothesis import given

from soroe.core.dialect import ESALES
from soroe.core.event import Field, Particulars, Side
from soroe.core.plan import Verb
from soroe.core.rules.place import address_in, place_of
from tests.builders import meeting
from tests.core.pairs import Linked, at_rest, fields_to
from tests.core.strategies import NAMES, TEXTS

ADDRESS = "東京都千代田区丸の内1-1"
MARUBIRU = Particulars(building="丸ビル", postal_code="100-0005")


def visit() -> Linked:
    return at_rest(ESALES, meeting(location=ADDRESS), particulars=MARUBIRU)


def test_esm_o6_the_calendar_shows_the_address_and_then_the_building() -> None:
    assert visit().event.content.location == f"{ADDRESS} 丸ビル"


def test_esm_i11_t11_a_place_that_ends_with_the_building_keeps_it() -> None:
    assert address_in(f"{ADDRESS} 丸ビル", ADDRESS, MARUBIRU) == (ADDRESS, MARUBIRU)
    assert visit().decide().actions == ()


def test_esm_i11_t12_a_place_in_another_building_becomes_the_address_and_the_rest_is_emptied() -> None:
    after = visit().event_changes(location=f"{ADDRESS} 新丸ビル 5F").synced()
    assert after.crm.content.location == f"{ADDRESS} 新丸ビル 5F"
    assert after.crm.particulars == Particulars()
    assert after.event.content.location == f"{ADDRESS} 新丸ビル 5F"


def test_esm_i11_an_emptied_place_empties_address_building_and_postal_code() -> None:
    after = visit().event_changes(location="").synced()
    assert (after.crm.content.location, after.crm.particulars) == ("", Particulars())


def test_esm_i11_only_the_building_taken_away_empties_the_building_alone() -> None:
    after = visit().event_changes(location=ADDRESS).synced()
    assert (after.crm.content.location, after.crm.particulars) == (ADDRESS, Particulars(postal_code="100-0005"))
    assert after.event.content.location == ADDRESS


def test_esm_i12_another_address_empties_the_postal_code_and_keeps_the_building_it_ends_with() -> None:
    after = visit().event_changes(location="東京都港区 丸ビル").synced()
    assert (after.crm.content.location, after.crm.particulars) == ("東京都港区", Particulars(building="丸ビル"))


def test_esm_i12_customer_and_deal_stay_whatever_becomes_of_the_place() -> None:
    pair = at_rest(ESALES, meeting(location=ADDRESS), particulars=Particulars("A", "B", "丸ビル", "1"))
    (update,) = pair.event_changes(location="elsewhere").decide().actions
    assert (update.verb, update.side, update.fields) == (Verb.UPDATE, Side.CRM, (Field.LOCATION,))
    assert update.particulars == Particulars("A", "B")


def test_a_write_that_leaves_the_place_alone_tells_nothing_of_the_building() -> None:
    (update,) = visit().event_changes(description="Agenda").decide().actions
    assert update.particulars is None


def test_esm_o6_a_building_changed_in_the_crm_reaches_the_calendar_alone() -> None:
    after = visit().activity_changes(particulars=Particulars(building="新丸ビル", postal_code="100-0005"))
    assert fields_to(after.decide(), Side.CRM) == set()
    assert after.synced().event.content.location == f"{ADDRESS} 新丸ビル"


def test_esm_o6_a_lost_database_changes_neither_address_nor_place() -> None:
    pair = visit()
    after = pair.forgotten()
    assert (after.crm, after.event) == (pair.crm, pair.event)


@given(TEXTS, NAMES, NAMES)
def test_a_place_that_was_put_together_is_parted_as_it_was(address: str, building: str, code: str) -> None:
    held = Particulars(building=building, postal_code=code)
    assert address_in(place_of(address, building), address, held) == (address, held)


@given(TEXTS, TEXTS, NAMES)
def test_whatever_the_place_it_shows_as_it_was_told(place: str, address: str, building: str) -> None:
    now, held = address_in(place, address, Particulars(building=building))
    assert place_of(now, held.building).replace(" ", "") == place.strip().replace(" ", "")
    assert address_in(place_of(now, held.building), now, held) == (now, held)


@pytest.mark.parametrize("building", ["", "丸ビル"])
def test_an_address_that_names_its_building_already_is_not_doubled(building: str) -> None:
    assert place_of(f"{ADDRESS} 丸ビル", building) == f"{ADDRESS} 丸ビル"
