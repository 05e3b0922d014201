"""The property that carries our stamp in a Microsoft mailbox."""

from __future__ import annotations

from uuid import UUID

from soroe.adapters.outlook.stamp import GRAPH_ID, PROPERTY_NAME, PROPERTY_SET


def test_the_property_never_changes_or_links_would_be_lost() -> None:
    assert (PROPERTY_SET, PROPERTY_NAME) == ("980653a9-f9f9-499b-b68c-878de80ee161", "SoroeStamp")


def test_the_property_set_is_a_random_guid_of_our_own() -> None:
    assert UUID(PROPERTY_SET).version == 4 and str(UUID(PROPERTY_SET)) == PROPERTY_SET


def test_graph_names_the_same_property() -> None:
    assert GRAPH_ID == "String {980653a9-f9f9-499b-b68c-878de80ee161} Name SoroeStamp"
