"""What Sato-san has in his CRM and in his calendar, and what others put there."""

from __future__ import annotations

from .appointments import CUSTOMER, Appointment, Days, Hours

REJECTED_WORD = "極秘"
REJECTION = "件名に「極秘」は使えません。社内規程 12 条をご確認ください。 / Subjects must not contain 極秘 (rule 12)."

_LONG_NOTES = "\n".join(
    f"{number}. {point}"
    for number, point in enumerate(
        (
            "現状の課題をうかがう",
            "新プランの見積もりを説明",
            "導入スケジュールの確認",
            "Ask about the budget for next year",
        )
        * 10,
        1,
    )
)

ACTIVITIES: tuple[Appointment, ...] = (
    Appointment(
        "訪問:青木商事 新プランのご提案", Hours(0, 10), place="大阪市北区梅田 2-4-9", notes="見積書 2 部を持参"
    ),
    Appointment("Call with Northwind about the renewal", Hours(0, 15, 30, 30), kind="call"),
    Appointment("定例:山田製作所", Hours(1, 13), place="名古屋市中村区名駅 4-7-1"),
    Appointment("Demo for Contoso (online)", Hours(1, 16), notes="Bring the price list."),
    Appointment("見積もり送付後のフォロー電話:高橋物産", Hours(2, 9, 30, 15), kind="call"),
    Appointment("ランチ:株式会社みなと 田中様", Hours(2, 12), kind="lunch", place="銀座"),
    Appointment("展示会「営業DX 2026」", Days(4, 2), place="東京ビッグサイト"),
    Appointment("契約更新の打ち合わせ:北星電機", Hours(5, 11), place="札幌市中央区北一条西 3"),
    Appointment("Quarterly review with Fabrikam", Hours(6, 14, 0, 90), notes="Slides are in the shared folder."),
    Appointment("訪問:青木商事 契約書の読み合わせ", Hours(7, 10), place="大阪市北区梅田 2-4-9"),
    Appointment("電話:鈴木工務店", Hours(8, 17, 0, 15), kind="call"),
    Appointment("プレゼン:大和ホールディングス", Hours(9, 13, 30, 90), place="丸の内 1-1-1 丸ビル"),
    Appointment("納品立ち会い:山田製作所", Hours(-2, 9, 0, 120), place="名古屋市中村区名駅 4-7-1"),
    Appointment("Call back: Tailspin Toys", Hours(-1, 11, 0, 15), kind="call"),
    # twice in the CRM: somebody imported a list
    Appointment("ご挨拶:三河フーズ", Hours(3, 15), place="豊橋市駅前大通 1"),
    Appointment("ご挨拶:三河フーズ", Hours(3, 15), place="豊橋市駅前大通 1", notes="リストから取り込み"),
    # on both sides already, entered by hand in each
    Appointment("朝礼 ", Hours(2, 8, 45, 15)),
)

EVENTS: tuple[Appointment, ...] = (
    Appointment("朝礼", Hours(2, 8, 45, 15)),
    Appointment("新幹線で大阪へ", Hours(0, 7, 3, 147), notes="のぞみ 9 号 7号車 12A", free=True),
    Appointment("Internal: forecast call", Hours(1, 9, 30, 30)),
    Appointment("社内研修", Days(8), place="本社 3F"),
    Appointment("夏季休暇", Days(11, 3), free=True),
    Appointment("歯医者", Hours(3, 18, 30, 45), private=True, place="青山歯科", notes="保険証を忘れずに"),
    Appointment("Parents' evening at school", Hours(6, 17, 30), private=True),
    Appointment("美容院", Hours(4, 19), private=True, free=True),
    Appointment("新製品勉強会", Hours(5, 16), notes=_LONG_NOTES),
    Appointment("値引き交渉の準備(極秘)", Hours(4, 10), notes="社外秘"),
    Appointment("Preparation for Fabrikam", Hours(6, 13), notes="<p>Slides: <b>final</b><br>Numbers: ask Kimura</p>"),
)

SERIES: tuple[Appointment, ...] = (
    Appointment("営業チーム定例", Hours(-7, 9, 0, 45), place="会議室 A", repeats=("RRULE:FREQ=WEEKLY;COUNT=6",)),
    Appointment("1on1 with Kimura", Hours(-6, 17, 0, 30), repeats=("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4",)),
)

INVITATIONS: tuple[Appointment, ...] = (
    Appointment("Aoki Trading: kick-off", Hours(3, 10, 0, 60), place="Aoki Trading HQ", guests=(CUSTOMER,)),
)
"""Others invited him: changes made in the CRM cannot go back to their organisers."""

COLLEAGUES: tuple[Appointment, ...] = (
    Appointment("病院", Hours(2, 14), private=True, notes="内科"),
    Appointment("訪問:三河フーズ(鈴木)", Hours(5, 15)),
)
"""In the calendar of a colleague, who lets him look."""
