"""A place, and the address, building and postal code that a CRM keeps of it (ESM-O6, ESM-I11, ESM-I12)."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.event import Particulars


def place_of(address: str, building: str) -> str:
    """The place as the calendar shows it: the address, then the building, unless the address names it at its end."""
    address, building = address.strip(), building.strip()
    if not building or address.endswith(building):
        return address
    return f"{address} {building}" if address else building


def address_in(location: str, address: str, particulars: Particulars) -> tuple[str, Particulars]:
    """What the CRM is to hold of a place: its address, and its building and postal code.

    `address` and `particulars` are what it holds now. The building stays while the place ends with its name, and the
    postal code while the address stays the same; otherwise they are emptied, as nobody knows the new ones.
    """
    place, building = location.strip(), particulars.building.strip()
    if place == place_of(address, building):
        return address, particulars
    kept = bool(building) and place.endswith(building)
    now = place[: len(place) - len(building)].rstrip() if kept else place
    return now, replace(
        particulars,
        building=particulars.building if kept else "",
        postal_code=particulars.postal_code if now == address.strip() else "",
    )
