"""What an exported file is written in: told where it is sure, asked where it is not, and never taken for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.from_csv import load_rest
from soroe.sandbox.demo.from_ics import load_calendar
from soroe.sandbox.demo.in_google import GoogleShelf
from soroe.sandbox.demo.text_file import OwnFile, reads_japanese, reads_western
from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.demo.words import told

JAPANESE = (
    "定例会議",
    "訪問 青木商事",
    "株式会社髙島 打合せ",
    "テスト",
    "見積書のご確認について（再送）",
    "㈱アオキ様　ご来社",
    "NTT東日本 A社・B社",
    "ｱｵｷ商事 営業部会議",
    "商談①",
)
WESTERN = (
    "Café Müller",
    "Besuch bei Größmann – Angebot über 1.000 €",
    "déjeuner à Orléans",
    "Reunión con José Ñuñez",
    "l’équipe «Élan»",
    "„Große Runde“",
    "Møde på Ærø",
    "Määräaika: syyskuun lopussa…",
    "It’s Anna’s birthday",
    "Peça à direcção, ação nº 2",
)
ICS = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261201T010000Z\nSUMMARY:{}\nEND:VEVENT\nEND:VCALENDAR\n"
CSV = "{},Start\n{},2026-12-01 10:00\n"


def titles_in_calendar(folder: Path, content: bytes, encoding: str = "") -> tuple[list[str], list[str]]:
    """The titles that arrive, and the problems."""
    file = folder / "mine.ics"
    file.write_bytes(content)
    google = GoogleSandbox()
    google.add_account(ME)
    problems = told(load_calendar(GoogleShelf(google), OwnFile(file, encoding)))
    return [str(event["summary"]) for event in google.events(ME)], problems


def subjects_in_crm(folder: Path, content: bytes, encoding: str = "") -> tuple[list[str], list[str]]:
    """The same of a table of activities."""
    file = folder / "mine.csv"
    file.write_bytes(content)
    crm = CrmSandbox()
    user, remarks = load_rest(crm, OwnFile(file, encoding))
    problems = told(remarks)
    return [activity.content.subject for activity in crm.activities(user)], problems


@pytest.mark.parametrize("title", WESTERN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_a_file_tells_by_itself_is_read_without_a_word(tmp_path: Path, title: str, encoding: str) -> None:
    assert titles_in_calendar(tmp_path, ICS.format(title).encode(encoding)) == ([title], [])
    assert subjects_in_crm(tmp_path, CSV.format("Subject", f'"{title}"').encode(encoding)) == ([title], [])


@pytest.mark.parametrize("title", WESTERN)
def test_western_titles_of_windows_are_read_and_it_is_told(tmp_path: Path, title: str) -> None:
    told = "its text was read as Windows-1252"
    assert titles_in_calendar(tmp_path, ICS.format(title).encode("cp1252")) == ([title], [f"mine.ics: file: {told}"])
    content = CSV.format("Subject", f'"{title}"').encode("cp1252")
    assert subjects_in_crm(tmp_path, content) == ([title], [f"mine.csv: file: {told}"])


@pytest.mark.parametrize("title", JAPANESE)
def test_japanese_titles_of_windows_are_read_and_it_is_told(tmp_path: Path, title: str) -> None:
    told = "its text was read as Shift_JIS (cp932)"
    kept = " ".join(title.split())
    titles, problems = titles_in_calendar(tmp_path, ICS.format(title).encode("cp932"))
    assert (titles, problems) == ([title], [f"mine.ics: file: {told}"])
    subjects, problems = subjects_in_crm(tmp_path, CSV.format("件名", title).encode("cp932"))
    assert (subjects, problems) == ([kept], [f"mine.csv: file: {told}"])


@pytest.mark.parametrize("title", JAPANESE)
@pytest.mark.parametrize("encoding", ["euc_jp", "gb18030", "utf-16-le"])
def test_japanese_in_anything_else_is_never_read_as_what_it_is_not(tmp_path: Path, title: str, encoding: str) -> None:
    titles, problems = titles_in_calendar(tmp_path, ICS.format(title).encode(encoding, "ignore"))
    assert titles == []
    assert len(problems) == 1
    assert problems[0].startswith("mine.ics: file: ")


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("Привет, Иван", "cp1251"),
        ("Spotkanie w Łodzi, zażółć", "cp1250"),
        ("déjeuner à Orléans", "mac-roman"),
        ("Übung für Müller", "mac-roman"),
        ("회의 일정", "cp949"),
        ("项目会议", "gbk"),
    ],
)
def test_titles_of_elsewhere_are_refused_with_what_to_do(tmp_path: Path, title: str, encoding: str) -> None:
    content = ICS.format(title).encode(encoding)
    titles, problems = titles_in_calendar(tmp_path, content)
    assert titles == []
    assert "--encoding" in problems[0]
    assert titles_in_calendar(tmp_path, content, encoding) == ([title], [])


def test_an_encoding_that_was_said_and_is_not_true_is_told(tmp_path: Path) -> None:
    content = CSV.format("件名", "訪問").encode("cp932")
    subjects, problems = subjects_in_crm(tmp_path, content, "utf-8")
    assert (subjects, problems) == ([], ["mine.csv: file: the text is not written in UTF-8"])


def test_a_utf_8_file_that_breaks_off_in_a_character_is_not_taken_for_another(tmp_path: Path) -> None:
    content = ICS.format("réunion à Orléans").encode() + "é".encode()[:1]
    titles, problems = titles_in_calendar(tmp_path, content)
    assert titles == []
    assert "--encoding" in problems[0]


def test_a_file_that_names_its_encoding_is_believed_and_it_is_told(tmp_path: Path) -> None:
    content = ICS.replace("SUMMARY:", "SUMMARY;CHARSET=EUC-JP:").format("訪問 青木商事").encode("euc_jp")
    assert titles_in_calendar(tmp_path, content) == (["訪問 青木商事"], ["mine.ics: file: its text was read as euc-jp"])


@pytest.mark.parametrize("title", [*JAPANESE, *WESTERN])
def test_no_title_reads_well_in_both(title: str) -> None:
    for mine, other in (("cp932", "cp1252"), ("cp1252", "cp932")):
        try:
            content = title.encode(mine)
            misread = content.decode(other)
        except UnicodeError:
            continue
        assert not (reads_western if other == "cp1252" else reads_japanese)(misread), misread
