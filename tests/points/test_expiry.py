"""Validity by kind of points: never, months, days, the end of a year with days of grace."""

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


@pytest.mark.parametrize(
    ("year_end", "grace", "earned", "last"),
    [
        (0, None, "2026-11-21", "2026-12-31"),
        (0, None, "2026-12-31", "2026-12-31"),
        (1, None, "2026-01-01", "2027-12-31"),
        (0, 90, "2026-11-21", "2027-03-31"),
        (0, 60, "2027-02-28", "2028-02-29"),
        (0, 90, "2027-12-31", "2028-03-30"),
        (1, 59, "2028-02-29", "2030-02-28"),
    ],
)
def test_points_of_one_year_end_together(year_end: int, grace: int | None, earned: str, last: str) -> None:
    """On 31 December, and after it for so many days that are counted: a leap year's grace ends a day of the month earlier."""
    written = {"year_end": year_end} if grace is None else {"year_end": year_end, "grace_days": grace}
    assert expires_on(Validity.model_validate(written), date.fromisoformat(earned)) == date.fromisoformat(last)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 5), st.none() | st.integers(1, 366))
def test_a_year_ends_for_nobody_before_it_has_ended(earned: date, years: int, grace: int | None) -> None:
    """Whoever earns in one year has the same last day, never before that year's end, and within the grace after it."""
    validity = Validity(year_end=years) if grace is None else Validity(year_end=years, grace_days=grace)
    last = expires_on(validity, earned)
    assert last == expires_on(validity, date(earned.year, 1, 1))
    assert last is not None
    assert (last - date(earned.year + years, 12, 31)).days == (grace or 0)


@pytest.mark.parametrize(
    "written",
    ["never", {"months": 24}, {"days": 90}, {"year_end": 0}, {"year_end": 1, "grace_days": 90}],
)
def test_a_validity_is_written_as_it_was_read(written: object) -> None:
    """A signed document is read again by every till."""
    assert Validity.model_validate(written).model_dump() == written
