"""Oracle CRM On Demand accounts: one session for all that are open, and the test of how their service tells times."""

from __future__ import annotations

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.session import Passport
from soroe.adapters.crm.service import Line
from soroe.adapters.net.pacer import Pacer
from soroe.settings.model import OracleAccount

from .connectors import TEST_ACTIVITY, Connectors, now_utc
from .service_settings import oracle_settings

Passports = dict[tuple[str, str], Passport]
"""The sessions by account and password: a new password enters anew, and a refused one stays refused."""


def oracle_crm(account: OracleAccount, password: str, pacer: Pacer, passports: Passports, zone: str) -> OracleCrm:
    """The account, ready to be asked; `zone` is the user's own."""
    passport = passports.setdefault((account.name, password), Passport())
    return OracleCrm(oracle_settings(account, zone), password, now_utc, Line(pacer=pacer), passport)


def try_oracle(connectors: Connectors, account: OracleAccount, *, may_write: bool) -> list[tuple[str, str]]:
    """Which settings of the account do not fit how its service tells times, and why (both codes)."""
    crm = connectors.oracle_crm(account)
    try:
        problem = crm.try_times(TEST_ACTIVITY, may_write=may_write)
        return [] if problem is None else [("times", problem.value)]
    finally:
        crm.close()
