"""A server shaped like eSales Manager on loopback, for the demo and the tests."""

from __future__ import annotations

from soroe.sandbox.esales.limits import Limits
from soroe.sandbox.esales.sandbox import TENANT, EsalesSandbox
from soroe.sandbox.esales.schedule import Employee, Kind, Schedule

__all__ = ["TENANT", "Employee", "EsalesSandbox", "Kind", "Limits", "Schedule"]
