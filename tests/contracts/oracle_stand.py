"""OracleCrm on the Oracle sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.settings import OracleSettings
from soroe.adapters.crm.service import Line
from soroe.core.dialect import ORACLE
from soroe.core.event import CRM_LIST, EventContent, ItemId, Ref, Timed
from soroe.ports.remote import Create
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.oracle import OracleSandbox
from soroe.sandbox.oracle.records import User
from soroe.sandbox.oracle.sandbox import FOR_PRACTICE
from tests.fakes.clock import Clock

from .stand import ZONE, Stand

TOO_FAST = {"Error": [{"title": "The maximum rate of requests was exceeded.", "httpStatus": 403}]}


class OracleStand(Stand):
    """One user of one company."""

    def __init__(self, sandbox: OracleSandbox, clock: Clock) -> None:
        self._sandbox = sandbox
        self._sato: User = sandbox.add_user()
        settings = OracleSettings(sandbox.url, self._sato.sign_in, ZONE)
        self.crm = OracleCrm(settings, FOR_PRACTICE, clock, Line())
        super().__init__(self.crm.reader, self.crm.writer, CRM_LIST, clock, ORACLE)

    def user_creates(self, title: str, when: Timed) -> Ref:
        start, end = (at.replace(tzinfo=ZoneInfo(when.zone)) for at in (when.start, when.end))
        return Ref(CRM_LIST, ItemId(self._sandbox.user_creates(self._sato, title, start, end).id))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._sandbox.user_changes(self._sato, ref.id, Subject=title)

    def user_deletes(self, ref: Ref) -> None:
        self._sandbox.user_deletes(self._sato, ref.id)

    def user_decorates(self, ref: Ref) -> None:
        self._sandbox.user_changes(self._sato, ref.id, AccountId=self._sandbox.add_account("Aoki Shoji"))

    def decoration(self, ref: Ref) -> object:
        return self._sandbox.record(ref.id).values.get("AccountId")

    def somebody_elses(self) -> Ref:
        suzuki = self._sandbox.add_user("suzuki@example.com", "Suzuki")
        made = self._sandbox.user_creates(suzuki, "Hers", self.clock(), self.clock())
        return Ref(CRM_LIST, ItemId(made.id))

    def creating(self, content: EventContent | None = None, seed: str = "seed", **more: Any) -> Create:
        """The types of this company are written with a capital letter."""
        made = super().creating(content, seed, **more)
        return Create(made.container, made.content, made.seed, made.stamp, "Meeting", made.occurrence)

    def spoils(self, ref: Ref) -> None:
        self._sandbox.user_changes(self._sato, ref.id, Subject=7)

    def expires_cursors(self) -> None:
        self.clock.later(days=2)  # everything is listed anew once a day

    def loses_an_answer(self) -> None:
        self._sandbox.faults.add(DropAfterProcessing(), "POST|PATCH")

    def refuses_after(self, requests: int) -> None:
        self._sandbox.faults.add(Answer.as_json(403, TOO_FAST), "POST", skip=requests, times=-1)

    def signs_out(self) -> None:
        self._sandbox.change_password(self._sato, "another")

    def arrived(self) -> int:
        return len(self._sandbox.requests)


@contextmanager
def oracle() -> Iterator[Stand]:
    """A user of a company without a limit on requests: the pace of a program is not this suite's."""
    clock = Clock()
    with OracleSandbox(clock=clock) as sandbox:
        sandbox.lift_limit()
        stand = OracleStand(sandbox, clock)
        yield stand
        stand.crm.close()
