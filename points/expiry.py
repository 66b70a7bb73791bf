"""How long points live (A7). Validity differs by kind of points and by merchant, and counts from the day they were earned."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, model_serializer, model_validator

from points.fields import Document
from points.sentences import Wrong

_FORMS = (frozenset({"months"}), frozenset({"days"}), frozenset({"year_end"}), frozenset({"year_end", "grace_days"}))


class Validity(Document):
    """Written as ``"never"``, ``{months = 24}``, ``{days = 90}`` or ``{year_end = 1, grace_days = 90}``; all None means that
    points never expire.

    ``year_end``: what is earned in one year ends together, on 31 December of so many years later (0: of the same year).
    ``grace_days``: for so many days after it the points can still be spent.
    """

    months: Annotated[int, Field(strict=True, ge=1, le=1200)] | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=36_500)] | None = None
    year_end: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None
    grace_days: Annotated[int, Field(strict=True, ge=1, le=366)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, value: object) -> object:
        if value == "never":
            return {}
        if isinstance(value, Validity) or (isinstance(value, dict) and not set(value).isdisjoint(cls.model_fields)):
            return value
        raise _expected()

    @model_validator(mode="after")
    def _no_mixture(self) -> Validity:
        if self.model_fields_set and self.model_fields_set not in _FORMS:
            raise _expected()
        return self

    @model_serializer
    def _as_written(self) -> Any:
        said = {name: number for name in type(self).model_fields if (number := getattr(self, name)) is not None}
        return said or "never"


def _expected() -> Wrong:
    return Wrong(
        '"never", {{months = N}}, {{days = N}}, or {{year_end = N}}, with grace_days = N if there are any, is expected'
    )


def expires_on(validity: Validity, earned_on: date) -> date | None:
    """The last day on which points earned on a day can be spent, days of grace included; None if they never expire.

    This is the one day that entries, the counter, receipts and the member's page name. A month is a calendar month: earned on
    31 January, valid one month, they end on the last day of February.
    """
    if validity.year_end is not None:
        return date(earned_on.year + validity.year_end, 12, 31) + timedelta(days=validity.grace_days or 0)
    if validity.days is not None:
        return earned_on + timedelta(days=validity.days)
    if validity.months is None:
        return None
    years, month = divmod(earned_on.month - 1 + validity.months, 12)
    year = earned_on.year + years
    return date(year, month + 1, min(earned_on.day, monthrange(year, month + 1)[1]))
