"""A voucher's code proves one piece, once: to the service that reserves, and to the books that find it used twice."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.documents import publish_programme
from ledger.merging import merge
from ledger.verify import verify
from protocol.entries import Award, Clock, Redemption, Returned, Sale, Void, encode_entry
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome, PushAnswer
from protocol.reservations import Granted, ReserveRequest
from protocol.voucher_codes import VoucherCode, make, make_issued, voucher_of
from tests.ledger_service.test_proofs import ask, reason
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, PIN, SigningTill, Town

LATER = (Path(__file__).parents[1] / "later.toml").read_bytes()
WASH, UNTIL = "wash-voucher", "2027-02-19"


async def pushed(till: SigningTill) -> Outcome:
    """The newest entry's outcome."""
    return (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer).outcomes[-1]


async def issue(town: Town, till: SigningTill, pieces: int = 1) -> Sale:
    """A sale that gave vouchers, booked."""
    with town.database.write() as connection:
        publish_programme(connection, town.keys, LATER, "later.toml", town.clock())
    sale = till.sell(awards=(Award(kind=WASH, points=pieces, expires_on=UNTIL),), programme="later")
    assert (await pushed(till)).status == "booked"
    return sale


def named(sale: Sale, number: int = 0) -> VoucherCode:
    return voucher_of(sale.member, sale.id, WASH, number, UNTIL)


def signed(town: Town, sale: Sale, number: int = 0) -> str:
    """What the member's page shows."""
    return make(named(sale, number), town.keys.current(town.clock()).private)


def printed(sale: Sale, number: int = 0) -> str:
    """What the till showed that issued it."""
    return make_issued(named(sale, number), encode_entry(sale))


def asking(town: Town, evidence: str, *, member: str = MEMBER, kind: str = WASH, points: int = 1) -> ReserveRequest:
    identity = new_id(town.clock() // 1_000, bucket_of(member), secrets.randbits(64))
    return ReserveRequest(id=identity, member=member, kind=kind, points=points, proof="voucher", evidence=evidence)


def used(till: SigningTill, code: VoucherCode) -> Sale:
    """A sale that hands out what the voucher buys, on the floor, with its code for a proof."""
    line = Redemption(
        reward="wash", kind=WASH, points=1, off_bill_fen=0, authority="floor", proof="voucher", nonce=code.nonce
    )
    return till.sell(awards=(), programme="later", redemptions=(line,), gross_fen=0, due_fen=0)


async def test_either_code_reserves_the_one_piece_once(town: Town) -> None:
    """The page's and the till's are one voucher: what the first has reserved the second cannot, at another till."""
    here, there = town.till(), town.till()
    sale = await issue(town, here, pieces=2)
    asked = asking(town, signed(town, sale))
    first = await ask(there, asked)
    assert isinstance(first, Granted)
    assert await ask(there, asked) == first
    assert await reason(here, asking(town, printed(sale))) == "voucher-used"
    assert await reason(here, asking(town, printed(sale, 1))) == "granted"
    assert verify(town.database) == []


async def test_what_was_not_used_is_free_again(town: Town) -> None:
    """The reservation went back: another till takes the voucher, then nobody does any more."""
    here, there = town.till(), town.till()
    sale = await issue(town, here, pieces=2)
    asked = asking(town, printed(sale))
    assert await reason(there, asked) == "granted"
    now = town.clock()
    identity = new_id(now // 1_000, bucket_of(MEMBER), secrets.randbits(64))
    there.append(Returned(id=identity, store=there.store, occurred_at=now, business_day="2026-11-21", member=MEMBER,
                          clock=Clock(wall=now, boot="b", mono_us=0), reservation=asked.id))  # fmt: skip
    assert (await pushed(there)).status == "booked"
    used(here, named(sale))
    assert (await pushed(here)).status == "booked"
    assert await reason(there, asking(town, printed(sale))) == "voucher-used"
    assert verify(town.database) == []


async def test_a_till_that_asks_again_has_given_the_first_time_up(sqlite_town: Town) -> None:
    """It heard nothing, and shows the voucher once more under another id: the pieces are one all the same."""
    town = sqlite_town
    till = town.till()
    sale = await issue(town, till, pieces=2)
    assert await reason(till, asking(town, printed(sale))) == "granted"
    assert await reason(till, asking(town, printed(sale))) == "granted"
    assert await reason(town.till(), asking(town, printed(sale))) == "voucher-used"


async def test_of_two_offline_uses_the_first_booked_stands(town: Town) -> None:
    """The second is its acceptor's shortfall, also where the member has another voucher: it is not his to pay."""
    here, there = town.till(), town.till()
    sale = await issue(town, here, pieces=2)
    used(there, named(sale))
    assert (await pushed(there)).status == "booked"
    used(here, named(sale))
    outcome = await pushed(here)
    assert (outcome.status, outcome.shortfall, outcome.reason) == ("shortfall", 1, "nonce-used")
    assert await reason(here, asking(town, printed(sale, 1))) == "granted"
    assert verify(town.database) == []


async def test_a_refusal_binds_nothing(sqlite_town: Town) -> None:
    """He had none when a till asked first; when he has one the code of that first try is as good as before."""
    town = sqlite_town
    here, there = town.till(), town.till()
    sale = await issue(town, here)
    pinned = msgspec.structs.replace(asking(town, PIN), proof="pin")
    assert await reason(here, pinned) == "granted"
    assert await reason(here, asking(town, printed(sale))) == "not-enough-points"
    again = await issue(town, here)
    used(there, named(sale))
    assert (await pushed(there)).status == "booked"
    assert await reason(here, asking(town, printed(again))) == "not-enough-points"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "stamps"}, "proof-wrong"),
        ({"points": 2}, "proof-wrong"),
        ({"member": OTHER_MEMBER}, "proof-wrong"),
        ({}, "granted"),
    ],
)
async def test_it_proves_that_one_piece_of_that_member(
    sqlite_town: Town, changes: dict[str, object], expected: str
) -> None:
    """Both codes."""
    till = sqlite_town.till()
    sale = await issue(sqlite_town, till, pieces=3)
    for code in (signed(sqlite_town, sale), printed(sale, 1)):
        assert await reason(till, asking(sqlite_town, code, **changes)) == expected  # type: ignore[arg-type]


async def test_what_the_books_do_not_have_is_not_known(sqlite_town: Town) -> None:
    """A sale that has not arrived, one that was voided, a piece that it did not give; made-up ones are wrong."""
    town = sqlite_town
    till = town.till()
    sale = await issue(town, till)
    unsent = till.sell(awards=(Award(kind=WASH, points=1, expires_on=UNTIL),), programme="later")
    assert await reason(till, asking(town, printed(unsent))) == "voucher-unknown"
    assert await reason(till, asking(town, printed(sale, 1))) == "voucher-unknown"
    assert await reason(till, asking(town, signed(town, unsent))) == "voucher-unknown"
    assert await reason(till, asking(town, make_issued(named(sale), encode_entry(unsent)))) == "proof-wrong"
    assert await reason(till, asking(town, make(named(sale), Ed25519PrivateKey.generate()))) == "proof-wrong"
    for made_up in ("", "V1:ABC", "T1:ABC", "D1:ABC", PIN):
        assert await reason(till, asking(town, made_up)) == "proof-wrong"
    now = town.clock()
    identity = new_id(now // 1_000, bucket_of(MEMBER), secrets.randbits(64))
    till.append(Void(id=identity, store=till.store, occurred_at=now, business_day="2026-11-21", member=MEMBER,
                     clock=Clock(wall=now, boot="b", mono_us=0), voids=sale.id))  # fmt: skip
    assert (await pushed(till)).status == "booked"
    assert await reason(till, asking(town, printed(sale))) == "voucher-unknown"


async def test_it_is_over_after_its_last_day(sqlite_town: Town) -> None:
    """By the entry, whatever a printed code says."""
    town = sqlite_town
    till = town.till()
    sale = await issue(town, till)
    longer = make_issued(named(sale)._replace(last_day="2099-01-01"), encode_entry(sale))
    town.clock.now_us += 91 * 86_400_000_000
    for code in (longer, printed(sale), signed(town, sale)):
        assert await reason(till, asking(town, code)) == "voucher-expired"


async def test_who_was_merged_keeps_his_paper(town: Town) -> None:
    """The code says his old number; it proves who he is now, and is used once under either."""
    till = town.till()
    sale = await issue(town, till)
    merge(town.database, MEMBER, OTHER_MEMBER, town.clock())
    code = printed(sale)
    assert await reason(till, asking(town, code, member=OTHER_MEMBER)) == "granted"
    assert await reason(town.till(), asking(town, code, member=OTHER_MEMBER)) == "voucher-used"
    assert verify(town.database) == []
