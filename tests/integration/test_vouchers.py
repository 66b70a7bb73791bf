"""A voucher on its way through two real tills and the real ledger: issued at one, used at the other, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.settings import Settings
from ledger.clock import wall_clock_us
from ledger.documents import publish_programme, publish_store
from ledger.verify import verify
from points import Choice
from protocol.documents import StoreSettings
from protocol.feed import Balance
from sync.enrolment import enrol
from tests.integration.conftest import Watch
from tests.sync.books import FLOOR, MERCHANT, STORE, Books, on_socket, over_asgi
from till.composition import open_till
from till.draft import SaleDraft
from till.errors import RefusedError
from till.receipts import Receipt
from till.scanning import MemberIdentified
from till.shifts import Session

LATER = (Path(__file__).parents[1] / "later.toml").read_bytes()
WASH = "wash-voucher"


class Town:
    """A ledger at an address of its own, two tills of a workshop, and a member with 1,600 points."""

    def __init__(self, books: Books, tills: list[Watch]) -> None:
        self.books, self.tills = books, tills
        self.member = books.join(points=1_600)
        self.sessions = [
            watch.till.counter.open_shift(Session(f"100{number}", "赵敏", ("manager", "cashier")))
            for number, watch in enumerate(tills)
        ]

    def scanned(self, number: int) -> SaleDraft:
        """The member shows his phone at a till."""
        found = self.tills[number].till.counter.scan(self.books.phone(self.member), SaleDraft())
        assert isinstance(found, MemberIdentified)
        return SaleDraft().with_member(found.member, found.proof)

    def redeem(self, number: int, choice: Choice) -> Receipt:
        return self.tills[number].till.counter.redeem(self.sessions[number], self.scanned(number).with_choice(choice))

    def shown(self, number: int, kind: str = WASH) -> int:
        """What the till shows as spendable."""
        member = self.scanned(number).member
        assert member is not None
        return member.spendable(kind)

    def booked(self, kind: str = WASH) -> tuple[int, int]:
        """(available, owed) in the books."""
        held = self.books.row(self.member).balances.get(kind, Balance())
        return held.available, held.owed

    def known_everywhere(self, amount: int, kind: str = WASH) -> None:
        """All is pushed, and each till has been told of so many."""
        for number, watch in enumerate(self.tills):
            watch.settled()
            watch.till.agent.poll_now()
            watch.until(lambda number=number: self.shown(number, kind) == amount, f"till {number} to show {amount}")  # type: ignore[misc]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Open, with a shift at each till."""
    books = Books(tmp_path / "ledger")
    with books.database.write() as connection:
        publish_programme(connection, books.keys, LATER, "later.toml", wall_clock_us())
        settings = StoreSettings(store=STORE, name="中山路店", merchant=MERCHANT, merchant_name="青穗养车", industry="4s",
                                 programme="later", floor=FLOOR)  # fmt: skip
        publish_store(connection, books.keys, settings, wall_clock_us())
    with ExitStack() as stack:
        port = stack.enter_context(on_socket(books))
        tills = []
        for number in range(2):
            with over_asgi(books) as transport:
                enrol(
                    books.invite(f"http://127.0.0.1:{port}"),
                    tmp_path / f"till-{number}",
                    f"{number}号机",
                    transport=transport,
                )
            # Patient: what is asked online is to be answered, however busy the machine is.
            patient = Settings(poll_s=1, online_timeout_ms=10_000)
            watch = Watch(stack.enter_context(open_till(tmp_path / f"till-{number}", patient)))
            watch.ready()
            watch.settled()
            tills.append(watch)
        town = Town(books, tills)
        town.known_everywhere(1_600, "points")
        yield town
    assert verify(books.database) == []
    books.close()


def test_issued_here_and_used_there(town: Town) -> None:
    """The other till learns of it by the feed; the ledger reserves it for that one wash, and a second one is refused."""
    issued = town.redeem(0, Choice("wash-issue", 800))
    assert (issued.redemptions[0].authority, issued.redemptions[0].units) == ("online", 1)
    town.known_everywhere(1)
    used = town.redeem(1, Choice("wash", 1))
    assert used.redemptions[0].authority == "online"
    with pytest.raises(RefusedError) as refused:
        town.redeem(0, Choice("wash", 1))
    assert refused.value.code == "reserve-not-enough-points"
    town.known_everywhere(0)
    assert (town.booked(), town.booked("points")) == ((0, 0), (800, 0))


def test_taken_back_after_it_was_used_it_is_owed(town: Town) -> None:
    """The points are the member's again; both tills say that he owes a voucher, and the next one pays it."""
    issued = town.redeem(0, Choice("wash-issue", 800))
    town.known_everywhere(1)
    town.redeem(1, Choice("wash", 1))
    town.tills[1].settled()
    town.tills[0].till.counter.void(town.sessions[0], issued.id)
    town.known_everywhere(1_600, "points")
    town.known_everywhere(0)
    assert (town.booked(), town.booked("points")) == ((0, 1), (1_600, 0))
    town.redeem(0, Choice("wash-issue", 800))
    town.known_everywhere(800, "points")
    town.known_everywhere(0)
    assert (town.booked(), town.booked("points")) == ((0, 0), (800, 0))
