"""The local database is lost, locked out, damaged or old: nothing is made twice and nothing is deleted (S-2)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from soroe.adapters.keychain.database_key import ACCOUNT, ITEM, forget_database_key
from tests.end_to_end.calendars import WORLDS
from tests.end_to_end.crms import tomorrow
from tests.end_to_end.homes import Installation, World

Install = Callable[..., Installation]
Loss = Callable[[Installation], None]
pytestmark = pytest.mark.parametrize("world", WORLDS, indirect=True)
TITLES = sorted([*(f"CRM {number}" for number in range(5)), *(f"Calendar {number}" for number in range(5)), "Twin"])


def linked(world: World, install: Install) -> Installation:
    for number in range(5):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
        world.calendar.creates(f"Calendar {number}", tomorrow(14 + number))
    world.side.creates("Twin", tomorrow(8))
    world.calendar.creates("Twin", tomorrow(8))
    laptop = install()
    laptop.settle()
    assert world.titles() == (TITLES, TITLES)
    return laptop


def files_of(laptop: Installation) -> list[Path]:
    database = laptop.program.homes.database
    return [path for path in database.parent.iterdir() if path.name.startswith(database.name)]


def removed(laptop: Installation) -> None:
    for path in files_of(laptop):
        path.unlink()


def whole_data_folder_removed(laptop: Installation) -> None:
    shutil.rmtree(laptop.program.homes.data)


def key_lost(laptop: Installation) -> None:
    forget_database_key(laptop.keychain)


def key_changed(laptop: Installation) -> None:
    forget_database_key(laptop.keychain)
    laptop.keychain.set(ACCOUNT, ITEM, "00" * 32)


def overwritten_with_noise(laptop: Installation) -> None:
    for path in files_of(laptop):
        path.write_bytes(bytes(range(256)) * 64)


def cut_in_half(laptop: Installation) -> None:
    database = laptop.program.homes.database
    content = database.read_bytes()
    for path in files_of(laptop):
        path.unlink()
    database.write_bytes(content[: len(content) // 2])


def emptied(laptop: Installation) -> None:
    for path in files_of(laptop):
        path.write_bytes(b"")


@pytest.mark.parametrize(
    "loss",
    [removed, whole_data_folder_removed, key_lost, key_changed, overwritten_with_noise, cut_in_half, emptied],
)
def test_a_lost_database_is_rebuilt_from_both_sides(world: World, install: Install, loss: Loss) -> None:
    laptop = linked(world, install)
    laptop.close()
    loss(laptop)
    again = Installation(world, laptop.folder)
    again.settle()
    assert world.titles() == (TITLES, TITLES)
    assert again.run().converged
    again.close()
    laptop.open()


def test_changes_made_while_the_database_was_lost_arrive(world: World, install: Install) -> None:
    laptop = linked(world, install)
    laptop.close()
    removed(laptop)
    world.side.renames(world.side.ids()["CRM 0"], "CRM 0, renamed")
    world.side.creates("CRM new", tomorrow(19))
    world.calendar.moves(world.calendar.ids()["Calendar 0"], "Osaka")
    again = Installation(world, laptop.folder)
    again.settle(4)
    expected = sorted([*(title for title in TITLES if title != "CRM 0"), "CRM new", "CRM 0, renamed"])
    assert world.titles() == (expected, expected)
    again.close()
    laptop.open()


def test_an_old_backup_that_was_restored_makes_nothing_twice_and_deletes_nothing(
    world: World, install: Install, tmp_path: Path
) -> None:
    laptop = linked(world, install)
    laptop.close()
    backup = tmp_path / "backup"
    shutil.copytree(laptop.program.homes.data, backup)
    laptop.open()
    ids = world.side.ids()
    world.side.creates("Later in CRM", tomorrow(19))
    world.calendar.creates("Later in calendar", tomorrow(20))
    world.side.renames(ids["CRM 1"], "CRM 1, renamed")
    laptop.settle()
    expected, same = world.titles()
    assert expected == same
    laptop.close()
    shutil.rmtree(laptop.program.homes.data)
    shutil.copytree(backup, laptop.program.homes.data)
    laptop.open()
    laptop.settle(4)
    assert world.titles() == (expected, expected)
    assert [request.path for request in world.side.requests.all("DELETE")] == []
    assert world.calendar.deletions() == []


def test_a_new_laptop_that_takes_over_makes_nothing_twice(world: World, install: Install) -> None:
    linked(world, install).close()
    fresh = install()
    fresh.settle()
    assert world.titles() == (TITLES, TITLES)
