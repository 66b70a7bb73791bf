"""The business day of a moment: one rule, for entries at the till and for everything that the ledger does by the day.

A store says where it is and when its day ends (`StoreSettings.time_zone`, `day_ends`): a restaurant that closes at two in the
morning ends its day at five. A day begins when the clocks of the store show that time for the first time, so it never goes
back: not where summer time begins or ends at that very hour either.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

DayEnd = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A civil time as 05:00."""

DEFAULT_ZONE = "Asia/Shanghai"
MIDNIGHT = "00:00"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Calendar(NamedTuple):
    """Where a store is, and when its day ends. Without a store: the coalition's."""

    time_zone: str = DEFAULT_ZONE
    day_ends: str = MIDNIGHT

    def civil(self, at_us: int) -> datetime:
        """What a clock on the wall shows at `at_us` (µs UTC), naive."""
        return self._aware(at_us).replace(tzinfo=None)

    def day(self, at_us: int) -> date:
        """The business day that `at_us` (µs UTC) belongs to."""
        near = self._aware(at_us).date()
        later = (day for day in (near + _DAY, near) if self.began_us(day) <= at_us)
        return next(later, near - _DAY)

    def began_us(self, day: date) -> int:
        """When a business day begins, µs UTC."""
        return _began_us(day, self.time_zone, self.day_ends)

    def moment(self, at_us: int) -> datetime:
        """For the rules (`points.quote`): the time on the wall, and as its date the business day."""
        return datetime.combine(self.day(at_us), self.civil(at_us).time())

    def _aware(self, at_us: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(self.time_zone))


@lru_cache(maxsize=256)
def _began_us(day: date, time_zone: str, day_ends: str) -> int:
    zone = ZoneInfo(time_zone)
    shown = datetime.combine(day, time.fromisoformat(day_ends))
    first, second = (_since_epoch(shown.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first <= second:  # shown once or, where clocks are put back, twice
        return first
    return _change_between(second, first, zone)


def _change_between(before_us: int, after_us: int, zone: ZoneInfo) -> int:
    """When clocks were put forward over the time that was looked for: at the first moment that shows a later one."""
    offset = (_EPOCH + timedelta(microseconds=before_us)).astimezone(zone).utcoffset()
    while after_us - before_us > 1:
        middle_us = (before_us + after_us) // 2
        is_before = (_EPOCH + timedelta(microseconds=middle_us)).astimezone(zone).utcoffset() == offset
        before_us, after_us = (middle_us, after_us) if is_before else (before_us, middle_us)
    return after_us


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
