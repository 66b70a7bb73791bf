"""What operators and merchants do at the ledger meanwhile, each a line in `ACTS`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from ledger import documents
from ledger.claiming import end_unclaimed
from ledger.clock import day_of
from ledger.database import Database
from ledger.declaring import declare_lost
from ledger.enrolment import end
from ledger.expiring import expire
from ledger.members import set_status, set_tier
from ledger.opening import Opening, book_openings
from ledger.push import sweep
from protocol.documents import AllowancePolicy, FloorPolicy, StoreSettings
from protocol.feed import MemberStatus
from simulation.coalition import KINDS, MEMBERS, PAGE, STORES, merchant_of, programme, settings_of
from simulation.ledger_host import LedgerHost
from simulation.oracle import Oracle
from simulation.world import World

Act = Callable[[World, Oracle, Random], None]
_DAY_US = 86_400_000_000


def open_stores(world: World, chance: Random) -> None:
    """What the merchants signed for in this seed: a floor in most stores, allowances in half, plain cards in most."""
    for store, _merchant in STORES:
        floor = FloorPolicy()
        if chance.random() < 0.8:
            per_member = chance.choice((50, 100))
            floor = FloorPolicy(
                per_redemption=chance.choice((50, 100)), per_member=per_member, balance_age_s=chance.choice((60, 86_400)),
                per_terminal=per_member * chance.choice((1, 2)),
            )  # fmt: skip
        settings = msgspec.structs.replace(
            settings_of(store, floor, chance.choice((0, 100, 1_000_000))),
            allowance=AllowancePolicy(per_member=chance.choice((0, 100, 250, 250)), members=chance.choice((2, 500, 500))),
            member_page=PAGE if chance.random() < 0.6 else "", claim_days=2 if world.seed % 2 else 0,
        )  # fmt: skip
        _publish_store(world, settings)


def _publish_store(world: World, settings: StoreSettings) -> None:
    world.ledger.publish(lambda connection, keys, now: documents.publish_store(connection, keys, settings, now))


def _block_or_free_a_member(world: World, _oracle: Oracle, chance: Random) -> None:
    member = chance.choice(MEMBERS)
    status: MemberStatus = "blocked" if chance.random() < 0.4 else "active"
    world.ledger.work(lambda database: set_status(database, member, status))


def _raise_a_member(world: World, _oracle: Oracle, chance: Random) -> None:
    member = chance.choice(MEMBERS)
    world.ledger.work(lambda database: set_tier(database, member, chance.choice(("", "gold"))))


def _award_elsewhere(world: World, _oracle: Oracle, chance: Random) -> None:
    """Points that come from no till here; some end today."""
    member, day = chance.choice(MEMBERS), chance.choice(("", day_of(world.ledger.clock())))
    opening = Opening(chance.choice(KINDS), chance.choice((1, 60, 400)), merchant_of(STORES[0][0]), day)

    def book(database: Database) -> None:
        with database.write() as connection:
            book_openings(connection, {member: [opening]}, world.ledger.clock())

    world.ledger.work(book)


def _publish_a_programme(world: World, _oracle: Oracle, chance: Random) -> None:
    merchant = merchant_of(chance.choice(STORES)[0])
    version = world.versions[merchant] = world.versions[merchant] + 1
    world.ledger.publish(
        lambda connection, keys, now: documents.publish_programme(
            connection, keys, programme(merchant, version), merchant, now
        )
    )


def _publish_a_hot_list(world: World, _oracle: Oracle, chance: Random) -> None:
    listed = chance.sample(MEMBERS, chance.randrange(3))
    world.ledger.publish(lambda connection, keys, now: documents.publish_hot_list(connection, keys, listed, now))


def _let_points_expire(world: World, _oracle: Oracle, chance: Random) -> None:
    """As if it were some days later: more ends than would in the hour that a seed lasts."""
    today = day_of(world.ledger.clock() + chance.randrange(4) * _DAY_US)
    world.ledger.work(lambda database: expire(database, today, world.ledger.clock()))
    if world.receipts:
        world.ledger.work(lambda database: end_unclaimed(database, today, world.ledger.clock()))


def _sweep(world: World, _oracle: Oracle, _chance: Random) -> None:
    world.ledger.work(sweep)


def _declare_a_till_lost(world: World, oracle: Oracle, chance: Random) -> None:
    """At most one of them: somebody has to go on."""
    till = chance.choice(world.tills)
    if not oracle.spending.lost and till.journal is not None:
        oracle.spending.lost.add(till.terminal)
        world.ledger.work(lambda database: declare_lost(database, till.terminal, world.ledger.clock()))
        till.is_ended = True


def _revoke_a_till(world: World, _oracle: Oracle, chance: Random) -> None:
    till = chance.choice(world.tills)
    if not any(one.is_ended for one in world.tills) and till.journal is not None:
        till.is_ended = True

        def revoke(database: Database) -> None:
            with database.write() as connection:
                end(connection, till.terminal, "revoked")

        world.ledger.work(revoke)


def restart(ledger: LedgerHost) -> None:
    """Somebody looks after the ledger's process."""
    if not ledger.is_up:
        ledger.start()


ACTS: tuple[tuple[str, float, Act], ...] = (
    ("member blocked", 60, _block_or_free_a_member),
    ("tier", 120, _raise_a_member),
    ("award elsewhere", 40, _award_elsewhere),
    ("programme", 150, _publish_a_programme),
    ("hot list", 150, _publish_a_hot_list),
    ("expiry", 80, _let_points_expire),
    ("sweep", 60, _sweep),
    ("lost", 1_500, _declare_a_till_lost),
    ("revoked", 2_500, _revoke_a_till),
)
