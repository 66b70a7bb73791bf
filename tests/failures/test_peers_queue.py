"""Painful failures of other shops on the way from the till to the books: lost, doubled, dropped and stuck sales.

Each docstring names who was hurt and where it is told. The other half is in `test_peers_counter.py`.
"""

from __future__ import annotations

import threading

import pytest

from config.settings import Settings
from local_db.connections import till_lock
from local_db.errors import AnotherTillError, StorageFullError
from protocol.entries import Sale, decode_entry
from sync.push import Pusher
from tests.failures.places import Places, always, given, until
from tests.sync.books import KIND
from tests.sync.faults import answer_lost, passed, request_lost
from till.composition import open_till
from till.errors import RefusedError


def test_01_points_are_credited_twice_when_a_failed_sync_is_tried_again(places: Places) -> None:
    """OCA/pos PR#185 (comment of 2025-06-30, https://github.com/OCA/pos/pull/185): offline orders, sync fails and retries.

    The ledger books and the answer is lost, five times, with a restart between. Each entry is booked once, and the till
    learns the first outcome in the end.
    """
    member, till = places.books.join(), places.till()
    till.way.plan += always(request_lost)
    receipts = [till.sell(member), till.sell(member, 7_00)]
    till.push()
    for sent in range(2, 7):
        till.restart()
        till.way.plan[:] = [passed, answer_lost]  # what the ledger says of the chain, and what it says of the batch
        till.push()
        assert (till.way.seen.count("/v1/push"), till.journal.waiting()) == (sent, till.counter.last_seq())
    booked = places.books.available(member)
    till.settle()
    assert booked == places.books.available(member) == till.shown(member) == given(*receipts)
    places.assert_books_are(receipts)


def test_02_what_was_redeemed_offline_is_never_deducted(places: Places) -> None:
    """odoo/odoo#108240 (open since 2022): paid offline with an eWallet, synchronised, and the balance stayed as it was.

    What a sale gives and what it takes are one entry: there is no second call that could be forgotten.
    """
    member, till = places.books.join(points=5_000), places.till()
    till.way.plan += always(request_lost)
    receipt = till.redeem(member, 1_000, places.books.phone(member))
    assert [line.authority for line in receipt.redemptions] == ["floor"]
    till.settle()
    assert places.books.available(member) == 5_000 + given(receipt)
    assert places.rows("SELECT count(*) FROM received WHERE seq = ?", receipt.seq) == [(1,)]
    places.assert_books_are([receipt])


def test_03_the_same_batch_confirmed_again_is_applied_again(places: Places) -> None:
    """odoo PR#187238, PR#270532: it took years to move the points into the order and to make confirming safe to repeat.

    The whole journal is sent again from its first entry, in batches that overlap: the first outcomes come back, byte for
    byte, and no row of the books changes.
    """
    member, till = places.books.join(points=5_000), places.till()
    receipts = [till.sell(member), till.redeem(member, 1_000, places.books.phone(member)), till.sell(member)]
    till.counter.void(till.open_shift(), receipts[0].id)
    till.settle()
    books, last = places.everything(), till.counter.last_seq()
    first = till.journal.outcomes(list(range(1, last + 1)))
    pusher = till._pusher
    for begin in range(1, last + 1):
        for size in (1, 2, last):
            pusher.batch = size
            rows = pusher._whole(begin)
            answer = pusher._send(rows)
            assert answer.again == len(answer.outcomes) == len(rows)
            assert {outcome.seq: outcome for outcome in answer.outcomes}.items() <= first.items()
    assert places.everything() == books


def test_05_a_power_cut_after_success_takes_the_sale_and_the_next_one(places: Places) -> None:
    """odoo#125037: localStorage reached the disk some seconds after the receipt, and then the reused id dropped the next order.

    What is on the disk when the counter returns is put into another folder (that every byte of it was synced is for
    `tests/disk`): the sale is there, the next one continues it under an id of its own, and both are booked.
    """
    member, till = places.books.join(), places.till()
    till.way.plan += always(request_lost)
    before_the_cut = till.sell(member)
    after_the_cut = places.copy_of(till)
    receipts = [before_the_cut, after_the_cut.sell(member, 50_00)]
    assert (receipts[1].seq, receipts[1].id != receipts[0].id) == (receipts[0].seq + 1, True)
    after_the_cut.settle()
    places.assert_books_are(receipts)
    assert after_the_cut.shown(member) == given(*receipts)


def test_06_the_store_of_unsent_sales_is_evicted(places: Places) -> None:
    """odoo PR#284790: a browser may throw its database away when the disk is low, unsent orders with it.

    What can be had again (the cache) may vanish, and is pulled anew; unsent sales are in a file that nobody evicts. Where
    it finds no room the sale is refused before success is shown, and points that were reserved for it go back.
    """
    member, till = places.books.join(points=5_000), places.till()
    receipts = [till.sell(member)]
    till.close()
    for file in till.folder.glob("cache-*"):
        file.unlink()
    till.open()
    till.settle()
    receipts.append(till.sell(member))
    pages = till.journal._connection.execute("PRAGMA page_count").fetchone()[0]
    till.journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFullError):
        receipts.extend(till.sell(member) for _ in range(100))
    with pytest.raises(StorageFullError):
        till.redeem(member, 1_000, places.books.phone(member))
    assert places.books.row(member).balances[KIND].reserved == 1_000
    till.journal._connection.execute("PRAGMA max_page_count = 1000000")
    till.settle()
    till.settle()
    assert till.shown(member) == places.books.available(member) == 5_000 + given(*receipts)
    places.assert_books_are(receipts)


def test_07_a_pull_puts_an_old_draft_over_what_was_paid_offline(places: Places) -> None:
    """odoo PR#288974 (21 restaurants): the till pulled the server's older draft over the paid one, and the payment was gone.

    Another till moves the member's row while this one's sale is sent and unanswered, booked or not: his row stays until the
    answer is there, and what is shown is right at each step.
    """
    member, here, there = places.books.join(points=1_000), places.till(), places.till()
    mine = here.sell(member, 30_00)
    here.way.plan += [answer_lost]
    here.push()
    assert places.books.available(member) == 1_000 + given(mine)
    theirs = there.sell(member, 200_00)
    there.settle()
    here.pull()
    assert here.shown(member) == 1_000 + given(mine), "the row that may hold the unanswered sale is held back"
    again = here.sell(member, 5_00)
    here.pull()
    assert here.shown(member) == 1_000 + given(mine, again)
    here.settle()
    assert here.shown(member) == places.books.available(member) == 1_000 + given(mine, again, theirs)
    places.assert_books_are([mine, theirs, again])


def test_08_two_windows_send_the_same_queue(places: Places) -> None:
    """odoo#152259, PR#40600: two tabs synchronised one queue, and a lost response made a second order.

    A second program on the folder does not open. And were there two who send the same journal at once, each entry is booked
    once and both are told the same.
    """
    member, till = places.books.join(), places.till()
    with till_lock(till.folder), pytest.raises(AnotherTillError), open_till(till.folder, Settings()):
        pass
    receipts = [till.sell(member, 100 * number) for number in range(1, 31)]
    answers: list[dict[int, bytes]] = []

    def send() -> None:
        with till.client() as client:
            pusher = Pusher(till.journal, client)
            outcomes = pusher._send(pusher._whole(1)).outcomes
            answers.append({outcome.seq: repr(outcome).encode() for outcome in outcomes})

    both = [threading.Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(answers) == 2
    assert answers[0] == answers[1]
    till.settle()
    places.assert_books_are(receipts)


def test_09_receipt_numbers_collide_and_the_order_is_dropped(places: Places) -> None:
    """odoo#71455, #16781, #189991: a number of session, login and counter came twice; "already exists", and the sale was gone.

    Numbers are of one terminal and never come again there. A restored disk does reuse one: both sales are kept whole, the
    second as a branch with a reason, the counter is told, and no third is sold on that chain.
    """
    member, till, other = places.books.join(), places.till(), places.till()
    sold = [till.sell(member), other.sell(member), till.sell(member), other.sell(member)]
    assert len({(receipt.terminal, receipt.seq) for receipt in sold}) == len({receipt.id for receipt in sold}) == 4
    copy = places.copy_of(till)
    first, second = till.sell(member, 60_00), copy.sell(member, 70_00)
    assert first.seq == second.seq
    till.settle()
    other.settle()
    copy.push()
    copy.push()
    kept = [decode_entry(bytes(payload)) for (payload,) in places.rows("SELECT payload FROM branch")]
    assert [(entry.id, entry.gross_fen) for entry in kept if isinstance(entry, Sale)] == [(second.id, 70_00)]
    assert (copy.counter.link.stuck, {one.reason for one in copy.journal.quarantined()}) == (
        "journal-forked",
        {"same-id"},
    )
    with pytest.raises(RefusedError, match="journal-forked"):
        copy.sell(member)
    places.assert_books_are([*sold, first])


def test_12_one_bad_record_holds_up_all_others(places: Places) -> None:
    """frappe/erpnext#8112, #11000, #8923: a deleted customer blocked the queue; people edited JSON in the browser's storage.

    Sales of nobody, of a blocked member and under a reference that is taken lie between good ones: all good ones are booked
    in the same push, each bad one waits with its reason, and the next push asks for none of them again.
    """
    good, blocked, till, other = places.books.join(), places.books.join(), places.till(), places.till()
    earlier = other.sell(good, 10_00, "R-1")
    other.settle()
    receipts = [till.sell(good, 10_00), till.sell(good, 11_00)]
    nobody = till.sell("1999999999")
    receipts.append(till.sell(good, 12_00))
    taken = till.sell(good, 10_00, "R-1")
    receipts.append(till.sell(good, 13_00))
    of_blocked = till.sell(blocked)
    places.block(blocked)
    till.push()
    assert till.journal.waiting() == 0
    reasons = {outcome.seq: outcome.reason for outcome in till.journal.quarantined()}
    assert reasons == {nobody.seq: "unknown-member", taken.seq: "reference-taken"}
    requests = len(till.way.seen)
    till.push()
    assert len(till.way.seen) == requests, "nothing is sent again for want of a person"
    places.assert_books_are([earlier, *receipts, of_blocked])


def test_14_coming_back_twice_sends_twice_and_changes_what_was_sold(places: Places) -> None:
    """POSNext#50, #97, #48; POS-Awesome PR#933: two handlers of "online" sent everything twice, quantities came back as 1.

    Every wish to synchronise at once is one more wake of the one thread that pushes. What arrives is the journal's bytes,
    frozen when the sale was done.
    """
    member, till = places.books.join(), places.till()
    till.way.plan += always(request_lost)
    receipts = [till.sell(member, 10_00 * number) for number in range(1, 6)]
    till.push()
    till.way.plan.clear()
    seen = len(till.way.seen)
    with till.running():
        for _ in range(50):
            till.agent.poll_now()
        until(lambda: not till.counter.link.waiting)
    assert till.way.seen[seen:].count("/v1/push") == 1
    stored = {row.seq: row.payload for row in till.journal.entries(1, 100)}
    assert {seq: bytes(payload) for seq, payload in places.rows("SELECT seq, payload FROM received")} == stored
    assert [receipt.gross_fen for receipt in receipts] == [1_000, 2_000, 3_000, 4_000, 5_000]
    places.assert_books_are(receipts)
