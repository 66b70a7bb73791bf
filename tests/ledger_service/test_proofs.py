"""A reservation is asked for with a proof that the member agrees."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import documents, members, merging, rows
from ledger.declaring import declare_lost
from ledger.opening import Opening
from ledger.verify import verify
from protocol import canonical
from protocol.documents import StoreSettings
from protocol.dynamic_codes import CLOCK_TOLERANCE_S, LIFETIME_S, make
from protocol.entries import Redemption
from protocol.ids import bucket_of, new_id
from protocol.push import PushAnswer
from protocol.reservations import Granted, Refused, ReserveRequest, Verdict
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, OTHER_STORE, PIN, STORE, SigningTill, Town

HOUR_US = 3_600_000_000
THIRD = "1000000777"
LATER = (Path(__file__).parents[1] / "later.toml").read_bytes()


def request(town: Town, proof: str, evidence: str = "", points: int = 100, member: str = MEMBER) -> ReserveRequest:
    identity = new_id(town.clock() // 1_000, bucket_of(member), secrets.randbits(64))
    return ReserveRequest(id=identity, member=member, kind="points", points=points, proof=proof, evidence=evidence)  # type: ignore[arg-type]


async def ask(till: SigningTill, asked: ReserveRequest) -> Granted | Refused:
    answer = await till.ask("POST", "/v1/reserve", asked)
    return canonical.decode(answer.body, Verdict)  # type: ignore[arg-type]  # msgspec takes unions, type[T] does not


async def reason(till: SigningTill, asked: ReserveRequest) -> str:
    """`granted`, or why not."""
    verdict = await ask(till, asked)
    return verdict.reason if isinstance(verdict, Refused) else "granted"


def code(town: Town, member: str = MEMBER, key: Ed25519PrivateKey | None = None) -> str:
    """What the member's phone shows now."""
    return make(
        member, town.clock() // 1_000_000, secrets.token_bytes(8), key or town.keys.current(town.clock()).private
    )


async def test_a_pin_reserves(town: Town) -> None:
    """The right PIN: points leave `available` for this terminal, and the books stay right."""
    till = town.till()
    verdict = await ask(till, request(town, "pin", PIN, 300))
    assert isinstance(verdict, Granted)
    assert (verdict.reservation.terminal, verdict.reservation.points) == (till.terminal, 300)
    assert verify(town.database) == []


async def test_three_wrong_pins_lock_until_a_new_one(town: Town) -> None:
    """Each wrong try says how many are left, the third that it is locked; then the right one is too, until a new PIN."""
    till = town.till()
    tries = ["0000", "0001", "0002", PIN]
    verdicts = [await ask(till, request(town, "pin", pin)) for pin in tries]
    assert [(verdict.reason, verdict.tries_left) for verdict in verdicts if isinstance(verdict, Refused)] == [
        ("pin-wrong", 2), ("pin-wrong", 1), ("pin-locked", 0), ("pin-locked", 0),
    ]  # fmt: skip
    members.set_pin(town.database, MEMBER, "8642")
    assert await reason(till, request(town, "pin", "8642")) == "granted"


async def test_a_right_pin_gives_the_tries_back(sqlite_town: Town) -> None:
    """Two wrong, one right, two wrong: not locked."""
    till = sqlite_town.till()
    pins = ["0000", "0001", PIN, "0002", "0003", PIN]
    expected = ["pin-wrong", "pin-wrong", "granted"] * 2
    assert [await reason(till, request(sqlite_town, "pin", pin)) for pin in pins] == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"proof": "pin"}, "proof-missing"),
        ({"proof": "dynamic"}, "proof-missing"),
        ({"proof": "pin", "evidence": "1234", "member": OTHER_MEMBER}, "pin-not-set"),
        ({"proof": "pin", "evidence": "1234", "member": "1999999999"}, "unknown-member"),
        ({"proof": "dynamic", "evidence": "D1:ABC"}, "proof-wrong"),
        ({"proof": "pin", "evidence": PIN, "points": 1_001}, "not-enough-points"),
        ({"proof": "static"}, "proof-missing"),
    ],
)  # fmt: skip
async def test_refused(sqlite_town: Town, asked: dict[str, object], expected: str) -> None:
    """Without proof, with another's, for nobody, for too much: a reason, and nothing is reserved."""
    till = sqlite_town.till()
    assert await reason(till, request(sqlite_town, **asked)) == expected  # type: ignore[arg-type]
    assert await reason(till, request(sqlite_town, "pin", PIN, 1_000)) == "granted"


async def test_a_dynamic_code_is_good_for_one_sale_for_ever(town: Town) -> None:
    """The sale that it was first seen in may ask again; another sale may not, at another till neither."""
    till, other = town.till(), town.till()
    shown = code(town)
    asked = request(town, "dynamic", shown)
    first = await ask(till, asked)
    assert isinstance(first, Granted)
    assert await ask(till, asked) == first
    assert await reason(other, request(town, "dynamic", shown)) == "nonce-used"


async def test_a_lost_answer_is_given_again_after_the_code_ran_out(sqlite_town: Town) -> None:
    """What was granted stays granted: the same request, minutes later, gets the same reservation."""
    till = sqlite_town.till()
    asked = request(sqlite_town, "dynamic", code(sqlite_town))
    first = await ask(till, asked)
    sqlite_town.clock.now_us += 600_000_000
    assert await ask(till, asked) == first
    assert await reason(till, msgspec.structs.replace(asked, id=request(sqlite_town, "pin").id)) == "proof-expired"


async def test_codes_of_others(sqlite_town: Town) -> None:
    """Another member's code, and one that another key made, prove nothing."""
    till = sqlite_town.till()
    assert await reason(till, request(sqlite_town, "dynamic", code(sqlite_town, OTHER_MEMBER))) == "proof-wrong"
    forged = code(sqlite_town, key=Ed25519PrivateKey.generate())
    assert await reason(till, request(sqlite_town, "dynamic", forged)) == "proof-wrong"


async def test_a_code_lives_a_minute(sqlite_town: Town) -> None:
    """By the ledger's clock, with the tolerance that tills have."""
    till, shown = sqlite_town.till(), code(sqlite_town)
    sqlite_town.clock.now_us += (LIFETIME_S + CLOCK_TOLERANCE_S + 1) * 1_000_000
    assert await reason(till, request(sqlite_town, "dynamic", shown)) == "proof-expired"


async def test_a_static_code_redeems_what_its_merchant_signed_for(town: Town) -> None:
    """100 points a day in this store, none in the other; the next day again."""
    lenient, strict = town.till(OTHER_STORE), town.till(STORE)
    assert await reason(strict, request(town, "static", points=1)) == "proof-missing"
    assert await reason(lenient, request(town, "static", points=60)) == "granted"
    assert await reason(lenient, request(town, "static", points=41)) == "proof-missing"
    assert await reason(lenient, request(town, "static", points=40)) == "granted"
    town.clock.now_us += 86_400_000_000
    assert await reason(lenient, request(town, "static", points=100)) == "granted"


async def test_a_static_code_uses_no_voucher(sqlite_town: Town) -> None:
    """A limit in points says nothing of pieces: a voucher is one of them and may be worth a thousand points."""
    town, till = sqlite_town, sqlite_town.till(OTHER_STORE)
    with town.database.write() as connection:
        settings = documents.newest(connection, "store", OTHER_STORE, StoreSettings)
        assert settings is not None
        later = LATER.replace(b'"qingsui"', f'"{settings.merchant}"'.encode())
        documents.publish_programme(connection, town.keys, later, "later.toml", town.clock())
        settled = msgspec.structs.replace(settings, programme="later")
        documents.publish_store(connection, town.keys, settled, town.clock())
    voucher = msgspec.structs.replace(request(town, "static", points=1), kind="wash-voucher")
    assert await reason(till, voucher) == "proof-missing"
    assert await reason(till, msgspec.structs.replace(voucher, kind="points")) == "granted"
    proven = msgspec.structs.replace(request(town, "pin", PIN, points=1), kind="wash-voucher")
    assert await reason(till, proven) == "not-enough-points"


async def test_the_days_limit_of_a_static_code_ends_with_the_stores_day(sqlite_town: Town) -> None:
    """At two in the morning a restaurant that ends its day at five has yesterday's limit still."""
    town = sqlite_town
    till = town.till(OTHER_STORE)
    with town.database.write() as connection:
        settings = documents.newest(connection, "store", OTHER_STORE, StoreSettings)
        assert settings is not None
        late = msgspec.structs.replace(settings, day_ends="05:00")
        documents.publish_store(connection, town.keys, late, town.clock())
    evening_us = late.calendar.began_us(late.calendar.day(town.clock()) + timedelta(days=1)) + 16 * HOUR_US
    town.clock.now_us = evening_us
    assert await reason(till, request(town, "static", points=100)) == "granted"
    town.clock.now_us = evening_us + 5 * HOUR_US
    assert await reason(till, request(town, "static", points=1)) == "proof-missing"
    town.clock.now_us = evening_us + 8 * HOUR_US
    assert await reason(till, request(town, "static", points=100)) == "granted"


async def test_a_code_of_a_merged_number_is_his_and_belongs_to_one_sale(town: Town) -> None:
    """His phone still shows the old number; a stranger's code is none, and used once it is used under either number."""
    till, used = town.till(), code(town, OTHER_MEMBER)
    assert await reason(till, request(town, "dynamic", used)) == "proof-wrong"
    merging.merge(town.database, OTHER_MEMBER, MEMBER, town.clock())
    asked = request(town, "dynamic", used)
    assert await reason(till, asked) == "granted"
    assert await reason(till, asked) == "granted", "asked again"
    assert await reason(till, request(town, "dynamic", used)) == "nonce-used"
    own = code(town)
    with town.database.read() as connection:
        bound = rows.fetch(connection, "SELECT bucket FROM nonce WHERE entry = ? ORDER BY bucket", asked.id.bytes)
    assert [bucket for (bucket,) in bound] == sorted({bucket_of(MEMBER), bucket_of(OTHER_MEMBER)})
    assert await reason(till, request(town, "dynamic", own)) == "granted"


async def test_the_days_limit_counts_what_was_taken_under_a_merged_number(town: Town) -> None:
    """One person, one limit."""
    till = town.till(OTHER_STORE)
    members.join(
        town.database,
        members.Person("李四", member=THIRD, opening=(Opening("points", 500, "qingsui", ""),)),
        town.clock(),
    )
    assert await reason(till, request(town, "static", points=60, member=THIRD)) == "granted"
    merging.merge(town.database, THIRD, MEMBER, town.clock())
    assert await reason(till, request(town, "static", points=41)) == "proof-missing"
    assert await reason(till, request(town, "static", points=40)) == "granted"


async def test_a_blocked_member_redeems_nothing(sqlite_town: Town) -> None:
    """The right PIN does not help him."""
    members.set_status(sqlite_town.database, MEMBER, "blocked")
    assert await reason(sqlite_town.till(), request(sqlite_town, "pin", PIN)) == "member-blocked"


async def test_a_lost_terminal_gives_its_reservations_back(town: Town) -> None:
    """Its points are the member's again, its id is known as ended, and what it still sends is booked all the same."""
    till = town.till()
    sale = till.sell(award=10)
    asked = msgspec.structs.replace(request(town, "pin", PIN, 900), id=sale.id)
    assert await reason(till, asked) == "granted"
    assert declare_lost(town.database, till.terminal, town.clock()) == 900
    assert declare_lost(town.database, till.terminal, town.clock()) == 0
    assert await reason(town.till(), request(town, "pin", PIN, 1_000)) == "granted"
    taken = Redemption(
        reward="voucher", kind="points", points=900, off_bill_fen=1_800, authority="online", proof="pin"
    )  # fmt: skip
    till.payloads.clear()
    till.append(msgspec.structs.replace(sale, redemptions=(taken,)))
    outcome = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer).outcomes[0]
    assert (outcome.status, outcome.shortfall) == ("shortfall", 900)
    assert verify(town.database) == []
