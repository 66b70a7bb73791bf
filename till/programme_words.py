"""What `till programme check` says of a programme: its worked examples with their results, and what its rewards are worth."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from points import Programme, RedemptionError, format_exact, format_fen
from points.acceptance import acceptances
from points.example import Example
from points.examples import differences, play
from points.forms import Reward
from points.natures import Forbidden, read_forbidden
from points.programme import not_toml, text_of
from till.counting import amount_of
from till.i18n import _, either, of_rules
from till.text import cells, harmless, money

NAME_CELLS = 44


@dataclass(frozen=True)
class Played:
    """An example and what came out. `differences`: sentences on what its file says otherwise, none where it comes true."""

    name: str
    result: str
    differences: tuple[str, ...]


def forbidden_of(coalition: Path) -> tuple[Forbidden, ...]:
    """What a coalition's file forbids. Raises `ProgrammeError`."""
    text = text_of(coalition.read_bytes(), coalition.name)
    try:
        tables = tomllib.loads(text).get("forbidden", [])
    except ValueError as error:
        raise not_toml(coalition.name, error) from None
    return read_forbidden(tables, coalition.name, text)


def played(programme: Programme) -> list[Played]:
    """All examples of a programme, played."""
    return [
        Played(
            harmless(either(example.name)),
            _result(programme, example),
            tuple(one.in_words(of_rules) for one in differences(programme, example)),
        )
        for example in programme.examples
    ]


def example_lines(found: list[Played]) -> Iterator[str]:
    """One line each; what is wrong is said with the other findings."""
    for one in found:
        mark = "x" if one.differences else "ok"
        yield f"  {mark:<3}{_padded(one.name)}{one.result}"


def reward_lines(programme: Programme, price_fen: Mapping[str, Fraction]) -> Iterator[str]:
    """What a point is worth in each reward; where its kind has a price, what a foreign one brings and costs."""
    paid = {(one.reward_id, one.kind): one for one in acceptances(programme, price_fen)}
    for reward in programme.rewards:
        yield f"  {_padded(harmless(either(reward.name)))}{_worth(programme, reward)}"
        for kind in reward.kinds:
            if foreign := paid.get((reward.id, kind)):
                settled = _("others' points: paid {paid}, borne {borne}").format(
                    paid=_exact_money(foreign.paid_fen), borne=_exact_money(foreign.borne_fen)
                )
                yield f"  {_padded('')}{settled}"


def _worth(programme: Programme, reward: Reward) -> str:
    """What is counted in pieces has a value, and no price a point."""
    amount, worth = amount_of(programme, reward.kinds[0], reward.points), money(reward.value_fen)
    if programme.kind_by_code[reward.kinds[0]].unit is not None:
        return f"{amount} = {worth}"
    return _("{amount} = {worth}, {fen} fen a point").format(
        amount=amount, worth=worth, fen=format_exact(Fraction(reward.value_fen, reward.points), 2)
    )


def _result(programme: Programme, example: Example) -> str:
    try:
        quote = play(programme, example)
    except RedemptionError as error:
        return _("refused: {why}").format(why=error.code)
    parts = [_("pays {amount}").format(amount=money(quote.due_fen))]
    for words, changes in (
        (_("uses {amount}"), quote.redemptions),
        (_("earns {amount}"), quote.awards),
    ):
        parts += [words.format(amount=amount_of(programme, one.kind, one.points)) for one in changes]
    return ", ".join(parts)


def _exact_money(fen: Fraction) -> str:
    """Whole fen as money, parts of a fen beside it: nothing is rounded before a period is settled."""
    whole = int(fen)
    return money(whole) if fen == whole else f"{format_fen(whole)}+{format_exact(abs(fen - whole))}"


def _padded(text: str) -> str:
    return text + " " * max(2, NAME_CELLS - cells(text))
