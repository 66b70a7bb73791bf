"""What the replay is fed with."""

from __future__ import annotations

from collections import Counter

from bench.baskets import tills_of
from bench.complete_journey import category_of
from bench.synthetic import synthetic_baskets


def test_the_same_seed_gives_the_same_trade() -> None:
    """A failing replay can be played again; another seed is other trade."""
    assert synthetic_baskets(50, seed=7) == synthetic_baskets(50, seed=7)
    assert synthetic_baskets(50, seed=7) != synthetic_baskets(50, seed=8)


def test_baskets_come_in_the_order_of_time() -> None:
    """Business time never goes back."""
    times = [basket.at_us for basket in synthetic_baskets(1_000)]
    assert times == sorted(times)


def test_each_store_goes_to_one_till_and_tills_share_the_work() -> None:
    """Stores are not torn apart, and no till has more than twice the work of another."""
    baskets = synthetic_baskets(2_000)
    till_of = tills_of(baskets, 8)
    assert till_of.keys() == {basket.store for basket in baskets}
    work = Counter(till_of[basket.store] for basket in baskets)
    assert set(work) == set(range(8))
    assert max(work.values()) <= 2 * min(work.values())


def test_what_the_law_keeps_out_of_promotions_is_found_among_the_drugs() -> None:
    """The product category wins over the department: tobacco and infant formula earn nothing."""
    assert category_of("DRUG GM", "CIGARETTES") == "tobacco"
    assert category_of("DRUG GM", "INFANT FORMULA") == "infant-formula"
    assert category_of("DRUG GM", "SHAMPOO") == "household"
    assert category_of("PRODUCE", "POTATOES") == "fresh"
    assert category_of("FUEL", "") == "general"
