"""A till draws from a household's pool for the member it serves: with his own proof, once, within the ceilings."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest

from ledger import households, rows
from ledger.documents import make_lock
from ledger.feed import member_row
from ledger.households import Policy
from ledger.pooling import Moving, put_in
from ledger.verify import verify
from protocol import canonical
from protocol.households import Drawn, DrawRequest, DrawVerdict, Pool, PooledKind, PoolRequest
from protocol.ids import bucket_of, new_id
from protocol.reservations import Refused
from tests.ledger_service import test_proofs as proofs
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, PIN, STORE, SigningTill, Town


@pytest.fixture
def shared(town: Town) -> Town:
    """Both members share 600 points of the second one's, who has the rest of 1,000."""
    with town.database.write() as connection:
        make_lock(connection)
        households.switch_on(connection, Policy(members=2, points=5_000, monthly=250), "", town.clock())
    households.open_household(town.database, OTHER_MEMBER, town.clock())
    secret = households.invite(town.database, OTHER_MEMBER, town.clock())
    households.join_household(town.database, MEMBER, secret, town.clock())
    put_in(town.database, Moving(identity(town), MEMBER, "points", 600), town.clock())
    return town


def identity(town: Town, member: str = MEMBER) -> Any:
    return new_id(town.clock() // 1_000, bucket_of(member), secrets.randbits(64))


def request(town: Town, points: int = 100, proof: str = "pin", evidence: str = PIN, **changes: Any) -> DrawRequest:
    asked = DrawRequest(
        id=identity(town), draw=identity(town), member=MEMBER, kind="points", points=points, proof=proof,  # type: ignore[arg-type]
        evidence=evidence,
    )  # fmt: skip
    return msgspec.structs.replace(asked, **changes)


async def ask(till: SigningTill, asked: DrawRequest) -> Drawn | Refused | str:
    """The verdict, or the code of a problem."""
    heard = await till.ask("POST", "/v1/draw", asked)
    return canonical.decode(heard.body, DrawVerdict) if heard.status == 200 else heard.code  # type: ignore[arg-type]


def held(town: Town) -> int:
    with town.database.read() as connection:
        row = member_row(connection, MEMBER)
    assert row is not None
    return row.balances["points"].available


async def test_the_pool_is_shown_to_who_serves_its_member(shared: Town) -> None:
    """What is there and what he can draw; nobody's where he is in none."""
    till = shared.till()
    pool = (await till.ask("POST", "/v1/pool", PoolRequest(member=MEMBER))).read(Pool)
    assert pool == Pool(kinds=(PooledKind(kind="points", points=600, drawable=250),))
    await ask(till, request(shared, 100))
    pool = (await till.ask("POST", "/v1/pool", PoolRequest(member=MEMBER))).read(Pool)
    assert pool == Pool(kinds=(PooledKind(kind="points", points=500, drawable=150),))
    households.leave_household(shared.database, OTHER_MEMBER, shared.clock())
    for nobody in (OTHER_MEMBER, "1000000999", "H0000000000"):
        heard = await till.ask("POST", "/v1/pool", PoolRequest(member=nobody))
        assert (heard.status, heard.code) == (404, "unknown-household")


async def test_a_draw_is_his_with_the_till_in_his_books(shared: Town) -> None:
    """Asked again it is drawn once; his entry names the till, the household's does not."""
    till, asked, before = shared.till(), request(shared, 100), held(shared)
    drawn = Drawn(kind="points", points=100, left=500)
    assert [await ask(till, asked), await ask(till, asked)] == [drawn, drawn]
    assert held(shared) == before + 100
    assert await ask(till, msgspec.structs.replace(asked, points=90)) == "household-ended"
    with shared.database.read() as connection:
        told = rows.fetch(
            connection, "SELECT member = ?, store FROM entry WHERE type = 'pool-draw' ORDER BY 1", MEMBER
        )
    assert [(bool(his), store) for his, store in told] == [(False, ""), (True, STORE)]
    assert verify(shared.database) == []


async def test_it_needs_his_own_proof(shared: Town) -> None:
    """A wrong PIN counts its tries, a static code is none, nor is nothing; nothing is drawn."""
    till = shared.till()
    assert await ask(till, request(shared, evidence="0000")) == Refused(reason="pin-wrong", tries_left=2)
    for proof in ("static", "pin", "dynamic"):
        assert await ask(till, request(shared, proof=proof, evidence="")) == Refused(reason="proof-missing")
    of_another = proofs.code(shared, OTHER_MEMBER)
    assert await ask(till, request(shared, proof="dynamic", evidence=of_another)) == Refused(reason="proof-wrong")
    with shared.database.read() as connection:
        assert rows.fetch(connection, "SELECT 1 FROM entry WHERE type = 'pool-draw'") == []


async def test_one_code_draws_and_redeems_in_one_sale(shared: Town) -> None:
    """It belongs to the sale's id: with it the reservation is granted too, with another nothing is."""
    till, code = shared.till(), proofs.code(shared)
    reservation = proofs.request(shared, "dynamic", code, 600)
    asked = request(shared, 250, "dynamic", code, id=reservation.id)
    assert isinstance(await ask(till, asked), Drawn)
    assert await proofs.reason(till, reservation) == "granted"
    again = request(shared, 1, "dynamic", code)
    assert await ask(till, again) == Refused(reason="nonce-used")


async def test_what_the_ceilings_refuse_has_a_code(shared: Town) -> None:
    """For the till's sentence."""
    till = shared.till()
    assert await ask(till, request(shared, 601)) == "household-not-enough"
    assert await ask(till, request(shared, 251)) == "household-monthly"
    assert await ask(till, request(shared, draw=identity(shared, OTHER_MEMBER))) == "bad-request"
    with shared.database.write() as connection:
        households.switch_off(connection, "", shared.clock())
    assert await ask(till, request(shared)) == "household-off"
    households.leave_household(shared.database, MEMBER, shared.clock())
    assert await ask(till, request(shared)) == "household-none"
