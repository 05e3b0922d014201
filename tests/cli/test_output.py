"""What reaches the terminal: columns that fit in both scripts, nothing that steers it, one document on stdout."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from collections.abc import Sequence

import pytest

from soroe.bootstrap.commands import CommandProgram
from soroe.cli.console import Console, clean, shortened, table, width
from soroe.cli.exits import Exit, worst
from soroe.cli.main import COMMANDS, run
from soroe.cli.quick import answered
from soroe.settings.problems import _ENGLISH, Problem
from soroe.ui.texts import problem_words
from tests.cli.homes import Installation, World, tomorrow
from tests.cli.shell import ROOT, Shell, Terminal


def test_columns_line_up_in_both_scripts() -> None:
    lines = table([["訪問", "10:00"], ["Visit to Aoki", "9:00"], ["가", "8:00"]])
    assert {width(line[: line.rindex(" ") + 1]) for line in lines} == {width("Visit to Aoki") + 2}


def test_a_column_that_is_empty_everywhere_takes_no_room() -> None:
    assert table([["a", "", "b"], ["cc", "", "d"]]) == ["a   b", "cc  d"]


def test_a_long_title_is_cut_by_columns_and_not_by_characters() -> None:
    assert shortened("青木商事訪問", 7) == "青木商…"
    assert width(shortened("青木商事訪問", 7)) <= 7
    assert shortened("short", 7) == "short"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x9b31m", "\x07", "\u202e", "\x08"])
def test_a_title_cannot_steer_the_terminal(hostile: str) -> None:
    assert clean(f"Visit{hostile} now").startswith("Visit")
    assert hostile[0] not in clean(f"Visit{hostile} now")


def test_a_title_from_a_server_is_shown_without_its_control_characters(world: World, started: Shell) -> None:
    world.crm.user_creates(world.user, "Visit\x1b[31m red", tomorrow(10), tomorrow(11))
    plan = started("plan")
    assert "\x1b" not in plan.out
    assert "Visit[31m red" in plan.out


def test_progress_is_rewritten_in_place_on_a_terminal_and_told_once_a_phase_elsewhere() -> None:
    terminal, pipe = Terminal(tty=True), Terminal()
    for stream in (terminal, pipe):
        console = Console(io.StringIO(), stream, as_json=False)
        for done in (1, 2, 3):
            console.progress(f"Reading: {done}", phase="reading")
        console.end_progress()
    assert pipe.getvalue() == "Reading: 1\n"
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


def test_a_terminal_that_cannot_show_a_character_gets_a_question_mark() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    Console(terminal, io.StringIO(), as_json=False).lines(["訪問 Aoki"])
    assert raw.getvalue() == b"?? Aoki\n"
    terminal.close()


@pytest.mark.parametrize(("encoding", "is_told"), [("ascii", True), ("utf-8", False)])
def test_question_marks_in_an_answer_are_explained_beside_it(
    world: World, started: Shell, encoding: str, is_told: bool
) -> None:
    world.crm.user_creates(world.user, "訪問", tomorrow(10), tomorrow(11))
    out, err = io.TextIOWrapper(io.BytesIO(), encoding=encoding), Terminal()
    assert run(["plan"], CommandProgram(started.program), out, err, Terminal()) == 0
    assert ("LANG=C.UTF-8" in err.getvalue()) is is_told
    assert (f"({encoding})" in err.getvalue()) is is_told


def test_what_a_person_must_mend_comes_before_what_mends_itself() -> None:
    assert worst([Exit.DONE, Exit.FAILURES, Exit.UNREACHABLE, Exit.SIGN_IN]) is Exit.SIGN_IN
    assert worst([Exit.FAILURES, Exit.HELD]) is Exit.HELD
    assert worst([]) is Exit.DONE


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_its_help_in_both_languages(laptop: Installation, command: str) -> None:
    texts = []
    for language in ("en", "ja"):
        file = laptop.program.homes.config_file
        kept = file.read_text("utf-8").partition("[app]")[0]
        file.write_text(f'{kept}[app]\nlanguage = "{language}"\n', "utf-8")
        outcome = Shell(laptop.program)(command, "--help")
        assert outcome.code == 0
        assert outcome.out.startswith(f"usage: soroe {command}")
        texts.append(outcome.out)
    assert texts[0] != texts[1]
    assert re.search("[ぁ-ん]", texts[1])


@pytest.mark.parametrize(
    ("language", "sentence"), [("ja_JP.UTF-8", "揃えます"), ("en_GB.UTF-8", "in step"), ("C", "in step")]
)
def test_the_whole_help_needs_neither_settings_nor_keychain(laptop: Installation, language: str, sentence: str) -> None:
    laptop.program.homes.config_file.write_text("not = toml = at all", "utf-8")
    out = io.StringIO()
    config = laptop.program.homes.config_file
    assert answered(["--help"], {"LANG": language}, config, ROOT / "resources", out)
    assert sentence in out.getvalue()
    assert all(command in out.getvalue() for command in COMMANDS)
    assert not answered(["plan"], {}, config, ROOT / "resources", out)


def test_the_answer_follows_the_language_of_the_settings(laptop: Installation, started: Shell) -> None:
    file = laptop.program.homes.config_file
    file.write_text(f'{file.read_text("utf-8")}\n[app]\nlanguage = "ja"\n', "utf-8")
    assert started("findings").out == "確認事項はありません\n"
    assert json.loads(started("plan", "--json").out) == {"actions": [], "findings": []}


def test_a_document_stands_alone_on_stdout_also_when_things_go_wrong(started: Shell) -> None:
    for line in (["sync", "--once"], ["findings"], ["undo", "99"], ["nonsense"]):
        outcome = started(*line, "--json")
        assert isinstance(json.loads(outcome.out), dict)


@pytest.mark.parametrize(
    "line",
    [
        [],
        [""],
        ["--reconnect", "work"],
        ["--reconnect=work"],
        ["--window"],
        ["--hidden"],
        ["soroe:open"],
        ["-session", "10_1", "--window"],
        ["-platform", "offscreen", "--style=fusion", "soroe:open"],
        ["-psn_0_4711"],
    ],
    ids=" ".join,
)
def test_without_a_command_the_tray_app_is_meant(laptop: Installation, line: list[str]) -> None:
    class Tray(CommandProgram):
        def tray(self, arguments: Sequence[str]) -> int:
            started.append(list(arguments))
            return 0

    started: list[list[str]] = []
    assert run(line, Tray(laptop.program), Terminal(), Terminal(), Terminal()) == 0
    assert started == [line]


def test_json_may_stand_before_the_command_and_alone_is_a_mistake(started: Shell) -> None:
    assert json.loads(started("--json", "findings").out) == {"findings": []}
    assert started("--json").code == 2


def test_a_reader_that_has_read_enough_does_not_stop_the_command() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        console = Console(pipe, io.StringIO(), as_json=False)
        console.lines(["first"])
        console.lines(["second"])


class Full(io.StringIO):
    """A stream onto a disk that is full."""

    def __init__(self) -> None:
        super().__init__()
        self._number = os.open(os.devnull, os.O_WRONLY)

    def fileno(self) -> int:
        return self._number

    def close(self) -> None:
        if not self.closed:
            os.close(self._number)
        super().close()

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_answer_that_finds_no_room_is_told_and_ends_with_1(laptop: Installation) -> None:
    told = Terminal()
    assert run(["policy", "show", "--json"], CommandProgram(laptop.program), Full(), told, Terminal()) == 1
    assert "No space left on device" in told.getvalue()


def test_progress_that_finds_no_room_stops_nothing(laptop: Installation) -> None:
    answer = Terminal()
    assert run(["plan", "work"], CommandProgram(laptop.program), answer, Full(), Terminal()) == 0
    assert answer.getvalue()


def test_a_document_keeps_every_character_where_the_stream_cannot() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(out, io.StringIO(), as_json=True).document({"title": "訪問"})
    out.seek(0)
    assert json.loads(out.read()) == {"title": "訪問"}


def test_the_help_is_shown_where_its_language_cannot_be_written(laptop: Installation) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    japanese = {"LANG": "ja_JP.UTF-8"}
    assert answered(["--help"], japanese, laptop.program.homes.config_file, laptop.program.resources, out)
    out.seek(0)
    assert "support-bundle" in out.read()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["undo", "abc"], "RUN: 'abc' は整数ではありません"),
        (["undo"], "指定が足りません: RUN"),
        (["sync", "--bogus"], "このような指定はありません: --bogus"),
        (["syncs", "pause", "work", "--for"], "--for: 値がありません"),
        (["accounts", "add", "x", "--kind", "fax"], "--kind: 'fax' は使えません。次のいずれかを指定してください"),
        (
            ["syncs", "add", "x", "--crm", "a", "--calendar", "b", "--backfill-from", "2026-13-01"],
            "--backfill-from: '2026-13-01' は 2026-04-01 のような日付ではありません",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_the_users_language(
    laptop: Installation, soroe: Shell, line: list[str], told: str
) -> None:
    file = laptop.program.homes.config_file
    file.write_text(f'{file.read_text("utf-8")}\n[app]\nlanguage = "ja"\n', "utf-8")
    outcome = soroe(*line)
    assert outcome.code == 2
    assert told in outcome.err


def test_wrong_settings_are_told_in_the_users_language(laptop: Installation) -> None:
    laptop.program.homes.config_file.write_text("[accounts.x]\n[syncs.y]\npast_days = 'x'\n", "utf-8")
    laptop.program.environment = {"LANG": "ja_JP.UTF-8"}
    told = Shell(laptop.program).json("syncs", "list").document["error"]
    assert "config.toml:1: accounts.x.kind: このキーが必要です" in told["message"]
    assert [one["message"].rpartition(": ")[2] for one in told["problems"] if one["code"] == "not_number"] == [
        "整数を指定してください"
    ]


def test_everything_that_can_be_wrong_with_settings_has_the_same_english_words(laptop: Installation) -> None:
    texts = laptop.program.texts()
    for code in _ENGLISH:
        problem = Problem("config.toml", 3, "key", code, "DETAIL")
        assert problem_words(texts, problem) == str(problem)


def test_the_help_names_every_choice_of_an_account(soroe: Shell) -> None:
    told = soroe("accounts", "add", "--help").out
    for word in ("--email", "--client-id", "--client-secret-stdin", "--autodiscover", "--tenant", "zoom", "teams"):
        assert word in told
    assert "default: all" not in soroe("syncs", "start", "--help").out
