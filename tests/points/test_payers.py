"""What another pays of a bill, an insurer of a repair, a platform of a meal: it earns nothing and no points pay for it."""

from __future__ import annotations

from datetime import datetime

import pytest

from points import (
    Basket,
    BasketLine,
    Choice,
    MemberFacts,
    PayerError,
    ProgrammeError,
    Quote,
    RedemptionError,
    offers,
    quote,
)
from points.billing import sums_of
from points.quote import units_of
from points.refunding import Redeemed, Refunded, SoldGoods, refund, shares_of
from tests.points.shops import VOUCHER, rule, shop, words

AT = datetime.fromisoformat("2026-05-05T12:00")
PLATFORM = f'\n[[payer]]\ncode = "platform"\nname = {words("外卖平台")}\n'
INSURER = f'\n[[payer]]\ncode = "insurer"\nname = {words("保险理赔")}\ncategories = ["lamps"]\n'
LAMPS_10_OFF = f"""
[[holding_discount]]
id = "lamps-90"
name = {words("9折")}
kind = "points"
held = 1_000
category = "lamps"
percent_off = 10
conditions = {words("持有1,000积分")}
"""
STAMPS = rule("quantity", 'points = 1\ncategories = ["lamps"]')
BOTH = (BasketLine("lamps", 100_00), BasketLine("coffee", 60_00))


def bill(
    others_fen: dict[str, int], *lines: BasketLine, tables: str = "", held: int = 0, choices: tuple[Choice, ...] = ()
) -> Quote:
    member = MemberFacts(held={"points": held}, spendable={"points": held})
    return quote(shop(PLATFORM, INSURER, tables), Basket(lines, others_fen), member, AT, choices)


def test_a_delivery_platforms_part_earns_nothing() -> None:
    """¥58 of which the platform pays ¥12: ¥46 are due, 46 points; the line says who paid."""
    sale = bill({"platform": 12_00}, BasketLine("", 58_00))
    assert (sale.gross_fen, sale.due_fen, sale.awarded("points")) == (58_00, 46_00, 46)
    assert [(line.name.zh, int(line.amount_fen)) for line in sale.lines if line.rule == "payer"] == [
        ("外卖平台", -12_00)
    ]


def test_a_part_is_spread_over_the_goods_that_it_is_for() -> None:
    """The insurer pays for lamps alone; the platform's ¥30 of ¥60 + ¥60 that are left is half of each."""
    sale = bill({"insurer": 40_00, "platform": 30_00}, *BOTH)
    assert sale.paid == {"lamps": 45_00, "coffee": 45_00}
    assert sale.due_fen == 90_00
    assert bill({"insurer": 40_00, "platform": 30_00}, *reversed(BOTH)) == sale


def test_no_points_pay_for_it() -> None:
    """Of ¥100 the platform pays ¥75: a voucher of ¥30 is above what is left, one of ¥20 leaves ¥5 and 5 points."""
    with pytest.raises(RedemptionError, match="only 2500 are left"):
        bill({"platform": 75_00}, BasketLine("", 100_00), tables=VOUCHER, held=300, choices=(Choice("voucher", 300),))
    sale = bill(
        {"platform": 75_00}, BasketLine("", 100_00), tables=VOUCHER, held=300, choices=(Choice("voucher", 200),)
    )
    assert (sale.due_fen, sale.awarded("points")) == (5_00, 5)
    listed = offers(
        shop(PLATFORM, VOUCHER), Basket.of_categories({"coffee": 100_00}, others_fen={"platform": 75_00}),
        MemberFacts(spendable={"points": 900}), AT,
    )  # fmt: skip
    assert listed[0].most_points == 200


def test_a_discount_is_of_what_the_member_pays() -> None:
    """10 % of the ¥20 that the insurer leaves, not of ¥100."""
    sale = bill({"insurer": 80_00}, BasketLine("lamps", 100_00), tables=LAMPS_10_OFF, held=1_000)
    assert (sale.due_before_redemption_fen, sale.due_fen) == (18_00, 18_00)


def test_what_others_pay_whole_counts_for_nothing() -> None:
    """A warranty repair: due 0, no points and no stamp for the piece."""
    sale = bill({"insurer": 100_00}, BasketLine("lamps", 100_00), tables=STAMPS)
    assert (sale.due_fen, sale.awards) == (0, ())
    assert bill({"insurer": 99_99}, BasketLine("lamps", 100_00), tables=STAMPS).awarded("stamps") == 1


def test_the_entry_gives_the_same_quote() -> None:
    """Sums, units and what others pay are enough."""
    rules, member = shop(PLATFORM, INSURER, STAMPS), MemberFacts("gold")
    basket = Basket(BOTH, {"platform": 33_33, "insurer": 1})
    again = Basket.of_categories(sums_of(rules, basket), units_of(rules, basket), basket.others_fen)
    assert quote(rules, again, member, AT) == quote(rules, basket, member, AT)


def test_what_another_paid_was_not_paid_with_points() -> None:
    """The insurer's lamp goes back: no money, no points. The coffee: 40 yuan, the voucher's points, and what it earned."""
    sale = bill({"insurer": 100_00}, *BOTH, tables=VOUCHER, held=200, choices=(Choice("voucher", 200),))
    sold = SoldGoods({"lamps": 100_00, "coffee": 60_00}, 40_00, {"points": 40}, (Redeemed("points", 200, 20_00),))
    shared = shares_of(sale, sold)
    lamp = refund(shared, Refunded(), {"lamps": 100_00})
    assert (lamp.money_fen, any(lamp.given_back.values()), any(lamp.taken_back.values())) == (0, False, False)
    coffee = refund(shared, Refunded(), {"coffee": 60_00})
    assert (coffee.money_fen, coffee.given_back, coffee.taken_back) == (40_00, {"points": 200}, {"points": 40})


@pytest.mark.parametrize(
    ("others_fen", "code", "said"),
    [
        ({"platform": 160_01}, "payer-above-bill", "pays 16001 fen, only 16000"),
        ({"insurer": 100_01}, "payer-above-bill", "only 10000 of the bill"),
        ({"insurer": 100_00, "platform": 60_01}, "payer-above-bill", "only 6000"),
        ({"friend": 1}, "payer-unknown", "no payer friend"),
    ],
)
def test_a_part_that_cannot_be(others_fen: dict[str, int], code: str, said: str) -> None:
    """More than its goods come to, or by somebody whom the programme does not know."""
    with pytest.raises(PayerError, match=said) as caught:
        bill(others_fen, *BOTH)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("table", "key_path"), [(PLATFORM * 2, "payer"), (INSURER.replace("lamps", "tyres"), "payer[0].categories")]
)
def test_a_mistake_is_named_by_key(table: str, key_path: str) -> None:
    """As everywhere."""
    with pytest.raises(ProgrammeError) as caught:
        shop(table)
    assert caught.value.key_path == key_path
