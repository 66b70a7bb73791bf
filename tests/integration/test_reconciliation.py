"""The main job on the real thing: sell without a network, and find it booked when the network is back."""

from __future__ import annotations

from tests.integration.conftest import Watch
from till.composition import Till, open_till
from till.demo.world import World
from till.draft import SaleDraft
from till.scanning import MemberIdentified
from till.shifts import Session

MEMBER = "1000000002"
SALES = 5


def signed_in(till: Till) -> Session:
    return till.counter.open_shift(till.counter.sign_in("1001", "2468"))


def sell(till: Till, session: Session, world: World, fen: int = 10_00) -> int:
    """Points promised by a sale of `fen`."""
    found = till.counter.scan(world.static_code(MEMBER), SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = SaleDraft().with_member(found.member, found.proof).with_amount(fen)
    return sum(till.counter.commit(session, draft).awarded.values())


def held(world: World, member: str = MEMBER) -> int:
    """What is set aside at a till is his too."""
    return free(world, member, "available") + free(world, member, "reserved")


def free(world: World, member: str, account: str = "available") -> int:
    row = next(row for row in world.members() if row["member"] == member)
    return sum(balance.get(account, 0) for balance in row["balances"].values())


def shown(till: Till, world: World) -> int:
    found = till.counter.scan(world.static_code(MEMBER), SaleDraft())
    assert isinstance(found, MemberIdentified)
    return found.member.spendable("points")


def test_what_was_sold_without_a_network_is_booked_when_it_is_back(world: World, opened: Watch) -> None:
    """The balance shown is right at every moment: before, during the outage, and after."""
    till, session = opened.till, signed_in(opened.till)
    opened.settled()
    before = held(world)
    world.plug.cut()
    promised = sum(sell(till, session, world) for _ in range(SALES))
    assert shown(till, world) == before + promised
    opened.until(lambda: till.counter.link.condition == "offline", "the outage to be noticed")
    opened.until(lambda: till.counter.link.waiting == SALES, "the status line to say how many wait")
    world.plug.mend()
    opened.settled()
    assert shown(till, world) == before + promised
    assert held(world) == before + promised


def test_an_answer_lost_on_its_way_back_books_nothing_twice(world: World, opened: Watch) -> None:
    """The ledger has booked, the till does not know, sends again, and gets the first outcome."""
    till, session = opened.till, signed_in(opened.till)
    opened.settled()
    before = held(world)
    world.plug.lose_next_answer()
    promised = sell(till, session, world)
    opened.settled()
    assert held(world) == before + promised == shown(till, world)


def test_a_damaged_cache_is_rebuilt_while_the_counter_sells(world: World) -> None:
    """Garbage instead of a cache: the till opens, gets a new one from the ledger, and knows its members again."""
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        before = shown(till, world)
    for cache in world.folder.glob("cache-*.db*"):
        cache.write_bytes(b"\xff" * 20_000)
    with open_till(world.folder, world.settings) as till:
        Watch(till).ready()
        assert shown(till, world) == before


def test_a_till_that_was_closed_in_an_outage_pushes_when_it_opens_again(world: World) -> None:
    """What waited over night is booked in the morning."""
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        session, before = signed_in(till), held(world)
        world.plug.cut()
        promised = sell(till, session, world)
    world.plug.mend()
    with open_till(world.folder, world.settings) as till:
        Watch(till).settled()
    assert held(world) == before + promised
