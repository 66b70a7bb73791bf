"""What no single table of a programme can see: names that exist, once; rules that do not contradict each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from points.earn_rules import ActivityRule, AmountRule, EarnRule
from points.festivals import FIRST_YEAR, LAST_YEAR
from points.forms import IssueBase, LadderBase, RewardBase
from points.impact import wrong_impacts
from points.references import references
from points.rules import Campaign, ProductGroup, RewardChange
from points.sentences import Sentence
from points.tiers import wrong_tiers

if TYPE_CHECKING:
    from points.programme import Programme


class Incoherence(NamedTuple):
    """A key path and the sentence about it; becomes a `ProgrammeError` at the border."""

    key_path: str
    sentence: Sentence


def incoherences(programme: Programme) -> Iterator[Incoherence]:
    """All of them, in the order of the document."""
    if programme.valid_until < programme.valid_from:
        yield Incoherence("valid_until", Sentence("is before valid_from"))
    yield from _named_twice(programme)
    yield from _missing(programme)
    yield from _earned_twice(programme.earn)
    yield from _grouped_twice(programme.groups)
    yield from _excluded_twice(programme)
    yield from _issued_wrongly(programme)
    for key_path, sentence in wrong_tiers(programme.tiers, programme.tier_window):
        yield Incoherence(key_path, sentence)
    for key_path, sentence in wrong_impacts(programme):
        yield Incoherence(key_path, sentence)
    for place, campaign in enumerate(programme.campaigns):
        yield from _changes_that_do_not_fit(programme, place, campaign)
    yield from _campaigns_that_meet(programme.campaigns)
    if any(campaign.festivals for campaign in programme.campaigns):
        yield from _beyond_the_festivals(programme)


def _beyond_the_festivals(programme: Programme) -> Iterator[Incoherence]:
    """Nobody shall wonder why a festival brings nothing."""
    if programme.valid_from.year < FIRST_YEAR or programme.valid_until.year > LAST_YEAR:
        key_path = "valid_from" if programme.valid_from.year < FIRST_YEAR else "valid_until"
        known = Sentence(
            "festivals are known from {first} to {last}, and campaigns name some", first=FIRST_YEAR, last=LAST_YEAR
        )
        yield Incoherence(key_path, known)


def _named_twice(programme: Programme) -> Iterator[Incoherence]:
    names = {
        "kind": [kind.code for kind in programme.kinds],
        "category": [category.code for category in programme.categories],
        "group": [group.code for group in programme.groups],
        "payer": [payer.code for payer in programme.payers],
        "tier": [tier.code for tier in programme.tiers],
        "cap": [f"{cap.kind} per {cap.per}" for cap in programme.caps],
        "reward": [reward.id for reward in programme.rewards],
        "campaign": [campaign.id for campaign in programme.campaigns],
        "impact": [impact.attribute for impact in programme.impacts],
        "compensation": [compensation.id for compensation in programme.compensations],
        "holding_discount": [discount.id for discount in programme.holding_discounts],
    }
    for table, codes in names.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield Incoherence(table, Sentence("{code} is there {times} times", code=code, times=times))


def _missing(programme: Programme) -> Iterator[Incoherence]:
    known = {
        "kind": programme.kind_by_code,
        "category": programme.category_by_code,
        "reward": programme.reward_by_id,
        "tier": programme.tier_by_code,
        "group": {group.code for group in programme.groups},
    }
    for key_path, what, codes in references(programme):
        for code in codes:
            if code not in known[what]:
                yield Incoherence(key_path, Sentence("there is no {what} {code}", what=what, code=code))


def _earned_twice(rules: Iterable[EarnRule]) -> Iterator[Incoherence]:
    """Money earns by one rule per kind and category, so that nobody has to guess which wins; an activity is finished once."""
    taken: dict[tuple[str, str], int] = {}
    for place, rule in enumerate(rules):
        if isinstance(rule, AmountRule):
            meant = rule.categories or ("",)
        elif isinstance(rule, ActivityRule):
            meant = (f"done/{rule.activity}",)
        else:
            continue
        for what in meant:
            first = taken.setdefault((rule.kind, what), place)
            if first != place:
                yield Incoherence(f"earn[{place}]", _already(what.removeprefix("done/"), rule.kind, first))


def _already(what: str, kind: str, first: int) -> Sentence:
    if not what:
        return Sentence("everything else already earns {kind} by earn[{first}]", kind=kind, first=first)
    return Sentence("{what} already earns {kind} by earn[{first}]", what=what, kind=kind, first=first)


def _grouped_twice(groups: Iterable[ProductGroup]) -> Iterator[Incoherence]:
    """A product is of one group at most, so that its pieces are counted once."""
    taken: dict[str, str] = {}
    for place, group in enumerate(groups):
        for product in group.products:
            if product in taken:
                already = Sentence("{product} is in the group {group} already", product=product, group=taken[product])
                yield Incoherence(f"group[{place}].products", already)
            taken[product] = group.code


def _excluded_twice(programme: Programme) -> Iterator[Incoherence]:
    taken: set[tuple[str, str]] = set()
    for place, rule in enumerate(programme.exclusions):
        uses = ("earning", "redeeming") if rule.applies_to == "both" else (rule.applies_to,)
        for key in ((category, use) for category in rule.categories for use in uses):
            if key in taken:
                yield Incoherence(f"exclusion[{place}].categories", _already_excluded(*key))
            taken.add(key)


def _already_excluded(category: str, use: str) -> Sentence:
    if use == "earning":
        return Sentence("{category} is already excluded from earning", category=category)
    return Sentence("{category} is already excluded from redeeming", category=category)


def _issued_wrongly(programme: Programme) -> Iterator[Incoherence]:
    """Vouchers are pieces of a kind of their own: no currency is ever changed into another, or into itself by a detour."""
    into: dict[str, set[str]] = {}
    for place, reward in enumerate(programme.rewards):
        kind = programme.kind_by_code.get(reward.gives) if isinstance(reward, IssueBase) else None
        if kind is None:
            continue
        if kind.unit is None:
            unit = Sentence("{kind} is not counted in pieces: give that kind a unit", kind=kind.code)
            yield Incoherence(f"reward[{place}].gives", unit)
        for taken in reward.kinds:
            into.setdefault(taken, set()).add(kind.code)
            if taken in _issued_for(into, kind.code):
                detour = Sentence("{kind} is itself exchanged for {other}", kind=kind.code, other=taken)
                yield Incoherence(f"reward[{place}].gives", detour)


def _issued_for(into: Mapping[str, set[str]], kind: str) -> set[str]:
    """The kinds that a kind can be turned into, in however many steps."""
    found, open_ = set[str](), [kind]
    while open_:
        new = into.get(open_.pop(), set()) - found
        found |= new
        open_ += new
    return found


def _changes_that_do_not_fit(programme: Programme, place: int, campaign: Campaign) -> Iterator[Incoherence]:
    for number, change in enumerate(campaign.rewards):
        reward = programme.reward_by_id.get(change.reward)
        if reward and (sentence := _misfit(reward, change)):
            yield Incoherence(f"campaign[{place}].reward[{number}]", sentence)


def _misfit(reward: RewardBase, change: RewardChange) -> Sentence | None:
    """Why a reward cannot be changed so; None if it can. A campaign is never worse than no campaign."""
    if not isinstance(reward, LadderBase):
        if change.points is None:
            return Sentence("{reward} has a fixed price: give it other points", reward=reward.id)
        if change.points < reward.points:
            return None
        return Sentence("{reward} costs {points} points without the campaign", reward=reward.id, points=reward.points)
    if change.value_fen is None:
        return Sentence("{reward} is pro rata: give it another value_fen", reward=reward.id)
    if change.value_fen <= reward.value_fen:
        return Sentence("{reward} is worth {fen} fen without the campaign", reward=reward.id, fen=reward.value_fen)
    if reward.step_points * change.value_fen % reward.points:
        return Sentence("a step of {points} points would not be worth whole fen", points=reward.step_points)
    if isinstance(reward, IssueBase) and reward.step_points * change.value_fen // reward.points % reward.unit_fen:
        return Sentence("a step of {points} points would not give whole units", points=reward.step_points)
    return None


def _campaigns_that_meet(campaigns: Sequence[Campaign]) -> Iterator[Incoherence]:
    """Pairs that change the same thing on the same day and do not both say which wins.

    In the order in which they begin, each beside those that have not ended by then: a year of campaigns is checked in no time.
    """
    silent: list[Campaign] = []
    agreed: list[Campaign] = []
    for place, second in sorted(enumerate(campaigns), key=lambda numbered: numbered[1].first_day):
        silent = _not_over(silent, second.first_day)
        if not second.overlap:
            agreed = _not_over(agreed, second.first_day)
        for first in silent if second.overlap else (*silent, *agreed):
            if _touch(first, second) and (day := _first_common_day(first, second)):
                meets = Sentence('meets {other} on {day}; say overlap = "best" in both', other=first.id, day=str(day))
                yield Incoherence(f"campaign[{place}]", meets)
        (agreed if second.overlap else silent).append(second)


def _not_over(campaigns: Iterable[Campaign], by: date) -> list[Campaign]:
    return [campaign for campaign in campaigns if campaign.last_day is None or campaign.last_day >= by]


def _first_common_day(first: Campaign, second: Campaign) -> date | None:
    """The first day that both name, `second` being the later one; None where weekdays or hours keep them apart."""
    if first.hours and second.hours and not first.hours.meet(second.hours):
        return None
    if not _meet(first.weekdays, second.weekdays):
        return None
    common = (
        max(begin, other_begin)
        for year in range(second.first_day.year, _last_year(first, second) + 1)
        for begin, end in first.periods(year)
        for other_begin, other_end in second.periods(year)
        if begin <= other_end and other_begin <= end
    )
    return min(common, default=None)


def _last_year(first: Campaign, second: Campaign) -> int:
    """Up to which they are compared."""
    ends = [campaign.last_day.year for campaign in (first, second) if campaign.last_day is not None]
    # Of two that come every year, the two years after the later one began have every way in which they can meet.
    return min(ends, default=second.first_day.year + 2)


def _touch(first: Campaign, second: Campaign) -> bool:
    if {change.reward for change in first.rewards} & {change.reward for change in second.rewards}:
        return True
    if first.earn is None or second.earn is None:
        return False
    return _meet(first.kinds, second.kinds) and _meet(first.tiers, second.tiers) and _goods_meet(first, second)


def _goods_meet(first: Campaign, second: Campaign) -> bool:
    """Whether they may multiply the same goods; a group's products may be of any category."""
    if not (first.categories or first.groups) or not (second.categories or second.groups):
        return True
    if (first.groups and second.categories) or (first.categories and second.groups):
        return True
    return bool(set(first.categories) & set(second.categories) or set(first.groups) & set(second.groups))


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists share a member; an empty one means all."""
    return not one or not other or bool(set(one) & set(other))
