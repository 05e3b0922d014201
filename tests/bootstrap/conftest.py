"""A laptop with a CRM and a Google, all on loopback."""

from __future__ import annotations

from tests.end_to_end.conftest import install as install
from tests.end_to_end.conftest import world as world
