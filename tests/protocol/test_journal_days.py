"""The first entry of a business day is found among damaged ones too, and where there is none."""

from __future__ import annotations

import msgspec
import pytest

from protocol.entries import ShiftOpened, encode_entry
from protocol.journal_days import day_of, first_of_day
from tests.sync.tills import header

DAYS = ["2026-11-20"] * 5 + ["2026-11-21"] * 3 + ["2026-11-23"] * 4


def entry(day: str) -> bytes:
    return encode_entry(msgspec.structs.replace(ShiftOpened(**header("T1"), number=1), business_day=day))


@pytest.mark.parametrize("damaged", [(), (3,), (5, 6), tuple(range(1, 9))])
@pytest.mark.parametrize(
    ("day", "first"),
    [("2026-11-19", 1), ("2026-11-20", 1), ("2026-11-21", 6), ("2026-11-22", 9), ("2026-11-23", 9), ("2026-11-24", 13)],
)  # fmt: skip
def test_where_a_day_begins(day: str, first: int, damaged: tuple[int, ...]) -> None:
    """Never behind an entry of it that can be read, and never before the day by more than what is damaged."""
    journal = [b"damaged" if seq in damaged else entry(name) for seq, name in enumerate(DAYS, start=1)]
    found = first_of_day(day, len(journal), lambda seq: journal[seq - 1 : seq + 19])
    of_day = [seq for seq, payload in enumerate(journal, start=1) if day_of(payload) >= day]
    assert found <= (of_day[0] if of_day else len(journal) + 1)
    assert damaged or found == first
