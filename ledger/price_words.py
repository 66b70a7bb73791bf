"""What is seen before publishing: the worth of a point in each reward, and who pays for another merchant's points (P14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from sqlalchemy import Connection

from ledger.booking import DEFAULT_PRICE_MFEN
from ledger.receiving import prices_of_today
from points.acceptance import Acceptance, acceptances
from points.amounts import format_exact, format_fen
from points.programme import Programme


def prices(connection: Connection, programme: Programme) -> list[Acceptance]:
    """Every reward for every kind that it takes, at the prices that new points have today."""
    today = prices_of_today(connection)
    of_kind = {kind.code: Fraction(today.get(kind.code, DEFAULT_PRICE_MFEN), 1_000) for kind in programme.kinds}
    return list(acceptances(programme, of_kind))


def price_lines(programme: Programme, worth: Sequence[Acceptance]) -> Iterator[str]:
    """A line each, for people."""
    for reward in programme.rewards:
        if reward.accepts == "own":
            yield f"    {reward.name.zh} / {reward.name.en}: own points only, nothing is settled"
        if reward.others_per_month is not None:
            most = f"at most {reward.others_per_month:,} of others' points a month"
            yield f"    {reward.name.zh} / {reward.name.en}: {most}"
    for one in worth:
        name = programme.reward_by_id[one.reward_id].name
        yield (
            f"    {name.zh} / {name.en}: {one.points:,} {one.kind} = {format_fen(one.value_fen)} yuan,"
            f" {format_exact(one.fen_per_point, 2)} fen a point; others' points: paid {_yuan(one.paid_fen)},"
            f" borne {_yuan(one.borne_fen)}"
        )


def price_facts(worth: Sequence[Acceptance]) -> list[dict[str, str | int]]:
    """For programs; exact fen as decimals in text, cut after four."""
    return [
        {"reward": one.reward_id, "kind": one.kind, "points": one.points, "value_fen": one.value_fen,
         "paid_fen": format_exact(one.paid_fen), "borne_fen": format_exact(one.borne_fen)}
        for one in worth
    ]  # fmt: skip


def _yuan(fen: Fraction) -> str:
    return format_exact(fen / 100)
