"""A store with a day behind it, and somebody of it in front of a browser: cookies, forms with their token, what a page says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx

from ledger import documents
from ledger.heartbeats import keep
from protocol import canonical
from protocol.business_days import Calendar
from protocol.documents import Role, Staff, StaffMember
from protocol.entries import Approval, Clock, Redemption, Refund, Sale, Void
from protocol.fleet import Heartbeat
from protocol.ids import bucket_of, new_id
from protocol.pins import hash_pin
from protocol.push import PushAnswer
from tests.ledger_pages.phones import PAGE, Phone
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, STORE, SigningTill, Town

CASHIER, SUPERVISOR, MANAGER, OPERATOR = "1023", "2001", "3001", "9001"
PIN = "4711"
_PIN_HASH = hash_pin(PIN)
_PEOPLE: dict[str, tuple[str, Role]] = {
    CASHIER: ("王芳", "cashier"), SUPERVISOR: ("陈静", "supervisor"), MANAGER: ("刘洋", "manager"),
    OPERATOR: ("赵敏", "operator"),
}  # fmt: skip


def employ(town: Town, *, store: str = STORE, without: str = "", pin_hash: str = _PIN_HASH) -> None:
    """The store's staff list: one of each role."""
    people = [
        StaffMember(staff=staff, name=name, roles=(role,), pin_hash=pin_hash)
        for staff, (name, role) in _PEOPLE.items()
        if staff != without
    ]
    with town.database.write() as connection:
        documents.publish_staff(connection, town.keys, Staff(store=store, staff=tuple(people)), town.clock())


def today(town: Town) -> str:
    return Calendar().day(town.clock()).isoformat()


async def trade(town: Town, till: SigningTill, *, by: str = CASHIER) -> list[Sale]:
    """Three hours of a shop: sales, a redemption, a void and a refund, sent and answered; one that was made a week before."""
    now_us = town.clock()
    week_us = timedelta(days=7) // timedelta(microseconds=1)
    changes: list[dict[str, Any]] = [
        {"occurred_at": now_us - week_us, "business_day": Calendar().day(now_us - week_us).isoformat()},
        {"occurred_at": now_us - 2 * 3_600_000_000, "due_fen": 4_900, "gross_fen": 4_900},
        {"occurred_at": now_us - 3_600_000_000, "due_fen": 10_850, "gross_fen": 12_850, "redemptions": (
            Redemption(reward="voucher", kind="points", points=200, off_bill_fen=2_000, authority="online", proof="pin"),)},
        {"occurred_at": now_us - 60_000_000, "member": OTHER_MEMBER},
        {},
    ]  # fmt: skip
    sales = [till.sell(**{"by": by, "business_day": today(town), **change}) for change in changes]
    named: dict[str, Any] = {
        "store": STORE,
        "business_day": today(town),
        "clock": Clock(wall=now_us, boot="b", mono_us=0),
    }
    till.append(Void(id=_id(town, MEMBER, 1), occurred_at=now_us, by=by, member=MEMBER, voids=sales[4].id,
                     approval=Approval(by=SUPERVISOR, how="pin", allows=("void",), reason="mistake"), **named))  # fmt: skip
    till.append(
        Refund(id=_id(town, MEMBER, 2), occurred_at=now_us, by=by, member=MEMBER, refunds=sales[1].id, money_fen=900,
               taken_back={"points": 4}, **named)
    )  # fmt: skip
    heard = await till.ask("POST", "/v1/push", till.batch())
    assert heard.status == 200, heard.body
    assert {one.status for one in canonical.decode(heard.body, PushAnswer).outcomes} <= {
        "booked",
        "recorded",
        "shortfall",
    }
    return sales


def beats(town: Town, till: SigningTill, **changes: Any) -> None:
    """It says how it is."""
    beat = Heartbeat(**{"version": "1.0", "system": "linux", "entries": 7, "cache_as_of": town.clock(), **changes})
    with town.database.write() as connection:
        keep(connection, till.terminal, beat, town.clock())


def _id(town: Town, member: str, number: int) -> Any:
    return new_id(town.clock() // 1_000, bucket_of(member), number)


class Office(Phone):
    """A browser in the back office."""

    def __init__(self, town: Town, base_url: str = PAGE, language: str = "zh-CN,zh;q=0.9") -> None:
        super().__init__(town, base_url, language)
        self.token = ""

    async def try_to_sign_in(self, staff: str, pin: str = PIN, store: str = STORE, **headers: str) -> httpx.Response:
        """The form."""
        return await self.post("/store/sign-in", {"store": store, "staff": staff, "pin": pin}, **headers)

    async def sign_in_as(self, staff: str) -> Office:
        """And remember what his forms carry."""
        answer = await self.try_to_sign_in(staff)
        assert answer.status_code == 303, answer.text
        page = await self.get("/store/tills")
        found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
        assert found is not None, page.text
        self.token = found[1]
        return self

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """A form of his pages."""
        return await self.post(path, {"token": self.token, **fields})
