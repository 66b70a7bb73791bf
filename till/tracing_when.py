"""When it was, as a customer says it: behind an amount or a number, or alone. 14:20 is around that time, 11-21 that day."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from protocol.business_days import Calendar

AROUND: Final = timedelta(minutes=30)
"""Before and after a time: nobody remembers better."""

_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)
_DAY = re.compile(r"(?:(20\d\d)-)?(1[0-2]|0?[1-9])-(3[01]|[12]\d|0?[1-9])", re.ASCII)
_A_DAY = timedelta(days=1)


class Within(NamedTuple):
    """From and until, µs UTC, both included."""

    since_us: int
    until_us: int


def read_when(text: str, calendar: Calendar, now_us: int) -> tuple[str, Within | None]:
    """What stands before the time and the day, and what these mean; None where there is neither.

    A time without a day is the last one that has been; a day without a year the last one too.
    """
    rest, now = text.split(), calendar.civil(now_us).replace(tzinfo=ZoneInfo(calendar.time_zone))
    at: time | None = None
    day: date | None = None
    while rest:
        if at is None and (found := _TIME.fullmatch(rest[-1])):
            at = time(int(found[1]), int(found[2]))
        elif day is None and (found := _DAY.fullmatch(rest[-1])) and (read := _day(found, now.date())):
            day = read
        else:
            break
        rest.pop()
    if at is None and day is None:
        return text, None
    return " ".join(rest), _within(at, day, calendar, now)


def _day(found: re.Match[str], today: date) -> date | None:
    try:
        named = date(int(found[1] or today.year), int(found[2]), int(found[3]))
        return named if found[1] or named <= today else named.replace(year=today.year - 1)
    except ValueError:  # 2-30, or 2-29 a year ago
        return None


def _within(at: time | None, day: date | None, calendar: Calendar, now: datetime) -> Within:
    if at is None:
        assert day is not None
        return Within(calendar.began_us(day), calendar.began_us(day + _A_DAY) - 1)
    moment = datetime.combine(day or now.date(), at, now.tzinfo)
    if day is None and moment > now:
        moment -= _A_DAY
    return Within(_us(moment - AROUND), _us(moment + AROUND))


def _us(moment: datetime) -> int:
    return round(moment.timestamp()) * 1_000_000
