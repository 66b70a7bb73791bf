"""Households: what may be put in and drawn, whose each point is, and that leaving is clean (A8)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import pytest

from ledger import households, members, rows
from ledger.documents import make_lock
from ledger.expiring import expire
from ledger.feed import changes, member_row
from ledger.households import Policy
from ledger.merging import merge
from ledger.origins import Origin, origins_of
from ledger.pooling import Moving, draw, pool_for, put_in
from ledger.pools import moved_in, pool_of, shares_of
from ledger.problems import HouseholdError, HouseholdReason, MergeRefusedError, NotKnownError
from ledger.verify import verify
from protocol.entries import Sale
from protocol.feed import ChangesRequest
from protocol.ids import BUCKETS, bucket_of
from protocol.reservations import Granted, Refused
from tests.ledger.shop import DAY, KIND, NOW_US, Shop, Till
from tests.ledger.test_counting import KINDS

ANNA, BOB, EVE = "1000000001", "1000000002", "1000000003"
POLICY = Policy(members=3, points=1_000, monthly=500)


@pytest.fixture
def till(shop: Shop) -> Till:
    """One till of the first store, three members, and households are on."""
    for member in (ANNA, BOB, EVE):
        shop.join(member)
    with shop.database.write() as connection:
        make_lock(connection)
        households.switch_on(connection, POLICY, "", NOW_US)
    return shop.till()


@pytest.fixture(autouse=True)
def books_are_right(shop: Shop) -> Iterator[None]:
    """After every test all sums hold."""
    yield
    shop.assert_well()


def home(shop: Shop, *others: str) -> str:
    """A household of Anna's, which others have joined."""
    name = households.open_household(shop.database, ANNA, shop.tick())
    for other in others:
        secret = households.invite(shop.database, ANNA, shop.tick())
        assert households.join_household(shop.database, other, secret, shop.tick()) == name
    return name


def pool(shop: Shop, name: str) -> int:
    """Points in it."""
    with shop.database.read() as connection:
        return pool_of(connection, name).get(KIND, 0)


def move(
    how: Callable[..., object],
    till: Till,
    member: str,
    points: int,
    *,
    kind: str = KIND,
    identity: UUID | None = None,
) -> None:
    """Put in or draw."""
    how(till.shop.database, Moving(identity or till.id(member), member, kind, points), till.shop.tick())


def refused(reason: HouseholdReason, work: Callable[[], object], most: int = 0) -> None:
    """It is refused for this, and nothing changes."""
    with pytest.raises(HouseholdError) as error:
        work()
    assert (error.value.reason, error.value.most) == (reason, most)


def test_a_use_names_who_earned_and_who_spent(shop: Shop, till: Till) -> None:
    """Anna earns, Bob draws and redeems: the lot of his sale leads through the pool to hers, with issuer and end."""
    name = home(shop, BOB)
    earned = till.sale(ANNA, award=300, expires_on="2027-01-31")
    till.send(earned)
    move(put_in, till, ANNA, 200)
    move(draw, till, BOB, 150)
    assert (shop.balance(ANNA), shop.balance(BOB), pool(shop, name)) == ((100, 0, 0), (150, 0, 0), 50)
    sale = till.sale(BOB, redeem=150)
    assert isinstance(till.reserve(sale, 150), Granted)
    assert till.send(sale).status == "booked"
    with shop.database.read() as connection:
        came = origins_of(connection, bucket_of(BOB), sale.id.bytes)
    assert came == [Origin(KIND, 150, ANNA, "M1", "S1", DAY, (name,))]
    with shop.database.read() as connection:
        ends = rows.fetch(connection, "SELECT DISTINCT expires_on FROM lot")
    assert ends == [("2027-01-31",)]


def test_a_void_comes_back_to_who_drew(shop: Shop, till: Till) -> None:
    """What was drawn is his: taken back, it is on his account with its end, and the pool is as it was."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=300))
    move(put_in, till, ANNA, 300)
    move(draw, till, BOB, 200)
    sale = till.sale(BOB, redeem=200)
    till.send(sale)
    till.send(till.void(sale))
    assert (shop.balance(BOB), pool(shop, name)) == ((200, 0, 0), 100)


def test_ceilings(shop: Shop, till: Till) -> None:
    """The pool holds no more, a member draws no more in a month, and each refusal says how much it would allow."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=1_500))
    refused("pool-full", lambda: move(put_in, till, ANNA, 1_001), most=1_000)
    move(put_in, till, ANNA, 900)
    refused("pool-full", lambda: move(put_in, till, ANNA, 101), most=100)
    refused("not-enough", lambda: move(draw, till, BOB, 901), most=900)
    refused("monthly", lambda: move(draw, till, BOB, 501), most=500)
    move(draw, till, BOB, 450)
    refused("monthly", lambda: move(draw, till, BOB, 51), most=50)
    move(put_in, till, BOB, 450)
    refused("monthly", lambda: move(draw, till, BOB, 51), most=50)
    in_december = NOW_US + 40 * 86_400 * 1_000_000
    draw(shop.database, Moving(till.id(BOB), BOB, KIND, 51), in_december)
    assert pool(shop, name) == 849


def test_whoever_may_not_is_refused(shop: Shop, till: Till) -> None:
    """Off, in no household, in one already, full, blocked, owing, more than he has, kinds in pieces: nothing moves."""
    unit = 'unit = { zh = "张", en = "piece" }'
    name = '{ zh = "洗车券", en = "car wash" }'
    shop.publish_whole(KINDS + f'[[kind]]\ncode = "wash"\nvalidity = "never"\nname = {name}\n{unit}\n')
    till.send(till.sale(ANNA, award=100))
    till.send(till.sale(ANNA, award=1, kind="wash", programme_version=2))
    refused("none", lambda: move(put_in, till, ANNA, 1))
    home(shop, BOB, EVE)
    refused("in-one", lambda: households.open_household(shop.database, BOB, NOW_US))
    refused("full", lambda: households.invite(shop.database, ANNA, NOW_US))
    refused("kind", lambda: move(put_in, till, ANNA, 1, kind="wash"))
    refused("not-enough", lambda: move(put_in, till, ANNA, 101), most=100)
    move(put_in, till, ANNA, 60)
    owing = till.sale(BOB, award=10)
    till.send(owing)
    till.send(till.sale(BOB, redeem=10))
    till.send(till.void(owing))
    assert shop.balance(BOB) == (0, 0, 10)
    refused("owing", lambda: move(draw, till, BOB, 5))
    members.set_status(shop.database, EVE, "blocked")
    refused("blocked", lambda: move(draw, till, EVE, 5))
    with shop.database.write() as connection:
        households.switch_off(connection, "", NOW_US)
    refused("off", lambda: move(draw, till, ANNA, 5))
    refused("off", lambda: move(put_in, till, ANNA, 5))
    assert households.leave_household(shop.database, ANNA, NOW_US) == 60


def test_asking_again_moves_nothing_twice(shop: Shop, till: Till) -> None:
    """The same id with the same points is a success and changes nothing; with others it is refused."""
    home(shop, BOB)
    till.send(till.sale(ANNA, award=100))
    put, drawn = till.id(ANNA), till.id(BOB)
    move(put_in, till, ANNA, 80, identity=put)
    move(draw, till, BOB, 30, identity=drawn)
    before = shop.everything()
    move(put_in, till, ANNA, 80, identity=put)
    move(draw, till, BOB, 30, identity=drawn)
    refused("ended", lambda: move(draw, till, BOB, 31, identity=drawn))
    refused("ended", lambda: move(put_in, till, BOB, 30, identity=drawn))
    assert shop.everything() == before


def test_who_leaves_takes_his_own(shop: Shop, till: Till) -> None:
    """What is left of his lots goes with him, also what another drew and put back; the last one ends the household."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=100, expires_on="2027-01-01"))
    till.send(till.sale(BOB, award=100, expires_on="2027-02-01"))
    move(put_in, till, ANNA, 100)
    move(put_in, till, BOB, 40)
    move(draw, till, BOB, 30)
    move(put_in, till, BOB, 30)  # of Anna's again: what ends first goes first
    with shop.database.read() as connection:
        assert shares_of(connection, name) == {ANNA: {KIND: 100}, BOB: {KIND: 40}}
        assert moved_in(connection, name) == {
            ("pool-put", ANNA, KIND): 100, ("pool-put", BOB, KIND): 70, ("pool-draw", BOB, KIND): 30,
        }  # fmt: skip
    assert households.leave_household(shop.database, ANNA, NOW_US) == 100
    assert (shop.balance(ANNA), shop.balance(BOB), pool(shop, name)) == ((100, 0, 0), (60, 0, 0), 40)
    assert households.leave_household(shop.database, BOB, NOW_US) == 40
    refused("none", lambda: move(put_in, till, BOB, 1))
    with shop.database.read() as connection:
        assert rows.fetch(connection, "SELECT closed_at FROM household") == [(NOW_US,)]


def test_closing_gives_every_lot_back(shop: Shop, till: Till) -> None:
    """An operator ends it: each lot to who put it in, also to one who is blocked; then nobody is in it."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=100))
    till.send(till.sale(BOB, award=100))
    move(put_in, till, ANNA, 70)
    move(put_in, till, BOB, 50)
    members.set_status(shop.database, BOB, "blocked")
    assert households.close_household(shop.database, name, "", "a quarrel", NOW_US) == 120
    assert (shop.balance(ANNA), shop.balance(BOB)) == ((100, 0, 0), (100, 0, 0))
    with pytest.raises(NotKnownError):
        households.close_household(shop.database, name, "", "", NOW_US)


def test_whoever_leaves_the_coalition_leaves_his_household(shop: Shop, till: Till) -> None:
    """His points go back to his account before it ends."""
    name = home(shop, BOB)
    till.send(till.sale(BOB, award=100))
    move(put_in, till, BOB, 70)
    members.set_status(shop.database, BOB, "left", NOW_US)
    assert (shop.balance(BOB), pool(shop, name)) == ((100, 0, 0), 0)


def test_points_end_in_the_pool_as_anywhere(shop: Shop, till: Till) -> None:
    """On their day, as their issuer's breakage."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=30, expires_on="2026-12-31"))
    till.send(till.sale(ANNA, award=20, expires_on="2027-12-31"))
    move(put_in, till, ANNA, 45)
    assert expire(shop.database, "2027-01-01", NOW_US) == 30
    assert (pool(shop, name), shop.balance(ANNA)) == (15, (5, 0, 0))


def test_an_old_number_takes_its_place_along(shop: Shop, till: Till) -> None:
    """Merged, he is in the same household, what he put in is his, and his month goes on; two households stay two."""
    name = home(shop, BOB)
    till.send(till.sale(BOB, award=600))
    move(put_in, till, BOB, 600)
    move(draw, till, BOB, 400)
    households.open_household(shop.database, EVE, NOW_US)
    with pytest.raises(MergeRefusedError, match="two households"):
        merge(shop.database, BOB, EVE, NOW_US)
    households.leave_household(shop.database, EVE, NOW_US)
    merge(shop.database, BOB, EVE, NOW_US)
    refused("monthly", lambda: move(draw, till, EVE, 101), most=100)
    assert households.leave_household(shop.database, EVE, NOW_US) == 200
    assert (shop.balance(EVE), pool(shop, name)) == ((600, 0, 0), 0)


def test_no_till_knows_a_household(shop: Shop, till: Till) -> None:
    """It is in no page of changes, nobody looks it up, nothing is booked on it, and no command takes it for a member."""
    name = home(shop)
    till.send(till.sale(ANNA, award=50))
    move(put_in, till, ANNA, 50)
    page = changes(shop.database, ChangesRequest(numbers=(0,) * BUCKETS, documents=0, limit=1_000))
    assert {row.member for row in page.rows} == {ANNA, BOB, EVE}
    with shop.database.read() as connection:
        assert member_row(connection, name) is None
    sale: Sale = till.sale(name, redeem=10)
    verdict = till.reserve(sale, 10)
    assert isinstance(verdict, Refused)
    assert verdict.reason == "unknown-member"
    assert till.send(sale).reason == "unknown-member"
    assert till.send(till.sale(name, award=10)).reason == "unknown-member"
    with pytest.raises(NotKnownError):
        members.set_status(shop.database, name, "active")
    with pytest.raises(NotKnownError):
        merge(shop.database, name, ANNA, NOW_US)
    assert pool(shop, name) == 50


def test_an_invitation_is_good_once_and_a_day(shop: Shop, till: Till) -> None:
    """A newer one of the same member ends it; used, out of date or made up it opens nothing."""
    name = home(shop)
    first = households.invite(shop.database, ANNA, NOW_US)
    second = households.invite(shop.database, ANNA, NOW_US)
    for secret in (first, "", "A" * 29, "嘿"):
        refused("invitation", lambda secret=secret: households.join_household(shop.database, BOB, secret, NOW_US))  # type: ignore[misc]
    late = NOW_US + households.INVITATION_LIVES_US
    refused("invitation", lambda: households.join_household(shop.database, BOB, second, late))
    assert households.join_household(shop.database, BOB, second, late - 1) == name
    refused("invitation", lambda: households.join_household(shop.database, EVE, second, NOW_US))


def test_two_draw_the_last_points_at_once(shop: Shop, till: Till) -> None:
    """Of all who ask for the last points at the same moment, as many get them as there are points."""
    name = home(shop, BOB, EVE)
    till.send(till.sale(ANNA, award=100))
    move(put_in, till, ANNA, 100)
    wanted = [Moving(till.id(member), member, KIND, 40) for member in (ANNA, BOB, EVE) * 3]
    begun = threading.Barrier(len(wanted))

    def ask(moving: Moving) -> bool:
        begun.wait()
        with suppress(HouseholdError):
            draw(shop.database, moving, NOW_US)
            return True
        return False

    with ThreadPoolExecutor(len(wanted)) as threads:
        got = [future.result(60) for future in [threads.submit(ask, one) for one in wanted]]
    assert (sum(got), pool(shop, name)) == (2, 20)
    assert sum(shop.balance(member)[0] for member in (ANNA, BOB, EVE)) == 80


def test_tampering_is_found(shop: Shop, till: Till) -> None:
    """`verify` says so where a lot of the pool is nobody's or a stranger's, and where a member's household is none."""
    home(shop, BOB)
    till.send(till.sale(ANNA, award=100))
    move(put_in, till, ANNA, 100)
    back = "household = (SELECT household FROM household)"
    changed = (
        ("UPDATE pooled SET household = 'H0'", "nobody knows whose", f"UPDATE pooled SET {back}"),
        (f"UPDATE pooled SET member = '{EVE}'", "who is not in it", f"UPDATE pooled SET member = '{ANNA}'"),
        ("UPDATE seat SET household = 'H0'", "was never there", f"UPDATE seat SET {back}"),
        (
            "UPDATE entry SET type = 'lost' WHERE type = 'pool-put'", "by which no points come",
            "UPDATE entry SET type = 'pool-put' WHERE type = 'lost'",
        ),
    )  # fmt: skip
    for statement, sentence, undone in changed:
        with shop.database.write() as connection:
            rows.execute(connection, statement)
        assert [said for said in verify(shop.database) if sentence in said], statement
        with shop.database.write() as connection:
            rows.execute(connection, undone)


def test_what_a_member_is_told(shop: Shop, till: Till) -> None:
    """The pool and how much of it he can draw now; nothing where he is in none, or there are none."""
    home(shop, BOB)
    till.send(till.sale(ANNA, award=900))
    move(put_in, till, ANNA, 900)
    move(draw, till, BOB, 450)
    with shop.database.read() as connection:
        told = [pool_for(connection, member, NOW_US) for member in (ANNA, BOB, EVE)]
    assert [(one.points, one.drawable) if one else None for one in told] == [
        ({KIND: 450}, {KIND: 450}), ({KIND: 450}, {KIND: 50}), None,
    ]  # fmt: skip
    with shop.database.write() as connection:
        households.switch_off(connection, "", NOW_US)
        assert pool_for(connection, ANNA, NOW_US) is None


def test_a_partial_refund_of_a_redemption_from_the_pool(shop: Shop, till: Till) -> None:
    """What comes back is what was drawn, lot by lot, at any till and never more than the sale took; put back into the pool it
    is again whose it was."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=100, expires_on="2027-01-31"))
    till.send(till.sale(BOB, award=50, expires_on="2027-06-30"))
    move(put_in, till, ANNA, 100)
    move(draw, till, BOB, 100)
    sale = till.sale(BOB, award=20, redeem=130, sums_fen={"general": 100_00})
    assert till.send(sale).status == "booked"
    assert shop.balance(BOB) == (40, 0, 0)
    move(put_in, till, BOB, 40)
    other = shop.till("T2")
    for given, taken, left in ((60, 10, 50), (39, 6, 83), (31, 4, 110)):
        back = other.refund(sale, given, taken, sums_fen={"general": given * 76}, money_fen=given)
        assert other.send(back).status == "booked"
        assert shop.balance(BOB) == (left, 0, 0)
    beyond = other.send(other.refund(sale, 1, 0, money_fen=1))
    assert beyond.reason == "beyond-sale"
    with shop.database.read() as connection:
        lots = rows.fetch(
            connection, "SELECT expires_on, sum(points_left) FROM lot WHERE member = ? AND points_left > 0"
            " GROUP BY expires_on ORDER BY expires_on", BOB,
        )  # fmt: skip
    # The 20 that it had earned lie in the pool: they were taken from what came back.
    assert [(end, int(points)) for end, points in lots] == [("2027-01-31", 80), ("2027-06-30", 30)]
    move(put_in, till, BOB, 100)
    with shop.database.read() as connection:
        assert shares_of(connection, name) == {ANNA: {KIND: 80}, BOB: {KIND: 60}}
    assert households.leave_household(shop.database, ANNA, NOW_US) == 80
    assert shop.balance(ANNA) == (80, 0, 0)


def test_a_refund_after_the_household_has_ended(shop: Shop, till: Till) -> None:
    """The points are his who drew them, as after a void; nobody's pool opens again."""
    name = home(shop, BOB)
    till.send(till.sale(ANNA, award=100))
    move(put_in, till, ANNA, 100)
    move(draw, till, BOB, 100)
    sale = till.sale(BOB, redeem=100, sums_fen={"general": 100_00})
    till.send(sale)
    households.close_household(shop.database, name, "", "a quarrel", NOW_US)
    assert till.send(till.refund(sale, 40, 0, money_fen=40)).status == "booked"
    assert (shop.balance(ANNA), shop.balance(BOB), pool(shop, name)) == ((0, 0, 0), (40, 0, 0), 0)
