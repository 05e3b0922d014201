"""Accounts of eSales Manager: what they need, and the dialect that their syncs speak."""

from __future__ import annotations

import pytest

from soroe.core.route import ConflictPolicy
from soroe.settings.model import CrmAuth, EsalesAccount, RestAccount
from soroe.settings.parse import parse
from soroe.settings.problems import SettingsError

CALENDAR = '[accounts.calendar]\nkind = "google"\n'
SYNC = '[syncs.work]\ncrm = "crm"\ncalendar = "calendar"\n'
ESALES = '[accounts.crm]\nkind = "esales"\nemail = "sato@example.com"\ntenant = "acme"\n'


def test_an_account_names_its_company_and_its_employee() -> None:
    crm = parse(ESALES + 'auth = "api_key"\n').account("crm")
    assert isinstance(crm, EsalesAccount)
    assert (crm.tenant, crm.email, crm.auth) == ("acme", "sato@example.com", CrmAuth.API_KEY)
    assert (crm.base_url, crm.profile) == ("https://gateway-esm.softbrain.com/", "esales")


@pytest.mark.parametrize("key", ["tenant", "email"])
def test_what_is_missing_is_named(key: str) -> None:
    text = "\n".join(line for line in ESALES.splitlines() if not line.startswith(key))
    with pytest.raises(SettingsError) as caught:
        parse(text)
    assert [(problem.key, problem.code) for problem in caught.value.problems] == [
        (f"accounts.crm.{key}", "missing_key")
    ]


@pytest.mark.parametrize("kind", ["esales", "rest"])
@pytest.mark.parametrize("tenant", ["../evil", "a/b", "a b", "-a", "a" * 65, "会社"])
def test_a_tenant_that_could_lead_elsewhere_is_refused(kind: str, tenant: str) -> None:
    text = ESALES.replace('"esales"', f'"{kind}"\nbase_url = "https://a.example"').replace('"acme"', f'"{tenant}"')
    with pytest.raises(SettingsError) as caught:
        parse(text)
    assert [(problem.key, problem.code) for problem in caught.value.problems] == [
        ("accounts.crm.tenant", "not_a_tenant")
    ]


def test_its_syncs_speak_its_dialect_and_the_newest_item_wins() -> None:
    """ESM-G2: the later change wins with all its fields, unless the user chooses otherwise."""
    sync = parse(CALENDAR + ESALES + SYNC).sync("work")
    assert sync is not None
    assert (sync.dialect.name, sync.conflicts) == ("esales", ConflictPolicy.NEWEST_ITEM)
    chosen = parse(CALENDAR + ESALES + SYNC + 'conflicts = "ask"\n').sync("work")
    assert chosen is not None and chosen.conflicts is ConflictPolicy.ASK


@pytest.mark.parametrize(
    ("profile", "dialect"),
    [
        ("generic", "generic"),
        ("esales", "esales"),
        ("/etc/soroe/esales-acme.toml", "esales"),
        ("C:\\\\ProgramData\\\\Soroe\\\\esales-acme.toml", "esales"),
        ("/etc/esales/ours.toml", "generic"),
    ],
)
def test_behind_the_rest_contract_the_profile_tells_the_dialect(profile: str, dialect: str) -> None:
    crm = f'[accounts.crm]\nkind = "rest"\nbase_url = "https://a.example"\nprofile = "{profile}"\n'
    settings = parse(CALENDAR + crm + SYNC)
    sync = settings.sync("work")
    assert isinstance(settings.account("crm"), RestAccount)
    assert sync is not None and sync.dialect.name == dialect
