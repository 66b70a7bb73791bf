"""A1: a percentage that a text says is one that the numbers make."""

from __future__ import annotations

import pytest

from config import data
from points import Programme, ProgrammeError, parse_programme
from tests.points.test_programme_document import SAMPLE

WORKSHOP = (data("programmes") / "4s.toml").read_text("utf-8")
CLEANING = next(line for line in WORKSHOP.splitlines() if line.startswith("conditions") and "5,000" in line)


def of_anniversary(words: str) -> str:
    """The 4S campaign of 5,000 points instead of 6,000, in these words."""
    return WORKSHOP.replace(CLEANING, f'conditions = {{ zh = "{words}", en = "as in Chinese" }}')


@pytest.mark.parametrize("words", ["少16.7%积分", "多得 20% 价值", "8.3折", "5,000积分，原6,000", "20％", "100元"])
def test_a1_5000_for_6000_is_16_7_percent_fewer_points_and_20_percent_more_value(words: str) -> None:
    """The two that are true, in each way of writing them, and what is no percentage at all."""
    assert parse_programme(of_anniversary(words), "4s.toml").campaigns


@pytest.mark.parametrize("words", ["省20.5%", "少17%积分", "8折", "全场5折", "立减 30 %"])
def test_a1_any_other_percentage_is_refused_with_the_true_ones(words: str) -> None:
    """The seed's own example would be 16.7: whoever types another one is told which it is."""
    with pytest.raises(ProgrammeError, match=r"16\.7 %, 20 %, 8\.3折") as refused:
        parse_programme(of_anniversary(words), "4s.toml")
    assert refused.value.key_path.endswith("conditions.zh")
    assert refused.value.line


@pytest.mark.parametrize(
    ("old", "new", "key_path"),
    [
        ('zh = "生鲜9折"', 'zh = "生鲜8折"', "holding_discount[0].name.zh"),
        ('en = "fresh produce 10 % off"', 'en = "fresh produce 15 % off"', "holding_discount[0].name.en"),
        ("one at a time, at the till", "20% cheaper", "reward[2].conditions.en"),
        ('zh = "店庆双倍"', 'zh = "店庆多200%"', "campaign[1].name.zh"),
    ],
)
def test_a1_wherever_it_stands(old: str, new: str, key_path: str) -> None:
    """Discounts, rewards, campaigns; in both languages."""
    with pytest.raises(ProgrammeError, match="A1") as refused:
        parse_programme(SAMPLE.replace(old, new, 1), "shop.toml")
    assert refused.value.key_path == key_path


def test_a_till_loads_what_was_signed_before() -> None:
    """The check is of publishing: a running shop does not stop for a sentence."""
    document = parse_programme(SAMPLE, "shop.toml").to_document()
    document["holding_discount"][0]["name"]["zh"] = "生鲜8折"  # type: ignore[index]
    assert Programme.from_document(document).holding_discounts[0].name.zh == "生鲜8折"


def test_a1_double_points_are_100_percent_more() -> None:
    """Of what is earned."""
    programme = parse_programme(SAMPLE.replace('zh = "店庆双倍"', 'zh = "店庆多100%"', 1), "shop.toml")
    assert programme.campaigns[1].name.zh == "店庆多100%"
