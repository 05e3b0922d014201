"""Oracle CRM On Demand, made to meet what a case says."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.settings import OracleSettings
from soroe.adapters.crm.service import Line
from soroe.core.event import CRM_LIST, Field, ItemId, ObservedItem, Ref
from soroe.ports.errors import PortError
from soroe.ports.remote import Failed, Update
from soroe.sandbox.faults import Faults
from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox
from tests.contracts.stand import WINDOW

from .case import Ask, Case
from .doors import Door


class OracleDoor(Door):
    """One user with one appointment."""

    paths = "/latest/"

    def __init__(self) -> None:
        super().__init__()
        self.box: OracleSandbox = self._enter(OracleSandbox(clock=self.clock))
        self.box.lift_limit()
        self._user = self.box.add_user()
        start = self.clock() + timedelta(days=1)
        made = self.box.user_creates(self._user, "Visit", start, start + timedelta(hours=1))
        self._ref = Ref(CRM_LIST, ItemId(made.id))

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        raise AssertionError("a password has no token")

    def meets(self, case: Case) -> PortError:
        settings = OracleSettings(self.box.url, self._user.sign_in, "Asia/Tokyo")
        with closing(OracleCrm(settings, FOR_PRACTICE, self.clock, Line())) as crm:
            self.paths = "/Connection" if case.ask is Ask.SIGN_IN else "/latest/"
            try:
                return self._asked(crm, case)
            finally:
                self.faults.clear()

    def _asked(self, crm: OracleCrm, case: Case) -> PortError:
        if case.ask is Ask.CHANGE:
            item = crm.reader.read(self._ref)
            assert isinstance(item, ObservedItem)
            self.arrange(case)
            changed = replace(item.content, title="Another title")
            (result,) = crm.writer.write([Update(item.ref, item.version, changed, (Field.TITLE,))])
            assert isinstance(result, Failed), result
            return result.error
        if case.ask is Ask.LISTING:
            crm.reader.read(self._ref)
        self.arrange(case)
        try:
            list(crm.reader.changes(CRM_LIST, None, WINDOW))
        except PortError as error:
            return error
        raise AssertionError("nothing was wrong")
