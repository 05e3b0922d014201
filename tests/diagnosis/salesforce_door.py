"""Salesforce, made to meet what a case says."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from soroe.adapters.crm.salesforce.crm import SalesforceCrm
from soroe.adapters.crm.service import Line
from soroe.adapters.net.oauth import OAuthKeys, Safe, Tokens
from soroe.adapters.net.transport import LibraryClient, RequestCount
from soroe.core.event import CRM_LIST, Field, ItemId, ObservedItem, Ref
from soroe.ports.errors import PortError
from soroe.ports.remote import Failed, Update
from soroe.sandbox.faults import Faults
from soroe.sandbox.salesforce import SalesforceSandbox
from tests.contracts.salesforce_stand import SCOPES, settings_of
from tests.contracts.stand import WINDOW

from .case import Ask, Case
from .doors import Door


class SalesforceDoor(Door):
    """One user with one event."""

    paths = "/services/data/"
    token = "/services/oauth2/token"

    def __init__(self) -> None:
        super().__init__()
        self.box: SalesforceSandbox = self._enter(SalesforceSandbox(clock=self.clock))
        self._user = self.box.add_user()
        made = self.box.user_creates(self._user, "Visit", self.clock() + timedelta(days=1), timedelta(hours=1))
        self._ref = Ref(CRM_LIST, ItemId(made["Id"]))

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        self.box.expire_access_tokens()

    def meets(self, case: Case) -> PortError:
        settings = settings_of(self.box)
        given = self.box.permission_for(self._user, SCOPES)
        kept = [Tokens(str(given["refresh_token"]), str(given["access_token"]), site=self.box.url).secret()]
        with closing(LibraryClient(RequestCount())) as http:
            keys = OAuthKeys(settings.client(), http, Safe(lambda: kept[-1], kept.append), self.clock)
            with closing(SalesforceCrm(settings, self.box.url, keys, self.clock, Line())) as crm:
                try:
                    return self._asked(crm, case)
                finally:
                    self.faults.clear()

    def _asked(self, crm: SalesforceCrm, case: Case) -> PortError:
        item = crm.reader.read(self._ref)
        assert isinstance(item, ObservedItem)
        self.arrange(case)
        if case.ask is Ask.CHANGE:
            changed = replace(item.content, title="Another title")
            (result,) = crm.writer.write([Update(item.ref, item.version, changed, (Field.TITLE,))])
            assert isinstance(result, Failed), result
            return result.error
        try:
            list(crm.reader.changes(CRM_LIST, None, WINDOW))
        except PortError as error:
            return error
        raise AssertionError("nothing was wrong")
