"""Rewards that are used later, taken so often, or given to some: vouchers, stamp cards, cash beside points, limits, tiers."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points import (
    Basket,
    BasketLine,
    Choice,
    MemberFacts,
    Offer,
    Programme,
    ProgrammeError,
    Quote,
    RedemptionError,
    offers,
    parse_programme,
    quote,
)
from points.acceptance import acceptances
from points.counts import offered, taken
from points.examples import differences

LATER = Path(__file__).parents[1] / "later.toml"
TEXT = LATER.read_text("utf-8")
NOON = datetime.fromisoformat("2026-06-05T12:00")
GOODS = Basket((BasketLine("goods", 120_00),))


@pytest.fixture(scope="session")
def later() -> Programme:
    return parse_programme(TEXT, LATER.name)


def holder(tier: str = "standard", counts: dict[str, int] | None = None, **spendable: int) -> MemberFacts:
    points = {kind.replace("_", "-"): held for kind, held in spendable.items()}
    return MemberFacts(tier, points, points, counts or {})


def sale(programme: Programme, member: MemberFacts, *choices: Choice, at: datetime = NOON) -> Quote:
    return quote(programme, GOODS, member, at, choices)


def refused(programme: Programme, member: MemberFacts, *choices: Choice) -> RedemptionError:
    with pytest.raises(RedemptionError) as caught:
        sale(programme, member, *choices)
    return caught.value


def offer_of(programme: Programme, member: MemberFacts, reward: str, at: datetime = NOON) -> Offer:
    return next(offer for offer in offers(programme, GOODS, member, at) if offer.reward_id == reward)


def test_its_own_examples_come_true(later: Programme) -> None:
    """As `till programme check` plays them."""
    assert [differences(later, example) for example in later.examples] == [()] * 3


def test_points_become_a_voucher_beside_what_the_goods_earn(later: Programme) -> None:
    """800 points, one car wash; nothing leaves the bill, and the voucher has the validity of its own kind."""
    issued = sale(later, holder(points=850), Choice("wash-issue", 800))
    assert issued.due_fen == 120_00
    assert [(award.kind, award.points, award.expires_on) for award in issued.awards] == [
        ("points", 120, date(2028, 6, 5)),
        ("wash-voucher", 1, date(2026, 9, 3)),
        ("stamps", 2, date(2027, 6, 5)),
    ]
    assert (issued.redemptions[0].gives, issued.redemptions[0].units) == ("wash-voucher", 1)
    (line,) = (line for line in issued.lines if line.rule == "issued")
    assert (line.name.zh, line.kind, line.points) == ("兑洗车券", "wash-voucher", Fraction(1))


@pytest.mark.parametrize(
    ("points", "day", "units"), [(1_000, "2026-06-05", 20), (1_200, "2026-06-05", 24), (1_200, "2026-02-05", 48)]
)
def test_vouchers_for_next_time_pro_rata(later: Programme, points: int, day: str, units: int) -> None:
    """P1, used on a later visit: 1,200 points = 24 of one yuan, in the campaign 48."""
    at = datetime.fromisoformat(f"{day}T12:00")
    assert sale(later, holder(points=2_000), Choice("money-issue", points), at=at).awarded("money-voucher") == units


def test_what_a_sale_issues_is_not_used_in_it(later: Programme) -> None:
    """The voucher is the member's from the next sale on."""
    error = refused(later, holder(points=800), Choice("wash-issue", 800), Choice("wash", 1))
    assert (error.code, error.facts["kind"], error.facts["spendable"]) == ("not-enough-points", "wash-voucher", 0)


def test_vouchers_are_used_one_by_one_and_say_so(later: Programme) -> None:
    """A ladder of single units: 24 yuan off with 24 vouchers, each counted in pieces and never called points."""
    member = holder(money_voucher=24)
    offer = offer_of(later, member, "money")
    assert (offer.points, offer.step_points, offer.most_points) == (1, 1, 24)
    assert offer.disclosure.cost.zh == "1元券 1张 抵 1.00 元"
    assert sale(later, member, Choice("money", 24)).due_fen == 96_00


def test_costs_of_what_is_issued_are_put_into_words(later: Programme) -> None:
    """What it costs, what it gives, and what that is worth."""
    member = holder(points=1_000)
    assert offer_of(later, member, "wash-issue").disclosure.cost.zh == "800 消费积分 换 洗车券 1张，价值 30.00 元"
    assert offer_of(later, member, "money-issue").disclosure.cost.en == (
        "1,000 points for one yuan 20 voucher, worth 20.00 yuan"
    )
    festive = offer_of(later, member, "money-issue", datetime.fromisoformat("2026-02-05T12:00"))
    assert festive.disclosure.cost.zh == "1,000 消费积分 换 1元券 40张，价值 40.00 元"
    assert offer_of(later, member, "view-room").disclosure.cost.zh == "5,000 消费积分 + 99.00 元，价值 399.00 元"


def test_a_ladder_of_vouchers_does_not_ask_for_a_bill(later: Programme) -> None:
    """Nothing is paid with it today: all of the member's points can go."""
    (offer,) = (one for one in offers(later, Basket(), holder(points=1_730), NOON) if one.reward_id == "money-issue")
    assert (offer.is_possible, offer.most_points) == (True, 1_700)


def test_ten_stamps_buy_a_wash(later: Programme) -> None:
    """A stamp card is a kind of points and a reward that costs ten of them."""
    assert refused(later, holder(stamps=9), Choice("stamp-card", 10)).facts["missing"] == 1
    washed = sale(later, holder(stamps=12), Choice("stamp-card", 10))
    assert (washed.redemptions[0].left_after, washed.awarded("stamps")) == (2, 2)


def test_points_and_cash_together(later: Programme) -> None:
    """5,000 points and 99 yuan: the bill rises, the cash earns what rooms earn, and its category has no stamps."""
    upgraded = sale(later, holder(points=5_000), Choice("view-room", 5_000))
    assert (upgraded.gross_fen, upgraded.due_before_redemption_fen, upgraded.due_fen) == (120_00, 120_00, 219_00)
    assert upgraded.paid == {"goods": Fraction(120_00), "rooms": Fraction(99_00)}
    assert (upgraded.awarded("points"), upgraded.awarded("stamps")) == (219, 2)
    (line,) = (line for line in upgraded.lines if line.rule == "redemption")
    assert line.amount_fen == 99_00


def test_no_voucher_pays_the_cash_part(later: Programme) -> None:
    """Vouchers for 120 yuan pay the goods; the 99 yuan stay to be paid."""
    member = holder(points=5_000, money_voucher=219)
    assert sale(later, member, Choice("money", 120), Choice("view-room", 5_000)).due_fen == 99_00
    assert refused(later, member, Choice("view-room", 5_000), Choice("money", 121)).code == "value-above-bill"


def test_what_is_paid_in_cash_is_not_counted_as_the_points_worth(later: Programme) -> None:
    """399 yuan for 5,000 points and 99 yuan: the points are worth 300."""
    (found,) = (one for one in acceptances(later, {"points": Fraction(2)}) if one.reward_id == "view-room")
    assert (found.value_fen, found.paid_fen, found.borne_fen) == (300_00, Fraction(100_00), Fraction(200_00))


def test_once_a_month_is_once_a_month(later: Programme) -> None:
    """Counted before this sale and in it; what is remembered of another reward or period says nothing."""
    tea = Choice("tea", 100)
    assert sale(later, holder(points=900), tea).redeemed("points") == 100
    assert sale(later, holder(points=900, counts={taken("tea", "ever"): 7}), tea).redeemed("points") == 100
    error = refused(later, holder(points=900, counts={taken("tea", "month"): 1}), tea)
    assert (error.code, error.facts) == ("limit-reached", {"reward": "tea", "most": 1, "period": "month", "taken": 1})
    assert refused(later, holder(points=900), tea, tea).code == "limit-reached"
    offer = offer_of(later, holder(points=900), "tea")
    assert offer.disclosure.limits is not None
    assert (offer.disclosure.limits.zh, offer.disclosure.limits.en) == ("每人每月限1次", "1 a month for each member")


def test_a_reward_of_a_tier(later: Programme) -> None:
    """Shown to everybody with its condition, had by gold alone (P8)."""
    parking = Choice("parking", 10)
    assert sale(later, holder("gold", points=10), parking).redeemed("points") == 10
    error = refused(later, holder(points=10), parking)
    assert (error.code, error.facts) == ("not-of-this-tier", {"reward": "parking", "tiers": "gold"})
    offer = offer_of(later, holder(points=10), "parking")
    assert not offer.is_possible
    assert offer.disclosure.limits is not None
    assert offer.disclosure.limits.zh == "限金卡"


def test_a_personal_reward_is_shown_to_its_member_alone(later: Programme) -> None:
    """Whoever was not offered it neither sees it nor gets it (P7)."""
    invited = holder(points=50, counts={offered("design"): 1})
    assert offer_of(later, invited, "design").is_possible
    assert sale(later, invited, Choice("design", 50)).redeemed("points") == 50
    assert "design" not in {offer.reward_id for offer in offers(later, GOODS, holder(points=50), NOON)}
    assert refused(later, holder(points=50), Choice("design", 50)).code == "not-offered"


@pytest.mark.parametrize(
    ("old", "new", "key_path", "reason"),
    [
        ('unit = { zh = "张", en = "voucher" }\nvalidity = { days = 90 }', "validity = { days = 90 }", "reward[0].gives",
         "wash-voucher is not counted in pieces: give that kind a unit"),
        ('gives = "wash-voucher"', 'gives = "wahs-voucher"', "reward[0].gives", "there is no kind wahs-voucher"),
        ('gives = "wash-voucher"', 'gives = "points"', "reward[0]", "it gives the kind that it takes"),
        ('kinds = ["points"]\npoints = 800', 'kinds = ["points"]\ncategories = ["goods"]\npoints = 800', "reward[0]",
         "pays for nothing in this sale"),
        ("units = 1\n", "units = 7\n", "reward[0]", "a unit must be worth whole fen"),
        ("units = 20\n", "units = 10\nmaximum_points = 1_010\n", "reward[1]", "multiples of step_points"),
        ("units = 20\n", "units = 10\n", "reward[1]", "a step of step_points must give whole units"),
        ("value_fen = 40_00", "value_fen = 30_00", "campaign[0].reward[0]",
         "would not give whole units"),
        ("cash_category = \"rooms\"\n", "", "reward[5]", "are named together"),
        ("cash_category = \"rooms\"", "cash_category = \"room\"", "reward[5].cash_category", "no category room"),
        ("cash_fen = 99_00", "cash_fen = 399_00", "reward[5]", "the points would buy nothing"),
        ('tiers = ["gold"]', 'tiers = ["diamond"]', "reward[7].tiers", "there is no tier diamond"),
        ('period = "month"', 'period = "year"', "reward[6].limit.period", "'day', 'month' or 'ever'"),
        ("per_member = 1", "per_member = 0", "reward[6].limit.per_member", "greater than 0"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_key_and_reason(old: str, new: str, key_path: str, reason: str) -> None:
    """One change to the programme that loads, and the sentence that its author gets."""
    assert old in TEXT
    with pytest.raises(ProgrammeError) as caught:
        parse_programme(TEXT.replace(old, new, 1), "later.toml")
    assert caught.value.key_path == key_path
    assert reason in str(caught.value)


def test_a_kind_is_not_exchanged_for_itself_by_a_detour() -> None:
    """Points into vouchers, vouchers into stamps and stamps into vouchers would make something of nothing."""
    ring = TEXT[TEXT.index('form = "issue"') : TEXT.index('[[reward]]\nform = "issue-ladder"')]
    there = ring.replace("wash-issue", "there").replace('"points"]', '"wash-voucher"]').replace(
        'gives = "wash-voucher"', 'gives = "stamps"')  # fmt: skip
    back = ring.replace("wash-issue", "back").replace('"points"]', '"stamps"]')
    parse_programme(f"{TEXT}\n[[reward]]\n{there}", "there.toml")
    with pytest.raises(ProgrammeError, match="wash-voucher is itself exchanged for stamps"):
        parse_programme(f"{TEXT}\n[[reward]]\n{there}\n[[reward]]\n{back}", "ring.toml")


ANYTHING = st.lists(
    st.one_of(
        st.builds(Choice, st.just("money-issue"), st.integers(20, 40).map(lambda steps: 50 * steps)),
        st.builds(Choice, st.just("money"), st.integers(1, 40)),
        st.sampled_from([Choice("wash-issue", 800), Choice("wash", 1), Choice("stamp-card", 10), Choice("tea", 100),
                         Choice("view-room", 5_000), Choice("parking", 10), Choice("design", 50)]),
    ),
    min_size=1, max_size=3,
)  # fmt: skip
HOLDERS = st.builds(
    lambda tier, points, washes, money, stamps, teas, asked: MemberFacts(
        tier, {}, {"points": points, "wash-voucher": washes, "money-voucher": money, "stamps": stamps},
        {taken("tea", "month"): teas, offered("design"): asked},
    ),
    st.sampled_from(["standard", "gold"]), st.integers(-100, 30_000), st.integers(0, 2), st.integers(0, 80),
    st.integers(0, 40), st.integers(0, 1), st.integers(0, 1),
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.builds(BasketLine, st.sampled_from(["", "goods", "rooms"]), st.integers(0, 100_000)), max_size=3),
       HOLDERS, st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31")), ANYTHING)  # fmt: skip
def test_redeeming_makes_and_loses_nothing(
    later: Programme, lines: list[BasketLine], member: MemberFacts, at: datetime, chosen: list[Choice]
) -> None:
    """Of every kind no more is taken than was there; what is issued is what its points pay for; money in is money out.

    The lines of a kind add up to what it is awarded, and a limit holds whatever is chosen together.
    """
    basket = Basket(tuple(lines))
    try:
        done = quote(later, basket, member, at, chosen)
    except RedemptionError:
        return
    for kind in later.kind_by_code:
        assert done.redeemed(kind) <= max(0, member.spendable.get(kind, 0))
        assert sum((line.points for line in done.lines if line.kind == kind), Fraction(0)) == done.awarded(kind)
    issued_fen = sum(one.units * (30_00 if one.gives == "wash-voucher" else 1_00) for one in done.redemptions)
    assert issued_fen == sum(one.value_fen for one in done.redemptions if one.gives)
    off_fen = sum(one.off_bill_fen for one in done.redemptions)
    assert done.gross_fen + sum(one.cash_fen for one in done.redemptions) == done.due_fen + off_fen
    assert sum(done.paid.values()) == done.due_fen
    teas = sum(one.reward_id == "tea" for one in done.redemptions)
    assert not teas or teas + member.counts[taken("tea", "month")] <= 1


@given(HOLDERS, st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31")))
def test_what_is_offered_can_be_had(later: Programme, member: MemberFacts, at: datetime) -> None:
    """At the least and at the most that an offer names; what is not offered is refused."""
    for offer in offers(later, GOODS, member, at):
        for points in {offer.points, offer.most_points} if offer.is_possible else ():
            chosen = Choice(offer.reward_id, points, offer.kind)
            assert quote(later, GOODS, member, at, (chosen,)).redeemed(offer.kind) == points
