"""What is kept in databases and on items for years stays the same, byte by byte, from version to version."""

from __future__ import annotations

from base64 import b32hexencode
from datetime import date, datetime
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.core.dialect import GENERIC
from soroe.core.event import (
    CRM_LIST,
    AllDay,
    ContainerId,
    EventContent,
    Field,
    Guest,
    ItemId,
    Recurrence,
    Ref,
    Response,
    ShowAs,
    Side,
    Timed,
    Visibility,
)
from soroe.core.link import Fingerprint, canonical
from soroe.core.matching import match_key
from soroe.core.route import SyncKey
from soroe.core.stamp import claim_text, creation_seed, rest_text, stamp_for, sync_key, token
from tests.core.strategies import CONTENTS

SINGLE = EventContent(
    " Visit ",
    Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo"),
    "Bring\r\nsamples",
    "Kobe",
)
SERIES = EventContent(
    "定例",
    Timed(datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 2, 30), "Europe/Berlin"),
    show_as=ShowAs.FREE,
    visibility=Visibility.PRIVATE,
    recurrence=Recurrence(
        ("FREQ=WEEKLY;BYDAY=SU",), added=(datetime(2026, 10, 27, 9),), removed=(datetime(2026, 11, 1, 1, 30),)
    ),
)
DAYS = EventContent(
    "",
    AllDay(date(2026, 5, 12), date(2026, 5, 14)),
    guests=(Guest("Sato@example.com", "Sato", Response.ACCEPTED), Guest("a@example.com")),
    guests_may_change=False,
)
ACTIVITY = Ref(CRM_LIST, ItemId("17"))
EVENT = Ref(ContainerId("sato@example.com"), ItemId("abc"))
KEY = SyncKey("k")


@pytest.mark.parametrize(
    ("content", "digests"),
    [
        (
            SINGLE,
            "1ce48b49f6e463717775c0dba00f12f18dbcf695f30c4955c9d035dcadc475e01cfbbdecddd9c40767f9ddd9c40767f9",
        ),
        (
            SERIES,
            "a64eeddb781cc83f002a6676ddd9c40767f9ddd9c40767f9bfe343a3708afbb1d2816c82ddd9c40767f942fd7c1736a2",
        ),
        (
            DAYS,
            "ddd9c40767f986127b51e7fdddd9c40767f9ddd9c40767f9c9d035dcadc475e01cfbbdec4b2fcbe28c16ddd9c40767f9"
            "b8e8be2b6ab85c682106af418d75",
        ),
    ],
    ids=["single", "series", "days"],
)
def test_fingerprints_stay_the_same(content: EventContent, digests: str) -> None:
    assert Fingerprint.of(content).digests.hex() == digests


@pytest.mark.parametrize(
    ("content", "of_activity", "of_event"),
    [
        (SINGLE, "49a4fba4bfad58a9", "49a4fba4bfad58a9"),
        (SERIES, "4a49fa6832783b5b", "4a49fa6832783b5b"),
        (DAYS, "49a4962ae332ab57", "49a405e5beb8850f"),
    ],
    ids=["single", "series", "days"],
)
def test_what_matching_compares_stays_the_same(content: EventContent, of_activity: str, of_event: str) -> None:
    """Where it has to change, so does the number of the recipe (`matching.recipe`)."""
    assert match_key(content, Side.CRM, GENERIC, "Asia/Tokyo").hex() == of_activity
    assert match_key(content, Side.CALENDAR, GENERIC, "Asia/Tokyo").hex() == of_event


def test_stamps_and_the_ids_of_new_items_stay_the_same() -> None:
    assert sync_key("crm/1", "google/sato@example.com") == "076adim812iueocv"
    assert stamp_for(KEY, EVENT, ACTIVITY, original=True) == "soroe1|k|ni6dn6np.abc|jitf92tk+"
    assert stamp_for(KEY, ACTIVITY, EVENT) == "soroe1|k|.17|2vva4vhb"
    assert stamp_for(KEY, Ref(EVENT.container, ItemId("x" * 200)), None) == "soroe1|k|=8lt94nbqcb5f39qfsn4ckdet|"
    assert creation_seed(KEY, ACTIVITY) == "cuk34lsf60ubmnr2e237t4ca9u0vsve6"
    assert creation_seed(KEY, EVENT, ACTIVITY) == "268ash3hgn1vtmidjadbme03uk9fmina"
    claim = claim_text(KEY, "laptop", ACTIVITY, datetime(2026, 5, 12, 1))
    assert claim == "soroe1c|k|jthcn7b0b0|20260512T010000Z|jitf92tk"
    assert rest_text(KEY, "laptop", ACTIVITY, datetime(2026, 5, 12, 1)) == claim.replace("soroe1c", "soroe1r")


@given(text=st.text(), size=st.integers(1, 64))
def test_a_token_is_a_hash_in_lower_case_base_32_without_padding(text: str, size: int) -> None:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
    assert token(text, size) == b32hexencode(digest).decode("ascii").rstrip("=").lower()


@given(content=CONTENTS)
def test_a_fingerprint_has_the_digest_of_each_field_as_canonical_text(content: EventContent) -> None:
    told = [name for name in Field if name is not Field.GUESTS_MAY_CHANGE or content.guests_may_change is not None]
    fingerprint = Fingerprint.of(content)
    for name in told:
        text = canonical(content, name).encode("utf-8", "surrogatepass")
        assert fingerprint.part(name) == blake2b(text, digest_size=6).digest(), name
