"""Promises 4 and 6 against the real ledger, with points that are set aside at the till, in the hands of chance.

Granted, drawn on to the end and beyond, in sales that are booked, wait or are voided, returned, called back from another till,
and at last declared lost.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from ledger import documents
from ledger.clock import wall_clock_us
from ledger.declaring import declare_lost
from ledger.documents import newest
from ledger.verify import verify
from protocol.documents import AllowancePolicy, StoreSettings
from protocol.feed import Lying
from protocol.reservations import Granted, LyingElsewhere, Refused
from sync.client import LedgerClient
from tests.sync.books import KIND, STORE, AsgiTransport, Books
from tests.sync.test_contract import reserve_request
from tests.sync.test_own_entries import NO_DAY, UNPUBLISHED, Counter
from tests.sync.tills import Till, available, enrolled
from till.members import set_aside_at
from till.own_entries import reckon
from till.provisional_account import Reckoned

SEEDS, STEPS = 60, 16


def allow(books: Books) -> None:
    """The store sets aside what members usually take."""
    with books.database.write() as connection:
        settings = newest(connection, "store", STORE, StoreSettings)
        assert settings is not None
        settings = msgspec.structs.replace(settings, allowance=AllowancePolicy(per_member=60))
        documents.publish_store(connection, books.keys, settings, wall_clock_us())


def lying(books: Books, member: str, terminal: str) -> int:
    """Points that the books hold for a member at a till."""
    return sum(one.points for one in set_aside_at(terminal, books.row(member)))


class Holder(Counter):
    """One member who usually redeems at this till."""

    def __init__(self, till: Till, books: Books, client: LedgerClient, seed: int) -> None:
        super().__init__(till, books, client, seed)
        self.terminal = till.identity.terminal
        self.granted: dict[UUID, int] = {}
        self.drawn: dict[UUID, int] = {}
        self.promised: set[UUID] = set()
        """Sales of which the till said that all was set aside."""
        till.sale(self.member, award=300)
        till.sale(self.member, redeem=40)
        self.push()
        self.pull()

    @property
    def reckoned(self) -> Reckoned:
        return reckon(self.till.journal, self.row)

    @property
    def here(self) -> Lying | None:
        """What can be drawn on."""
        left = self.reckoned.left
        return next((one for one in set_aside_at(self.terminal, self.row) if left.get(one.id, 0) > 0), None)

    @property
    def left(self) -> int:
        return self.reckoned.left[self.here.id] if self.here else 0

    @property
    def shown(self) -> int:
        return max(0, available(self.row) + self.reckoned.change.get(KIND, 0) + sum(self.reckoned.left.values()))

    @property
    def lendable(self) -> int:
        reckoned = reckon(self.till.journal, self.row, with_gains=False)
        return available(self.row) + reckoned.change.get(KIND, 0) + sum(reckoned.left.values())

    @property
    def true(self) -> int:
        held = lying(self.books, self.member, self.terminal)
        return self.books.available(self.member) + held - sum(self.handed_out.values())

    def grant(self) -> None:
        granted = self.client.allowances("1")
        self.granted.update((one.id, one.points) for one in granted)
        self.pull()

    def draw(self) -> None:
        """On what is set aside alone."""
        if self.here:
            sale = self._sell(self.here.id, self.chance.randint(1, self.left), "allowance")
            self.promised.add(sale)

    def draw_beyond(self) -> None:
        """The rest on the floor, perhaps more than there is."""
        if self.here:
            self._sell(self.here.id, self.left + self.chance.randint(1, 40), "floor")

    def draw_with_a_call(self) -> None:
        """What is lacking was reserved online; the row may be told of that before the sale or after it."""
        here, left = self.here, self.left
        request = reserve_request(self.member, self.chance.randint(1, 30))
        if here and isinstance(self.client.reserve(request), Granted):
            if self.chance.random() < 0.5:
                self.pull()
            sale = self.till.sale(
                self.member, 3, left + request.points, request.id, draws_on=here.id, authority="online"
            )
            self.sales.append(sale.id)
            self.promised.add(sale.id)

    def draw_that_waits_whole(self) -> None:
        if self.here:
            self.is_surprising = True
            taken = self.chance.randint(1, self.left)
            sale = self.till.sale(self.member, 3, taken, day=NO_DAY, draws_on=self.here.id, authority="allowance").id
            self.sales.append(sale)
            self.handed_out[sale] = taken

    def draw_while_the_award_waits(self) -> None:
        if self.here:
            self.is_surprising = True
            self._sell(self.here.id, self.chance.randint(1, self.left), "allowance", UNPUBLISHED)

    def _sell(self, allowance: UUID, points: int, authority: object, version: int = 1) -> UUID:
        row = self.till.sale(
            self.member, 3, points, version=version, draws_on=allowance, authority=authority,  # type: ignore[arg-type]
        )  # fmt: skip
        self.sales.append(row.id)
        return row.id

    def returned(self) -> None:
        """As the shift ends; the till keeps what was handed out in a sale that waits."""
        here = self.here
        if here and not self.reckoned.handed_out[here.id]:
            self.till.returned(self.member, here.id)

    def _push(self) -> None:
        """What the till drew on is there: promise 6."""
        for outcome in self.pusher.push_once().outcomes:
            assert outcome.id not in self.promised or outcome.shortfall == 0
        self.is_surprising = False


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_shown_is_what_will_be_booked(till: Till, books: Books, client: LedgerClient, seed: int) -> None:
    """And nothing that was set aside is spent twice, whatever comes between; in the end the books are whole."""
    allow(books)
    holder = Holder(till, books, client, seed)
    steps = [holder.grant, holder.grant, holder.draw, holder.draw, holder.draw_beyond, holder.draw_with_a_call]
    steps += [holder.returned, holder.award, holder.floor, holder.void, holder.given_back, holder.push, holder.pull]
    if seed % 2:
        steps += [holder.draw_that_waits_whole, holder.draw_while_the_award_waits, holder.floor_that_waits_whole]
    for _ in range(STEPS):
        holder.chance.choice(steps)()
    promised, is_surprising = holder.shown, holder.is_surprising
    holder.push()
    assert is_surprising or holder.shown == promised
    holder.pull()
    assert verify(books.database) == []
    if seed % 3 == 0:
        declare_lost(books.database, till.identity.terminal, wall_clock_us())
        assert lying(books, holder.member, till.identity.terminal) == 0
        assert verify(books.database) == []


def test_it_is_called_back_and_spent_elsewhere(
    till: Till, books: Books, client: LedgerClient, asgi: AsgiTransport, tmp_path: Path
) -> None:
    """Refused with the place as people name it, asked for by the row, returned; then granted there, and gone here."""
    allow(books)
    holder = Holder(till, books, client, 1)
    holder.grant()
    assert (holder.left, holder.shown) == (40, 260)
    wanted = reserve_request(holder.member, 260)
    with enrolled(books, tmp_path / "other", asgi) as other, other.client(asgi) as elsewhere:
        lies = (LyingElsewhere(store="中山路店", till="02号机", points=40),)
        assert elsewhere.reserve(wanted) == Refused(reason="not-enough-points", spendable=220, lying=lies)
        assert books.row(holder.member).lying[0].called_back
        holder.returned()
        holder.push()
        assert isinstance(elsewhere.reserve(wanted), Granted)
    holder.pull()
    assert (holder.left, holder.shown) == (0, 0)
