"""Whatever a household does, in any order: no point is made or lost, none changes who earned it, no ceiling is passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import households, rows
from ledger.documents import make_lock
from ledger.expiring import expire
from ledger.households import Policy
from ledger.pooling import Moving, draw, put_in
from ledger.pools import moved_in, pool_of
from ledger.problems import HouseholdError, NotKnownError
from protocol.entries import Sale
from tests.ledger.memory import MemoryDatabase, empty_books
from tests.ledger.shop import KIND, Shop

MEMBERS = ("1000000001", "1000000002", "1000000003")
POLICY = Policy(members=2, points=60, monthly=45)
ENDS = ("", "2026-12-01", "2026-12-31")

LotKey = tuple[int, bytes, int]


class Step(NamedTuple):
    """What somebody does; `points` and `which` mean something to some steps."""

    what: str
    member: str
    points: int
    which: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(
            ("earn", *["put"] * 6, *["draw"] * 6, "redeem", "redeem", "void", "expire", "open",
             "join", "join", "leave", "close")
        ),
        st.sampled_from(MEMBERS),
        st.integers(1, 40),
        st.integers(0, 5),
    ),
    min_size=12,
    max_size=25,
)  # fmt: skip


class Home:
    """Three members and what they do."""

    def __init__(self) -> None:
        self.shop = Shop(MemoryDatabase(empty_books()))
        self.till = self.shop.till()
        self.sales: list[Sale] = []
        self.names: list[str] = []
        for member in MEMBERS:
            self.shop.join(member)
        with self.shop.database.write() as connection:
            make_lock(connection)
            households.switch_on(connection, POLICY, "", self.shop.tick())
        self._open(MEMBERS[0])
        self._join(MEMBERS[1])
        for member, points, end in zip(MEMBERS, (160, 180, 140), ENDS, strict=True):
            self._sell(self.till.sale(member, award=points, expires_on=end))

    def do(self, step: Step) -> None:
        """What is not allowed is refused, and that is all."""
        what, member, points, which = step
        database, now_us = self.shop.database, self.shop.tick()
        steps: dict[str, Callable[[], object]] = {
            "earn": lambda: self._sell(self.till.sale(member, award=points, expires_on=ENDS[which % len(ENDS)])),
            "redeem": lambda: self._sell(self.till.sale(member, redeem=points)),
            "void": lambda: self.till.send(self.till.void(self.sales[which % len(self.sales)])),
            "put": lambda: put_in(database, Moving(self.till.id(member), member, KIND, points), now_us),
            "draw": lambda: draw(database, Moving(self.till.id(member), member, KIND, points), now_us),
            "open": lambda: self._open(member),
            "join": lambda: self._join(member),
            "leave": lambda: households.leave_household(database, member, now_us),
            "close": lambda: households.close_household(database, self.names[-1], "", "", now_us),
            "expire": lambda: expire(database, ("2026-12-02", "2027-01-01")[which % 2], now_us),
        }
        with suppress(HouseholdError, NotKnownError):
            steps[what]()

    def check(self) -> None:
        """What is stored follows from what was booked, and no ceiling is passed."""
        self.shop.assert_well()
        with self.shop.database.read() as connection:
            for name in self.names:
                assert pool_of(connection, name).get(KIND, 0) <= POLICY.points
                drawn = [
                    points for (what, *_who), points in moved_in(connection, name).items() if what == "pool-draw"
                ]
                assert max(drawn, default=0) <= POLICY.monthly
                assert len(households.seats_of(connection, name).members) <= POLICY.members
        self._check_every_root()

    def _check_every_root(self) -> None:
        """Of each lot that was earned: what is left of it somewhere, and what left all accounts (redeemed, ended, taken back,
        paid as a debt where it came back), is what was earned.
        """
        with self.shop.database.read() as connection:
            origins = {
                _key(row): _key(row[3:])
                for row in rows.fetch(
                    connection, "SELECT bucket, entry, line, from_bucket, from_entry, from_line FROM lot_origin"
                )
            }
            lots = rows.fetch(connection, "SELECT bucket, entry, line, points, points_left, issuer FROM lot")
            gone = rows.fetch(
                connection,
                "SELECT u.bucket, u.lot_entry, u.lot_line, sum(u.points) FROM lot_use u LEFT JOIN posting p"
                " ON p.bucket = u.bucket AND p.entry = u.entry AND p.account = 'transfer' AND p.points > 0"
                " WHERE p.entry IS NULL GROUP BY u.bucket, u.lot_entry, u.lot_line",
            )
        earned = {_key(lot): lot[3] for lot in lots if _key(lot) not in origins}
        found: dict[LotKey, int] = defaultdict(int)
        for lot in lots:
            found[_root(_key(lot), origins)] += lot[4]
        for use in gone:
            found[_root(_key(use), origins)] += use[3]
        assert found == earned

    def _sell(self, sale: Sale) -> None:
        self.sales.append(sale)
        self.till.send(sale)

    def _open(self, member: str) -> None:
        self.names.append(households.open_household(self.shop.database, member, self.shop.tick()))

    def _join(self, member: str) -> None:
        for host in MEMBERS:
            with suppress(HouseholdError):
                secret = households.invite(self.shop.database, host, self.shop.tick())
                households.join_household(self.shop.database, member, secret, self.shop.tick())


def _key(row: rows.Values) -> LotKey:
    return row[0], bytes(row[1]), row[2]


def _root(lot: LotKey, origins: dict[LotKey, LotKey]) -> LotKey:
    while lot in origins:
        lot = origins[lot]
    return lot


@settings(deadline=None, max_examples=60)
@given(steps)
def test_whatever_a_household_does(happens: list[Step]) -> None:
    """After every step, and again when the last household is closed."""
    home = Home()
    for step in happens:
        home.do(step)
        home.check()
    home.shop.database.close()
