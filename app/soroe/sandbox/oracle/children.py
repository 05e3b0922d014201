"""Writes to the child records of an appointment or an event: users, books, contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soroe.sandbox.oracle.company import Company
from soroe.sandbox.oracle.records import ACCESS_CODES, Access, Record
from soroe.sandbox.oracle.refusals import bad_value, not_found
from soroe.sandbox.oracle.rows import Row, child_rows


def find(company: Company, record: Record, child: str, child_id: str) -> Row:
    """One child record; raises 404."""
    for row in child_rows(company, record, child):
        if row["Id"] == child_id:
            return row
    raise not_found(f"{record.resource}/{record.id}/child/{child}/{child_id}")


def add(company: Company, user_id: str, record: Record, child: str, values: Mapping[str, Any]) -> Row:
    """A new child record; whoever may not change the parent may not add to it."""
    company.need(user_id, record, Access.EDIT)
    match child:
        case "Users":
            access = ACCESS_CODES[values.get("AccessCode") or "Read-Only"]
            added = company.add_user(record, values["UserId"], access).id
        case "Books":
            added = company.put_in_book(record, _book(company, values)).id
        case _:
            added = company.add_contact(record, values["ContactId"]).id
    return find(company, company.records[record.id], child, added)


def change(company: Company, user_id: str, record: Record, row: Row, values: Mapping[str, Any]) -> Row:
    """Another access for a user of the record."""
    company.need(user_id, record, Access.EDIT)
    member = record.member(row["UserId"])
    assert member is not None  # the row was made from it
    if values.get("UserId", member.user_id) != member.user_id:
        raise bad_value("UserId", "another user is another row")
    if values.get("AccessCode") is not None:
        company.change_user(record, member, ACCESS_CODES[values["AccessCode"]])
    return find(company, company.records[record.id], "Users", member.id)


def remove(company: Company, user_id: str, record: Record, child: str, row: Row) -> None:
    """Takes the child record away."""
    company.need(user_id, record, Access.EDIT)
    match child:
        case "Users":
            company.remove_user(record, row["UserId"])
        case "Books":
            company.take_out_of_book(record, row["BookId"])
        case _:
            company.remove_contact(record, next(link for link in record.contacts if link.id == row["Id"]))


def _book(company: Company, values: Mapping[str, Any]) -> str:
    """The book that the body names by its id, its name or its external id."""
    for name, attribute in (("BookId", "id"), ("BookExternalSystemId", "external_id"), ("BookName", "name")):
        if values.get(name) is not None:
            found = [book.id for book in company.books.values() if getattr(book, attribute) == values[name]]
            if not found:
                raise bad_value(name, "there is no such book")
            return found[0]
    raise bad_value("BookId", "a book has to be named")
