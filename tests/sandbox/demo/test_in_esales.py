"""The demo in eSales Manager: the fortnight as it is entered there, and the user's own activities."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from soroe.sandbox.demo import in_esales
from soroe.sandbox.demo.appointments import ME, ZONE, Calendar
from soroe.sandbox.demo.from_csv import load_esales
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.esales import EsalesSandbox, Kind
from tests.sandbox.demo.words import told

FILE = """件名,種別,開始,終了,終日,場所,詳細,非公開
訪問:青木商事,訪問,2026/12/01 10:03,2026/12/01 11:00,,大阪,見積書,はい
出張,会議,2026年12月4日,2026年12月5日,はい,,,
研修,セミナー,2026/12/08,,はい,,,
逆さま,会議,2026/12/01 10:00,2026/12/01 10:00,,,,
"""


def test_the_fortnight_has_deals_buildings_private_and_regular_schedules() -> None:
    box = EsalesSandbox()
    sato = in_esales.fill(box, Calendar(date(2026, 5, 12)))
    fields = [one.fields for one in box.schedules(sato)]
    assert sato.mail == ME and len(fields) > 15
    assert any(one.businessplan and one.customer and one.building for one in fields)
    assert {one.type for one in fields} == {Kind.NORMAL, Kind.PERIODIC}
    assert any(one.private for one in fields) and any(len(one.participants) == 3 for one in fields)


def test_rows_of_a_file_become_schedules_on_the_grid(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(FILE, encoding="utf-8")
    box = EsalesSandbox()
    user, remarks = load_esales(box, OwnFile(path))
    problems = told(remarks)
    visit, trip, training, short = (one.fields for one in box.schedules(user))
    tokyo = ZoneInfo(ZONE)
    assert visit.start == datetime(2026, 12, 1, 10, 0, tzinfo=tokyo)
    assert (visit.address, visit.detail, visit.private, visit.schedule_kind) == ("大阪", "見積書", True, 1)
    assert (trip.type, trip.start, trip.end) == (
        Kind.NORMAL, datetime(2026, 12, 4, 9, tzinfo=tokyo), datetime(2026, 12, 5, 18, tzinfo=tokyo),
    )  # fmt: skip # short values, several a line
    assert (training.type, training.start, training.schedule_kind) == (Kind.ALL_DAY, date(2026, 12, 8), 5)
    assert short.end == datetime(2026, 12, 1, 10, 5, tzinfo=tokyo)
    assert problems == []
