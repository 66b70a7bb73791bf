"""One rule says which business day a moment belongs to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.business_days import Calendar

DAY_US = 86_400_000_000
ENDS = ("00:00", "00:30", "01:30", "02:00", "02:30", "05:00", "23:30")
ZONES = (
    "Asia/Shanghai", "America/New_York", "Europe/Berlin", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe",
    "Pacific/Apia", "Asia/Kolkata", "America/Sao_Paulo", "America/St_Johns",
)  # fmt: skip
"""Summer time at two in the morning, at midnight, by half an hour; a day that was skipped (Samoa, 2011); none at all."""


def us(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def day(text: str, ends: str = "00:00", zone: str = "Asia/Shanghai", fold: int = 0) -> str:
    return Calendar(zone, ends).day(us(text, zone, fold)).isoformat()


@pytest.mark.parametrize(
    ("at", "ends", "expected"),
    [
        ("2026-11-21T23:59:59.999999", "00:00", "2026-11-21"),
        ("2026-11-22T00:00:00", "00:00", "2026-11-22"),
        ("2026-11-22T00:00:00", "05:00", "2026-11-21"),
        ("2026-11-22T04:59:59.999999", "05:00", "2026-11-21"),
        ("2026-11-22T05:00:00", "05:00", "2026-11-22"),
        ("2026-03-01T02:00:00", "05:00", "2026-02-28"),
        ("2027-01-01T02:00:00", "05:00", "2026-12-31"),
    ],
)
def test_a_day_ends_when_the_store_says(at: str, ends: str, expected: str) -> None:
    """To the microsecond, over the ends of months and years."""
    assert day(at, ends) == expected


@pytest.mark.parametrize(
    ("at", "fold", "expected"),
    [
        ("2026-11-01T01:00:00", 0, "2026-10-31"),
        ("2026-11-01T01:30:00", 0, "2026-11-01"),
        ("2026-11-01T01:00:00", 1, "2026-11-01"),
        ("2026-11-01T01:59:59", 1, "2026-11-01"),
    ],
)
def test_an_hour_that_comes_twice_does_not_bring_yesterday_back(at: str, fold: int, expected: str) -> None:
    """New York puts its clocks back from two to one; the day ended at half past one, the first time."""
    assert day(at, "01:30", "America/New_York", fold) == expected


def test_a_midnight_that_comes_twice_ends_the_day_once() -> None:
    """St John's went from one past midnight back to yesterday: the new day had begun."""
    assert day("2010-11-07T00:00:30", zone="America/St_Johns") == "2010-11-07"
    assert day("2010-11-06T23:30:00", zone="America/St_Johns", fold=1) == "2010-11-07"


def test_a_day_whose_beginning_is_skipped_begins_with_the_change() -> None:
    """Clocks go from two to three: a day that ends at half past two ends then."""
    assert day("2026-03-08T01:59:59.999999", "02:30", "America/New_York") == "2026-03-07"
    assert day("2026-03-08T03:00:00", "02:30", "America/New_York") == "2026-03-08"


@given(
    at_us=st.integers(us("2010-01-01"), us("2037-12-31")), later_us=st.integers(0, 2 * DAY_US),
    zone=st.sampled_from(ZONES), ends=st.sampled_from(ENDS),
)  # fmt: skip
@example(us("2026-11-01T01:45:00", "America/New_York"), 3_600_000_000, "America/New_York", "01:30")
@example(us("2011-12-29T23:45:00", "Pacific/Apia"), 3_600_000_000, "Pacific/Apia", "00:30")
def test_days_never_go_back_and_every_moment_is_in_its_own(at_us: int, later_us: int, zone: str, ends: str) -> None:
    """Around midnight, five in the morning and every change of the clocks."""
    calendar = Calendar(zone, ends)
    found = calendar.day(at_us)
    assert found <= calendar.day(at_us + later_us)
    assert calendar.began_us(found) <= at_us < calendar.began_us(found + timedelta(days=1))


@given(st.dates(date(2011, 1, 1), date(2037, 12, 31)), st.sampled_from(ZONES), st.sampled_from(ENDS))
@example(date(2026, 3, 8), "America/New_York", "02:30")
@example(date(2026, 11, 1), "America/Havana", "00:00")
def test_a_day_begins_when_the_clock_first_shows_it(found: date, zone: str, ends: str) -> None:
    """At its beginning the wall shows its end of yesterday or, where that is skipped, what comes first after it."""
    calendar = Calendar(zone, ends)
    began_us, asked = calendar.began_us(found), datetime.fromisoformat(f"{found.isoformat()}T{ends}")
    assert calendar.civil(began_us) >= asked
    assert calendar.civil(began_us - 1) < asked


def test_the_rules_see_the_business_day_and_the_time_on_the_wall() -> None:
    """Two in the morning of Sunday is Saturday night."""
    moment = Calendar(day_ends="05:00").moment(us("2026-11-22T02:00:00"))
    assert moment.isoformat() == "2026-11-21T02:00:00"


def test_clocks_that_cannot_be_right_have_a_day_too() -> None:
    """1970 and 2106 are days like others."""
    assert Calendar().day(0).isoformat() == "1970-01-01"
    assert Calendar(day_ends="05:00").day(2**32 * 1_000_000).isoformat() == "2106-02-07"
