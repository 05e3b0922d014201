"""A CRM that says how many requests a day it bears gets no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from soroe.adapters.crm.service import Call, Line, Service
from soroe.adapters.net.allowance import DailyAllowance
from soroe.ports.errors import LimitReached
from soroe.sandbox.crm import CrmSandbox
from tests.fakes.clock import Clock


class NoKey:
    """Proves nothing, and has nothing else to try."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


def test_nothing_is_sent_once_the_day_is_used_up() -> None:
    with CrmSandbox() as sandbox:
        service = Service(sandbox.base_url, NoKey(), Line(allowance=DailyAllowance(2, Clock())))
        for _ in range(2):
            service.send(Call("GET", "user"))
        with pytest.raises(LimitReached):
            service.send(Call("GET", "user"))
        service.close()
        assert len(sandbox.requests) == 2
