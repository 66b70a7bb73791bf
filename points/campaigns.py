"""The campaigns that multiply what is earned, found without asking each one for each part of a basket.

Which ones run on a day, and which of them mean a part, is looked up once and kept: a programme has few days and few parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from points.basket import MemberFacts
from points.rules import Campaign

_MOST_DAYS: Final = 16
"""A till asks about today, a ledger about the days that tills still send."""


class EarnCampaigns:
    """Of one programme."""

    def __init__(self, campaigns: Iterable[Campaign]) -> None:
        earning = [campaign for campaign in campaigns if campaign.earn is not None]
        self._best_first = sorted(earning, key=lambda campaign: campaign.earn or 0, reverse=True)
        self._days: dict[date, CampaignsOfADay] = {}

    def on(self, day: date) -> CampaignsOfADay:
        """Those that run on a business day."""
        if (found := self._days.get(day)) is None:
            if len(self._days) >= _MOST_DAYS:
                self._days.clear()
            found = CampaignsOfADay(tuple(one for one in self._best_first if one.runs_on(day)))
            self._days[day] = found
        return found


class CampaignsOfADay:
    """The largest multiplier first; of equal ones the first in the file."""

    def __init__(self, campaigns: tuple[Campaign, ...]) -> None:
        self._campaigns = campaigns
        self._categories = {code for campaign in campaigns for code in campaign.categories}
        self._groups = {code for campaign in campaigns for code in campaign.groups}
        self._by_part: dict[tuple[str, str, str], tuple[Campaign, ...]] = {}

    def best(self, kind: str, category: str, group: str, member: MemberFacts, at: datetime) -> Campaign | None:
        """The largest multiplier that this member's goods of a part have at a time."""
        if not self._campaigns:
            return None
        # What no campaign names is one part, whatever it is called: what is kept stays as small as the programme.
        key = (kind, category if category in self._categories else "", group if group in self._groups else "")
        if (meant := self._by_part.get(key)) is None:
            meant = tuple(campaign for campaign in self._campaigns if campaign.multiplies(*key))
            self._by_part[key] = meant
        time = at.time()
        return next((one for one in meant if one.is_at(time) and one.is_for(member.tier, member.counts)), None)
