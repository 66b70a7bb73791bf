"""What no single table of a programme can see: names that exist, once; rules that do not contradict each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from points.forms import IssueBase, Item, LadderBase, RewardBase
from points.rules import Campaign, EarnRule, RewardChange

if TYPE_CHECKING:
    from points.programme import Programme


class Incoherence(NamedTuple):
    """A key path and the sentence about it; becomes a `ProgrammeError` at the border."""

    key_path: str
    sentence: str


def incoherences(programme: Programme) -> Iterator[Incoherence]:
    """All of them, in the order of the document."""
    if programme.valid_until < programme.valid_from:
        yield Incoherence("valid_until", "is before valid_from")
    yield from _named_twice(programme)
    yield from _missing(programme)
    yield from _earned_twice(programme.earn)
    yield from _excluded_twice(programme)
    yield from _issued_wrongly(programme)
    for place, campaign in enumerate(programme.campaigns):
        yield from _changes_that_do_not_fit(programme, place, campaign)
    yield from _campaigns_that_meet(programme.campaigns)


def _named_twice(programme: Programme) -> Iterator[Incoherence]:
    names = {
        "kind": [kind.code for kind in programme.kinds],
        "category": [category.code for category in programme.categories],
        "tier": [tier.code for tier in programme.tiers],
        "reward": [reward.id for reward in programme.rewards],
        "campaign": [campaign.id for campaign in programme.campaigns],
        "compensation": [compensation.id for compensation in programme.compensations],
        "holding_discount": [discount.id for discount in programme.holding_discounts],
    }
    for table, codes in names.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield Incoherence(table, f"{code} is there {times} times")


def _missing(programme: Programme) -> Iterator[Incoherence]:
    known = {
        "kind": programme.kind_by_code,
        "category": programme.category_by_code,
        "reward": programme.reward_by_id,
        "tier": programme.tier_by_code,
    }
    for key_path, what, codes in _references(programme):
        for code in codes:
            if code not in known[what]:
                yield Incoherence(key_path, f"there is no {what} {code}")


def _references(programme: Programme) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Key path, what is meant, and the codes that stand there."""
    yield "default_category", "category", (programme.default_category,)
    for place, rule in enumerate(programme.earn):
        yield f"earn[{place}].kind", "kind", (rule.kind,)
        yield f"earn[{place}].categories", "category", rule.categories
        yield f"earn[{place}].except_categories", "category", rule.except_categories
    for place, reward in enumerate(programme.rewards):
        yield f"reward[{place}].kinds", "kind", reward.kinds
        yield f"reward[{place}].categories", "category", reward.categories
        yield f"reward[{place}].tiers", "tier", reward.tiers
        if isinstance(reward, Item) and reward.cash_category:
            yield f"reward[{place}].cash_category", "category", (reward.cash_category,)
        if isinstance(reward, IssueBase):
            yield f"reward[{place}].gives", "kind", (reward.gives,)
    for place, campaign in enumerate(programme.campaigns):
        yield f"campaign[{place}].kinds", "kind", campaign.kinds
        yield f"campaign[{place}].categories", "category", campaign.categories
        yield f"campaign[{place}].reward", "reward", [change.reward for change in campaign.rewards]
    for place, discount in enumerate(programme.holding_discounts):
        yield f"holding_discount[{place}].kind", "kind", (discount.kind,)
        yield f"holding_discount[{place}].category", "category", (discount.category,)
    for place, compensation in enumerate(programme.compensations):
        yield f"compensation[{place}].kind", "kind", (compensation.kind,)
    for place, exclusion in enumerate(programme.exclusions):
        yield f"exclusion[{place}].categories", "category", exclusion.categories


def _earned_twice(rules: Iterable[EarnRule]) -> Iterator[Incoherence]:
    """A category earns by one rule per kind, so that nobody has to guess which wins."""
    taken: dict[tuple[str, str], int] = {}
    for place, rule in enumerate(rules):
        for category in rule.categories or ("",):
            first = taken.setdefault((rule.kind, category), place)
            if first != place:
                what = category or "everything else"
                yield Incoherence(f"earn[{place}]", f"{what} already earns {rule.kind} by earn[{first}]")


def _excluded_twice(programme: Programme) -> Iterator[Incoherence]:
    taken: set[tuple[str, str]] = set()
    for place, rule in enumerate(programme.exclusions):
        uses = ("earning", "redeeming") if rule.applies_to == "both" else (rule.applies_to,)
        for key in ((category, use) for category in rule.categories for use in uses):
            if key in taken:
                yield Incoherence(f"exclusion[{place}].categories", f"{key[0]} is already excluded from {key[1]}")
            taken.add(key)


def _issued_wrongly(programme: Programme) -> Iterator[Incoherence]:
    """Vouchers are pieces of a kind of their own: no currency is ever changed into another, or into itself by a detour."""
    into: dict[str, set[str]] = {}
    for place, reward in enumerate(programme.rewards):
        kind = programme.kind_by_code.get(reward.gives) if isinstance(reward, IssueBase) else None
        if kind is None:
            continue
        if kind.unit is None:
            yield Incoherence(
                f"reward[{place}].gives", f"{kind.code} is not counted in pieces: give that kind a unit"
            )
        for taken in reward.kinds:
            into.setdefault(taken, set()).add(kind.code)
            if taken in _issued_for(into, kind.code):
                yield Incoherence(f"reward[{place}].gives", f"{kind.code} is itself exchanged for {taken}")


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


def _misfit(reward: RewardBase, change: RewardChange) -> str:
    """Why a reward cannot be changed so; empty if it can. A campaign is never worse than no campaign."""
    if not isinstance(reward, LadderBase):
        if change.points is None:
            return f"{reward.id} has a fixed price: give it other points"
        return (
            "" if change.points < reward.points else f"{reward.id} costs {reward.points} points without the campaign"
        )
    if change.value_fen is None:
        return f"{reward.id} is pro rata: give it another value_fen"
    if change.value_fen <= reward.value_fen:
        return f"{reward.id} is worth {reward.value_fen} fen without the campaign"
    if reward.step_points * change.value_fen % reward.points:
        return f"a step of {reward.step_points} points would not be worth whole fen"
    if isinstance(reward, IssueBase) and reward.step_points * change.value_fen // reward.points % reward.unit_fen:
        return f"a step of {reward.step_points} points would not give whole units"
    return ""


def _campaigns_that_meet(campaigns: Sequence[Campaign]) -> Iterator[Incoherence]:
    """Pairs that change the same thing on the same day and do not both say which wins."""
    undecided = [(place, campaign) for place, campaign in enumerate(campaigns)]
    undecided.sort(key=lambda numbered: numbered[1].starts_on)
    for (_, first), (place, second) in combinations(undecided, 2):
        if (first.overlap and second.overlap) or not _touch(first, second):
            continue
        if day := _first_common_day(first, second):
            yield Incoherence(f"campaign[{place}]", f'meets {first.id} on {day}; say overlap = "best" in both')


def _first_common_day(first: Campaign, second: Campaign) -> date | None:
    """The first day that both name, `second` being the later one; None where weekdays or hours keep them apart."""
    if first.hours and second.hours and not first.hours.meet(second.hours):
        return None
    if not _meet(first.weekdays, second.weekdays):
        return None
    # Of two that come every year, the two years after the later one began have every way in which they can meet.
    last_year = second.starts_on.year + 2 if second.every_year else second.ends_on.year
    common = (
        max(begin, other_begin)
        for year in range(second.starts_on.year, last_year + 1)
        for begin, end in first.periods(year)
        for other_begin, other_end in second.periods(year)
        if begin <= other_end and other_begin <= end
    )
    return min(common, default=None)


def _touch(first: Campaign, second: Campaign) -> bool:
    if {change.reward for change in first.rewards} & {change.reward for change in second.rewards}:
        return True
    if first.earn is None or second.earn is None:
        return False
    return _meet(first.kinds, second.kinds) and _meet(first.categories, second.categories)


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists share a member; an empty one means all."""
    return not one or not other or bool(set(one) & set(other))
