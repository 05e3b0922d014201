"""eSales Manager, made to meet what a case says."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.service import Line
from soroe.core.event import CRM_LIST, Field, ItemId, ObservedItem, Ref
from soroe.ports.errors import PortError
from soroe.ports.remote import Failed, Update
from soroe.sandbox.esales import TENANT, EsalesSandbox
from soroe.sandbox.faults import Faults
from tests.contracts.esales_stand import PROFILE
from tests.contracts.stand import WINDOW

from .case import Ask, Case
from .doors import SATO, Door


class EsalesDoor(Door):
    """One employee with one schedule."""

    def __init__(self) -> None:
        super().__init__()
        self.box: EsalesSandbox = self._enter(EsalesSandbox(clock=self.clock))
        employee = self.box.add_employee(SATO)
        made = self.box.user_creates(employee, "Visit", self.clock() + timedelta(days=1))
        self._ref = Ref(CRM_LIST, ItemId(str(made.id)))

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        self.box.revoke_tokens()

    def meets(self, case: Case) -> PortError:
        self.paths = "/employee/" if case.ask is Ask.SIGN_IN else "/schedules"
        key = ApiKey(self.box.api_token(), "Authorization", "Bearer")
        settings = RestSettings(self.box.url, "Asia/Tokyo", TENANT, SATO)
        with closing(RestCrm(settings, load_profile(PROFILE), key, self.clock, Line())) as crm:
            try:
                return self._asked(crm, case)
            finally:
                self.faults.clear()

    def _asked(self, crm: RestCrm, case: Case) -> PortError:
        if case.ask is Ask.CHANGE:
            item = crm.reader.read(self._ref)
            assert isinstance(item, ObservedItem)
            self.arrange(case)
            changed = replace(item.content, title="Another title")
            (result,) = crm.writer.write([Update(item.ref, item.version, changed, (Field.TITLE,))])
            assert isinstance(result, Failed), result
            return result.error
        self.arrange(case)
        try:
            if case.ask is Ask.SIGN_IN:
                crm.reader.identity()
            else:
                list(crm.reader.changes(CRM_LIST, None, WINDOW))
        except PortError as error:
            return error
        raise AssertionError("nothing was wrong")
