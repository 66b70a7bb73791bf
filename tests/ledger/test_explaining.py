"""Why a sale earned what it earned: by the rules of its day, from what its entry carries."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.explaining import Explained, differing, explain
from ledger.problems import ProblemError
from protocol.entries import Award, Redemption, Sale
from tests.ledger.shop import DAY, Shop, Till

MEMBER = "1000000001"
RULES = """
[[kind]]
code = "points"
name = {{ zh = "积分", en = "points" }}
validity = {{ days = 365 }}
[[category]]
code = "food"
name = {{ zh = "食品", en = "food" }}
[[tier]]
code = "gold"
name = {{ zh = "金卡", en = "gold" }}
multiplier = "1.5"
[[earn]]
kind = "points"
name = {{ zh = "消费", en = "shopping" }}
per_fen = 1_00
points = {points}
[[reward]]
form = "coupon"
id = "coupon"
name = {{ zh = "满100减20", en = "20 off 100" }}
kinds = ["points"]
points = 500
min_spend_fen = 100_00
off_fen = 20_00
conditions = {{ zh = "每单一张", en = "one a bill" }}
validity = {{ zh = "长期有效", en = "as long as the programme" }}
refund = {{ zh = "原路退回", en = "points go back" }}
"""


@pytest.fixture
def till(shop: Shop) -> Till:
    """Version 2 gives one point a yuan, version 3 two."""
    shop.publish_whole(RULES.format(points=1), 2)
    shop.publish_whole(RULES.format(points=2), 3)
    shop.join(MEMBER)
    return shop.till()


def sold(till: Till, points: int, version: int = 2, **changes: Any) -> Sale:
    return till.sale(
        MEMBER, programme_version=version, sums_fen={"food": 100_00}, tier="gold",
        awards=(Award(kind="points", points=points, expires_on="2027-11-21"),), **changes,
    )  # fmt: skip


def explained(shop: Shop, till: Till, seq: int) -> Explained:
    with shop.database.read() as connection:
        return explain(connection, shop.database.terms.refreshed(connection), till.terminal, seq)


def test_a_sale_is_explained_by_the_version_it_names(shop: Shop, till: Till) -> None:
    """The old version stands for the old sale, whatever was published since: 100 × 1.5 then, 200 × 1.5 now."""
    till.send(sold(till, 150))
    till.send(sold(till, 300, version=3))
    for seq, points in ((1, 150), (2, 300)):
        found = explained(shop, till, seq)
        assert found.sentences == ()
        assert found.quote is not None
        assert found.quote.awarded("points") == points
        assert [line.rule for line in found.quote.lines] == ["earn", "tier"]


def test_what_the_rules_make_otherwise_is_told_with_both_figures(shop: Shop, till: Till) -> None:
    """Too many points, another amount due; the books stay as they are."""
    till.send(sold(till, 151, due_fen=99_00))
    assert explained(shop, till, 1).sentences == (
        "due: the till said 9900, the rules make it 10000", "points: the till said 151, the rules make it 150",
    )  # fmt: skip
    assert shop.balance(MEMBER)[0] == 151


def test_what_was_redeemed_is_part_of_it(shop: Shop, till: Till) -> None:
    """The coupon leaves 80 yuan, which earn 120; that the points were there is not the rules' question."""
    coupon = Redemption(
        reward="coupon", kind="points", points=500, off_bill_fen=20_00, authority="floor", proof="static"
    )
    till.send(sold(till, 120, due_fen=80_00, redemptions=(coupon,)))
    assert explained(shop, till, 1).sentences == ()


def test_a_redemption_that_the_rules_refuse_is_found(shop: Shop, till: Till) -> None:
    """For 400 points, when it costs 500."""
    coupon = Redemption(
        reward="coupon", kind="points", points=400, off_bill_fen=20_00, authority="floor", proof="static"
    )
    till.send(sold(till, 120, due_fen=80_00, redemptions=(coupon,)))
    assert explained(shop, till, 1).sentences == ("the rules refuse it: coupon costs 500 points now, not 400",)


def test_a_day_lists_what_differs_and_nothing_else(shop: Shop, till: Till) -> None:
    """Of three sales of the day the one that is wrong."""
    for points in (150, 149, 150):
        till.send(sold(till, points))
    with shop.database.read() as connection:
        terms = shop.database.terms.refreshed(connection)
        assert [(terminal, seq) for terminal, seq, _ in differing(connection, terms, DAY)] == [(till.terminal, 2)]
        assert list(differing(connection, terms, "2026-11-20")) == []


def test_what_is_no_sale_is_refused_with_a_sentence(shop: Shop, till: Till) -> None:
    """A shift, a number that nobody sent, rules that were never published, a day that the calendar has not."""
    till.send(till.shift())
    till.send(sold(till, 150, version=9))
    till.send(sold(till, 150, business_day="2026-02-31"))
    for seq, words in (
        (1, "is no sale"), (2, "version 9, never published"), (3, "2026-02-31, which is no day"), (4, "4 of T1"),
    ):  # fmt: skip
        with pytest.raises((ProblemError, LedgerError), match=words):
            explained(shop, till, seq)
