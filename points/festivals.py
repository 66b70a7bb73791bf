"""Chinese festivals by name, each with its day of the year.

Those by the moon, and 清明 by the sun, stand in a table that anybody can hold beside a wall calendar: a quote reckons with no
package, and gives the same at every till. A test holds the table against one that computes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

Festival: TypeAlias = Literal[
    "元旦", "除夕", "春节", "元宵", "妇女节", "清明", "劳动节", "儿童节", "端午", "七夕", "教师节", "中秋", "国庆节", "重阳",
]  # fmt: skip

_SAME_EVERY_YEAR: Final[Mapping[str, tuple[int, int]]] = {
    "元旦": (1, 1), "妇女节": (3, 8), "劳动节": (5, 1), "儿童节": (6, 1), "教师节": (9, 10), "国庆节": (10, 1),
}  # fmt: skip
_AFTER_SPRING_FESTIVAL: Final[Mapping[str, int]] = {"除夕": -1, "春节": 0, "元宵": 14}
_MOVING: Final = """
year  春节  清明  端午  七夕  中秋  重阳
2020  0125  0404  0625  0825  1001  1025
2021  0212  0404  0614  0814  0921  1014
2022  0201  0405  0603  0804  0910  1004
2023  0122  0405  0622  0822  0929  1023
2024  0210  0404  0610  0810  0917  1011
2025  0129  0404  0531  0829  1006  1029
2026  0217  0405  0619  0819  0925  1018
2027  0206  0405  0609  0808  0915  1008
2028  0126  0404  0528  0826  1003  1026
2029  0213  0404  0616  0816  0922  1016
2030  0203  0405  0605  0805  0912  1005
2031  0123  0405  0624  0824  1001  1024
2032  0211  0404  0612  0812  0919  1012
2033  0131  0404  0601  0801  0908  1001
2034  0219  0405  0620  0820  0927  1020
2035  0208  0405  0610  0810  0916  1009
2036  0128  0404  0530  0828  1004  1027
2037  0215  0404  0618  0817  0924  1017
2038  0204  0405  0607  0807  0913  1007
2039  0124  0405  0527  0826  1002  1026
2040  0212  0404  0614  0814  0920  1014
2041  0201  0404  0603  0803  0910  1003
2042  0122  0404  0622  0822  0928  1022
2043  0210  0405  0611  0811  0917  1011
2044  0130  0404  0531  0731  1005  1029
2045  0217  0404  0619  0819  0925  1018
2046  0206  0404  0608  0808  0915  1008
2047  0126  0405  0529  0827  1004  1027
2048  0214  0404  0615  0816  0922  1016
2049  0202  0404  0604  0805  0911  1005
2050  0123  0404  0623  0823  0930  1024
"""
FIRST_YEAR: Final = 2020
LAST_YEAR: Final = 2050


def day_of(festival: Festival, year: int) -> date | None:
    """Its day in a year; None outside the years of the table."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if fixed := _SAME_EVERY_YEAR.get(festival):
        return date(year, *fixed)
    moving = _moving()
    if (later := _AFTER_SPRING_FESTIVAL.get(festival)) is not None:
        return moving["春节", year] + timedelta(days=later)
    return moving[festival, year]


@lru_cache(256)
def times_of(
    festivals: tuple[Festival, ...], days_before: int, days_after: int, year: int
) -> tuple[tuple[date, date], ...]:
    """First and last day around each, as far as a year is touched. Kept: every quote asks about its day."""
    days = (day_of(festival, one) for festival in festivals for one in (year - 1, year, year + 1))
    times = ((day - timedelta(days=days_before), day + timedelta(days=days_after)) for day in days if day is not None)
    return tuple((begin, end) for begin, end in times if begin.year <= year <= end.year)


@cache
def _moving() -> Mapping[tuple[str, int], date]:
    (_year, *names), *rows = (line.split() for line in _MOVING.strip().splitlines())
    return {
        (name, int(year)): date(int(year), int(day[:2]), int(day[2:]))
        for year, *days in rows
        for name, day in zip(names, days, strict=True)
    }
