"""Every order of a small coalition, by the pure rules alone: two tills, two members, and all that can reach the ledger of them.

A step is an arrival: an entry from one of the two journals, a request for points (lost when it never comes; twice, too late, or
for an id that is done, when it comes again), an allowance, an expiry, a till that is declared lost. Tills here are not even
honest: they sell on what they returned, and name what lies elsewhere. Whatever order a network makes of two journals is one
of these histories. After each step the accounts are what the reference says, lot by lot. Books that were reached before are not
walked on from again: what follows depends on them alone. `TILL_MODEL_DEPTH` asks for longer histories.

That an entry which is sent twice arrives once is the chain's business: `test_every_delivery.py`. Tills that lend to each other
over the shop's network do not exist yet, so none lends here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from ledger import booking
from ledger.accounts import Account, Booking, Holding, Lot, Original, Refusal, Reservation
from ledger.booking import Facts
from ledger.shelf import original_of
from ledger.taking_back import ended_in, gone_back_after
from protocol.entries import Award, Clock, MemberEntry, Redemption, Refund, Returned, Sale, Void
from protocol.ids import bucket_of, new_id
from tests.ledger.reference import Id, Reference, Told
from tests.ledger.reference import Lot as ReferenceLot

DEPTH = int(os.environ.get("TILL_MODEL_DEPTH", "4"))
TILLS, MEMBERS, KIND = ("T1", "T2"), ("1000000001", "1000000002"), "points"
COUNTED = {3: (6_711, 11_998), 4: (122_046, 265_713)}
"""Different books within so many steps, and steps that lead to them."""
TODAY, SOON, TOMORROW = "2026-11-21", "2026-12-31", "2027-01-01"
ASKED, SET_ASIDE = 2, 1
STORE = "S1"


class Step(NamedTuple):
    """What arrives. `id`: of the sale or reservation that is meant; `draws_on`: of the allowance that a sale names."""

    what: str
    till: str = ""
    member: str = ""
    id: Id = b""
    gives: int = 0
    takes: int = 0
    draws_on: Id = b""


class Books(NamedTuple):
    """Both sides. By till and member, in their order: the ids `made` for sales, and the allowances `granted`."""

    reference: Reference
    accounts: dict[str, Account]
    reservations: dict[Id, Reservation]
    originals: dict[Id, Original]
    ended: dict[Id, dict[str, int]]
    made: dict[tuple[str, str], tuple[Id, ...]]
    granted: dict[tuple[str, str], tuple[Id, ...]]

    @property
    def key(self) -> Any:
        """All that what follows can depend on."""
        known = self.reference
        parts = (
            known.lots, known.lying, known.ended, known.sold, known.owed, known.lost_lots, self.made, self.granted,
        )  # fmt: skip
        return (*(frozenset(part.items()) for part in parts), frozenset(known.lost))

    def copy(self) -> Books:
        reference, accounts, reservations, originals, ended, made, granted = self
        return Books(
            reference.copy(), accounts.copy(), reservations.copy(), originals.copy(), ended.copy(), made.copy(),
            granted.copy(),
        )  # fmt: skip


def beginning() -> Books:
    """Each member has 2 points that end soon, and 1 for ever."""
    reference = Reference(MEMBERS, (KIND,))
    accounts = {}
    for member in MEMBERS:
        lots = {}
        for line, (points, ends) in enumerate(((2, SOON), (1, "")), 1):
            lot = Lot(b"", line, KIND, "M1", points, points, ends, 1)
            lots[lot.key] = lot
            reference.lots[member.encode(), line] = ReferenceLot((member, KIND), points, ends)
        lots = {(member.encode(), key[1]): lot._replace(entry=member.encode()) for key, lot in lots.items()}
        accounts[member] = Account(member, {KIND: Holding(3)}, lots)
    nobody: dict[tuple[str, str], tuple[Id, ...]] = {(till, member): () for till in TILLS for member in MEMBERS}
    return Books(reference, accounts, {}, {}, {}, nobody, nobody.copy())


# --- what can come next ---------------------------------------------------------------------------------------------


def steps(books: Books) -> Iterator[Step]:
    """Members are alike at the beginning, so the second one is not the first to come."""
    known = MEMBERS if any(books.made[t, MEMBERS[0]] or books.granted[t, MEMBERS[0]] for t in TILLS) else MEMBERS[:1]
    for till in TILLS:
        if till not in books.reference.lost:
            yield Step("lost", till)
        for member in known:
            yield from steps_of(books, till, member)
    yield Step("expire")


def steps_of(books: Books, till: str, member: str) -> Iterator[Step]:
    """Of one till about one member: under a new id, and under each that it made before."""
    made, granted = books.made[till, member], [one for t in TILLS for one in books.granted[t, member]]
    yield Step("grant", till, member, new_identity("allowance", till, member, len(books.granted[till, member])))
    for id_ in (*made, *new_ids(books, till, member)):
        yield Step("ask", till, member, id_)
        yield Step("return", till, member, id_)
        if original := books.originals.get(id_):
            yield Step("void", till, member, id_)
            if original.given:
                yield Step("refund", till, member, id_, gives=1)
            if original.taken:
                yield Step("refund", till, member, id_, takes=1)
        else:
            for gives, takes in ((2, 0), (0, 2), (1, 3)):
                yield Step("sell", till, member, id_, gives, takes)
            for allowance in granted:
                yield Step("sell", till, member, id_, 0, 2, allowance)
    for allowance in granted:
        yield Step("return", till, member, allowance)


def new_ids(books: Books, till: str, member: str) -> tuple[Id, ...]:
    """The next one for a sale, if the till is one."""
    return (new_identity("sale", till, member, len(books.made[till, member])),) if till and member else ()


@cache
def new_identity(what: str, till: str, member: str, number: int) -> Id:
    """In the order in which a till makes them; two tills make theirs at the same moments."""
    kind = TILLS.index(till) * 2 + ("sale", "allowance").index(what)
    return new_id(number + 1, bucket_of(member), kind).bytes


# --- what it does ---------------------------------------------------------------------------------------------------


def after(before: Books, step: Step) -> Books:
    """Both sides take the step, and say the same of it."""
    books = before.copy()
    till, member = step.till, step.member
    if step.id in new_ids(books, till, member):
        books.made[till, member] += (step.id,)
    if step.what == "expire":
        books.reference.expire(TOMORROW)
        for one in MEMBERS:
            expiry = booking.expire(books.accounts[one], b"x", TOMORROW)
            keep(books, one, expiry)
            for (sale, _line), points in expiry.uses.items():
                if sale in books.originals:
                    books.ended[sale] = {KIND: books.ended.get(sale, {}).get(KIND, 0) + points}
    elif step.what == "lost":
        books.reference.lose(till)
        for reservation in list(books.reservations.values()):
            if reservation.terminal == till and not reservation.ended_by:
                ends = booking.Amends(ends=reservation)
                keep(books, reservation.member, booking.amend(facts(books, till, reservation.member), b"x", ends))
    elif step.what in ("ask", "grant"):
        reserve(books, step)
    else:
        arrive(books, step, entry_of(step))
    compare(books)
    return books


def reserve(books: Books, step: Step) -> None:
    """An id that is known already moves nothing, nor does a terminal that is lost."""
    is_allowance = step.what == "grant"
    points, where = (SET_ASIDE if is_allowance else ASKED), (step.member, KIND)
    had = step.id in books.reference.lying
    is_granted = books.reference.reserve(step.id, step.till, where, points, is_allowance=is_allowance)
    if is_allowance and is_granted:
        books.granted[step.till, step.member] += (step.id,)
    if step.id in books.reservations or step.id in books.originals or step.till in books.reference.lost:
        assert is_granted == had, "late"
        return
    authority = "allowance" if is_allowance else "online"
    wanted = Reservation(step.id, step.till, *where, points, points, 0, 0, authority=authority)
    booked = booking.reserve(books.accounts[step.member], b"x", wanted)
    assert (booked is not None) == is_granted
    if booked is not None:
        keep(books, step.member, booked)


def arrive(books: Books, step: Step, entry: MemberEntry) -> None:
    """An entry comes to its turn."""
    known = facts(books, step.till, step.member)._replace(
        reservation=books.reservations.get(step.id),
        original=books.originals.get(step.id),
        sold=any_sale(step.till, step.member, step.id),
        ended=books.ended.get(step.id, {}),
        allowances=[books.reservations[step.draws_on]] if step.draws_on else (),
    )
    promised = sum(one.left for key, one in books.reference.lying.items()
                   if key in (step.id, step.draws_on) and one.terminal == step.till)  # fmt: skip
    told = books.reference.book(step.till, STORE, entry)
    if not isinstance(entry, Sale):
        books.reference.booked.discard(entry.id.bytes)  # the next one has another id
    booked = booking.book(known, entry)
    if isinstance(booked, Refusal):
        assert told == Told("quarantined", booked.reason, is_booked=False)
        return
    assert (told.is_booked, told.shortfall) == (True, booked.shortfall)
    if isinstance(entry, Sale):
        assert booked.shortfall <= max(0, step.takes - promised), "what was reserved is paid"
    keep(books, step.member, booked)
    if isinstance(entry, Sale):
        postings: dict[str, dict[str, int]] = {}
        for account, _holder, kind, points in booked.postings:
            postings.setdefault(account, {})[kind] = points
        sold = ("sale", step.member, STORE, "M1", "", b"")
        books.originals[step.id] = original_of(step.id, sold, postings, booked.uses)
    elif isinstance(entry, Void):
        books.originals[step.id] = books.originals[step.id]._replace(voided_by=entry.id.bytes)
    elif isinstance(entry, Refund):
        original = books.originals[step.id]
        books.originals[step.id] = original._replace(
            gone_back=gone_back_after(original.gone_back, entry, ended_in(booked))
        )


def facts(books: Books, till: str, member: str) -> Facts:
    return Facts(books.accounts[member], till, STORE, "M1", {}, 0, 0)


def keep(books: Books, member: str, booked: Booking | Refusal) -> None:
    """The postings of whatever is booked sum to zero."""
    assert isinstance(booked, Booking)
    assert sum(line.points for line in booked.postings) == 0
    books.accounts[member] = books.accounts[member].after(booked)
    for one in booked.reservations:
        books.reservations[one.id] = one


@cache
def any_sale(till: str, member: str, identity: Id) -> Sale:
    """What a refund is held against: of goods and money all sales say the same."""
    sale = entry_of(Step("sell", till, member, identity))
    assert isinstance(sale, Sale)
    return sale


@cache
def entry_of(step: Step) -> MemberEntry:
    """A void, a refund and a return have an id of their own, which nothing depends on."""
    clock = Clock(wall=0, boot="b", mono_us=0)
    meant = UUID(bytes=step.id)
    identity = meant if step.what == "sell" else new_id(99, bucket_of(step.member), TILLS.index(step.till))
    header: dict[str, Any] = {
        "id": identity, "store": STORE, "occurred_at": 0, "business_day": TODAY, "clock": clock, "member": step.member,
    }  # fmt: skip
    if step.what == "void":
        return Void(**header, voids=meant)
    if step.what == "refund":
        given_back, taken_back = ({KIND: points} if points else {} for points in (step.takes, step.gives))
        return Refund(**header, refunds=meant, given_back=given_back, taken_back=taken_back)
    if step.what == "return":
        return Returned(**header, reservation=meant)
    taken = Redemption(
        reward="r", kind=KIND, points=step.takes or 1, off_bill_fen=0, authority="floor", proof="static",
        reservation=UUID(bytes=step.draws_on) if step.draws_on else None,
    )  # fmt: skip
    return Sale(
        **header, gross_fen=1, due_fen=1, programme="p", programme_version=1, engine=1,
        awards=(Award(kind=KIND, points=step.gives, expires_on=SOON),) if step.gives else (),
        redemptions=(taken,) if step.takes else (),
    )  # fmt: skip


def compare(books: Books) -> None:
    """Balances, lots, reservations open and ended, what sales took."""
    known = books.reference
    lots = {}
    for member, account in books.accounts.items():
        holding = account.holdings[KIND]
        assert holding == known.balance((member, KIND))
        assert min(holding) >= 0
        lots.update(
            {
                key: ((member, lot.kind), lot.points_left, lot.expires_on, bool(lot.extended))
                for key, lot in account.lots.items()
            }
        )
    assert lots == known.lots
    is_open = {key: one for key, one in books.reservations.items() if not one.ended_by}
    assert {key: (one.terminal, one.points_left) for key, one in is_open.items()} == {
        key: (one.terminal, one.left) for key, one in known.lying.items()
    }
    assert {key for key in books.reservations if key not in is_open} == set(known.ended)
    assert {key: (tuple(sorted(one.uses.items())), bool(one.voided_by)) for key, one in books.originals.items()} == {
        key: (one.lots, one.is_voided) for key, one in known.sold.items()
    }
    for key, one in books.originals.items():
        back = dict(known.sold[key].back)
        assert one.gone_back.given_back.get(KIND, 0) == back.get(("taken", KIND), 0)
        assert one.gone_back.taken_back.get(KIND, 0) == back.get(("given", KIND), 0)


def explore(depth: int) -> tuple[int, int]:
    """How many different books there are within so many steps, and how many steps lead to them."""
    start = beginning()
    seen, last, frontier, taken = {start.key}, set[int](), [start], 0
    for level in range(1, depth + 1):
        found = []
        for books in frontier:
            for step in steps(books):
                reached = after(books, step)
                taken += 1
                if reached.key in seen:
                    continue
                if level == depth:
                    last.add(hash(reached.key))  # counted alone: nothing is walked on from
                else:
                    seen.add(reached.key)
                    found.append(reached)
        frontier = found
    return len(seen) + len(last), taken


def test_in_every_order_the_rules_say_what_the_reference_says() -> None:
    """All of them, up to so many arrivals."""
    found = explore(DEPTH)
    assert found == COUNTED.get(DEPTH, found), "another scope than docs/measurements.md says"
