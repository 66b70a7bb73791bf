"""Many tills and counters at the same moment, on real threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from protocol.reservations import Granted, Verdict
from tests.ledger.shop import Shop, Till

DEADLINE_S = 120
MEMBERS = [f"10000000{n:02d}" for n in range(12)]
TILLS = 4
BATCHES = 6
SALES_IN_A_BATCH = 15


def test_tills_push_and_counters_reserve_at_once(shop: Shop) -> None:
    """Tills that share all their members, and counters that ask meanwhile: every entry is booked once, every sum holds."""
    for member in MEMBERS:
        shop.join(member)
    tills = [shop.till(f"T{n}") for n in range(TILLS)]
    asked = [till.sale(member) for till in tills for member in MEMBERS]
    for till in tills:
        _fill(till)
    with ThreadPoolExecutor(2 * TILLS) as pool:
        pushing = [pool.submit(_push_all, till) for till in tills for _ in range(2)]
        asking = [pool.submit(tills[0].reserve, sale, 3) for sale in asked]
        assert [future.result(DEADLINE_S) for future in pushing] == [BATCHES * SALES_IN_A_BATCH] * (2 * TILLS)
        verdicts: list[Verdict] = [future.result(DEADLINE_S) for future in asking]
    shop.assert_well()
    balances = [shop.balance(member) for member in MEMBERS]
    assert sum(available + reserved for available, reserved, _ in balances) == TILLS * BATCHES * SALES_IN_A_BATCH
    assert sum(reserved for _, reserved, _ in balances) == 3 * sum(isinstance(one, Granted) for one in verdicts)


def _fill(till: Till) -> None:
    for n in range(BATCHES * SALES_IN_A_BATCH):
        till.append(till.sale(MEMBERS[(n * 7) % len(MEMBERS)], award=1))


def _push_all(till: Till) -> int:
    """Both threads of a till send the same journal; the number of entries that were booked, as each was told."""
    booked = 0
    for first in range(1, BATCHES * SALES_IN_A_BATCH + 1, SALES_IN_A_BATCH):
        outcomes = till.push(first, first + SALES_IN_A_BATCH - 1).outcomes
        booked += sum(outcome.status == "booked" for outcome in outcomes)
    return booked
