"""What is said of the user's own files is said in his language, whatever it is about."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from soroe.bootstrap.own_files import remark_words
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.from_csv import load_rest
from soroe.sandbox.demo.from_ics import load_calendar
from soroe.sandbox.demo.in_google import GoogleShelf
from soroe.sandbox.demo.remarks import Remark, said
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.google import GoogleSandbox
from soroe.ui.texts import Language, load
from tests.sandbox.demo.words import TRANSLATIONS, told

CODE = TRANSLATIONS.parents[1] / "app" / "soroe"
PLACES = ("sandbox/demo", "bootstrap")


def codes() -> dict[str, set[str]]:
    """Every code that the readers of files say, with the names of its values."""
    found: dict[str, set[str]] = {}
    for path in [file for place in PLACES for file in (CODE / place).glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "said"
                and isinstance(node.args[0], ast.Constant)
            ):
                named = {word.arg for word in node.keywords if word.arg is not None}
                assert found.setdefault(str(node.args[0].value), named) == named
    return found


def test_a_japanese_reader_reads_of_his_activities_in_japanese(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("件名,開始,終日,備考2\n訪問,あした,,x\n,2026/12/01,,\n会議,2026/12/01,たぶん,\n", "utf-8")
    _, remarks = load_rest(CrmSandbox(), OwnFile(file))
    assert told(remarks, Language.JAPANESE) == [
        "mine.csv 1行目: 備考2: この列は取り込みません",
        "mine.csv 2行目: 開始: 「あした」は日付ではありません",
        "mine.csv 3行目: 件名: 空です",
        "mine.csv 4行目: 終日: 「たぶん」は「はい」でも「いいえ」でもありません",
    ]


def test_a_japanese_reader_reads_of_his_calendar_in_japanese(tmp_path: Path) -> None:
    file = tmp_path / "mine.ics"
    entry = "BEGIN:VEVENT\nUID:a\nSUMMARY:訪問\nEND:VEVENT"
    file.write_bytes(f"BEGIN:VCALENDAR\n{entry}\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR\n".encode("cp932"))
    google = GoogleSandbox()
    google.add_account(ME)
    remarks = load_calendar(GoogleShelf(google), OwnFile(file))
    assert told(remarks, Language.JAPANESE) == [
        "mine.ics: ファイル: 文字コードを Shift_JIS (cp932) とみなして読み取りました",
        "mine.ics 6行目: VTODO: 予定以外は取り込みません",
        "mine.ics 2行目(UID a): DTSTART: 開始がありません",
    ]


@pytest.mark.parametrize("language", Language)
def test_every_code_has_its_words_and_they_name_its_values(language: Language) -> None:
    texts = load(TRANSLATIONS, language)
    for code, values in codes().items():
        line = remark_words(texts, Remark("f", 3, "", "row", said(code, **dict.fromkeys(values, "§"))))
        assert line.count("§") == len(values), code


def test_no_words_are_left_over() -> None:
    sentences = json.loads((TRANSLATIONS / "en.json").read_text("utf-8"))
    own = {key.removeprefix("demo.own.") for key in sentences if key.startswith("demo.own.")}
    assert {key for key in own if not re.match("at$|at[.]|field[.]", key)} == set(codes())
