"""Plays the worked examples of a programme: each must come out exactly as its file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from points.amounts import format_fen
from points.basket import Basket, BasketLine, Choice, MemberFacts
from points.engine import quote_with
from points.errors import ProgrammeError, RedemptionError
from points.example import Example
from points.places import line_of
from points.programme import Programme, text_of
from points.quote import Quote
from points.sentences import Sentence, msg


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


def differences(programme: Programme, example: Example) -> tuple[Sentence, ...]:
    """Sentences on what came out otherwise; empty if the example comes true."""
    try:
        quote = play(programme, example)
    except RedemptionError as error:
        return () if error.code == example.refused else (Sentence("refused: {why}", why=error.said),)
    if example.paid_fen is None:
        return (Sentence("not refused: {code} was expected", code=example.refused or ""),)
    found = list[Sentence]()
    if quote.due_fen != example.paid_fen:
        paid, expected = format_fen(quote.due_fen), format_fen(example.paid_fen)
        found.append(Sentence("paid {paid}, not {expected}", paid=paid, expected=expected))
    awarded = {award.kind: award.points for award in quote.awards}
    found += _different(_EARNED, awarded, {kind: points for kind, points in example.awarded.items() if points})
    left = dict(example.spendable)
    for redemption in quote.redemptions:
        left[redemption.kind] = redemption.left_after
    found += _different(_LEFT, {kind: left.get(kind, 0) for kind in example.left}, example.left)
    return tuple(found)


def wrong_examples(programme: Programme, data: bytes | str, source: str) -> tuple[ProgrammeError, ...]:
    """What does not come true of a programme read from `data`, each with file, line and key path."""
    text = text_of(data, source)
    return tuple(
        ProgrammeError(source, f"example[{place}]", _named(example, difference), line_of(text, f"example[{place}]"))
        for place, example in enumerate(programme.examples)
        for difference in differences(programme, example)
    )


def _named(example: Example, difference: Sentence) -> Sentence:
    return Sentence(
        "{name_en}: {difference}", name_en=example.name.en, name_zh=example.name.zh, difference=difference
    )


_EARNED: Final = msg("earned {found} {kind}, not {expected}")
_LEFT: Final = msg("left {found} {kind}, not {expected}")


def _different(template: str, found: Mapping[str, int], expected: Mapping[str, int]) -> list[Sentence]:
    return [
        Sentence(template, found=found.get(kind, 0), kind=kind, expected=expected.get(kind, 0))
        for kind in sorted(found.keys() | expected.keys())
        if found.get(kind, 0) != expected.get(kind, 0)
    ]
