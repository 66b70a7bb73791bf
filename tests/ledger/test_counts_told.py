"""Counts in the feed: a till is told those of its own merchant, of periods that still matter, by changes and by a snapshot."""

from __future__ import annotations

import pytest

from ledger import rows
from ledger.clock import day_of
from ledger.feed import member_row
from ledger.merging import merge
from ledger.visits import scope_of
from protocol import canonical
from protocol.canonical import MAX_INTEGER
from protocol.feed import MemberRow
from tests.ledger.shop import NOW_US, Shop
from tests.ledger.test_counting import LIMITS, MEMBER, OTHER, takes
from tests.ledger.test_visits import told

DAY_US = 86_400 * 1_000_000
TODAY = day_of(NOW_US)
YESTERDAY = day_of(NOW_US - DAY_US)


@pytest.fixture
def limited(shop: Shop) -> Shop:
    """Three rewards with a limit: a day, a month, ever."""
    shop.publish_whole(LIMITS)
    return shop


def test_only_its_own_merchants(limited: Shop) -> None:
    """What he took at another merchant is nobody's business here; a void takes it back."""
    limited.join(MEMBER)
    here, there = limited.till(), limited.till("T3", "S2")
    sale = takes(here, MEMBER, "r-ever", business_day=TODAY)
    here.send(sale)
    there.send(takes(there, MEMBER, "r-day", business_day=TODAY))
    assert told(limited, MEMBER, "S1").counts == {"taken/r-ever/ever": 1}
    assert told(limited, MEMBER, "S2").counts == {f"taken/r-day/{TODAY}": 1}
    here.send(here.void(sale))
    assert told(limited, MEMBER, "S1").counts == {}


def test_only_periods_that_still_matter(limited: Shop) -> None:
    """Today's, yesterday's (a store may lie where it still is), those of the month, and what is for ever."""
    limited.join(MEMBER)
    till = limited.till()
    for day in (TODAY, YESTERDAY, "2026-09-01", "2026-08-31"):
        till.append(takes(till, MEMBER, "r-day", "r-month", "r-ever", business_day=day))
    till.push()
    assert TODAY.startswith("2026-09")
    assert told(limited, MEMBER, "S1").counts == {
        f"taken/r-day/{TODAY}": 1,
        f"taken/r-day/{YESTERDAY}": 1,
        "taken/r-month/2026-09": 3,
        "taken/r-ever/ever": 4,
    }
    later = told(limited, MEMBER, "S1", NOW_US + 40 * DAY_US)
    assert later.counts == {"taken/r-ever/ever": 4}


def test_one_person_has_one_count(limited: Shop) -> None:
    """What was taken under a number that was merged counts for who goes on, and the tombstone says nothing."""
    limited.join(MEMBER)
    limited.join(OTHER)
    till = limited.till()
    till.send(takes(till, MEMBER, "r-ever"))
    till.send(takes(till, OTHER, "r-ever"))
    merge(limited.database, OTHER, MEMBER, limited.tick())
    till.send(takes(till, OTHER, "r-ever"))
    assert told(limited, MEMBER, "S1").counts == {"taken/r-ever/ever": 3}
    assert told(limited, OTHER, "S1").counts == {}
    limited.assert_well()


def test_who_is_looked_up_has_his_counts(limited: Shop) -> None:
    """By the phone he said, at a till that never saw him: with his name, and with what he took at this merchant."""
    limited.join(MEMBER, name="张*丰")
    till = limited.till()
    till.send(takes(till, MEMBER, "r-ever", business_day="2020-01-01"))
    with limited.database.read() as connection:
        row = member_row(connection, MEMBER, scope_of(connection, "S1", NOW_US))
        plain = member_row(connection, MEMBER)
    assert row is not None
    assert plain is not None
    assert (row.name, row.counts) == ("张*丰", {"taken/r-ever/ever": 1})
    assert plain.counts == {}


def test_no_count_makes_a_row_that_nobody_can_read(limited: Shop) -> None:
    """Whatever a till sent to make it so large."""
    limited.join(MEMBER)
    till = limited.till()
    till.send(takes(till, MEMBER, "r-ever", business_day=TODAY))
    with limited.database.write() as connection:
        rows.execute(connection, "UPDATE member_count SET amount = ?", MAX_INTEGER + 1)
    row = told(limited, MEMBER, "S1")
    assert row.counts == {"taken/r-ever/ever": MAX_INTEGER}
    assert canonical.decode(canonical.encode(row), MemberRow) == row
