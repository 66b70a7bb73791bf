"""`till lines`: what is said to somebody who sees no screen, and that the same counter does what he types."""

from __future__ import annotations

import io
import os
from typing import Any

import pytest

from protocol.codes import member_code
from protocol.reservations import Refused
from terminal import i18n
from terminal.lines.counter import LineCounter
from terminal.lines.talk import Talk
from tests.desks import MEMBER, grants, payloads
from tests.terminal.stage import MILK, ONLINE, OTHER, Stage
from till.events import CodeScanned

MANAGER, CASHIER = ("1001", "1001"), ("1023", "1023")
CARD = member_code(MEMBER)


def talked(stage: Stage, *lines: str, language: i18n.Language = "en") -> str:
    """All that is said while these lines are typed, one after the other; then the input ends."""
    i18n.use(language)
    said = io.StringIO()
    talk = Talk(io.StringIO("".join(f"{line}\n" for line in lines)), said)
    counter = LineCounter(stage.counter, talk)
    with pytest.raises(EOFError):
        counter.run()
    return said.getvalue()


def last(stage: Stage) -> dict[str, Any]:
    return payloads(stage.desk.desk)[-1]


def test_a_sale_is_a_code_an_amount_and_enter(stage: Stage) -> None:
    """What it earns is said before, what became of it after."""
    said = talked(stage, *CASHIER, CARD, "128.50", "")
    assert "张*丰  ends 1234  gold 1.2x  can spend 1,250" in said
    assert "Amount ¥128.50  earns 154 points" in said
    assert "张*丰 ¥128.50 +154 points  stored here, sent once online" in said
    assert (last(stage)["type"], last(stage)["gross_fen"]) == ("sale", 12_850)


def test_the_same_in_chinese(stage: Stage) -> None:
    """In the words of the screens."""
    said = talked(stage, *CASHIER, CARD, "128.50", "", language="zh-CN")
    for words in ("可用积分", "消费金额 128.50元", "可得 154 积分", "已存本机，联网后自动上传", "请扫会员码"):
        assert words in said, words


def test_products_are_said_and_a_receipt_number_is_kept(stage: Stage) -> None:
    """By their numbers, as a scanner that types sends them."""
    said = talked(stage, *CASHIER, CARD, MILK, MILK, "/R-7", "")
    assert "纯牛奶 1L[特价] ¥6.50" in said
    assert "Amount ¥13.00" in said
    assert (last(stage)["gross_fen"], last(stage)["reference"]) == (1_300, "R-7")


def test_nobody_works_without_a_pin(stage: Stage) -> None:
    """Wrong ones are counted as on the screen, and what is typed instead does nothing."""
    said = talked(stage, "1001", "0000", "1001", CARD, "1001", "")
    assert said.count("!") == 0
    assert "4" in said
    assert "earns" not in said
    assert [entry["type"] for entry in payloads(stage.desk.desk)] == ["shift-opened"]


def test_all_terms_are_read_before_a_redemption_and_enter_never_redeems(stage: Stage) -> None:
    """Then F2, and no key else; what the page says is said."""
    fresh = stage.dynamic_code()
    said = talked(stage, *CASHIER, fresh, "128.50", "f2", "1", "", "f2", "1", "f2")
    for words in ("Redeem Voucher", "Points used: 1,000", "left after it 250", "Takes off ¥20.00", "to pay ¥108.50",
                  "earns 154 -> 130 points", "Conditions: ", "Valid: ", "On return: ", "Stands on: "):  # fmt: skip
        assert said.count(words) == 2, words
    sales = [entry for entry in payloads(stage.desk.desk) if entry["type"] == "sale"]
    assert [taken["points"] for taken in sales[0]["redemptions"]] == [1_000]
    assert len(sales) == 1


def test_a_card_is_proved_by_a_pin_that_is_typed(stage: Stage) -> None:
    """Online; a wrong one takes nothing."""
    stage.link[0] = ONLINE
    verdicts = [lambda _asked: Refused(reason="pin-wrong", tries_left=2), grants]
    stage.desk.ledger.answer = lambda asked: verdicts.pop(0)(asked)
    said = talked(stage, *CASHIER, CARD, "128.50", "f2", "3", "f2", "111111", "f2", "3", "f2", "246810")
    assert "2" in said.split("! ")[1].splitlines()[0]
    assert [one.evidence for one in stage.desk.ledger.asked] == ["111111", "246810"]
    assert "246810" not in said
    assert [taken["reward"] for taken in last(stage)["redemptions"]] == ["tote-bag"]


def test_a_sale_is_taken_back_and_goods_come_back(stage: Stage) -> None:
    """F3 and F4, each by the number of the sale and F2."""
    said = talked(stage, *MANAGER, CARD, "20", "", "f3", "1", "f2", CARD, "30", "", "f4", "1", "10", "f2")
    assert "Taken back: 张*丰 ¥20.00" in said
    assert "Money back: 10.00" in said
    assert "Earned points taken back: -12 points" in said
    assert [entry["type"] for entry in payloads(stage.desk.desk)][1:] == ["sale", "void", "sale", "refund"]


def test_a_question_that_is_not_answered_by_f2_changes_nothing(stage: Stage) -> None:
    """Enter leaves a void and a refund as they are."""
    talked(stage, *MANAGER, CARD, "20", "", "f3", "1", "", "f4", "1", "", "")
    assert [entry["type"] for entry in payloads(stage.desk.desk)][1:] == ["sale"]


def test_a_shift_is_read_handed_over_and_closed(stage: Stage) -> None:
    """X by its lines; the next cashier's PIN; then Z, and nobody sells without a shift."""
    said = talked(stage, *CASHIER, CARD, "20", "", "f8", "f2", *MANAGER, "f8", "f8", "f2", *MANAGER, "f8")
    assert "Interim report (X)  shift 1" in said
    assert "Sales: 1" in said
    assert "Closing report (Z)  shift 1" in said
    kinds = [entry["type"] for entry in payloads(stage.desk.desk)]
    assert kinds[1:] == ["sale", "shift-handed-over", "shift-closed", "shift-opened"]


def test_a_sale_is_put_aside_and_a_receipt_is_read(stage: Stage) -> None:
    """F6 twice, F7; F10 asks for the PIN again and keeps the sale."""
    said = talked(stage, *CASHIER, CARD, "20", "f6", "f6", "1", "f10", *CASHIER, "", "f7", "1")
    assert "Put aside (1)" in said
    assert "Locked; the sale stays" in said
    assert "Points earned: +24" in said
    assert last(stage)["gross_fen"] == 2_000


def test_who_may_not_is_told_before_he_types_anything(stage: Stage) -> None:
    """Goods come back only at a supervisor's hands."""
    said = talked(stage, *CASHIER, CARD, "20", "", "f4", "1", "", "f2")
    assert "! This needs a supervisor or the manager." in said
    assert "comes back" not in said


def test_another_member_in_the_middle_is_asked_for(stage: Stage) -> None:
    """Two people of a queue hold out their phones."""
    said = talked(stage, *CASHIER, CARD, "20", member_code(OTHER), "", "", language="en")
    assert "Change it to 李*" in said
    assert last(stage)["member"] == MEMBER


def test_help_and_how_the_till_stands(stage: Stage) -> None:
    """F1 and F9."""
    said = talked(stage, *CASHIER, "f1", "f9", "esc")
    assert "it never redeems" in said
    assert "Offline 12 min  37 to send" in said
    assert "Cleared" in said


def test_a_scanner_on_a_port_is_heard(stage: Stage) -> None:
    """Where a code makes sense; where a number is asked for, it answers nothing and that is said."""
    i18n.use("en")
    read, write = os.pipe()
    said = io.StringIO()
    with os.fdopen(read, encoding="utf-8") as lines:
        talk = Talk(lines, said)
        counter = LineCounter(stage.counter, talk)
        counter.take(CodeScanned(CARD, 0))
        assert talk.ask(takes_scans=True) == CARD
        counter.take(CodeScanned(CARD, 0))
        os.write(write, b"7\n")
        assert talk.ask() == "7"
        assert "The scan was not used" in said.getvalue()
        os.close(write)
        with pytest.raises(EOFError):
            talk.ask()
