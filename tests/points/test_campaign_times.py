"""When a campaign is on: days, days of the week, hours, every year; and when two of them meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import get_args

import pytest
from borax.calendars.lunardate import LunarDate, TermUtils

from points import Basket, MemberFacts, Programme, ProgrammeError, offers, parse_programme, quote
from points.festivals import FIRST_YEAR, LAST_YEAR, Festival, day_of
from tests.points.test_programme_document import SAMPLE


def campaign(name: str, times: str, body: str = 'earn = "3"\n') -> str:
    words = f'{{ zh = "{name}", en = "{name}" }}'
    return f'\n[[campaign]]\nid = "{name}"\nname = {words}\n{times}\nconditions = {words}\n{body}'


def with_campaigns(*campaigns: str) -> Programme:
    return parse_programme(SAMPLE + "".join(campaigns), "shop.toml")


def is_on(programme: Programme, at: str) -> bool:
    """Whether 100 yuan earn three times as much, by the counter's own rules."""
    return (
        quote(programme, Basket.of_amount(100_00), MemberFacts(), datetime.fromisoformat(at)).awarded("points") == 300
    )


@pytest.mark.parametrize(
    ("times", "on", "off"),
    [
        ('from = 2026-06-01\nuntil = 2026-06-30\nweekdays = ["sat", "sun"]',
         ["2026-06-06T09:00", "2026-06-07T23:59"], ["2026-06-05T09:00", "2026-06-08T00:00", "2026-07-04T09:00"]),
        ('from = 2026-06-01\nuntil = 2026-06-30\nhours = "14:00-17:00"',
         ["2026-06-30T14:00", "2026-06-01T16:59:59"], ["2026-06-01T13:59:59", "2026-06-01T17:00", "2026-07-01T15:00"]),
        ('from = 2026-06-01\nuntil = 2026-06-30\nhours = "22:00-02:00"',
         ["2026-06-30T22:00", "2026-06-30T01:59"], ["2026-06-30T02:00", "2026-07-01T01:00", "2026-06-01T21:59"]),
        ("from = 2026-05-01\nuntil = 2026-05-31\nevery_year = true",
         ["2026-05-01T08:00", "2030-05-31T23:59"], ["2025-05-15T08:00", "2030-06-01T08:00", "2030-04-30T08:00"]),
        ("from = 2026-12-20\nuntil = 2027-01-05\nevery_year = true",
         ["2026-12-31T08:00", "2027-01-05T08:00", "2031-01-02T08:00"], ["2026-01-03T08:00", "2027-01-06T08:00"]),
        ("from = 2028-02-29\nuntil = 2028-02-29\nevery_year = true",
         ["2028-02-29T08:00", "2029-02-28T08:00"], ["2029-03-01T08:00", "2028-02-28T08:00"]),
        ('festivals = ["春节", "中秋"]',
         ["2026-02-17T08:00", "2027-02-06T23:59", "2026-09-25T08:00"],
         ["2026-02-16T08:00", "2026-02-18T08:00", "2026-01-01T08:00"]),
        ('festivals = ["除夕"]\ndays_after = 1', ["2026-02-16T08:00", "2026-02-17T08:00"],
         ["2026-02-15T08:00", "2026-02-18T08:00"]),
        ('festivals = ["元旦"]\ndays_before = 3\ndays_after = 1',
         ["2026-12-29T08:00", "2027-01-02T08:00"], ["2026-12-28T08:00", "2027-01-03T08:00"]),
        ('festivals = ["端午"]\nweekdays = ["fri"]', ["2026-06-19T08:00"], ["2027-06-09T08:00"]),
    ],
)  # fmt: skip
def test_it_is_on_then_and_never_else(times: str, on: list[str], off: list[str]) -> None:
    """Days are business days: what is sold past midnight has the date of the evening."""
    programme = with_campaigns(campaign("some-time", times))
    assert [at for at in on if not is_on(programme, at)] == []
    assert [at for at in off if is_on(programme, at)] == []


def test_a_price_of_the_afternoon_is_offered_in_the_afternoon() -> None:
    """The list and the sale go by the same time."""
    programme = with_campaigns(
        campaign("tea-time", 'from = 2026-06-01\nuntil = 2026-06-30\nhours = "14:00-17:00"',
                 '[[campaign.reward]]\nreward = "tote-bag"\npoints = 200\n'),
    )  # fmt: skip

    def costs(at: str) -> int:
        listed = offers(programme, Basket(), MemberFacts(spendable={"points": 500}), datetime.fromisoformat(at))
        return next(offer.points for offer in listed if offer.reward_id == "tote-bag")

    assert (costs("2026-06-01T15:00"), costs("2026-06-01T17:00")) == (200, 300)


JUNE = "from = 2026-06-01\nuntil = 2026-06-30"


@pytest.mark.parametrize(
    ("first", "second", "meets"),
    [
        (f'{JUNE}\nweekdays = ["sat"]', f'{JUNE}\nweekdays = ["sun", "sat"]', "2026-06-01"),
        (f'{JUNE}\nweekdays = ["sat"]', f'{JUNE}\nweekdays = ["sun"]', ""),
        (f'{JUNE}\nhours = "10:00-12:00"', f'{JUNE}\nhours = "11:59-13:00"', "2026-06-01"),
        (f'{JUNE}\nhours = "10:00-12:00"', f'{JUNE}\nhours = "12:00-13:00"', ""),
        (f'{JUNE}\nhours = "22:00-02:00"', f'{JUNE}\nhours = "01:00-03:00"', "2026-06-01"),
        (f"{JUNE}\nevery_year = true", "from = 2029-06-30\nuntil = 2029-07-02", "2029-06-30"),
        (f"{JUNE}\nevery_year = true", "from = 2029-07-01\nuntil = 2029-07-02", ""),
        ("from = 2026-12-20\nuntil = 2027-01-05\nevery_year = true",
         "from = 2028-01-05\nuntil = 2028-01-09\nevery_year = true", "2028-01-05"),
        ('festivals = ["中秋"]', 'festivals = ["国庆节"]', "2020-10-01"),
        ('festivals = ["中秋"]', "from = 2027-10-01\nuntil = 2027-10-07\nevery_year = true", "2028-10-03"),
        ('festivals = ["中秋"]', "from = 2026-09-20\nuntil = 2026-09-24", ""),
        ('festivals = ["中秋"]\ndays_before = 1', "from = 2026-09-20\nuntil = 2026-09-24", "2026-09-24"),
        ('festivals = ["端午"]', 'festivals = ["七夕"]', ""),
    ],
)  # fmt: skip
def test_two_that_meet_must_say_which_wins(first: str, second: str, meets: str) -> None:
    """Weekdays and hours keep them apart; years do not."""
    both = campaign("first", first), campaign("second", second)
    if not meets:
        assert len(with_campaigns(*both).campaigns) == 4
        return
    with pytest.raises(ProgrammeError, match=f"meets first on {meets}") as refused:
        with_campaigns(*both)
    assert refused.value.key_path == "campaign[3]"


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (f'{JUNE}\nweekdays = ["saturday"]', "mon"), (f'{JUNE}\nhours = "14-17"', "14:00-17:00"),
        (f'{JUNE}\nhours = "25:00-26:00"', "14:00-17:00"), (f'{JUNE}\nhours = "14:00-14:00"', "whole day"),
        ("from = 2026-01-01\nuntil = 2027-01-01\nevery_year = true", "shorter than a year"),
        ('festivals = ["冬至"]', "Input should be '元旦', "), (f'{JUNE}\nfestivals = ["中秋"]', "not both"),
        ("", "from and until, or festivals"), (f"{JUNE}\ndays_before = 3", "there are none"),
        ('festivals = ["中秋"]\ndays_after = 31', "less than or equal to 30"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(times: str, reason: str) -> None:
    """With the form that is wanted."""
    with pytest.raises(ProgrammeError, match=reason):
        with_campaigns(campaign("wrong", times))


def test_a_programme_ends_within_the_years_whose_festivals_are_known() -> None:
    """Else one of them would bring nothing, and nobody would know why."""
    for key, old, new in (
        ("valid_until", "valid_until = 2035-12-31", "valid_until = 2051-01-01"),
        ("valid_from", "valid_from = 2025-01-01", "valid_from = 2019-12-31"),
    ):
        with pytest.raises(ProgrammeError, match="festivals are known from 2020 to 2050") as refused:
            parse_programme(SAMPLE.replace(old, new, 1), "shop.toml")
        assert refused.value.key_path == key
    without = SAMPLE.replace('festivals = ["春节"]\ndays_before = 7\ndays_after = 14', JUNE)
    assert parse_programme(without.replace("valid_until = 2035", "valid_until = 2051"), "shop.toml").rewards


@pytest.mark.parametrize(
    ("festival", "computed"),
    [
        ("春节", lambda year: LunarDate(year, 1, 1)), ("元宵", lambda year: LunarDate(year, 1, 15)),
        ("端午", lambda year: LunarDate(year, 5, 5)), ("七夕", lambda year: LunarDate(year, 7, 7)),
        ("中秋", lambda year: LunarDate(year, 8, 15)), ("重阳", lambda year: LunarDate(year, 9, 9)),
        ("除夕", lambda year: LunarDate(year, 1, 1).before(1)),
    ],
)  # fmt: skip
def test_the_table_of_festivals_is_that_of_the_moon(festival: Festival, computed: Callable[[int], LunarDate]) -> None:
    """In each of its years; leap months and all."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        assert day_of(festival, year) == computed(year).to_solar_date()


def test_qingming_is_that_of_the_sun() -> None:
    """And what stands still stands still; outside of the table there is nothing."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        assert day_of("清明", year) == TermUtils.day_start_from_term(year, "清明", 0)
    assert {day_of(one, 2026) for one in get_args(Festival)} >= {
        date(2026, 1, 1),
        date(2026, 3, 8),
        date(2026, 10, 1),
    }
    assert day_of("春节", FIRST_YEAR - 1) is None
    assert day_of("元旦", LAST_YEAR + 1) is None


def test_it_is_the_same_programme_after_a_journey() -> None:
    """As canonical JSON it reaches the tills."""
    programme = with_campaigns(
        campaign("all", f'{JUNE}\nevery_year = true\nweekdays = ["sat"]\nhours = "22:00-02:00"\noverlap = "best"'),
        campaign("moon", 'festivals = ["端午"]\ndays_before = 2\noverlap = "best"'),
    )
    assert Programme.from_document(programme.to_document()) == programme
