"""What a quote is asked about: goods, what is known of the member, and what he chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from points.amounts import check_amount, check_points
from points.errors import AmountError


@dataclass(frozen=True, slots=True)
class BasketLine:
    """`amount_fen` is the price of the whole line. The empty category is an amount typed without a product.

    `attributes` are those of one piece, as the price list has them: ``{"kwh-year": 30}``.
    """

    category: str
    amount_fen: int
    product: str = ""
    name: str = ""
    quantity: int = 1
    attributes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_amount(self.amount_fen)
        check_points(self.quantity)
        for value in self.attributes.values():
            check_points(value)


@dataclass(frozen=True, slots=True)
class Basket:
    """The lines of one sale; none at all when a reward is collected and nothing is bought. Raises `AmountError`.

    `others_fen` is what others than the member pay, by the payer's code; `activities` are what the member finished. `units`
    stand for what the rules measure in the lines (`points.measures`); None: measure them.
    """

    lines: tuple[BasketLine, ...] = ()
    others_fen: Mapping[str, int] = field(default_factory=dict)
    activities: tuple[str, ...] = ()
    units: Mapping[str, int] | None = None

    def __post_init__(self) -> None:
        check_amount(self.gross_fen)
        for fen in self.others_fen.values():
            check_amount(fen)

    @classmethod
    def of_amount(cls, fen: int) -> Self:
        """An amount typed at the counter."""
        return cls((BasketLine("", fen),))

    @classmethod
    def of_categories(
        cls,
        sums: Mapping[str, int],
        units: Mapping[str, int] | None = None,
        others_fen: Mapping[str, int] | None = None,
        activities: Sequence[str] = (),
    ) -> Self:
        """From what a journal entry carries: its quote is that of the lines (engine 1)."""
        lines = tuple(BasketLine(category, fen) for category, fen in sums.items())
        return cls(lines, others_fen or {}, tuple(activities), units or {})

    @property
    def gross_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    def by_category(self) -> dict[str, int]:
        """Fen per category, sorted by code, so that nothing that follows depends on the order of the lines."""
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.category] = sums.get(line.category, 0) + line.amount_fen
        return dict(sorted(sums.items()))


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The member as he was when he was identified, by kind of points.

    `held` decides what he is entitled to and does not move during the sale; `spendable` is what a redemption may take. Both
    may be negative for a member who owes points: nothing is affordable then. `counts` are what rules with a memory ask for, by
    the names of `points.counts`, in the periods of the sale's business day; what is not there is zero.
    """

    tier: str = ""
    held: Mapping[str, int] = field(default_factory=dict)
    spendable: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for points in (*self.held.values(), *self.spendable.values(), *self.counts.values()):
            if type(points) is not int:
                raise AmountError("points-not-a-number", repr(points)[:24])


@dataclass(frozen=True, slots=True)
class Choice:
    """A reward the member wants, once, and the points he gives for it; an empty kind is the first one the reward takes."""

    reward_id: str
    points: int
    kind: str = ""

    def __post_init__(self) -> None:
        check_points(self.points)
