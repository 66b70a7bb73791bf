"""What waits for a person, and what his decision does to the books: once, with every posting, and nobody else held up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec
import pytest

from ledger import rows
from ledger.cases import decisions_after, find_case, list_cases, stood_for
from ledger.deciding import Done, Wanted, decide
from ledger.problems import CaseError, NotKnownError
from ledger.push import push
from protocol import canonical, chain
from protocol.cases import MAX_CORRECTION, Choice, Correction
from protocol.entries import Sale, encode_entry
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome, SentEntry
from protocol.reservations import Refused
from tests.ledger.shop import KIND, Shop, Till

A, B, NOBODY = "1000000001", "1000000002", "1000000009"


def settle(shop: Shop, till: Till, seq: int, choice: Choice, **how: Any) -> Done:
    """Somebody decides."""
    return decide(shop.database, Wanted(till.terminal, seq, choice, "1001", "因为", **how), shop.tick())


def postings(shop: Shop, kind: str) -> list[tuple[str, str, int]]:
    """(account, holder, points) of the entries of the ledger's own with this type."""
    found = (
        "SELECT p.account, p.holder, p.points FROM posting p JOIN entry e ON e.bucket = p.bucket AND e.id = p.entry"
    )
    with shop.database.read() as connection:
        return sorted(rows.fetch(connection, f"{found} WHERE e.type = ?", kind))


def test_every_quarantined_entry_and_every_shortfall_has_one_case(shop: Shop) -> None:
    """Opened once, found by store and merchant; a booked entry has none."""
    till, other = shop.till(), shop.till("T2", "S2")
    shop.join(A)
    till.send(till.sale(A, award=10))
    till.send(till.sale(A, redeem=30))
    till.send(b"poison")
    other.send(other.sale(NOBODY, award=1))
    for one in (till, other):
        one.push()
    with shop.database.read() as connection:
        everywhere = [(one.terminal, one.seq, one.reason, one.shortfall) for one in list_cases(connection)]
        of_store = [one.seq for one in list_cases(connection, store="S1", is_open=True)]
        of_merchant = [one.terminal for one in list_cases(connection, merchant="M2")]
        next_page = list_cases(connection, limit=1, after=(0, "", 0))[0]
    assert everywhere == [("T1", 2, "", 20), ("T1", 3, "unreadable", 0), ("T2", 1, "unknown-member", 0)]
    assert (of_store, of_merchant, next_page.seq) == ([2, 3], ["T2"], 2)
    with pytest.raises(NotKnownError):
        settle(shop, till, 1, "accepted")
    shop.assert_well()


def test_accepting_an_award_that_waits_books_it_as_it_stands(shop: Shop) -> None:
    """One receipt at two tills: the second one's points, at its merchant's expense; the first outcome stays as it was."""
    till, other = shop.till(), shop.till("T2")
    shop.join(A)
    till.send(till.sale(A, award=100, reference="R1"))
    outcome = other.send(other.sale(A, award=50, redeem=30, reference="R1"))
    assert (outcome.status, outcome.reason, shop.balance(A)[0]) == ("quarantined", "reference-taken", 70)
    done = settle(shop, other, 1, "accepted")
    assert done.is_new
    assert done.decision.position > outcome.position
    assert postings(shop, "accepted") == [("available", A, 50), ("issuance", "M1", -50)]
    assert shop.balance(A) == (120, 0, 0)
    assert canonical.encode(other.push().outcomes[0]) == canonical.encode(outcome)
    shop.assert_well()


def test_a_void_takes_back_what_was_accepted_later(shop: Shop) -> None:
    """Both parts of the sale; and once it is voided nothing of it can be accepted."""
    till = shop.till()
    shop.join(A)
    till.send(till.sale(A, award=100))
    first, second = (
        till.sale(A, award=50, redeem=30, programme_version=2),
        till.sale(A, award=7, redeem=1, programme_version=2),
    )
    till.send(first)
    till.send(second)
    shop.publish(2)
    settle(shop, till, 2, "accepted")
    assert shop.balance(A)[0] == 100 - 30 + 50 - 1
    till.send(till.void(first))
    till.send(till.void(second))
    assert shop.balance(A) == (100, 0, 0)
    with pytest.raises(CaseError, match="voided"):
        settle(shop, till, 3, "accepted")
    settle(shop, till, 3, "written-off")
    assert shop.balance(A) == (100, 0, 0)
    shop.assert_well()


def test_a_reference_is_claimed_with_the_points_and_freed_with_the_void(shop: Shop) -> None:
    """A third counter with the same slip waits; after the void it earns."""
    till = shop.till()
    shop.join(A)
    sale = till.sale(A, award=5, redeem=1, reference="R9", programme_version=2)
    till.send(sale)
    shop.publish(2)
    settle(shop, till, 1, "accepted")
    assert till.send(till.sale(A, award=5, reference="R9")).reason == "reference-taken"
    till.send(till.void(sale))
    assert till.send(till.sale(A, award=5, reference="R9")).status == "booked"
    shop.assert_well()


def test_member_who_joined_later_gets_what_waited(shop: Shop) -> None:
    """Before that it cannot be accepted, with the reason; then the whole sale is booked under its own id."""
    till = shop.till()
    sale = till.sale(NOBODY, award=40, redeem=15)
    assert till.send(sale).reason == "unknown-member"
    with pytest.raises(CaseError) as caught:
        settle(shop, till, 1, "accepted")
    assert caught.value.code == "case-still-unknown-member"
    shop.join(NOBODY)
    done = settle(shop, till, 1, "accepted")
    assert (done.decision.shortfall, done.decision.by) == (15, None)
    assert shop.balance(NOBODY) == (40, 0, 0)
    assert till.send(till.void(sale)).status == "booked"
    assert shop.balance(NOBODY) == (0, 0, 40 - 40)
    shop.assert_well()


def test_points_still_reserved_are_used(shop: Shop) -> None:
    """A whole sale that waited has its own reservation until somebody decides: accepted, it pays."""
    till = shop.till()
    shop.join(A)
    till.send(till.sale(A, award=100))
    sale = till.sale(A, redeem=60)
    till.reserve(sale, 60)
    with shop.database.write() as connection:
        rows.execute(connection, "UPDATE terminal SET status = 'revoked'")
    assert till.send(sale).reason == "terminal-revoked"
    assert shop.balance(A) == (40, 60, 0)
    done = settle(shop, till, 2, "accepted")
    assert (shop.balance(A), done.decision.shortfall) == ((40, 0, 0), 0)
    shop.assert_well()


def test_writing_off_gives_the_reservation_back_and_charges_the_merchant(shop: Shop) -> None:
    """The goods have left: the merchant bears the points, the member keeps his; a late request reserves nothing."""
    till = shop.till()
    shop.join(A)
    till.send(till.sale(A, award=100))
    sale = till.sale(A, award=9, redeem=60, business_day="2026-02-30")
    till.reserve(sale, 50)
    assert till.send(sale).reason == "unreadable"
    assert shop.balance(A) == (50, 50, 0)
    done = settle(shop, till, 2, "written-off")
    assert done.decision.shortfall == 60
    assert shop.balance(A) == (100, 0, 0)
    moved = [("available", A, 50), ("clearing", "M1", 60), ("reserved", A, -50), ("shortfall", "M1", -60)]
    assert postings(shop, "written-off") == moved
    assert till.reserve(sale, 50) == Refused(reason="already-ended", spendable=100)
    shop.assert_well()


def test_what_cannot_be_read_is_not_accepted(shop: Shop) -> None:
    """Damaged or nonsense: corrected or written off; the journal's id gives back what was reserved under it."""
    till = shop.till()
    shop.join(A)
    till.send(till.sale(A, award=100))
    sale = till.sale(A, redeem=60)
    till.reserve(sale, 60)
    till.append(sale)
    stated = chain.payload_hash(till.payloads[1]).hex()
    batch = till.signed(2, till.hashes[1], (SentEntry(damaged=b"\xff\x00", payload_hash=stated),), till.hashes[2])
    assert push(shop.database, batch, shop.tick()).outcomes[0].reason == "damaged"
    before = shop.everything()
    with pytest.raises(CaseError) as caught:
        settle(shop, till, 2, "accepted")
    assert caught.value.code == "case-still-unreadable"
    assert shop.everything() == before
    stranger = shop.till("T2")
    stranger.send(b"{}")
    settle(shop, stranger, 1, "written-off", entry=sale.id)
    assert shop.balance(A) == (40, 60, 0), "it lies at another terminal"
    settle(shop, till, 2, "corrected", entry=sale.id, correction=Correction(member=A, kind=KIND, taken=60))
    assert shop.balance(A) == (40, 0, 0)
    shop.assert_well()


def test_a_manual_correction_gives_or_takes_within_bounds(shop: Shop) -> None:
    """What is not covered is the merchant's; a debt is paid first; too many, none, or nobody's are refused."""
    till = shop.till()
    shop.join(A)
    till.send(till.sale(A, award=10))
    for _ in range(2):
        till.send(b"no entry")
    wrong = (
        Correction(member=A, kind=KIND), Correction(member=A, kind=KIND, given=1, taken=1),
        Correction(member=A, kind=KIND, given=MAX_CORRECTION + 1), Correction(member=NOBODY, kind=KIND, given=1),
        Correction(member=A, kind="stars", given=1), None,
    )  # fmt: skip
    for words in wrong:
        with pytest.raises(CaseError) as caught:
            settle(shop, till, 2, "corrected", correction=words)
        assert caught.value.code == "case-correction"
    taken = settle(shop, till, 2, "corrected", correction=Correction(member=A, kind=KIND, taken=25)).decision
    assert (shop.balance(A), taken.shortfall) == ((0, 0, 0), 15)
    given = settle(shop, till, 3, "corrected", correction=Correction(member=A, kind=KIND, given=25)).decision
    assert shop.balance(A) == (25, 0, 0)
    assert given.by is not None
    with shop.database.read() as connection:
        found = stood_for(connection, given.by.bytes)
    assert found is not None
    assert found.seq == 3
    shop.assert_well()


def test_a_sale_typed_anew_stands_for_one_entry(shop: Shop) -> None:
    """Of any till of the store; both name each other; it cannot stand twice, and no other store's can."""
    till, other, foreign = shop.till(), shop.till("T2"), shop.till("T3", "S2")
    shop.join(A)
    till.send(till.sale(A, award=5, expires_on="2026-02-30"))
    till.send(b"nothing")
    anew, elsewhere = other.sale(A, award=5), foreign.sale(A, award=5)
    other.send(anew)
    foreign.send(elsewhere)
    with pytest.raises(CaseError) as caught:
        settle(shop, till, 1, "corrected", by=elsewhere.id)
    assert caught.value.code == "case-by-unknown"
    assert settle(shop, till, 1, "corrected", by=anew.id).decision.by == anew.id
    with pytest.raises(CaseError) as caught:
        settle(shop, till, 2, "corrected", by=anew.id)
    assert caught.value.code == "case-by-taken"
    assert shop.balance(A) == (10, 0, 0)
    shop.assert_well()


def test_a_fork_is_accepted_entry_by_entry(shop: Shop) -> None:
    """At the merchant's risk: an entry of the branch is booked under its own id, one whose id is taken under a new one."""
    till = shop.till()
    shop.join(A)
    shared = till.sale(A, award=1)
    for sale in (shared, till.sale(A, award=2)):
        till.append(sale)
    till.push()
    del till.payloads[1:], till.hashes[2:]
    for sale in (till.sale(A, award=4), msgspec.structs.replace(shared, due_fen=1)):
        till.append(sale)
    till.push()
    till.push()
    with shop.database.read() as connection:
        cases = list_cases(connection)
    assert [(one.seq, bool(one.branch)) for one in cases] == [(2, True), (3, True)]
    with pytest.raises(NotKnownError):
        settle(shop, till, 2, "accepted")
    own, renamed = [settle(shop, till, one.seq, "accepted", branch=one.branch[:4]).decision for one in cases]
    assert (own.by, own.branch) == (None, cases[0].branch.hex())
    assert renamed.by not in (None, shared.id)
    assert shop.balance(A) == (1 + 2 + 4 + 1, 0, 0)
    shop.assert_well()


def test_an_id_that_was_taken_gets_a_new_one(shop: Shop) -> None:
    """A second sale under one id is a sale all the same, if somebody answers for it."""
    till, other = shop.till(), shop.till("T2")
    shop.join(A)
    sale = till.sale(A, award=50)
    till.send(sale)
    assert other.send(sale).reason == "same-id"
    stray = msgspec.structs.replace(till.sale(A, award=3), id=new_id(1, bucket_of(B), 1))
    assert till.send(stray).reason == "wrong-bucket"
    assert settle(shop, other, 1, "accepted").decision.by != sale.id
    settle(shop, till, 2, "accepted")
    assert shop.balance(A) == (103, 0, 0)
    shop.assert_well()


def test_a_shortfall_is_settled_without_a_posting(shop: Shop) -> None:
    """It is booked already; the decision says who has seen it."""
    till = shop.till()
    shop.join(A)
    till.send(till.sale(A, redeem=30))
    before = shop.everything()
    settle(shop, till, 1, "accepted")
    after = shop.everything()
    assert {name for name in after if after[name] != before[name]} == {"entry_case"}
    shop.assert_well()


def test_two_at_once_decide_once(shop: Shop) -> None:
    """One decides, the other is told what was decided by whom; the points are booked once."""
    till = shop.till()
    shop.join(A)
    for _ in range(6):
        till.send(till.sale(A, award=10, redeem=1, programme_version=2))
    shop.publish(2)
    wanted: list[Callable[[int], Done]] = [
        lambda seq: decide(shop.database, Wanted("T1", seq, "accepted", "1001", "yes"), shop.tick()),
        lambda seq: decide(shop.database, Wanted("T1", seq, "written-off", "1002", "no"), shop.tick()),
    ]
    with ThreadPoolExecutor(4) as threads:
        for seq in range(1, 7):
            done = [one.result() for one in [threads.submit(work, seq) for work in wanted * 2]]
            assert sum(one.is_new for one in done) == 1
            assert len({one.decision for one in done}) == 1
    with shop.database.read() as connection:
        told = decisions_after(connection, "T1", 0)
        rest = decisions_after(connection, "T1", 4)
    accepted = sum(one.choice == "accepted" for one in told.decisions)
    assert [one.number for one in told.decisions] == [1, 2, 3, 4, 5, 6]
    assert ([one.number for one in rest.decisions], rest.newest) == ([5, 6], 6)
    assert (
        sum(points for account, _holder, points in postings(shop, "accepted") if account == "available")
        == 10 * accepted
    )
    shop.assert_well()


def test_decision_about_who_was_merged_reaches_his_new_number(shop: Shop) -> None:
    """The old account books it, and it is swept in the same transaction."""
    from ledger.merging import merge

    till = shop.till()
    shop.join(A)
    shop.join(B)
    till.send(till.sale(A, award=10, redeem=1, programme_version=2))
    shop.publish(2)
    merge(shop.database, A, B, shop.tick())
    settle(shop, till, 1, "accepted")
    assert (shop.balance(A), shop.balance(B)) == ((0, 0, 0), (10, 0, 0))
    till.send(b"?")
    settle(shop, till, 2, "corrected", correction=Correction(member=A, kind=KIND, taken=4))
    assert shop.balance(B) == (6, 0, 0)
    shop.assert_well()


class Waits(NamedTuple):
    """An entry that waits, and what helps: whether it can be accepted as the books are."""

    make: Callable[[Till], bytes | Sale]
    is_acceptable: bool


@pytest.mark.parametrize(
    ("make", "is_acceptable"),
    [
        Waits(lambda till: till.sale(A, award=10**12 + 1), True),
        Waits(lambda till: till.sale(A, award=5, kind="stars"), False),
        Waits(lambda till: till.sale(A, redeem=5, kind="stars"), False),
        Waits(lambda till: till.sale(A, award=5, programme_version=9), False),
        Waits(lambda till: till.sale(A, redeem=10**12 + 1), False),
        Waits(lambda till: encode_entry(till.void(till.sale(A))), False),
        Waits(lambda till: encode_entry(till.sale(A, award=1, store="S2")), False),
    ],
)  # fmt: skip
def test_each_reason_is_accepted_or_says_why_not(
    shop: Shop, make: Callable[[Till], bytes | Sale], *, is_acceptable: bool
) -> None:
    """And each can be written off."""
    till = shop.till()
    shop.join(A)
    outcome: Outcome = till.send(make(till))
    assert outcome.status == "quarantined"
    if is_acceptable:
        settle(shop, till, 1, "accepted")
        assert shop.balance(A)[0] == 10**12 + 1
    else:
        with pytest.raises(CaseError) as caught:
            settle(shop, till, 1, "accepted")
        assert caught.value.code == f"case-still-{outcome.reason}"
        settle(shop, till, 1, "written-off")
        assert shop.balance(A) == (0, 0, 0)
    with shop.database.read() as connection:
        assert find_case(connection, "T1", 1).number == 1
    shop.assert_well()
