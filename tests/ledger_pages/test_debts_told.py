"""What a member reads in his history where points that are taken back had ended, or were spent, before."""

from __future__ import annotations

import msgspec

from ledger.expiring import expire
from protocol.entries import Award, Clock, Sale, Void
from protocol.ids import bucket_of, new_id
from tests.ledger_pages.phones import Phone
from tests.ledger_pages.test_pages import TAKEN, push
from tests.ledger_service.town import MEMBER, STORE, SigningTill, Town

AT = "青穗超市 · 中山路店"


def void(town: Town, till: SigningTill, sale: Sale, number: int) -> None:
    header = {"store": STORE, "occurred_at": town.clock(), "business_day": "2026-11-21", "member": MEMBER}
    identity = new_id(town.clock() // 1_000, bucket_of(MEMBER), number)
    till.append(Void(id=identity, clock=Clock(wall=1, boot="b", mono_us=0), voids=sale.id, **header))  # type: ignore[arg-type]


async def test_what_had_ended_and_what_paid_a_debt_is_told(town: Town) -> None:
    """The lines of an entry add up to what it changed; what of it paid a debt, and what is owed, stands below them."""
    till = town.till()
    ended = till.sell(awards=(Award(kind="points", points=40, expires_on="2026-11-25"),))
    spent = till.sell(award=30)
    await push(till)
    assert expire(town.database, "2026-11-26", town.clock()) == 40
    whole = msgspec.structs.replace(TAKEN, points=1_030)
    till.sell(awards=(), redemptions=(whole,))
    for number, sale in enumerate((ended, spent)):
        town.clock.now_us += 60_000_000
        void(town, till, sale, number)
    town.clock.now_us += 60_000_000
    till.sell(award=50)
    await push(till)
    async with Phone(town) as phone:
        told = await (await phone.sign_in()).says("/history")
    assert f"取消的消费 {AT} 收回已得积分 -40 消费积分 其中已过期的，不再扣 +40 消费积分" in told
    assert f"取消的消费 {AT} 收回已得积分 -30 消费积分 所欠，由以后的积分抵还 30 消费积分" in told
    assert f"消费 {AT} 获得 +50 消费积分 抵还所欠 30 消费积分" in told
