"""The folders of the app: made closed to others, or named when they cannot be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from soroe.ports.errors import LocalTrouble
from soroe.settings.homes import homes

posix_only = pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX only")


@posix_only
def test_folders_are_their_owners_alone_also_where_they_were_open_before(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    folders = homes({"SOROE_HOME": str(tmp_path)})
    folders.make()
    made = (folders.config, folders.data, folders.logs, folders.cache, folders.runtime)
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in made} == {0o700}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", "utf-8")
    with pytest.raises(LocalTrouble) as caught:
        homes({"SOROE_HOME": str(tmp_path)}).make()
    assert caught.value.code == f"home_unusable:{tmp_path / 'logs'}"


@posix_only
def test_a_folder_whose_name_is_no_unicode_is_refused_in_letters_that_can_be_shown(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble) as caught:
        homes({"SOROE_HOME": os.fsdecode(os.fsencode(tmp_path) + b"/\xa5\xdb")}).make()
    assert caught.value.code == rf"home_unusable:{tmp_path}/\udca5\udcdb/config"
    assert list(tmp_path.iterdir()) == []
