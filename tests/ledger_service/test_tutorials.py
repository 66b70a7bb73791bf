"""Who has passed the tutorial: told by a till, known to all tills of the store by the staff document, whoever writes it."""

from __future__ import annotations

import msgspec
import pytest

from ledger import documents
from ledger.auth import Caller
from ledger.problems import NotKnownError
from ledger.tutorials import keep, of_store
from ledger.verify import verify
from protocol.documents import Staff, StaffMember
from protocol.tutorials import TutorialKept, TutorialPassed
from tests.ledger_service.town import NOW_US, OTHER_STORE, STORE, SigningTill, Town

NEW = TutorialPassed(staff="1023", passed_at=NOW_US, tasks=12, attempts=14, seconds=170)


@pytest.fixture
def shop(town: Town) -> Town:
    """With two people."""
    publish(town, "1001", "1023")
    return town


def publish(town: Town, *numbers: str) -> None:
    people = tuple(StaffMember(staff=one, name=f"{one}号", roles=("cashier",), pin_hash="x") for one in numbers)
    with town.database.write() as connection:
        documents.publish_staff(connection, town.keys, Staff(store=STORE, staff=people), town.clock())


def told(town: Town) -> dict[str, int]:
    with town.database.read() as connection:
        staff = documents.newest(connection, "staff", STORE, Staff)
    assert staff is not None
    return {person.staff: person.tutorial_at for person in staff.staff}


async def passed(till: SigningTill, what: TutorialPassed = NEW) -> TutorialKept:
    return (await till.ask("POST", "/v1/training/passed", what)).read(TutorialKept)


async def test_every_till_of_the_store_is_told_who_has_passed(shop: Town) -> None:
    """In the signed staff document; the first time stands, and told again nothing is published."""
    assert await passed(shop.till()) == TutorialKept(staff="1023", passed_at=NOW_US)
    assert told(shop) == {"1001": 0, "1023": NOW_US}
    with shop.database.read() as connection:
        before = documents.documents_after(connection, shop.keys, STORE, 0).newest
    later = msgspec.structs.replace(NEW, passed_at=NOW_US - 1, attempts=12)
    assert (await passed(shop.till(), later)).passed_at == NOW_US
    with shop.database.read() as connection:
        assert documents.documents_after(connection, shop.keys, STORE, 0).newest == before
        assert [(one.staff, one.name, one.attempts) for one in of_store(connection, STORE)] == [
            ("1001", "1001号", 0),
            ("1023", "1023号", 14),
        ]
    assert verify(shop.database) == []


async def test_a_new_staff_list_says_it_too_and_forgets_who_left(shop: Town) -> None:
    """A 工号 that is given to somebody else begins anew."""
    await passed(shop.till())
    publish(shop, "1023", "1055")
    assert told(shop) == {"1023": NOW_US, "1055": 0}
    publish(shop, "1055")
    publish(shop, "1023")
    assert told(shop) == {"1023": 0}


async def test_a_clock_that_is_ahead_says_no_later_than_now(shop: Town) -> None:
    """Till time is not believed beyond the ledger's own."""
    assert (await passed(shop.till(), msgspec.structs.replace(NEW, passed_at=NOW_US * 2))).passed_at <= shop.clock()


async def test_a_till_speaks_for_the_people_of_its_store_alone(shop: Town) -> None:
    """Neither for a stranger nor for another store."""
    stranger = msgspec.structs.replace(NEW, staff="9999")
    assert (await shop.till().ask("POST", "/v1/training/passed", stranger)).status == 404
    assert (await shop.till(OTHER_STORE).ask("POST", "/v1/training/passed", NEW)).status == 404
    assert told(shop) == {"1001": 0, "1023": 0}


def test_a_store_without_staff_is_not_known(shop: Town) -> None:
    """Neither to ask about nor to tell of."""
    with shop.database.write() as connection:
        with pytest.raises(NotKnownError):
            of_store(connection, "nowhere")
        with pytest.raises(NotKnownError):
            keep(connection, shop.keys, Caller("t", "nowhere", "active"), NEW, NOW_US)
