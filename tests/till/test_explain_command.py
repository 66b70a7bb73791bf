"""`till programme explain`: how a quote came about, for whoever asks."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import data
from till.cli import main

SUPERMARKET = str(data("programmes") / "supermarket.toml")
GOLD = ("--held", "points=6000", "--tier", "gold", "--at", "2026-11-21T14:32")
BASKET = ("--line", "fresh=100", "--line", "drinks=28.5", "--line", "tobacco=20", "--choose", "voucher=1000")


def run(*arguments: str, language: str = "zh-CN") -> Result:
    command = ["--lang", language, "programme", "explain", SUPERMARKET, *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_every_step_is_said_with_its_factor_and_its_rounding() -> None:
    """The bill, what leaves it, what earns nothing, each factor, and what is dropped at the end; in Chinese."""
    answer = run(*BASKET, *GOLD)
    assert answer.exit_code == 0
    said = [" ".join(line.split()) for line in answer.output.splitlines()]
    assert said[:5] == [
        "消费金额 148.50元", "生鲜9折 生鲜 x 0.9 -10.00", "购物券 -20.00", "抵扣后应收 118.50元",
        "依法不参加促销 烟草 20.00 0",
    ]  # fmt: skip
    assert "金卡 1.2倍 生鲜 x 1.2 +14.962" in said
    assert said[-3:] == ["不足1分舍去 -0.4", "本单积分 236", "最后可用日 2028-11-21"]


def test_for_programs_the_exact_steps_add_up_to_what_is_earned() -> None:
    """Decimal text is cut after four places, so they agree within what ten steps can lose."""
    document = json.loads(run(*BASKET, *GOLD, "--json").output)
    assert (document["gross_fen"], document["due_fen"], document["awarded"]) == (148_50, 118_50, {"points": 236})
    exact = sum((Fraction(step["points"].replace(",", "")) for step in document["steps"]), Fraction(0))
    assert abs(exact - 236) < Fraction(10, 10_000)


def test_a_reward_that_cannot_be_had_is_found_and_said() -> None:
    """Exit 1, with the sentence."""
    answer = run("128.5", "--choose", "voucher=1000", language="en")
    assert answer.exit_code == 1
    assert "1000 points are missing" in answer.output


def test_what_is_counted_and_what_others_pay_is_explained_too() -> None:
    """Cups, a lamp's saving with its factor, an insurer's part, a cap and a questionnaire, each with its figure."""
    file = str(Path(__file__).parents[1] / "earning.toml")
    basket = ("--line", "coffee=84", "--line", "lamps=60", "--unit", "pieces/coffee=3", "--unit", "kwh-year/lamps=50")
    known = ("--count", "earned/stamps/day=4", "--other", "insurer=20", "--activity", "quiz", "--tier", "gold")
    command = ["--lang", "zh-CN", "programme", "explain", file, *basket, *known, "--at", "2026-05-01T12:00"]
    said = [" ".join(line.split()) for line in CliRunner().invoke(main, command).output.splitlines()]
    for line in (
        "保险理赔 -20.00", "抵扣后应收 124.00元", "每杯1枚印花 咖啡 3杯 3", "印花每日最多5枚 -2",
        "每10千瓦时1分 灯具 50千瓦时 5", "金卡 1.2倍 灯具 x 1.2 +1", "完成节能问卷 50", "本单积分 56",
    ):  # fmt: skip
        assert line in said, said


@pytest.mark.parametrize(
    "arguments", [("12,5",), ("1", "--line", "fresh"), ("1", "--at", "noon"), ("1", "--held", "points=many")]
)
def test_what_nobody_can_mean_is_refused(arguments: tuple[str, ...]) -> None:
    """Exit 2: nothing was asked that could be answered."""
    assert run(*arguments).exit_code == 2
