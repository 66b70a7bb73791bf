"""What does not load, with the key path and the reason that its author reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from points import Programme, ProgrammeError, parse_programme
from points.programme import MAX_DOCUMENT_BYTES

SAMPLE = (Path(__file__).parents[2] / "config" / "programmes" / "supermarket.toml").read_text("utf-8")
VOUCHER_CONDITIONS = next(line for line in SAMPLE.splitlines() if line.startswith("conditions") and "无门槛" in line)
MORE_REWARD = '\n[[reward]]\nform = "item"\nid = "extra"\nname = {zh="礼品",en="gift"}\nkinds = ["points"]\n'


def refusal(text: str | bytes) -> tuple[str, str]:
    """Key path and sentence."""
    with pytest.raises(ProgrammeError) as caught:
        parse_programme(text, "shop.toml")
    assert str(caught.value).startswith("shop.toml")
    return caught.value.key_path, str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "key_path", "reason"),
    [
        (VOUCHER_CONDITIONS, "", "reward[0].conditions", "Field required"),
        ("value_fen = 20_00", "value_fen = 20.00", "reward[0].value_fen", "is a float"),
        ("value_fen = 20_00", 'value_fen = "2000"', "reward[0].value_fen", "valid integer"),
        ("value_fen = 20_00", "value_fen = true", "reward[0].value_fen", "valid integer"),
        ("value_fen = 20_00", "value_fen = 20_01", "reward[0]", "whole fen"),
        ("\nminimum_points = 1_000", "\nminimum_points = 1_010", "reward[0]", "multiples of step_points"),
        ("\npoints = 1_000\n", "\npoints = 0\n", "reward[0].points", "greater than 0"),
        ('multiplier = "1.2"', "multiplier = 1.2", "tier[2].multiplier", "is a float"),
        ('multiplier = "1.2"', 'multiplier = "1,2"', "tier[2].multiplier", "a decimal in quotes"),
        ('multiplier = "1.2"', 'multiplier = "0"', "tier[2].multiplier", "more than zero"),
        ('code = "gold"', 'code = "silver"', "tier", "silver is there 2 times"),
        ('category = "fresh"', 'category = "frsh"', "holding_discount[0].category", "no category frsh"),
        ("percent_off = 10", "percent_off = 100", "holding_discount[0].percent_off", "less than or equal to 99"),
        ('default_category = "general"', 'default_category = "all"', "default_category", "no category all"),
        ("validity = { months = 24 }", "validity = {}", "kind[0].validity", '"never"'),
        ("validity = { months = 24 }", "validity = { months = 0 }", "kind[0].validity.months", "greater than"),
        ("validity = { months = 24 }", "validity = { grace_days = 90 }", "kind[0].validity", "year_end"),
        ("validity = { months = 24 }", "validity = { year_end = 1, months = 3 }", "kind[0].validity", "year_end"),
        ("validity = { months = 24 }", "validity = { year_end = -1 }", "kind[0].validity.year_end", "greater than"),
        ("validity = { months = 24 }", "validity = { year_end = 1, grace_days = 400 }", "kind[0].validity.grace_days",
         "less than or equal to 366"),
        ("valid_until = 2035-12-31", "valid_until = 2024-12-31", "valid_until", "is before valid_from"),
        ("valid_from = 2025-01-01", "valid_from = 20250101", "valid_from", "a date is expected"),
        ("until = 2026-11-30", "until = 2026-11-01", "campaign[1]", "ends before it begins"),
        ('earn = "2"', "", "campaign[1]", "changes nothing"),
        ("value_fen = 30_00", "value_fen = 10_00", "campaign[0].reward[0]", "is worth 2000 fen without"),
        ("value_fen = 30_00", "points = 900", "campaign[0].reward[0]", "pro rata"),
        ('reward = "voucher"', 'reward = "vuocher"', "campaign[0].reward", "no reward vuocher"),
        ('reward = "voucher"\nvalue', 'reward = "care-set"\nvalue', "campaign[0].reward[0]", "fixed price"),
        ('zh = "购物券"', 'zh = "购物\\u202e券"', "reward[0].name.zh", "U+202E"),
        ('zh = "购物券"', 'zh = "购物\\u001b[31m券"', "reward[0].name.zh", "U+001B"),
        ('zh = "购物券"', 'zh = " "', "reward[0].name.zh", "pattern"),
        ('form = "voucher"', 'form = "lottery"', "reward[0]", "does not match any of the expected tags"),
        ("floor_allowed = true", "flor_allowed = true", "reward[0].flor_allowed", "Extra inputs"),
        ("engine = 1", "engine = 2", "engine", "needs engine 2"),
        ("engine = 1", "engine = 1\nengine = 1", "", "Cannot overwrite"),
        ('industry = "supermarket"', 'industry = "Car Wash"', "industry", "should match pattern"),
        ("[[tier]]", '[[earn]]\nkind = "points"\nname = {zh="二",en="two"}\nper_fen = 1\npoints = 1\n[[tier]]', "earn[1]",
         "everything else already earns points by earn[0]"),
        ('categories = ["gift-card"]', 'categories = ["tobacco"]', "exclusion[1].categories", "already excluded"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_key_and_reason(old: str, new: str, key_path: str, reason: str) -> None:
    """One change to the sample that loads, and the sentence that its author gets."""
    assert old in SAMPLE
    path, sentence = refusal(SAMPLE.replace(old, new, 1))
    assert path == key_path
    assert reason in sentence


@pytest.mark.parametrize("missing", ["conditions", "validity", "refund", "points"])
def test_a_reward_that_does_not_disclose_everything_does_not_load(missing: str) -> None:
    """Cost, conditions, validity and refund are mandatory for every reward (A1)."""
    texts = {
        "points": "points = 10",
        "value_fen": "value_fen = 100",
        **{key: f'{key} = {{ zh = "无", en = "none" }}' for key in ("conditions", "validity", "refund")},
    }
    whole = SAMPLE + MORE_REWARD + "\n".join(texts.values())
    assert parse_programme(whole, "whole.toml").rewards[-1].id == "extra"
    del texts[missing]
    assert refusal(SAMPLE + MORE_REWARD + "\n".join(texts.values()))[0] == f"reward[5].{missing}"


def test_campaigns_that_meet_must_say_which_wins() -> None:
    """Two doublings on one day do not load until both say that the better one counts."""
    second = (
        '\n[[campaign]]\nid = "more"\nname = {zh="三倍",en="triple"}\nfrom = 2026-11-30\nuntil = 2026-12-02\n'
        'earn = "3"\nconditions = {zh="三倍",en="triple"}\n'
    )
    path, sentence = refusal(SAMPLE + second)
    assert path == "campaign[2]"
    assert "meets anniversary-2026 on 2026-11-30" in sentence
    agreed = SAMPLE.replace('earn = "2"\n', 'earn = "2"\noverlap = "best"\n') + second + 'overlap = "best"\n'
    assert len(parse_programme(agreed, "shop.toml").campaigns) == 3


TEXTS = "".join(f'{key} = {{ zh = "无", en = "none" }}\n' for key in ("conditions", "validity", "refund"))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("min_spend_fen = 49_99\noff_fen = 50_00", "off_fen is more than min_spend_fen"),
        (
            'min_spend_fen = 200_00\noff_fen = 50_00\nfunder = { zh = "店", en = "shop" }',
            "who funds it and on what legal basis",
        ),
    ],
)
def test_a_coupon_that_contradicts_itself_does_not_load(keys: str, reason: str) -> None:
    """It never pays out more than its threshold, and a funder is named with the legal basis or not at all."""
    coupon = MORE_REWARD.replace('"item"', '"coupon"') + "points = 10\n" + TEXTS
    whole = parse_programme(SAMPLE + coupon + "min_spend_fen = 50_00\noff_fen = 50_00", "whole.toml")
    assert whole.rewards[-1].id == "extra"
    path, sentence = refusal(SAMPLE + coupon + keys)
    assert path == "reward[5]"
    assert reason in sentence


def test_a_rule_for_the_rest_leaves_out_what_it_names() -> None:
    """`except_categories` earn nothing by it, everything else does."""
    rules = parse_programme(
        SAMPLE.replace("per_fen = 1_00", 'per_fen = 1_00\nexcept_categories = ["drinks"]'), "x.toml"
    )
    assert rules.earn_rule("points", "drinks") is None
    assert rules.earn_rule("points", "grocery") is rules.earn[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"id = ",
        b"x = " + b"[\n" * 100_000,
        b"a" + b".a" * 50_000 + b" = 1",
        b"a" + b".a" * 990 + b" = 1",
        b"x = [\n" + b"9" * 1_990 + b"]",
        b"#" * (MAX_DOCUMENT_BYTES + 1),
        b"x = nan",
    ],
    ids=["empty", "utf-16", "cut", "brackets", "many dots", "dots", "digits", "too long", "nan"],
)
def test_what_is_no_programme_at_all_is_refused(data: bytes) -> None:
    """Whatever is handed in ends in a `ProgrammeError`, never in another exception."""
    assert len(refusal(data)[1]) < 400


def test_a_file_saved_by_notepad_loads() -> None:
    """Windows puts a byte-order mark before UTF-8."""
    assert parse_programme(b"\xef\xbb\xbf" + SAMPLE.encode(), "bom.toml") == parse_programme(SAMPLE, "plain.toml")


def test_a_programme_cannot_be_changed(supermarket: Programme) -> None:
    """What the ledger signed is what the till computes with."""
    with pytest.raises(ValueError, match="frozen"):
        supermarket.rewards[0].points = 1
