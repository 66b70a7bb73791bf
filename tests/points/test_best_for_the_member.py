"""Where several rules meet, the member gets the better one, and they never multiply each other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from points import Basket, BasketLine, Choice, MemberFacts, Programme, offers, parse_programme, quote

SAMPLE = (Path(__file__).parents[2] / "config" / "programmes" / "supermarket.toml").read_text("utf-8")
GREEN = """
[[kind]]
code = "green"
name = { zh = "绿色消费积分", en = "green points" }
validity = "never"

[[earn]]
kind = "green"
name = { zh = "生鲜每10元积1分", en = "1 for 10 yuan of fresh produce" }
per_fen = 10_00
points = 1
categories = ["fresh"]
"""


def campaign(name: str, body: str, days: str = "from = 2026-06-01\nuntil = 2026-06-30") -> str:
    words = f'{{ zh = "{name}", en = "{name}" }}'
    head = f'\n[[campaign]]\nid = "{name}"\nname = {words}\n{days}\nconditions = {words}\noverlap = "best"\n'
    return head + body


def programme(*more: str, text: str = SAMPLE) -> Programme:
    return parse_programme(text + "".join(more), "more.toml")


def test_the_largest_multiplier_counts_alone() -> None:
    """Double and triple on one day are triple, in either order of the file; where only one is meant, that one counts."""
    double, triple = campaign("double", 'earn = "2"\n'), campaign("triple", 'earn = "3"\ncategories = ["drinks"]\n')
    basket = Basket((BasketLine("drinks", 10_00), BasketLine("grocery", 10_00)))
    at = datetime.fromisoformat("2026-06-05T12:00")
    for more in ((double, triple), (triple, double)):
        sale = quote(programme(*more), basket, MemberFacts(), at)
        assert sale.awarded("points") == 30 + 20
        assert [line.name.en for line in sale.lines if line.rule == "campaign"] == ["triple", "double"]


def test_the_best_price_of_a_reward_counts_and_is_named() -> None:
    """Of ¥24 and ¥30 for 1,000 points the member gets ¥30, and the redemption names the campaign."""
    prices = [
        campaign(f"worth-{yuan}", f'[[campaign.reward]]\nreward = "voucher"\nvalue_fen = {yuan}00\n')
        for yuan in (24, 30, 26)
    ]
    member, at = MemberFacts(spendable={"points": 1_000}), datetime.fromisoformat("2026-06-05T12:00")
    sale = quote(programme(*prices), Basket.of_amount(100_00), member, at, (Choice("voucher", 1_000),))
    assert (sale.due_fen, sale.redemptions[0].campaign_id) == (70_00, "worth-30")


def test_of_two_holding_discounts_the_larger_counts_alone() -> None:
    """10 % from 5,000 and 15 % from 8,000: a member with 8,000 pays 85, in either order of the file."""
    start = SAMPLE.index("[[holding_discount]]")
    ten = SAMPLE[start : SAMPLE.index("# --- rewards")]
    fifteen = ten.replace("fresh-90", "fresh-85").replace("held = 5_000", "held = 8_000")
    fifteen = (
        fifteen.replace("percent_off = 10", "percent_off = 15")
        .replace("9折", "8.5折")
        .replace("10 % off", "15 % off")
    )
    fresh, at = Basket((BasketLine("fresh", 100_00),)), datetime.fromisoformat("2026-06-05T12:00")
    for text in (SAMPLE.replace(ten, ten + fifteen), SAMPLE.replace(ten, fifteen + ten)):
        dues = [
            quote(programme(text=text), fresh, MemberFacts(held={"points": held}), at).due_fen
            for held in (4_999, 5_000, 8_000)
        ]
        assert dues == [100_00, 90_00, 85_00]


def test_each_kind_of_points_has_its_own_rate_rounding_and_validity() -> None:
    """P13's shape: one basket earns both kinds, each rounded once, and green points never expire."""
    basket = Basket((BasketLine("fresh", 29_99), BasketLine("drinks", 5_02)))
    sale = quote(programme(GREEN), basket, MemberFacts("gold"), datetime.fromisoformat("2026-06-05T12:00"))
    assert {award.kind: (award.points, award.expires_on is None) for award in sale.awards} == {
        "points": (42, False),
        "green": (3, True),
    }


def test_an_offer_stands_on_the_kind_that_the_member_has_most_of() -> None:
    """A reward for two kinds is offered for the one that is full, and the redemption takes that one."""
    both = SAMPLE.replace('kinds = ["points"]', 'kinds = ["points", "green"]')
    member, at = MemberFacts(spendable={"points": 10, "green": 2_000}), datetime.fromisoformat("2026-06-05T12:00")
    rules = programme(GREEN, text=both)
    gift = offers(rules, Basket(), member, at)[1]
    assert (gift.kind, gift.is_possible, gift.disclosure.cost.zh) == (
        "green",
        True,
        "2,000 绿色消费积分，价值 49.00 元",
    )
    sale = quote(rules, Basket(), member, at, (Choice(gift.reward_id, gift.points, gift.kind),))
    assert (sale.redeemed("green"), sale.redeemed("points"), sale.redemptions[0].left_after) == (2_000, 0, 0)
