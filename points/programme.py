"""The programme document: what a merchant promises, as one TOML file that a marketing person can read.

`parse_programme` turns bytes into a frozen `Programme` or raises `ProgrammeError` naming source, key path and reason. Fen may
be written ``20_00``, factors are strings (``"1.2"``), floats are refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from points.advertised import false_percentages
from points.campaigns import EarnCampaigns
from points.coherence import incoherences
from points.earn_rules import ActivityRule, AmountRule, AttributeRule, CountedRule, EarnRule, QuantityRule
from points.errors import ProgrammeError
from points.example import Example
from points.expiry import Validity
from points.fields import Code, Day, Document, Flag, Text
from points.form_errors import Incoherent, first_error
from points.forms import Coupon, IssueBase, Item, Offset, Reward, Voucher
from points.impact import Impact
from points.places import line_of
from points.rules import (
    Campaign,
    Cap,
    Category,
    Compensation,
    Exclusion,
    HoldingDiscount,
    Payer,
    PointsKind,
    ProductGroup,
    RewardChange,
)
from points.sentences import Sentence
from points.tiers import DEFAULT_MONTHS, Tier, TierWindow

__all__ = [
    "KNOWN_ENGINES", "MAX_DOCUMENT_BYTES", "Campaign", "Cap", "Category", "Coupon", "EarnRule", "Example", "Exclusion",
    "HoldingDiscount", "Item", "Offset", "Payer", "PointsKind", "ProductGroup", "Programme", "Reward", "RewardChange",
    "Text", "Tier", "Validity", "Voucher", "parse_programme",
]  # fmt: skip

KNOWN_ENGINES: Final = (1,)
MAX_DOCUMENT_BYTES: Final = 262_144
"""A complete sample has 15 kB; a document that is much longer is no programme."""

LONGEST_LINE: Final = 2_000
"""tomllib takes time in the square of a dotted key's length: 50,000 dots on one line kept it busy for 44 s."""


class Programme(Document):
    """All rules of one merchant in one version. ``valid_from`` and ``valid_until`` bound redeeming; both days are included.

    ``default_category`` is what an amount typed without a product is taken for. Without ``staff_earn`` who works in a store
    earns nothing there, as far as the list of its staff says which member he is.
    """

    id: Code
    version: Annotated[int, Field(strict=True, ge=1)]
    engine: Annotated[int, Field(strict=True, ge=1)]
    merchant: Code
    industry: Code
    valid_from: Day
    valid_until: Day
    name: Text
    default_category: Code
    staff_earn: Flag = True
    kinds: Annotated[tuple[PointsKind, ...], Field(alias="kind", min_length=1)]
    categories: Annotated[tuple[Category, ...], Field(alias="category", min_length=1)]
    groups: tuple[ProductGroup, ...] = Field(default=(), alias="group")
    payers: tuple[Payer, ...] = Field(default=(), alias="payer")
    earn: tuple[EarnRule, ...] = ()
    tiers: tuple[Tier, ...] = Field(default=(), alias="tier")
    tier_window: TierWindow | None = None
    caps: tuple[Cap, ...] = Field(default=(), alias="cap")
    rewards: tuple[Reward, ...] = Field(default=(), alias="reward")
    campaigns: tuple[Campaign, ...] = Field(default=(), alias="campaign")
    holding_discounts: tuple[HoldingDiscount, ...] = Field(default=(), alias="holding_discount")
    exclusions: tuple[Exclusion, ...] = Field(default=(), alias="exclusion")
    compensations: tuple[Compensation, ...] = Field(default=(), alias="compensation")
    impacts: tuple[Impact, ...] = Field(default=(), alias="impact")
    examples: tuple[Example, ...] = Field(default=(), alias="example")

    @cached_property
    def issued_kinds(self) -> frozenset[str]:
        """What rewards issue: vouchers, tickets."""
        return frozenset(reward.gives for reward in self.rewards if isinstance(reward, IssueBase))

    @cached_property
    def reward_by_id(self) -> Mapping[str, Reward]:
        return {reward.id: reward for reward in self.rewards}

    @property
    def tier_months(self) -> int:
        """How many calendar months count for a tier."""
        return self.tier_window.months if self.tier_window else DEFAULT_MONTHS

    @cached_property
    def tier_by_code(self) -> Mapping[str, Tier]:
        return {tier.code: tier for tier in self.tiers}

    @cached_property
    def kind_by_code(self) -> Mapping[str, PointsKind]:
        return {kind.code: kind for kind in self.kinds}

    @cached_property
    def category_by_code(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def compensation_by_id(self) -> Mapping[str, Compensation]:
        return {compensation.id: compensation for compensation in self.compensations}

    @cached_property
    def impact_by_attribute(self) -> Mapping[str, Impact]:
        return {impact.attribute: impact for impact in self.impacts}

    @cached_property
    def payer_by_code(self) -> Mapping[str, Payer]:
        return {payer.code: payer for payer in self.payers}

    @cached_property
    def no_earning(self) -> Mapping[str, Exclusion]:
        """Category → why it earns nothing."""
        return {code: rule for rule in self.exclusions if rule.applies_to != "redeeming" for code in rule.categories}

    @cached_property
    def no_redeeming(self) -> Mapping[str, Exclusion]:
        """Category → why it is never paid with points."""
        return {code: rule for rule in self.exclusions if rule.applies_to != "earning" for code in rule.categories}

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """Product → its group, where a rule or a campaign names that one."""
        named = self.groups_of_campaigns.union(*(rule.groups for rule in self.counting_rules))
        return {product: group.code for group in self.groups if group.code in named for product in group.products}

    @cached_property
    def changes_of(self) -> Mapping[str, list[tuple[Campaign, RewardChange]]]:
        """Reward → what campaigns make of its price, in the order of the file."""
        changes: dict[str, list[tuple[Campaign, RewardChange]]] = {}
        for campaign in self.campaigns:
            for change in campaign.rewards:
                changes.setdefault(change.reward, []).append((campaign, change))
        return changes

    @cached_property
    def earn_campaigns(self) -> EarnCampaigns:
        """Those that multiply what is earned."""
        return EarnCampaigns(self.campaigns)

    @cached_property
    def bounded_campaigns(self) -> Mapping[str, tuple[Campaign, ...]]:
        """Kind → those of which one member gains so many points of it and no more."""
        bounded = [campaign for campaign in self.campaigns if campaign.most_points is not None]
        return {kind: tuple(one for one in bounded if kind in one.kinds) for one in bounded for kind in one.kinds}

    @cached_property
    def groups_of_campaigns(self) -> frozenset[str]:
        """The product groups whose money a campaign may multiply apart from the rest of their category."""
        return frozenset(code for campaign in self.campaigns for code in campaign.groups)

    @cached_property
    def counting_rules(self) -> tuple[QuantityRule | AttributeRule, ...]:
        """The rules that measure goods otherwise than by money."""
        return tuple(rule for rule in self.earn if isinstance(rule, QuantityRule | AttributeRule))

    @cached_property
    def _counted_rules(self) -> Mapping[str, tuple[CountedRule, ...]]:
        counted = [rule for rule in self.earn if not isinstance(rule, AmountRule)]
        return {kind.code: tuple(rule for rule in counted if rule.kind == kind.code) for kind in self.kinds}

    def counted_rules(self, kind: str) -> tuple[CountedRule, ...]:
        """The rules that add to what money earns in a kind, in the order of the file."""
        return self._counted_rules[kind]

    @cached_property
    def caps_by_kind(self) -> Mapping[str, tuple[Cap, ...]]:
        """Of the kinds that have some."""
        return {code: tuple(cap for cap in self.caps if cap.kind == code) for code in {cap.kind for cap in self.caps}}

    @cached_property
    def activity_rules(self) -> tuple[ActivityRule, ...]:
        """What members may finish for points."""
        return tuple(rule for rule in self.earn if isinstance(rule, ActivityRule))

    @cached_property
    def measures_goods(self) -> bool:
        """Whether a basket is more to this programme than its sums per category."""
        return bool(self.counting_rules or self.groups_of_campaigns)

    @cached_property
    def _earn_by_category(self) -> Mapping[tuple[str, str], AmountRule]:
        return {(rule.kind, code): rule for rule in self._amount_rules for code in rule.categories}

    @cached_property
    def _earn_the_rest(self) -> Mapping[str, AmountRule]:
        return {rule.kind: rule for rule in self._amount_rules if not rule.categories}

    @cached_property
    def _amount_rules(self) -> tuple[AmountRule, ...]:
        return tuple(rule for rule in self.earn if isinstance(rule, AmountRule))

    def earn_rule(self, kind: str, category: str) -> AmountRule | None:
        """The one rule by which a category's money earns: the one that names it, else the one for the rest."""
        if rule := self._earn_by_category.get((kind, category)):
            return rule
        rest = self._earn_the_rest.get(kind)
        return rest if rest and category not in rest.except_categories else None

    def earns(self, category: str) -> bool:
        """Whether some rule gives points for goods of a category, exclusions apart."""
        counting = (rule for rule in self.earn if not isinstance(rule, AmountRule | ActivityRule))
        return any(self.earn_rule(kind.code, category) for kind in self.kinds) or any(
            rule.covers(category, "") for rule in counting
        )

    def to_document(self) -> dict[str, object]:
        """For canonical JSON: nothing but dicts, lists, integers and strings; `from_document` is the way back."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    def from_document(cls, document: Mapping[str, object], source: str = "document") -> Self:
        """Raises `ProgrammeError`, as `parse_programme` does."""
        engine = document.get("engine")
        if type(engine) is int and engine not in KNOWN_ENGINES:
            newer = Sentence(
                "needs engine {engine}, this version has {known}; update the till",
                engine=engine, known=KNOWN_ENGINES[-1],
            )  # fmt: skip
            raise ProgrammeError(source, "engine", newer)
        try:
            return cls.model_validate(dict(document))
        except ValidationError as error:
            raise ProgrammeError(source, *first_error(error)) from None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if found := next(incoherences(self), None):
            raise Incoherent(*found)
        return self


class _FloatText(str):
    """Marks what tomllib took for a float, so that it can be refused with its key path."""

    __slots__ = ()


def parse_programme(data: bytes | str, source: str) -> Programme:
    """The programme in a TOML document; `source` (a file name) stands in every error. Raises `ProgrammeError`."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise ProgrammeError(source, "", Sentence("longer than {most} bytes", most=MAX_DOCUMENT_BYTES))
    text = text_of(data, source)
    try:
        document = tomllib.loads(text, parse_float=_FloatText)
        a_float = next((leaf for leaf in _leaves(document, "") if isinstance(leaf[1], _FloatText)), None)
    except ValueError as error:  # not TOML, or a number of thousands of digits
        raise not_toml(source, error) from None
    except RecursionError:
        raise ProgrammeError(source, "", Sentence("nested too deeply")) from None
    if a_float:
        key_path, value = a_float
        why = Sentence('{value} is a float; write an integer, or a factor as "{value}"', value=str(value))
        raise ProgrammeError(source, key_path, why, line_of(text, key_path))
    try:
        programme = Programme.from_document(document, source)
    except ProgrammeError as error:
        raise ProgrammeError(source, error.key_path, error.why, line_of(text, error.key_path)) from None
    # Of what is published, not of what tills load: a shop does not stop for a sentence that was signed before.
    if false := next(false_percentages(programme), None):
        raise ProgrammeError(source, *false, line_of(text, false[0]))
    return programme


def text_of(data: bytes | str, source: str) -> str:
    """What a file says. Raises `ProgrammeError` where it is no text, or nothing that a person would write."""
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        broken = Sentence("not UTF-8 from byte {place} on", place=error.start)
        number = error.object.count(b"\n", 0, error.start) + 1
        raise ProgrammeError(source, "", broken, number) from None
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            raise ProgrammeError(
                source, "", Sentence("a line is longer than {most} characters", most=LONGEST_LINE), number
            )
    return text


_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def not_toml(source: str, error: ValueError) -> ProgrammeError:
    """What to raise for tomllib's error: the line stands at the end of its sentence, the rest of which is in English alone."""
    found = _PLACE.search(str(error))
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (0, 0)
    why = _PLACE.sub("", str(error))
    if line:
        return ProgrammeError(
            source, "", Sentence("not TOML at column {column}: {why}", column=column, why=why), line
        )
    return ProgrammeError(source, "", Sentence("not TOML: {why}", why=why))


def _leaves(value: object, key_path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{key_path}.{key}" if key_path else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{key_path}[{place}]")
    else:
        yield key_path, value
