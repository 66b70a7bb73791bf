"""What foreign points bring and cost whoever accepts them (P14)."""

from __future__ import annotations

from fractions import Fraction

from config import data
from points import parse_programme
from points.acceptance import Acceptance, acceptances


def accepted(industry: str, price_fen: str) -> dict[str, Acceptance]:
    file = data("programmes") / f"{industry}.toml"
    programme = parse_programme(file.read_bytes(), file.name)
    return {one.reward_id: one for one in acceptances(programme, {"points": Fraction(price_fen)})}


def test_p14_5000_supermarket_points_for_the_maintenance_of_500_yuan() -> None:
    """At 2 fen the supermarket pays 100 yuan, and the workshop bears 400."""
    maintenance = accepted("4s", "2")["maintenance"]
    assert (maintenance.points, maintenance.value_fen) == (5_000, 500_00)
    assert (maintenance.paid_fen, maintenance.borne_fen) == (Fraction(100_00), Fraction(400_00))


def test_p14_the_rewards_value_a_point_from_2_to_12_5_fen() -> None:
    """Supermarket voucher and set meal: this must be seen before publishing."""
    assert accepted("supermarket", "2")["voucher"].fen_per_point == 2
    assert accepted("restaurant", "2")["set-meal"].fen_per_point == Fraction("12.5")


def test_a_price_above_the_worth_is_kept_and_nothing_is_rounded() -> None:
    """Parts of a fen stay exact until a period is settled."""
    snack = accepted("restaurant", "0.333")["snack"]
    assert snack.paid_fen == Fraction("19.98")
    assert accepted("supermarket", "3")["voucher"].borne_fen == -10_00


def test_a_kind_without_a_price_is_left_out() -> None:
    """The coalition does not settle it."""
    file = data("programmes") / "supermarket.toml"
    assert list(acceptances(parse_programme(file.read_bytes(), file.name), {"green": Fraction(1)})) == []
