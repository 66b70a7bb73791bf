"""A worked example inside a programme's own file: who, when, what is bought → what is paid and earned.

`points.examples` plays it; a programme whose examples do not come true is not published.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from points.fields import CivilTime, Code, Document, FenOrZero, Points, PointsOrZero, ProductCode, Text
from points.sentences import Wrong


class ExampleLine(Document):
    """Goods of one category; without one, an amount as it is typed at the counter. ``attributes`` are those of one piece."""

    category: Code | None = None
    amount_fen: FenOrZero
    product: ProductCode | None = None
    quantity: Points = 1
    attributes: dict[Code, PointsOrZero] = Field(default_factory=dict)


class ExampleChoice(Document):
    reward: Code
    points: Points


class Example(Document):
    """``awarded`` is points by kind, ``counts`` what is remembered of the member, by the names of `points.counts`;
    ``others_fen`` is what others pay, by payer; ``activities`` are finished with this sale.

    Instead of ``paid_fen``, ``refused`` names the code of the error that must come.
    """

    name: Text
    at: CivilTime
    tier: Code | None = None
    counts: dict[str, PointsOrZero] = Field(default_factory=dict)
    held: dict[Code, PointsOrZero] = Field(default_factory=dict)
    spendable: dict[Code, PointsOrZero] = Field(default_factory=dict)
    others_fen: dict[Code, FenOrZero] = Field(default_factory=dict)
    activities: tuple[Code, ...] = ()
    lines: tuple[ExampleLine, ...] = Field(default=(), alias="line")
    choices: tuple[ExampleChoice, ...] = Field(default=(), alias="choose")
    paid_fen: FenOrZero | None = None
    awarded: dict[Code, PointsOrZero] = Field(default_factory=dict)
    left: dict[Code, PointsOrZero] = Field(default_factory=dict)
    refused: Code | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.paid_fen is None) == (self.refused is None):
            raise Wrong("an example ends with paid_fen or with refused")
        return self
