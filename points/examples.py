"""Plays the worked examples of a programme: each must come out exactly as its file says."""

from __future__ import annotations

from collections.abc import Mapping

from points.amounts import format_fen
from points.basket import Basket, BasketLine, Choice, MemberFacts
from points.engine import quote_with
from points.errors import RedemptionError
from points.example import Example
from points.programme import Programme
from points.quote import Quote


def play(programme: Programme, example: Example) -> Quote:
    """The quote of an example's basket. Raises a `RedemptionError`, as a refused example expects."""
    lines = tuple(
        BasketLine(line.category or "", line.amount_fen, line.product or "", "", line.quantity, line.attributes)
        for line in example.lines
    )
    basket = Basket(lines, example.others_fen, example.activities)
    member = MemberFacts(example.tier or "", example.held, example.spendable, example.counts)
    choices = [Choice(choice.reward, choice.points) for choice in example.choices]
    return quote_with(programme.engine, programme, basket, member, example.at, choices)


def differences(programme: Programme, example: Example) -> tuple[str, ...]:
    """Sentences on what came out otherwise; empty if the example comes true."""
    try:
        quote = play(programme, example)
    except RedemptionError as error:
        return () if error.code == example.refused else (f"refused: {error}",)
    if example.paid_fen is None:
        return (f"not refused: {example.refused} was expected",)
    found = []
    if quote.due_fen != example.paid_fen:
        found.append(f"paid {format_fen(quote.due_fen)}, not {format_fen(example.paid_fen)}")
    awarded = {award.kind: award.points for award in quote.awards}
    found += _different("earned", awarded, {kind: points for kind, points in example.awarded.items() if points})
    left = dict(example.spendable)
    for redemption in quote.redemptions:
        left[redemption.kind] = redemption.left_after
    found += _different("left", {kind: left.get(kind, 0) for kind in example.left}, example.left)
    return tuple(found)


def _different(what: str, found: Mapping[str, int], expected: Mapping[str, int]) -> list[str]:
    return [
        f"{what} {found.get(kind, 0)} {kind}, not {expected.get(kind, 0)}"
        for kind in sorted(found.keys() | expected.keys())
        if found.get(kind, 0) != expected.get(kind, 0)
    ]
