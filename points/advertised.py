"""Percentages in the words of a programme must be those that its numbers make (A1).

"5,000 instead of 6,000" is 16.7 % fewer points and 20 % more value: a text that says another percentage, or one that belongs to
nothing, is false advertising, whoever meant well. What a number makes may be typed; everything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from points.amounts import format_exact, percent
from points.fields import Text
from points.forms import Offset
from points.sentences import Sentence
from points.terms import Terms

if TYPE_CHECKING:
    from points.programme import Programme
    from points.rules import Campaign

_SAID: Final = re.compile(r"(\d+(?:\.\d+)?) ?([%％折])")
_REWARD_TEXTS: Final = ("name", "conditions", "validity", "refund")


def false_percentages(programme: Programme) -> Iterator[tuple[str, Sentence]]:
    """Key path and sentence of each text that says a percentage which its own numbers do not make."""
    for place, discount in enumerate(programme.holding_discounts):
        allowed = _off(Fraction(discount.percent_off, 100))
        yield from _false(
            f"holding_discount[{place}]", {"name": discount.name, "conditions": discount.conditions}, allowed
        )
    for place, reward in enumerate(programme.rewards):
        allowed = {percent(Fraction(reward.most_percent, 100))} if isinstance(reward, Offset) else set()
        yield from _false(f"reward[{place}]", {key: getattr(reward, key) for key in _REWARD_TEXTS}, allowed)
    for place, campaign in enumerate(programme.campaigns):
        texts = {"name": campaign.name, "conditions": campaign.conditions}
        yield from _false(f"campaign[{place}]", texts, _of_campaign(programme, campaign))


def _of_campaign(programme: Programme, campaign: Campaign) -> set[str]:
    """Of what it makes better: how much more is earned, how many points fewer a reward costs, how much more they are worth."""
    allowed = {percent(campaign.earn - 1)} if campaign.earn else set()
    for change in campaign.rewards:
        if reward := programme.reward_by_id.get(change.reward):
            points, value_fen = change.points or reward.points, change.value_fen or reward.value_fen
            terms = Terms(points, value_fen, reward.points, reward.value_fen)
            allowed |= _off(terms.fewer_points) | {percent(terms.more_value)}
    return allowed


def _off(share: Fraction) -> set[str]:
    """``10 %`` off, which is ``9折``: what is still paid, in tenths."""
    return {percent(share), f"{format_exact((1 - share) * 10, 1)}折"}


def _false(key_path: str, texts: dict[str, Text], allowed: set[str]) -> Iterator[tuple[str, Sentence]]:
    for key, text in texts.items():
        for language, words in (("zh", text.zh), ("en", text.en)):
            for number, sign in _SAID.findall(words):
                said = f"{format_exact(Fraction(number))}折" if sign == "折" else format_exact(Fraction(number))
                if said not in allowed:
                    yield f"{key_path}.{key}.{language}", _sentence(f"{number}{sign}", allowed)


def _sentence(said: str, allowed: set[str]) -> Sentence:
    if not allowed:
        return Sentence(
            "says {said}, and its numbers make no percentage (A1: percentages are those of the numbers)", said=said
        )
    true = ", ".join(sorted(one if one.endswith("折") else f"{one} %" for one in allowed))
    return Sentence(
        "says {said}, and its numbers make {true} (A1: percentages are those of the numbers)", said=said, true=true
    )
