"""Every word of the program is there in both languages, and says what it should."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from soroe.core.event import CRM_LIST, AllDay, Field, ItemId, ReadOnlyCause, Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.core.plan import Action, Verb, Why
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy
from soroe.engine.health import CALLS_FOR_USER, Health, HealthState
from soroe.engine.messages import CommandDone, TestLeg, Undo
from soroe.engine.phase import Phase
from soroe.ports.store import ChangeState, RunId, RunKind, RunRecord, SyncState, SyncStatus
from soroe.ui.ports import AccountKind, Role
from soroe.ui.texts import (
    Language,
    Texts,
    action_done,
    action_line,
    action_name,
    cause_of,
    change_state,
    code_words,
    command_result,
    explanation,
    field_name,
    finding_words,
    health_words,
    kind_name,
    language_of,
    leg_words,
    load,
    notice_words,
    progress_words,
    run_kind,
    run_report,
    standing,
    standing_name,
    status_words,
    times,
    verb_words,
    why_sentence,
)
from soroe.ui.texts.reasons import STANDINGS
from soroe.ui.view.banner import Page
from soroe.ui.view.connections import Tab
from tests.fakes.desk import NOW, RESOURCES, ZONE, sync_name

CODE = Path(__file__).parents[2] / "app" / "soroe"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
SAME_IN_BOTH = re.compile(r"^(app\.name|side\.crm|kind\.|role\.crm|none|finding\.number|notice\.local\.body|code\.)")


def catalogue(language: Language) -> dict[str, str]:
    return dict(load(RESOURCES / "translations", language).messages)


def form_of(key: str) -> str:
    return key.removesuffix(".one").removesuffix(".other")


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_messages() -> None:
    english = {key for key in catalogue(Language.ENGLISH) if not key.endswith(".one")}
    assert english == set(catalogue(Language.JAPANESE))


def test_both_languages_fill_in_the_same_values() -> None:
    english, japanese = catalogue(Language.ENGLISH), catalogue(Language.JAPANESE)
    different = [key for key in japanese if places(japanese[key]) != places(english[key])]
    assert different == []


def test_japanese_is_japanese() -> None:
    left = [
        key
        for key, sentence in catalogue(Language.JAPANESE).items()
        if not JAPANESE.search(re.sub(r"\{\w+\}", "", sentence)) and re.search("[a-z]{3}", sentence)
    ]
    assert [key for key in left if not SAME_IN_BOTH.match(key) and "{" not in catalogue(Language.JAPANESE)[key]] == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("IT ?部門", "情報システム部門"),
        ("招待者", "ゲスト"),
        ("片方向", "一方向"),
        ("一時停止", "休止"),
        ("紐付け", "リンクは残"),
        ("会議リンク", "会議のURL"),
        ("種別", "活動タイプ|活動の種類"),
        ("単発の予定", "単独の予定"),
        ("再構築", "作り直"),
        ("リクエスト数", "要求数"),
        ("メールサーバー", "メール サーバー"),
        ("メールアドレス", "メール アドレス"),
        ("ローカルデータベース", "ローカル データベース"),
        ("タイムゾーン", "タイム ゾーン"),
        ("ウェブページ", "Web ?ページ"),
    ],
)
def test_japanese_has_one_word_for_one_thing(said: str, instead: str) -> None:
    sentences = catalogue(Language.JAPANESE).values()
    assert any(re.search(said, sentence) for sentence in sentences)
    assert [sentence for sentence in sentences if re.search(instead, sentence)] == []


def test_a_message_about_several_has_its_form_for_one() -> None:
    english = catalogue(Language.ENGLISH)
    counted = {key.removesuffix(".other") for key in english if key.endswith(".other") and "{n}" in english[key]}
    assert {key for key in counted if f"{key}.one" not in english} == {"value.repeats"} & counted


def strings_of(folder: Path) -> tuple[set[str], set[str]]:
    """All plain strings in the code, and the fixed beginnings of its f-strings."""
    plain, beginnings = set(), set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
    return plain, {beginning for beginning in beginnings if "." in beginning}


def test_no_message_is_left_over() -> None:
    plain, beginnings = strings_of(CODE)
    unused = [
        key
        for key in catalogue(Language.ENGLISH)
        if form_of(key) not in plain
        and key not in plain
        and not any(key.startswith(beginning) for beginning in beginnings)
        and not key.startswith(("activities.empty", "today.empty", "findings.empty", "connections.empty", "history."))
    ]
    assert unused == []


def asked_for(folder: Path) -> set[str]:
    """The ids that are asked for by name: `texts("…")`, `texts.count("…")`."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            key = str(node.args[0].value)
            if "." in key and ast.unparse(node.func).endswith(("texts", "texts.count")):
                found.add(key)
    return found


def test_every_message_asked_for_is_there() -> None:
    have = {form_of(key) for key in catalogue(Language.ENGLISH)} | set(catalogue(Language.ENGLISH))
    assert asked_for(CODE) - have == set()


def raised_with(error: str) -> set[str]:
    pattern = re.compile(rf'{error}\("([a-z_]+)"')
    return {code for path in CODE.rglob("*.py") for code in pattern.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("error", ["LocalTrouble", "CannotResolve", "Blocked"])
def test_every_code_of_ours_has_words(texts: Texts, error: str) -> None:
    assert [code for code in sorted(raised_with(error)) if not texts.has(f"code.{code}")] == []


def test_every_rule_that_a_finding_names_has_a_sentence(texts: Texts) -> None:
    plain, _ = strings_of(CODE / "core")
    engine, _ = strings_of(CODE / "engine")
    rules = {word for word in plain | engine if re.fullmatch(r"(PD|SF|ESM|OD|BK|S)-\w+", word)}
    assert len(rules) > 5
    assert [rule for rule in sorted(rules) if not texts.has(f"rule.{rule}")] == []


def test_every_reason_has_a_sentence_and_a_standing(texts: Texts) -> None:
    for why in Why:
        assert why_sentence(texts, why)
        assert standing_name(texts, standing(why))
        assert why_sentence(texts, why) in explanation(texts, why)
    assert set(STANDINGS) == set(Why)


def test_every_cause_is_recognised_from_its_code(texts: Texts) -> None:
    for cause in (*Why, *ReadOnlyCause, *Direction):
        assert cause_of(cause.value) == cause
        assert why_sentence(texts, cause)
    assert cause_of("invalid_grant") is None


def test_what_is_not_synced_says_what_would_change_it(english: Texts) -> None:
    assert explanation(english, Why.DECLINED) == (
        "Not synced. You declined the invitation. What would change it: accept the invitation."
    )
    assert explanation(english, None) == "It has not been looked at yet."


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_finding_says_what_happened_and_why(texts: Texts, kind: FindingKind) -> None:
    ref = Ref(CRM_LIST, ItemId("1"))
    finding = Finding(
        kind,
        "PD-9",
        Severity.WARNING,
        Why.HELD,
        ref,
        None,
        ((Side.CRM, ref),),
        ("when",),
        (("limit", 3),),
        (),
        "No.",
        "Google",
    )
    words = finding_words(texts, finding)
    assert words.kind == kind_name(texts, kind)
    assert all((words.what, words.why, words.rule, words.severity))
    assert "3" in words.why
    assert "No." in words.why
    assert "PD-9" in words.rule
    assert "{" not in f"{words}"


def test_a_service_code_stands_for_itself(english: Texts) -> None:
    assert code_words(english, "AADSTS50105") == "AADSTS50105"
    assert code_words(english, "keychain_locked") == "the keychain is locked"
    assert code_words(english, "answer_unreadable:start") == "the answer could not be read:start"


@pytest.mark.parametrize("state", HealthState)
def test_every_state_of_a_connection_says_what_it_means_for_the_meetings(texts: Texts, state: HealthState) -> None:
    words = health_words(texts, Health(state, NOW, "invalid_grant", NOW), NOW, ZONE)
    assert all((words.state, words.what, words.means))
    assert "{" not in f"{words}"


@pytest.mark.parametrize("state", HealthState)
def test_only_what_calls_for_the_user_is_notified(texts: Texts, state: HealthState) -> None:
    words = notice_words(texts, "Google", Health(state, NOW, "calendar.events"))
    assert (words is not None) == (state in CALLS_FOR_USER)


def test_all_other_words_are_there(texts: Texts) -> None:
    for values, key in (
        (Page, "nav"),
        (AccountKind, "kind"),
        (Role, "role"),
        (Direction, "direction"),
        (PrivacyPolicy, "privacy"),
        (ConflictPolicy, "conflicts"),
        (Tab, "connections.tab"),
    ):
        assert all(texts(f"{key}.{value.value}") for value in values)
    for action in FindingAction:
        assert action_name(texts, action)
        assert action_done(texts, action)
    for verb in Verb:
        assert verb_words(texts, verb, Side.CRM)
        assert action_line(texts, Action(verb, Side.CALENDAR, Why.NEW_IN_CRM))
    for state in ChangeState:
        assert change_state(texts, state)
    for kind in RunKind:
        assert run_kind(texts, kind)
    for status in SyncStatus:
        assert status_words(texts, SyncState(status), NOW, ZONE)
    for phase in Phase:
        assert "7" in progress_words(texts, phase, 7, None)
    for name in Field:
        assert field_name(texts, name.value) != name.value


def test_a_run_tells_what_it_did_in_one_line(english: Texts, japanese: Texts) -> None:
    run = RunRecord(RunId(1), sync_name(), RunKind.SYNC, NOW, NOW, (2, 1), (0, 4), conflicts=1)
    assert run_report(english, run) == "3 created, 4 updated, 1 conflict"
    assert run_report(japanese, run) == "作成 3 件、更新 4 件、競合 1 件"
    assert run_report(english, RunRecord(RunId(2), sync_name(), RunKind.SYNC, NOW, NOW)) == "nothing to change"
    assert run_report(english, RunRecord(RunId(3), sync_name(), RunKind.SYNC, NOW, trouble="RetryLater")) == (
        "stopped: the service did not answer"
    )


def test_numbers_are_grouped(english: Texts) -> None:
    assert english.count("activities.total", 12_345) == "12,345 meetings"
    assert english.count("activities.total", 1) == "1 meeting"


def test_a_test_sync_tells_each_leg(english: Texts) -> None:
    assert leg_words(english, TestLeg(to_crm=True, seconds=1.42)) == "Calendar to CRM: arrived after 1.4 s"
    assert leg_words(english, TestLeg(to_crm=False, seconds=None, code="one_way")) == (
        "CRM to calendar: this sync runs one way"
    )


def test_an_undo_says_how_many_it_left_alone(english: Texts) -> None:
    assert command_result(english, CommandDone(Undo(sync_name(), RunId(1)), skipped=2)) == (
        "Taken back; 2 meetings changed since were left alone."
    )
    assert command_result(english, CommandDone(Undo(sync_name(), RunId(1)), code="busy")) == (
        "Not done: a run is under way"
    )


@pytest.mark.parametrize(
    ("preferred", "spoken"),
    [
        (["ja_JP.UTF-8"], Language.JAPANESE),
        (["de-DE", "ja-JP", "en-GB"], Language.JAPANESE),
        (["en_US"], Language.ENGLISH),
        (["fr"], Language.ENGLISH),
        ([], Language.ENGLISH),
    ],
)
def test_the_language_follows_the_system(preferred: list[str], spoken: Language) -> None:
    assert language_of(preferred) is spoken


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text("[]")
    with pytest.raises(ValueError, match=r"en\.json"):
        load(tmp_path, Language.ENGLISH)


def test_a_day_is_told_as_people_tell_it(english: Texts, japanese: Texts) -> None:

    now, zone = datetime(2026, 5, 12, 1, 42, tzinfo=UTC), ZoneInfo("Asia/Tokyo")
    late = datetime(2026, 5, 12, 15, 30, tzinfo=UTC)
    assert times.moment(english, late, now, zone) == "tomorrow 0:30"
    assert times.moment(japanese, now, now, zone) == "今日 10:42"
    assert times.moment(japanese, datetime(2025, 12, 24, 3, 0, tzinfo=UTC), now, zone) == "2025年12月24日(水) 12:00"
    assert times.moment(english, None, now, zone) == "never"


@pytest.mark.parametrize(
    ("start", "end", "in_english", "in_japanese"),
    [
        ((2026, 5, 20), (2026, 5, 22), "Wed 20 – Thu 21 May · all day", "5月20日(水) – 21日(木) · 終日"),
        ((2026, 5, 31), (2026, 6, 2), "Sun 31 May – Mon 1 Jun · all day", "5月31日(日) – 6月1日(月) · 終日"),
        (
            (2025, 12, 31),
            (2026, 1, 2),
            "Wed 31 Dec 2025 – Thu 1 Jan · all day",
            "2025年12月31日(水) – 1月1日(木) · 終日",
        ),
        ((2027, 1, 4), (2027, 1, 6), "Mon 4 – Tue 5 Jan 2027 · all day", "2027年1月4日(月) – 5日(火) · 終日"),
        ((2026, 5, 20), (2026, 5, 21), "Wed 20 May · all day", "5月20日(水) · 終日"),
    ],
)
def test_several_days_tell_their_month_once(
    english: Texts,
    japanese: Texts,
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    in_english: str,
    in_japanese: str,
) -> None:
    at = AllDay(date(*start), date(*end))
    now, zone = datetime(2026, 5, 12, 1, 42, tzinfo=UTC), ZoneInfo("Asia/Tokyo")
    assert times.when(english, at, now, zone) == in_english
    assert times.when(japanese, at, now, zone) == in_japanese
