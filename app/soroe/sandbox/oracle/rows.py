"""Every resource as rows of values by default tag, before a request's names, zone and paging are applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from soroe.sandbox.oracle.company import Company
from soroe.sandbox.oracle.fields import APPOINTMENTS, EVENTS
from soroe.sandbox.oracle.records import Book, Contact, InBook, Member, Record, User, WithContact, access_code

Row = Mapping[str, Any]


def rows(company: Company, user_id: str, resource: str) -> Iterator[Row]:
    """What the user sees of a top-level resource."""
    match resource:
        case "Users":
            yield from map(_user, company.users.values())
        case "Contacts":
            yield from map(_contact, company.contacts.values())
        case "Books":
            yield from map(_book, company.books.values())
        case _:
            for record in company.seen(user_id, resource):
                yield record_row(company, record)


def record_row(company: Company, record: Record) -> Row:
    """An appointment or an event."""
    table = APPOINTMENTS if record.resource == APPOINTMENTS.name else EVENTS
    values = record.values
    owner = company.users[record.owner_id].name
    twin = company.records.get(record.twin)
    return {
        **dict.fromkeys(table.fields),
        **values,
        "Id": record.id,
        "RowId": record.id,
        "Owner": owner,
        "OwnerFullName": owner,
        "AccountName": company.accounts.get(values.get("AccountId", "")),
        "OpportunityName": company.opportunities.get(values.get("OpportunityId", "")),
        "MEEventName": twin.title if twin is not None else None,
        "CreatedDate": record.created,
        "CreatedById": record.created_by,
        "ModifiedDate": record.modified,
        "ModifiedById": record.modified_by,
    }


def child_rows(company: Company, record: Record, child: str) -> list[Row]:
    """One kind of child records."""
    makers: Mapping[str, Callable[[], list[Row]]] = {
        "Users": lambda: [_member(company, member) for member in record.members],
        "Books": lambda: [_in_book(company, link) for link in record.books],
        "Contacts": lambda: [_with_contact(company, link) for link in record.contacts],
    }
    return makers[child]()


def _user(user: User) -> Row:
    return {
        "Id": user.id,
        "RowId": user.id,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "FullName": user.name,
        "Alias": user.name,
        "EMailAddr": user.email,
        "UserSignInId": user.sign_in,
        "UserLoginId": user.sign_in.rpartition("/")[2],
        "TimeZone": user.time_zone,
    }


def _contact(contact: Contact) -> Row:
    return {
        "Id": contact.id,
        "RowId": contact.id,
        "ContactFirstName": contact.first_name,
        "ContactLastName": contact.last_name,
        "ContactFullName": f"{contact.first_name} {contact.last_name}".strip(),
        "ContactEmail": contact.email,
        "AccountName": contact.account or None,
    }


def _book(book: Book) -> Row:
    return {"Id": book.id, "RowId": book.id, "BookName": book.name}


def _member(company: Company, member: Member) -> Row:
    user = company.users[member.user_id]
    return {
        "Id": member.id,
        "RowId": member.id,
        "UserId": user.id,
        "UserEmail": user.email,
        "UserFirstName": user.first_name,
        "UserLastName": user.last_name,
        "UserRole": None,
        "UserGroupId": member.group_id or None,
        "AccessCode": access_code(member.access),
    }


def _in_book(company: Company, link: InBook) -> Row:
    book = company.books[link.book_id]
    return {
        "Id": link.id,
        "RowId": link.id,
        "BookId": book.id,
        "BookName": book.name,
        "BookExternalSystemId": book.external_id or None,
        "SystemAssociateFlag": link.by_workflow,
    }


def _with_contact(company: Company, link: WithContact) -> Row:
    contact = company.contacts[link.contact_id]
    return {
        "Id": link.id,
        "RowId": link.id,
        "ContactId": contact.id,
        "ContactFirstName": contact.first_name,
        "ContactLastName": contact.last_name,
        "ContactEmail": contact.email,
        "ContactAccountName": contact.account or None,
    }
