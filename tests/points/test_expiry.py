"""Validity by kind of points: never, months, days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points import Validity, expires_on


@pytest.mark.parametrize(
    ("months", "earned", "last"),
    [
        (24, "2026-11-21", "2028-11-21"),
        (1, "2026-01-31", "2026-02-28"),
        (1, "2028-01-31", "2028-02-29"),
        (12, "2028-02-29", "2029-02-28"),
        (1, "2026-12-31", "2027-01-31"),
        (6, "2026-08-31", "2027-02-28"),
    ],
)
def test_months_are_calendar_months(months: int, earned: str, last: str) -> None:
    """The same day of the month, or its last one where it has no such day."""
    assert expires_on(Validity(months=months), date.fromisoformat(earned)) == date.fromisoformat(last)


def test_days_and_never() -> None:
    """Days are counted, and points of a hotel never expire (P6)."""
    assert expires_on(Validity(days=90), date(2026, 11, 21)) == date(2027, 2, 19)
    assert expires_on(Validity.model_validate("never"), date(2026, 11, 21)) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_who_earns_later_never_expires_earlier(earned: date, months: int) -> None:
    """The end of a month does not turn the order of two awards round."""
    validity = Validity(months=months)
    today, tomorrow = expires_on(validity, earned), expires_on(validity, date.fromordinal(earned.toordinal() + 1))
    assert today is not None
    assert tomorrow is not None
    assert earned < today <= tomorrow
