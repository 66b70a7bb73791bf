"""`till programme check`: what a marketing person reads before he publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config import data
from till.cli import main

SAMPLES = [str(data("programmes") / f"{industry}.toml") for industry in ("supermarket", "restaurant", "4s")]


def run(*arguments: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, ["--lang", language, "programme", "check", *arguments], catch_exceptions=False)


def test_every_example_of_the_samples_is_printed_with_its_result() -> None:
    """Name, what is paid, used and earned; and what a point is worth in each reward."""
    answer = run(*SAMPLES)
    assert answer.exit_code == 0
    for words in (
        "ok  300 yuan a week", "pays ¥76.00, uses 1,200 points, earns 76 points", "refused: not-enough-points",
        "200 points = ¥25.00, 12.5 fen a point", "3 files checked, 0 findings",
    ):  # fmt: skip
        assert " ".join(words.split()) in " ".join(answer.output.split())
    assert "others' points" not in answer.output


def test_the_price_of_the_coalition_shows_who_pays_what() -> None:
    """P14, in Chinese."""
    answer = run(*SAMPLES, "--price", "points=2", language="zh-CN")
    assert "收他店积分：得 100.00元，自担 400.00元" in answer.output


@pytest.mark.parametrize("price", ["points", "points=", "points=-1", "points=1,5", "=2", "points=99999"])
def test_what_is_no_price_is_refused(price: str) -> None:
    """With the form that is wanted."""
    answer = run(SAMPLES[0], "--price", price)
    assert answer.exit_code == 2
    assert "KIND=FEN" in answer.output


def test_differences_are_found_and_the_other_files_checked_all_the_same(tmp_path: Path) -> None:
    """Exit 1; an example that does not come true, a file that does not load with its line, and a good one."""
    text = Path(SAMPLES[0]).read_text("utf-8")
    wrong, broken = tmp_path / "wrong.toml", tmp_path / "broken.toml"
    wrong.write_text(text.replace("paid_fen = 300_00", "paid_fen = 299_00", 1), "utf-8")
    broken.write_text(text.replace("percent_off = 10", "percent_off = 100"), "utf-8")
    answer = run(str(wrong), str(broken), SAMPLES[1])
    assert answer.exit_code == 1
    assert "x  300 yuan a week" in answer.output
    assert "paid 300.00, not 299.00" in answer.output
    line = 1 + text.splitlines().index("percent_off = 10")
    assert f"broken.toml:{line}: holding_discount[0].percent_off" in answer.output
    assert "3 files checked, 2 findings" in answer.output


def test_programs_get_one_object() -> None:
    """Every example with its differences."""
    document: dict[str, Any] = json.loads(run(*SAMPLES, "--json").output)
    assert (document["files"], document["findings"]) == (3, [])
    assert {"file": "supermarket.toml", "name": "300 yuan a week", "result": "pays ¥300.00, earns 300 points",
            "differences": []} in document["examples"]  # fmt: skip


def test_a_price_list_is_looked_through(tmp_path: Path) -> None:
    """Goods that hide what they are, in the language of whoever asks; a file that is none ends it."""
    goods = tmp_path / "goods.csv"
    goods.write_text("code,name,category\n1,香烟,grocery\n2,米,grocery\n", "utf-8")
    answer = run(SAMPLES[0], "--catalogue", str(goods), language="zh-CN")
    assert answer.exit_code == 1
    assert "goods.csv:2: products[0]: 1 香烟从名称看属于 tobacco" in answer.output
    assert "A3：法律不许促销烟草" in answer.output
    goods.write_text("code,name\n", "utf-8")
    answer = run(SAMPLES[0], "--catalogue", str(goods), language="zh-CN")
    assert (answer.exit_code, answer.stderr.strip()) == (2, "goods.csv:1: 缺少 category 列")


def test_what_may_not_be_promised_is_a_finding(tmp_path: Path) -> None:
    """With the rule; what a coalition forbids too, where its file is named."""
    text = Path(SAMPLES[0]).read_text("utf-8")
    promises = tmp_path / "promises.toml"
    promises.write_text(text.replace('zh = "不退换"', 'zh = "可提现"'), "utf-8")
    answer = run(str(promises))
    assert answer.exit_code == 1
    assert "points are never turned into cash (A3)" in answer.output
    assert "1 files checked, 1 findings" in answer.output
    coalition = tmp_path / "coalition.toml"
    reason = (
        '[[forbidden]]\nnature = "alcohol"\napplies_to = "redeeming"\nreason = { zh = "约定", en = "as agreed" }\n'
    )
    coalition.write_text(reason, "utf-8")
    bar = tmp_path / "bar.toml"
    bar.write_text(text.replace('en = "drinks" }', 'en = "drinks" }\nnature = "alcohol"'), "utf-8")
    assert run(str(bar)).exit_code == 0
    assert "as agreed" in run(str(bar), "--coalition", str(coalition)).output
    coalition.write_text(reason.replace("redeeming", "never"), "utf-8")
    answer = run(str(bar), "--coalition", str(coalition))
    assert (answer.exit_code, "forbidden[0].applies_to" in answer.output) == (2, True)
