"""Ranks of members: what they multiply by, who has one by what he paid and how often he came, and how far the next one is (P8).

Tiers stand from the lowest to the highest. One with ``from_spent_fen`` or ``from_visits`` is *reckoned*: by what a member paid
at this merchant in so many calendar months, the current one included, and in how many sales. Both must be reached. A tier
without them is given by hand. A member has the higher of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from points.fields import Code, Document, Factor, Fen, Points, Text
from points.sentences import Sentence

DEFAULT_MONTHS: Final = 12
MAX_MONTHS: Final = 24


class Tier(Document):
    """A rank of members, with what it multiplies every award by."""

    code: Code
    name: Text
    multiplier: Factor
    from_spent_fen: Fen | None = None
    from_visits: Points | None = None

    @property
    def is_reckoned(self) -> bool:
        """Whether a member has it by himself."""
        return self.from_spent_fen is not None or self.from_visits is not None

    @property
    def threshold(self) -> tuple[int, int]:
        """Fen and visits."""
        return self.from_spent_fen or 0, self.from_visits or 0


class TierWindow(Document):
    """How many calendar months count for a tier, the current one included."""

    months: Annotated[int, Field(strict=True, ge=1, le=MAX_MONTHS)] = DEFAULT_MONTHS


class TierGap(NamedTuple):
    """What a member lacks to the next tier; one of both may be there already."""

    tier: Tier
    spent_fen: int
    visits: int


def reckoned_tier(tiers: Iterable[Tier], spent_fen: int, visits: int) -> str:
    """The highest that is reached; empty for none."""
    reached = [
        tier.code
        for tier in tiers
        if tier.is_reckoned and spent_fen >= tier.threshold[0] and visits >= tier.threshold[1]
    ]
    return reached[-1] if reached else ""


def highest(tiers: Sequence[Tier], codes: Iterable[str]) -> str:
    """The highest of some; the lowest that there is where these tiers know none of them."""
    order = [tier.code for tier in tiers]
    return max((code for code in codes if code in order), key=order.index, default=order[0] if order else "")


def next_tier(tiers: Sequence[Tier], current: str, spent_fen: int, visits: int) -> TierGap | None:
    """The lowest tier above the one he has that comes by itself, and what he lacks; None where there is none."""
    above = [tier.code for tier in tiers].index(current) + 1 if current in (tier.code for tier in tiers) else 0
    for tier in tiers[above:]:
        if tier.is_reckoned:
            fen, times = tier.threshold
            return TierGap(tier, max(0, fen - spent_fen), max(0, times - visits))
    return None


def wrong_tiers(tiers: Sequence[Tier], window: TierWindow | None) -> Iterator[tuple[str, Sentence]]:
    """Key path and sentence of what would leave a member guessing."""
    places = [(place, tier) for place, tier in enumerate(tiers) if tier.is_reckoned]
    if window is not None and not places:
        yield "tier_window", Sentence("no tier has from_spent_fen or from_visits")
    for (_, lower), (place, higher) in pairwise(places):
        is_rising = all(one <= other for one, other in zip(lower.threshold, higher.threshold, strict=True))
        if not is_rising or lower.threshold == higher.threshold:
            yield (
                f"tier[{place}]",
                Sentence(
                    "asks for less than {tier}, which stands before it; the highest stands last", tier=lower.code
                ),
            )
