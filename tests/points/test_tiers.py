"""Tiers that come by themselves: reached by amount and frequency, and what is missing to the next one (P8)."""

from __future__ import annotations

import pytest

from points.asked import asked
from points.counts import SPENT, VISITS
from points.errors import ProgrammeError
from points.programme import Programme, parse_programme
from points.tiers import highest, next_tier, reckoned_tier

HEAD = """
id = "p"
version = 1
engine = 1
merchant = "m"
industry = "shop"
valid_from = "2026-01-01"
valid_until = "2026-12-31"
name = { zh = "积分", en = "points" }
default_category = "food"
[[kind]]
code = "points"
name = { zh = "积分", en = "points" }
validity = { days = 365 }
[[category]]
code = "food"
name = { zh = "食品", en = "Food" }
[[earn]]
kind = "points"
name = { zh = "消费", en = "Shopping" }
per_fen = 1_00
points = 1
"""


def tier(code: str, more: str = "") -> str:
    return f'\n[[tier]]\ncode = "{code}"\nname = {{ zh = "{code}", en = "{code}" }}\nmultiplier = "1.2"\n{more}\n'


TIERS = (
    tier("plain")
    + tier("silver", "from_spent_fen = 1000_00\nfrom_visits = 3")
    + tier("guest")
    + tier("gold", "from_spent_fen = 5000_00\nfrom_visits = 10")
)


def programme(toml: str) -> Programme:
    return parse_programme(HEAD + toml, "p.toml")


@pytest.mark.parametrize(
    ("spent_fen", "visits", "expected"),
    [
        (0, 0, ""),
        (999_99, 9, ""),
        (1000_00, 2, ""),
        (1000_00, 3, "silver"),
        (90_000_00, 9, "silver"),
        (5000_00, 10, "gold"),
    ],
)
def test_both_are_to_be_reached(spent_fen: int, visits: int, expected: str) -> None:
    """Much in few visits is not enough, nor little in many."""
    assert reckoned_tier(programme(TIERS).tiers, spent_fen, visits) == expected


def test_the_higher_of_two_counts() -> None:
    """One given by hand and the reckoned one, in the order of the document; what another merchant calls so is none here."""
    tiers = programme(TIERS).tiers
    assert highest(tiers, ("silver", "guest")) == "guest"
    assert highest(tiers, ("gold", "")) == "gold"
    assert highest(tiers, ("black", "")) == "plain"
    assert highest((), ("gold",)) == ""


def test_what_is_missing_to_the_next_one() -> None:
    """3,200 yuan and 2 visits to gold; who has a tier by hand is not sent below it; above the highest is nothing."""
    tiers = programme(TIERS).tiers
    gap = next_tier(tiers, "silver", 1_800_00, 8)
    assert gap is not None
    assert (gap.tier.code, gap.spent_fen, gap.visits) == ("gold", 3_200_00, 2)
    gap = next_tier(tiers, "guest", 6_000_00, 8)
    assert gap is not None
    assert (gap.tier.code, gap.spent_fen, gap.visits) == ("gold", 0, 2)
    assert next_tier(tiers, "gold", 0, 0) is None
    assert next_tier(programme(tier("plain")).tiers, "plain", 0, 0) is None


def test_what_is_counted_for_it() -> None:
    """Amount and visits by the month, where a tier comes by itself, and else nothing."""
    assert asked(programme(TIERS)) == {SPENT, VISITS}
    assert asked(programme(tier("plain"))) == frozenset()


def test_the_window_is_a_year_unless_told_otherwise() -> None:
    assert programme(TIERS).tier_months == 12
    assert programme(TIERS + "\n[tier_window]\nmonths = 6\n").tier_months == 6


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (tier("a", "from_visits = 5") + tier("b", "from_visits = 3"), "tier[1]: asks for less than a"),
        (tier("a", "from_visits = 5") + tier("b", "from_visits = 5"), "tier[1]: asks for less than a"),
        (tier("a", "from_visits = 5") + tier("b", "from_spent_fen = 1_00"), "tier[1]: asks for less than a"),
        (tier("a") + "\n[tier_window]\nmonths = 6\n", "tier_window: no tier has from_spent_fen or from_visits"),
        (tier("a", "from_visits = 1") + "\n[tier_window]\nmonths = 25\n", "tier_window.months: "),
        (tier("a", "from_visits = 0"), "tier[0].from_visits: "),
        (tier("a", 'from_spent_fen = "many"'), "tier[0].from_spent_fen: "),
    ],
)
def test_what_would_leave_a_member_guessing_is_refused(toml: str, says: str) -> None:
    """With file and key path."""
    with pytest.raises(ProgrammeError) as refused:
        programme(toml)
    assert says in str(refused.value)
    assert str(refused.value).startswith("p.toml")
