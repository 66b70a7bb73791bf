"""What earns points: each rule as it stands in an ``[[earn]]`` table, told apart by ``by``.

Money earns by one rule per kind and category, so that nobody has to guess which wins. What is *counted* (pieces, attributes,
visits, activities) adds to it, each rule for itself. Tier and campaigns multiply what money earns; a rule that counts says
``multiplied = true`` if they shall multiply it too: a card of ten stamps is no shorter for gold members by accident.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from points.fields import Code, Document, Fen, FenOrZero, Flag, Points, Text
from points.sentences import Wrong

MEASURES_OF_OURS: Final = frozenset({"pieces", "fen"})
"""The names of `points.measures` that no attribute may have."""


def _free(attribute: str) -> str:
    if attribute in MEASURES_OF_OURS:
        raise Wrong("{attribute} is the name of a measure already", attribute=attribute)
    return attribute


Attribute = Annotated[Code, AfterValidator(_free)]
Grade = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,8})$")]


class EarnBase(Document):
    """What every rule says."""

    kind: Code
    name: Text
    multiplied: Flag = False


class Goods(Document):
    """Goods of these categories and of these product groups; none named means all."""

    categories: tuple[Code, ...] = ()
    groups: tuple[Code, ...] = ()

    def covers(self, category: str, group: str) -> bool:
        """Whether goods of a category, and of a group where that is not empty, are meant."""
        return category in self.categories or group in self.groups or not (self.categories or self.groups)


class AmountRule(EarnBase):
    """``points`` for every ``per_fen`` paid for these categories; none named means everything that no other rule names."""

    by: Literal["amount"] = "amount"
    multiplied: Flag = True
    per_fen: Fen
    points: Points
    categories: tuple[Code, ...] = ()
    except_categories: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.categories and self.except_categories:
            raise Wrong("name the categories that earn or those that do not, not both")
        return self


class QuantityRule(EarnBase, Goods):
    """``points`` for every ``per`` pieces of these categories and groups (每杯一枚印花). ``unit`` is a piece in words."""

    by: Literal["quantity"]
    points: Points
    per: Points = 1
    unit: Text | None = None

    @model_validator(mode="after")
    def _says_of_what(self) -> Self:
        if not self.categories and not self.groups:
            raise Wrong("name the categories or groups whose pieces count")
        return self


class AttributeRule(EarnBase, Goods):
    """``points`` for every ``per`` of an environmental attribute of the products bought (P13), or for each piece of a grade:
    ``grades = {"1" = 50, "2" = 20}``. ``unit`` is the attribute's in words."""

    by: Literal["attribute"]
    attribute: Attribute
    points: Points | None = None
    per: Points | None = None
    grades: dict[Grade, Points] = Field(default_factory=dict)
    unit: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.grades) == (self.points is not None) or (self.points is None) != (self.per is None):
            raise Wrong("say either points and per, or grades")
        return self


class VisitRule(EarnBase):
    """``points`` once a sale in which something is paid, from ``minimum_fen`` on; for these categories where some are named."""

    by: Literal["visit"]
    points: Points
    minimum_fen: FenOrZero = 0
    categories: tuple[Code, ...] = ()

    def covers(self, category: str, _group: str = "") -> bool:
        """Whether what is paid for goods of a category makes a visit."""
        return not self.categories or category in self.categories


class ActivityRule(EarnBase):
    """``points`` for a finished questionnaire or training, once each member; ``name`` is what the cashier is shown."""

    by: Literal["activity"]
    activity: Code
    points: Points


CountedRule: TypeAlias = QuantityRule | AttributeRule | VisitRule | ActivityRule
"""What earns otherwise than by money."""


def _by(value: Any) -> str:
    by = value.get("by", "amount") if isinstance(value, dict) else getattr(value, "by", "")
    return by if isinstance(by, str) else ""


EarnRule: TypeAlias = Annotated[
    Annotated[AmountRule, Tag("amount")]
    | Annotated[QuantityRule, Tag("quantity")]
    | Annotated[AttributeRule, Tag("attribute")]
    | Annotated[VisitRule, Tag("visit")]
    | Annotated[ActivityRule, Tag("activity")],
    Discriminator(
        _by,
        custom_error_type="earn_by",
        custom_error_message='by is "amount", "quantity", "attribute", "visit" or "activity"',
    ),
]
