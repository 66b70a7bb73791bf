"""How long points live (A7). Validity differs by kind of points and by merchant, and counts from the day they were earned."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, model_serializer, model_validator

from points.fields import Document


class Validity(Document):
    """Written as ``"never"``, ``{months = 24}`` or ``{days = 90}``; both None means that points never expire."""

    months: Annotated[int, Field(strict=True, ge=1, le=1200)] | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=36_500)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_of_three(cls, value: object) -> object:
        if value == "never":
            return {}
        if isinstance(value, Validity) or (isinstance(value, dict) and len(value) == 1):
            return value
        raise ValueError('"never", {months = N} or {days = N} is expected')

    @model_serializer
    def _as_written(self) -> Any:
        if self.months is not None:
            return {"months": self.months}
        return "never" if self.days is None else {"days": self.days}


def expires_on(validity: Validity, earned_on: date) -> date | None:
    """The last day on which points earned on a day can be spent; None if they never expire.

    A month is a calendar month: earned on 31 January, valid one month, they end on the last day of February.
    """
    if validity.days is not None:
        return earned_on + timedelta(days=validity.days)
    if validity.months is None:
        return None
    years, month = divmod(earned_on.month - 1 + validity.months, 12)
    year = earned_on.year + years
    return date(year, month + 1, min(earned_on.day, monthrange(year, month + 1)[1]))
