"""Where a stamp is hidden on an item of a Microsoft mailbox: one named property, the same through EWS and Graph.

Because both connectors name the same property, a mailbox that moves from Exchange Server to Microsoft 365 keeps its
links. These values must never change: stamps already written would no longer be found.
"""

from __future__ import annotations

PROPERTY_SET = "980653a9-f9f9-499b-b68c-878de80ee161"
"""The property set (a GUID drawn once for this program); nobody else's properties live in it."""

PROPERTY_NAME = "SoroeStamp"
"""The property's name within the set; its value is a string."""

GRAPH_ID = f"String {{{PROPERTY_SET}}} Name {PROPERTY_NAME}"
"""How Microsoft Graph names this property (`singleValueExtendedProperties`)."""
