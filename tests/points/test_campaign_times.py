"""When a campaign is on: days, days of the week, hours, every year; and when two of them meet."""

from __future__ import annotations

from datetime import datetime

import pytest

from points import Basket, MemberFacts, Programme, ProgrammeError, offers, parse_programme, quote
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
    ],
)  # fmt: skip
def test_two_that_meet_must_say_which_wins(first: str, second: str, meets: str) -> None:
    """Weekdays and hours keep them apart; years do not."""
    both = campaign("first", first), campaign("second", second)
    if not meets:
        assert len(with_campaigns(*both).campaigns) == 5
        return
    with pytest.raises(ProgrammeError, match=f"meets first on {meets}") as refused:
        with_campaigns(*both)
    assert refused.value.key_path == "campaign[4]"


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (f'{JUNE}\nweekdays = ["saturday"]', "mon"), (f'{JUNE}\nhours = "14-17"', "14:00-17:00"),
        (f'{JUNE}\nhours = "25:00-26:00"', "14:00-17:00"), (f'{JUNE}\nhours = "14:00-14:00"', "whole day"),
        ("from = 2026-01-01\nuntil = 2027-01-01\nevery_year = true", "shorter than a year"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(times: str, reason: str) -> None:
    """With the form that is wanted."""
    with pytest.raises(ProgrammeError, match=reason):
        with_campaigns(campaign("wrong", times))


def test_it_is_the_same_programme_after_a_journey() -> None:
    """As canonical JSON it reaches the tills."""
    programme = with_campaigns(
        campaign("all", f'{JUNE}\nevery_year = true\nweekdays = ["sat"]\nhours = "22:00-02:00"')
    )
    assert Programme.from_document(programme.to_document()) == programme
