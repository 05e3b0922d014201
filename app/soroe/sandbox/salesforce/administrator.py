"""What an administrator sets up, and what happens to the org from outside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from soroe.sandbox.salesforce import events
from soroe.sandbox.salesforce.access import Access
from soroe.sandbox.salesforce.api import Api
from soroe.sandbox.salesforce.budget import Budget
from soroe.sandbox.salesforce.org import Org, Rule, User
from soroe.sandbox.salesforce.schema import Field
from soroe.sandbox.salesforce.values import Values


class Administrator:
    """Fields, rules, related records, limits, and the recycle bin."""

    _org: Org
    _lock: threading.RLock
    _access: Access
    _budget: Budget
    _api: Api

    # ------------------------------------------------------------------ fields and rules
    def hide_field(self, name: str, kind: str = "Event", hidden: bool = True) -> None:
        """Field-level security: users neither see nor write the field."""
        with self._lock:
            self._org.schema.hide(kind, name, hidden)

    def hide_object(self, kind: str) -> None:
        """The users' profile has no right to this object: queries of it are refused as if there were none."""
        with self._lock:
            self._org.schema.close(kind)

    def lock_field(self, name: str, kind: str = "Event") -> None:
        """Users see the field and cannot write it."""
        with self._lock:
            self._org.schema.change(kind, name, create=False, update=False)

    def change_field(self, name: str, kind: str = "Event", **more: object) -> None:
        """Changes how a field is described and checked: `length`, `picklist`, `create`, `update` and so on."""
        with self._lock:
            self._org.schema.change(kind, name, **more)

    def add_external_id(self, name: str = "Soroe_Id__c", unique: bool = True) -> None:
        """Adds a text field of 255 letters to events that is an external id."""
        made = Field(name, "string", 255, create=True, update=True, external=True, unique=unique, custom=True)
        with self._lock:
            self._org.schema.add("Event", made)

    def add_custom_field(self, name: str, length: int = 255) -> None:
        """Adds a text field of the org's own to events."""
        made = Field(name, "string", length, create=True, update=True, custom=True)
        with self._lock:
            self._org.schema.add("Event", made)

    def add_validation_rule(self, message: str, broken: Callable[[Values], bool], field: str = "") -> None:
        """Refuses from now on every event that is `broken`, with the message at the field, or at the whole record."""
        with self._lock:
            self._org.settings.rules.append(Rule(message, broken, field))

    def reject_subjects(self, word: str, message: str) -> None:
        """A validation rule: no subject may contain this word."""
        self.add_validation_rule(message, lambda event: word in (event.get("Subject") or ""), "Subject")

    def clear_validation_rules(self) -> None:
        with self._lock:
            self._org.settings.rules.clear()

    def forbid_multiday_events(self) -> None:
        with self._lock:
            self._org.settings.multiday = False

    def close_calendar(self, user: User) -> None:
        """Others may not put events into this user's calendar."""
        with self._lock:
            self._org.settings.closed_calendars.add(user.id)

    # ------------------------------------------------------------------ related records
    def add_contact(self, name: str, email: str | None = None, account: Values | None = None) -> Values:
        more = {"AccountId": account["Id"] if account is not None else None}
        return self._add("Contact", {"Name": name, "LastName": name, "Email": email, **more})

    def add_lead(self, name: str, email: str | None = None, company: str = "") -> Values:
        return self._add("Lead", {"Name": name, "LastName": name, "Email": email, "Company": company})

    def user_converts(self, lead: Values) -> Values:
        """Makes a contact of a lead. The lead is still found by queries, and takes no invitation any more."""
        with self._lock:
            self._org.change(lead, {"IsConverted": True}, lead["LastModifiedById"])
        return self.add_contact(lead["Name"], lead["Email"])

    def add_account(self, name: str, owner: User | None = None) -> Values:
        return self._add("Account", {"Name": name}, owner)

    def add_opportunity(self, name: str, account: Values | None = None, owner: User | None = None) -> Values:
        more = {"AccountId": account["Id"] if account is not None else None}
        return self._add("Opportunity", {"Name": name, **more}, owner)

    def user_deletes_related(self, record: Values) -> None:
        """Deletes a contact, lead, account or opportunity, and the events that belonged to it alone with it.

        An event that has another related record left loses only this one.
        """
        with self._lock:
            self._org.delete(record, record["LastModifiedById"])
            for event in self._org.rows("Event"):
                if event["IsChild"] or record["Id"] not in (event["WhoId"], event["WhatId"]):
                    continue
                left = {n: None if event[n] == record["Id"] else event[n] for n in ("WhoId", "WhatId", "AccountId")}
                if left["WhoId"] or left["WhatId"]:
                    self._org.touch(event, left)
                else:
                    events.remove(self._org, event, event["LastModifiedById"])

    def user_reassigns_related(self, record: Values, to: User) -> None:
        """Gives the related record to another owner; coming events of the former one go with it."""
        with self._lock:
            before = record["OwnerId"]
            self._org.change(record, {"OwnerId": to.id}, to.id)
            for event in self._org.rows("Event"):
                belongs = record["Id"] in (event["WhoId"], event["WhatId"]) and event["OwnerId"] == before
                if belongs and not event["IsChild"] and event["EndDateTime"] > self._org.now():
                    self._org.change(event, {"OwnerId": to.id}, to.id)

    def _add(self, kind: str, values: dict[str, Any], owner: User | None = None) -> Values:
        with self._lock:
            somebody = owner or next(iter(self._org.users.values()))
            return self._org.add(kind, {"OwnerId": somebody.id, **values}, somebody.id)

    # ------------------------------------------------------------------ the recycle bin and the archive
    def empty_recycle_bin(self) -> None:
        """Everything deleted is gone for good, and the log of deletions begins now."""
        with self._lock:
            for rows in list(self._org.tables.values()):
                for row in [row for row in rows.values() if row["IsDeleted"]]:
                    self._org.purge(row)
            self._api.replication.purged_until = self._org.now()

    def archive(self, event_id: str) -> None:
        """Archives an old event: only queryAll finds it."""
        with self._lock:
            self._org.touch(self._org.get(event_id, "Event"), {"IsArchived": True})

    # ------------------------------------------------------------------ limits
    def allow_requests(self, most: int) -> None:
        """The org may make so many requests in 24 hours."""
        with self._lock:
            self._budget.most = most

    def spend_daily_budget(self, share: float = 1.0) -> None:
        """Other programs use up this share of the org's requests."""
        with self._lock:
            self._budget.others = int(self._budget.most * share)

    def refuse_at_once(self, times: int = 1) -> None:
        """The next requests find too many long ones under way."""
        with self._lock:
            self._budget.too_many_at_once = times

    def page_size(self, size: int, inner: int | None = None) -> None:
        """The service gives pages of at most so many records, whatever a program wishes; of the related records within
        one, at most `inner`."""
        with self._lock:
            self._api.locators.page_size = size
            self._api.locators.inner_size = inner or size

    def forget_locators(self) -> None:
        """Every answer that is not read to its end expires."""
        with self._lock:
            self._api.locators.forget()

    def most_replicated_ids(self, most: int) -> None:
        with self._lock:
            self._api.replication.most_ids = most

    def hold_transaction_open(self, held: bool = True) -> None:
        """A long transaction began now: what is covered by `updated` and `deleted` ends before it."""
        with self._lock:
            self._api.replication.open_since = self._org.now() if held else None

    def disable_api(self, disabled: bool = True) -> None:
        """The edition of the org has no API."""
        self._access.api_enabled = not disabled

    def disable_api_for(self, user: User) -> None:
        """The user has no permission "API Enabled"."""
        self._access.without_api.add(user.id)
