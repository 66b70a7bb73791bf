"""Classes of faults that no campaign elsewhere proves; docs/offline.md says where each of F1 to F17 is tested."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.clock import wall_clock_us
from ledger.merging import merge
from ledger.verify import verify
from local_db.errors import LocalDbError
from local_db.journal import FILE
from protocol.documents import AllowancePolicy, FloorPolicy
from protocol.push import MAX_BATCH, PushBatch
from sync.errors import FinalSyncError
from tests.failures.places import Places, always, given
from tests.sync.books import KIND, Books, over_asgi
from tests.sync.faults import request_lost
from till.errors import RefusedError

BACKLOG, LOG_PAGES = 1_200, 100
Forgery = Callable[[PushBatch, PushBatch], PushBatch]


def test_f09_the_ledger_is_restored_from_yesterday(places: Places, tmp_path: Path) -> None:
    """It forgets what two tills were told was booked, a redemption with its reservation among it. With the next thing that
    happens at each it is sent everything again, and the books are those that were lost.
    """
    member, tills = places.books.join(points=5_000), [places.till(), places.till()]
    receipts = [till.sell(member) for till in tills]
    for till in tills:
        till.settle()
    with closing(sqlite3.connect(places.books.file)) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "yesterday.db"),))
    receipts += [till.sell(member, 30_00) for till in tills]
    receipts.append(tills[0].redeem(member, 1_000, places.books.phone(member)))
    for till in tills:
        till.settle()
    lost = places.books.available(member)
    restored = Books.restored(tmp_path / "yesterday.db", places.books.keys)
    with over_asgi(restored) as transport:
        places.books = restored
        for till in tills:
            till.way._inner = transport
        assert restored.available(member) != lost
        receipts += [till.sell(member, 1_00) for till in tills]
        for _ in range(2):
            for till in tills:
                till.settle()
        places.assert_books_are(receipts)
        assert restored.available(member) == 5_000 + given(*receipts)
        assert {till.shown(member) for till in tills} == {restored.available(member)}
        assert [till.journal.quarantined() for till in tills] == [[], []]
    restored.close()


def other_amount(batch: PushBatch, _other: PushBatch) -> PushBatch:
    """More points in the last entry, everything else as it was signed."""
    last = batch.entries[-1]
    changed = msgspec.structs.replace(last, payload=last.payload.replace('"gross_fen":10000', '"gross_fen":90000'))
    assert changed != last
    return msgspec.structs.replace(batch, entries=(*batch.entries[:-1], changed))


def other_order(batch: PushBatch, _other: PushBatch) -> PushBatch:
    """The last two change places."""
    *before, one, two = batch.entries
    return msgspec.structs.replace(batch, entries=(*before, two, one))


def spliced(batch: PushBatch, other: PushBatch) -> PushBatch:
    """An entry of another till's chain at the end."""
    return msgspec.structs.replace(batch, entries=(*batch.entries[:-1], other.entries[-1]))


def left_out(batch: PushBatch, _other: PushBatch) -> PushBatch:
    """One in the middle is missing."""
    return msgspec.structs.replace(batch, entries=(*batch.entries[:-2], batch.entries[-1]))


def of_another_till(_batch: PushBatch, other: PushBatch) -> PushBatch:
    """Another till's whole batch, well signed, sent by this one."""
    return other


def with_another_key(batch: PushBatch, _other: PushBatch) -> PushBatch:
    """The head is signed by a stranger."""
    return msgspec.structs.replace(batch, head_signature=Ed25519PrivateKey.generate().sign(b"head"))


def from_further_on(batch: PushBatch, _other: PushBatch) -> PushBatch:
    """As if more had been sent before."""
    return msgspec.structs.replace(batch, first_seq=batch.first_seq + 1)


FORGERIES = (other_amount, other_order, spliced, left_out, of_another_till, with_another_key, from_further_on)


@pytest.mark.parametrize("forge", FORGERIES)
def test_f13_a_batch_that_was_tampered_with_books_nothing(places: Places, forge: Forgery) -> None:
    """Whoever holds the way to the ledger, and even this till's own requests, changes nothing in the chain: refused whole,
    the books stay as they are, and the true batch is booked afterwards.
    """
    member, till, other = places.books.join(), places.till(), places.till()
    receipts = [till.sell(member), till.sell(member), other.sell(member), other.sell(member)]
    batch, others = (one._pusher._batch(one._pusher._whole(1)) for one in (till, other))
    books = places.everything()
    with till.client() as client, pytest.raises(FinalSyncError):
        client.push(forge(batch, others))
    assert places.everything() == books
    till.settle()
    other.settle()
    places.assert_books_are(receipts)


def test_f13_a_phones_code_is_spent_at_two_tills(places: Places) -> None:
    """Photographed and shown again: the ledger knows its nonce, and so does a till that is offline of its own sales."""
    member, till, other = places.books.join(points=5_000), places.till(), places.till()
    code = places.books.phone(member)
    receipt = till.redeem(member, 1_000, code)
    with pytest.raises(RefusedError, match="reserve-nonce-used"):
        other.redeem(member, 1_000, code)
    till.way.plan += always(request_lost)
    with pytest.raises(RefusedError, match="dynamic-used"):
        till.redeem(member, 1_000, code)
    till.settle()
    other.settle()
    assert places.books.available(member) == 5_000 + given(receipt)


def test_f15_a_backlog_is_sent_in_few_requests_while_the_counter_sells(places: Places) -> None:
    """Days without a network: the journal grows, each sale is as it was, and the ledger gets it in batches of a thousand."""
    members, till = [places.books.join() for _ in range(40)], places.till()
    till.way.plan += always(request_lost)
    receipts = [till.sell(members[number % len(members)], 1_00) for number in range(BACKLOG)]
    till.way.plan.clear()
    sent = len(till.way.seen)
    till.push()
    receipts.append(till.sell(members[0], 2_00))
    till.settle()
    assert till.way.seen[sent:].count("/v1/push") == 1 + BACKLOG // MAX_BATCH
    assert sum(map(places.books.available, members)) == given(*receipts)
    assert verify(places.books.database) == []


def test_f15_a_reader_that_never_ends_holds_up_no_sale(places: Places) -> None:
    """Somebody reads the journal for hours: the log grows, sales go on, and it is written back when he has gone."""
    member, till = places.books.join(), places.till()
    # Soon, for the 16 MB of the product take a day to fill.
    till.journal._connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    log = till.folder / f"{FILE}-wal"
    with closing(sqlite3.connect(f"{(till.folder / FILE).as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchone()
        receipts = [till.sell(member, 1_00) for _ in range(100)]
        grown = log.stat().st_size
    receipts += [till.sell(member, 1_00) for _ in range(100)]
    assert grown > 2 * LOG_PAGES * 4_096
    assert log.stat().st_size < grown + 2 * LOG_PAGES * 4_096
    till.settle()
    places.assert_books_are(receipts)


if sys.platform != "win32":

    def test_f15_no_file_can_be_opened_any_more(places: Places) -> None:
        """All descriptors are taken by something else: sales go on with the files that are open, or are refused in the
        journal's own words; with descriptors again everything is there.
        """
        member, till = places.books.join(), places.till()
        receipts = [till.sell(member)]
        with no_descriptors(), suppress(LocalDbError):
            for _ in range(50):
                receipts.append(till.sell(member))  # noqa: PERF401  # each one counts, also before one that fails
        assert till.counter.last_seq() == receipts[-1].seq
        till.restart()
        till.settle()
        places.assert_books_are(receipts)

    @contextmanager
    def no_descriptors() -> Iterator[None]:
        """This process can open nothing while the block runs."""
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with ExitStack() as taken:
            taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
            with suppress(OSError):
                for _ in range(256):
                    taken.enter_context(Path(os.devnull).open("rb"))
            with pytest.raises(OSError, match="Too many open files"), Path(os.devnull).open("rb"):
                pass
            yield


def test_f16_members_are_merged_while_points_of_both_lie_at_a_till(places: Places) -> None:
    """A till holds points of the old number for an outage, and the plug is out while the two become one: what it hands out on
    them is paid with them, what is left goes to the new number, and nothing is there twice.
    """
    places.books.publish(floor=FloorPolicy(), allowance=AllowancePolicy(per_member=1_500))
    old, new, till = places.books.join(points=5_000), places.books.join(points=3_000), places.till()
    receipts = [till.redeem(old, 1_500, places.books.phone(old)), till.redeem(new, 1_000, places.books.phone(new))]
    till.settle()
    till.allowances()
    assert {member: places.books.row(member).balances[KIND].reserved for member in (old, new)} == {
        old: 1_500,
        new: 1_000,
    }
    till.way.plan += always(request_lost)
    till.push()
    till.pull()
    merge(places.books.database, old, new, wall_clock_us())
    receipts.append(till.redeem(old, 1_000, places.books.phone(old)))
    assert [line.authority for line in receipts[-1].redemptions] == ["allowance"]
    till.settle()
    till.counter.return_allowances()
    for _ in range(3):
        till.settle()
    assert places.books.available(new) == till.shown(old) == till.shown(new) == 8_000 + given(*receipts)
    assert places.rows("SELECT count(*) FROM reservation WHERE points_left > 0") == [(0,)]
    assert places.rows("SELECT sum(shortfall) FROM entry") == [(0,)]
    assert verify(places.books.database) == []
