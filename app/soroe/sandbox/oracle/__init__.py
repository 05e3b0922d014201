"""A server shaped like Oracle CRM On Demand on loopback, for the demo and the tests."""

from __future__ import annotations

from soroe.sandbox.oracle.records import Access, Book, Contact, Group, Record, User
from soroe.sandbox.oracle.sandbox import FOR_PRACTICE, OracleSandbox

__all__ = ["FOR_PRACTICE", "Access", "Book", "Contact", "Group", "OracleSandbox", "Record", "User"]
