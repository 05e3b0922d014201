"""eSales Manager from the window's form and from the command line, to a connection held against its profile."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.forms import check, form_of, kinds, table_of
from soroe.sandbox.esales import TENANT
from soroe.settings.edit import with_account
from soroe.settings.model import EsalesAccount
from soroe.settings.overlay import NO_POLICY
from soroe.settings.parse import parse
from soroe.ui.ports import AccountKind, Refused
from tests.cli.shell import Shell
from tests.end_to_end.crms import EMAIL, EsalesCrm, google_event, tomorrow
from tests.end_to_end.homes import Installation, World

Install = Callable[..., Installation]
GIVEN = {"name": "crm", "tenant": "acme", "email": EMAIL, "token": "secret"}
PROFILES = Path(__file__).parents[2] / "resources" / "crm" / "profiles"


def test_the_window_asks_for_the_company_the_employee_and_the_key() -> None:
    form = form_of(AccountKind.ESALES, NO_POLICY)
    assert AccountKind.ESALES in kinds()
    assert [field.name for field in form] == ["name", "tenant", "email", "token"]
    check(AccountKind.ESALES, GIVEN)
    text = with_account("", "crm", table_of(AccountKind.ESALES, GIVEN, form))
    crm = parse(text).account("crm")
    assert isinstance(crm, EsalesAccount)
    assert (crm.tenant, crm.email) == ("acme", EMAIL)
    assert "secret" not in text and "token" not in tomllib.loads(text)["accounts"]["crm"]


@pytest.mark.parametrize("name", ["tenant", "email"])
def test_the_window_names_what_is_missing(name: str) -> None:
    with pytest.raises(Refused) as caught:
        check(AccountKind.ESALES, {key: value for key, value in GIVEN.items() if key != name})
    assert caught.value.field == name


@pytest.mark.parametrize("world", ["esales"], indirect=True)
def test_the_command_line_adds_tests_and_removes_an_account(world: World, install: Install) -> None:
    assert isinstance(world.side, EsalesCrm)
    laptop = install()
    soroe = Shell(laptop.program)
    asked = ("--base-url", world.side.box.url, "--tenant", TENANT, "--email", EMAIL)
    added = soroe.json("accounts", "add", "new", "--kind", "esales", *asked, "--token-stdin", stdin=world.side.key())
    assert added.document == {"account": {"name": "new", "kind": "esales", "identity": EMAIL, "signed_in": True}}
    tested = soroe.json("accounts", "test", "new", "--write")
    assert (tested.code, tested.document["ok"], tested.document["faults"]) == (0, True, [])
    assert world.side.box.schedules() == []
    assert soroe.json("accounts", "remove", "new").document == {"removed": "new"}
    assert laptop.keychain.get("new", SECRET) is None


@pytest.mark.parametrize("world", ["esales"], indirect=True)
def test_a_wrong_key_is_not_kept(world: World, install: Install) -> None:
    assert isinstance(world.side, EsalesCrm)
    laptop = install()
    asked = ("--base-url", world.side.box.url, "--tenant", TENANT, "--email", EMAIL)
    refused = Shell(laptop.program)(
        "accounts", "add", "new", "--kind", "esales", *asked, "--token-stdin", stdin="wrong"
    )
    assert refused.code == 3
    assert laptop.keychain.get("new", SECRET) is None


@pytest.mark.parametrize("world", ["esales"], indirect=True)
def test_a_sync_is_tried_both_ways_and_leaves_nothing(world: World, install: Install) -> None:
    """PD-2, on a CRM that tells no deletions."""
    laptop = install()
    soroe = Shell(laptop.program)
    assert soroe("syncs", "start", "work").code == 0
    trial = soroe.json("test-sync", "work")
    assert (trial.code, [leg["to"] for leg in trial.document["legs"]]) == (0, ["crm", "calendar"])
    assert world.titles() == ([], [])


@pytest.mark.parametrize("world", ["esales"], indirect=True)
def test_the_lengths_of_its_own_profile_are_those_that_texts_are_cut_at(
    world: World, install: Install, tmp_path: Path
) -> None:
    """ESM-IL1: the longest texts stand in the profile, where IT corrects them without a new program."""
    own = tmp_path / "esales-acme.toml"
    text = (PROFILES / "esales.toml").read_text(encoding="utf-8")
    assert '"subject", max_length = 100' in text
    own.write_text(text.replace('"subject", max_length = 100', '"subject", max_length = 12'), encoding="utf-8")
    world.side.account += f'\nprofile = "{own.as_posix()}"'
    laptop = install()
    world.google.user_inserts(EMAIL, google_event("一二三四五六七八九十一二三四五", tomorrow(10)))
    laptop.settle()
    assert world.side.titles() == ["一二三四五六七八九十一…"]
