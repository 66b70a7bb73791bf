"""A shop whose programme bounds rewards, and tills that ask for them."""

from __future__ import annotations

import msgspec
import pytest

from ledger import rows
from protocol.entries import Redemption, Sale
from protocol.reservations import BoundedReward, Granted, Refused, Verdict
from tests.ledger.shop import DAY, KIND, PROGRAMME, Shop, Till
from tests.ledger.test_counting import KINDS, reward

VERSION = 2
PRICE = 10

RULES = KINDS + "".join(
    reward(name, line)
    for name, line in {
        "daily": 'limit = { per_member = 1, period = "day" }',
        "once": 'limit = { per_member = 1, period = "ever" }',
        "gift": "stock = 3",
        "dinner": "others_per_month = 25",
        "both": 'stock = 1\nothers_per_month = 25\nlimit = { per_member = 1, period = "month" }',
    }.items()
)


@pytest.fixture
def bounded(shop: Shop) -> Shop:
    """Version 2 bounds five rewards; version 1 bounds nothing."""
    shop.publish_whole(RULES)
    return shop


def of(name: str, day: str = DAY, version: int = VERSION) -> BoundedReward:
    """The reward, as a till names it."""
    return BoundedReward(reward=name, programme=PROGRAMME, version=version, engine=1, business_day=day)


def taking(till: Till, member: str, name: str, day: str = DAY) -> Sale:
    """A sale that takes a reward."""
    line = Redemption(reward=name, kind=KIND, points=PRICE, off_bill_fen=0, authority="online", proof="static")
    return till.sale(member, redemptions=(line,), programme_version=VERSION, business_day=day, due_fen=0)


def ask(till: Till, sale: Sale) -> Verdict:
    """As its till asks for it."""
    line = sale.redemptions[0]
    return till.reserve(sale, line.points, bounded=of(line.reward, sale.business_day))


def take(till: Till, member: str, name: str, day: str = DAY) -> Sale:
    """Asked for and booked."""
    sale = taking(till, member, name, day)
    verdict = ask(till, sale)
    assert isinstance(verdict, Granted)
    line = msgspec.structs.replace(sale.redemptions[0], others=verdict.others, own=name == "dinner")
    sale = msgspec.structs.replace(sale, redemptions=(line,))
    assert till.send(sale).status == "booked"
    return sale


def reason(till: Till, member: str, name: str, day: str = DAY) -> str:
    """Of the ledger's no; empty for a yes."""
    verdict = ask(till, taking(till, member, name, day))
    return verdict.reason if isinstance(verdict, Refused) else ""


def rich(shop: Shop, till: Till, *members: str) -> None:
    """Members with 1,000 points of a till's merchant."""
    for member in members:
        shop.join(member)
        till.send(till.sale(member, award=1_000))


def sums(shop: Shop) -> dict[str, int]:
    """What is counted of all members together, without zeros."""
    with shop.database.read() as connection:
        found = rows.fetch(connection, "SELECT name, period, amount FROM merchant_count")
        held = rows.fetch(connection, "SELECT count(*) FROM held")[0][0]
    return {f"{name}/{period}": amount for name, period, amount in found if amount} | ({"held": held} if held else {})
