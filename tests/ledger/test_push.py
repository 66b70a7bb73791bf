"""A till empties its journal: received, booked, answered."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ledger import schema
from ledger.bookkeeping import Bookkeeper
from ledger.errors import BatchSizeError, GapError, HeadMismatchError, HeadSignatureError, UnknownTerminalError
from ledger.push import push, sweep
from ledger.receiving import chained, receive
from protocol import canonical, chain
from protocol.entries import encode_entry
from protocol.push import Outcome, SentEntry
from tests.ledger.shop import Shop


def test_award_is_booked(shop: Shop) -> None:
    """A sale's award becomes available points of the member, at the position that the outcome names."""
    till, member = shop.till(), shop.join("1000000001")
    outcome = till.send(till.sale(member, award=120))
    assert (outcome.status, outcome.position) == ("booked", 2)
    assert shop.balance(member) == (120, 0, 0)
    shop.assert_well()


def test_redemption_beyond_the_balance_is_shortfall(shop: Shop) -> None:
    """What no balance covers is booked all the same, as the merchant's shortfall, and the outcome says how much."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=100))
    outcome = till.send(till.sale(member, redeem=130))
    assert (outcome.status, outcome.shortfall) == ("shortfall", 30)
    assert shop.balance(member) == (0, 0, 0)
    shop.assert_well()


def test_batch_sent_again_gets_the_same_answer_and_writes_nothing(shop: Shop) -> None:
    """Outcomes are equal byte for byte, also the quarantined one, and no row of the books changes."""
    till, member = shop.till(), shop.join("1000000001")
    for award in (5, 10**13, 7):
        till.append(till.sale(member, award=award))
    first = till.push()
    before = shop.everything()
    again = till.push()
    assert [canonical.encode(one) for one in again.outcomes] == [canonical.encode(one) for one in first.outcomes]
    assert (first.again, again.again) == (0, 3)
    assert shop.everything() == before


@pytest.mark.parametrize(("busy_for_s", "parts"), [(60.0, [200, 50]), (0.0, [250])])
def test_batches_stay_small_for_a_while_after_a_counter_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, busy_for_s: float, parts: list[int]
) -> None:
    """On both engines: a verdict that comes a moment later waits for 200 entries, not for 1,000."""
    till, member = shop.till(), shop.join("1000000001")
    till.reserve(till.sale(member), 1)
    for _ in range(250):
        till.append(till.sale(member, award=1))
    booked, book_all = list[int](), Bookkeeper.book_all

    def counted(keeper: Bookkeeper) -> list[Outcome]:
        outcomes = book_all(keeper)
        booked.append(len(outcomes))
        return outcomes

    monkeypatch.setattr("ledger.gate.BUSY_FOR_S", busy_for_s)
    monkeypatch.setattr(Bookkeeper, "book_all", counted)
    till.push()
    assert booked == parts


def test_overlapping_batch_books_only_what_is_new(shop: Shop) -> None:
    """A batch may begin anywhere in what the ledger has: the known part is told again, the rest is booked."""
    till, member = shop.till(), shop.join("1000000001")
    for award in (1, 10, 100, 1000):
        till.append(till.sale(member, award=award))
    till.push(1, 3)
    answer = till.push(2, 4)
    assert (answer.again, answer.acknowledged, answer.head) == (2, 4, till.hashes[4].hex())
    assert shop.balance(member) == (1111, 0, 0)
    shop.assert_well()


def test_shift_entries_are_recorded(shop: Shop) -> None:
    """An entry without a member moves no points and has no position in the feed."""
    till = shop.till()
    outcome = till.send(till.shift())
    assert (outcome.status, outcome.position) == ("recorded", 0)


def test_batch_after_a_gap_is_refused(shop: Shop) -> None:
    """Entries that are missing are asked for; nothing of the batch is kept."""
    till, member = shop.till(), shop.join("1000000001")
    for _ in range(3):
        till.append(till.sale(member, award=1))
    with pytest.raises(GapError) as caught:
        till.push(3, 3)
    assert caught.value.expected_seq == 1
    assert shop.everything()["received"] == []


def test_what_cannot_be_received_is_refused_whole(shop: Shop) -> None:
    """Wrong head, wrong signature, unknown terminal, no entries: an error each, and nothing is kept."""
    till, member = shop.till(), shop.join("1000000001")
    till.append(till.sale(member, award=1))
    good = till.batch()
    other = Shop.till(shop, "T2")
    changes: dict[type[Exception], dict[str, Any]] = {
        HeadMismatchError: {"entries": (SentEntry(payload="{}"),)},
        HeadSignatureError: {"head_signature": other.key.sign(b"another head")},
        BatchSizeError: {"entries": ()},
    }
    for error, change in changes.items():
        with pytest.raises(error):
            push(shop.database, msgspec.structs.replace(good, **change), shop.tick())
    with pytest.raises(HeadMismatchError):
        push(shop.database, msgspec.structs.replace(good, previous="not hex"), shop.tick())
    stranger = chain.link(bytes(32), "T9", 1, chain.payload_hash(b"{}")).hex()
    alien: dict[str, Any] = {
        "terminal": "T9",
        "previous": bytes(32).hex(),
        "entries": (SentEntry(payload="{}"),),
        "head": stranger,
    }
    with pytest.raises(UnknownTerminalError):
        push(shop.database, msgspec.structs.replace(good, **alien), shop.tick())
    assert shop.everything()["received"] == []


def test_poison_is_quarantined_and_the_rest_goes_on(shop: Shop) -> None:
    """Each entry that cannot be booked waits with its reason; the good ones around them are booked."""
    till, member = shop.till(), shop.join("1000000001")
    good = till.sale(member, award=3)
    payload = encode_entry(good)
    stranger, nobody = till.sale("1000000009", award=1), till.sale(member, award=1)
    journal: list[tuple[bytes, str]] = [
        (payload, ""),
        (b"", "unreadable"),
        (b"not json", "unreadable"),
        (b'{"type":"loan"}', "unreadable"),
        (payload.replace(b'"points":3', b'"points":99999999999999999999'), "unreadable"),
        (payload.replace(b'"points":3', b'"points":0'), "unreadable"),
        (payload.replace(b'"points":3', b'"points":3.0'), "unreadable"),
        (canonical.encode(till.sale(member, award=1, reference="a\0b")), "unreadable"),
        (encode_entry(till.sale(member, award=1, business_day="2026-02-30")), "unreadable"),
        (canonical.encode(till.sale(member, award=1, expires_on="soon")), "unreadable"),
        (encode_entry(till.sale(member, award=1, store="S2")), "unreadable"),
        (encode_entry(stranger), "unknown-member"),
        (encode_entry(msgspec.structs.replace(nobody, member="1000000002")), "wrong-bucket"),
        (encode_entry(till.sale(member, award=1, kind="stars")), "unknown-kind"),
        (encode_entry(till.sale(member, award=1, programme_version=9)), "unknown-programme"),
        (encode_entry(till.sale(member, award=10**12 + 1)), "points-out-of-range"),
        (encode_entry(till.void(till.sale(member))), "unknown-entry"),
        (payload, "same-id"),
        (encode_entry(till.sale(member, award=4)), ""),
    ]
    for entry, _reason in journal:
        till.append(entry)
    answer = till.push()
    assert [outcome.reason for outcome in answer.outcomes] == [reason for _entry, reason in journal]
    assert shop.balance(member) == (7, 0, 0)
    shop.assert_well()


def test_bytes_that_are_no_text_are_damaged(shop: Shop) -> None:
    """A payload that no longer fits its hash is sent as it is, quarantined, and the chain goes on behind it."""
    till, member = shop.till(), shop.join("1000000001")
    till.append(till.sale(member, award=1))
    till.append(till.sale(member, award=2))
    stated = chain.payload_hash(till.payloads[0]).hex()
    ruined = SentEntry(damaged=b"\xff\xfe" + till.payloads[0][2:], payload_hash=stated)
    bent = SentEntry(payload=till.payloads[0].decode().replace("1000000001", "1000000002"), payload_hash=stated)
    for sent in (ruined, bent):
        batch = till.signed(1, till.hashes[0], (sent, SentEntry(payload=till.payloads[1].decode())), till.hashes[2])
        answer = push(shop.database, batch, shop.tick())
        assert [outcome.reason for outcome in answer.outcomes] == ["damaged", ""]
    assert shop.balance(member) == (2, 0, 0)
    shop.assert_well()


def test_replay_under_another_member_is_refused(shop: Shop) -> None:
    """An id carries its holder's bucket, so the same id for another member does not fit; nor does it from another till."""
    till, member, other = shop.till(), shop.join("1000000001"), shop.join("1000000002")
    sale = till.sale(member, award=50)
    till.send(sale)
    assert till.send(msgspec.structs.replace(sale, member=other)).reason == "wrong-bucket"
    assert shop.till("T2").send(sale).reason == "same-id"
    assert (shop.balance(member), shop.balance(other)) == ((50, 0, 0), (0, 0, 0))


def test_fork_is_kept_and_not_booked(shop: Shop) -> None:
    """A second journal under one key is stored as a branch with its signed head; the ledger's own chain stays."""
    till, member = shop.till(), shop.join("1000000001")
    for award in (1, 2):
        till.append(till.sale(member, award=award))
    till.push()
    head = till.hashes[2]
    del till.payloads[1:], till.hashes[2:]
    for award in (4, 8):
        till.append(till.sale(member, award=award))
    for answer in (till.push(), till.push()):
        assert [outcome.reason for outcome in answer.outcomes] == ["", "same-id", "same-id"]
        assert (answer.acknowledged, answer.head) == (2, head.hex())
    later = till.push(3, 3)
    assert [outcome.detail for outcome in later.outcomes] == ["fork: entry 3 was received before with another hash"]
    books = shop.everything()
    assert len(books["branch"]) == 2
    assert shop.balance(member) == (3, 0, 0)
    shop.assert_well()


def test_what_was_received_is_booked_by_the_sweeper(shop: Shop) -> None:
    """A crash between receiving and booking loses nothing: the sweeper books it, once."""
    till, member = shop.till(), shop.join("1000000001")
    till.append(till.sale(member, award=9))
    batch = till.batch()
    shop.database.transact(lambda connection: receive(connection, batch, chained(batch), shop.tick()))
    assert shop.balance(member) == (0, 0, 0)
    assert (sweep(shop.database), sweep(shop.database)) == (1, 0)
    assert shop.balance(member) == (9, 0, 0)
    assert till.push().outcomes[0].status == "booked"
    shop.assert_well()


def test_revoked_terminal_is_booked_up_to_the_head_that_was_known(shop: Shop) -> None:
    """What it sends after that waits in quarantine, awards included; what was received before is booked."""
    till, member = shop.till(), shop.join("1000000001")
    till.append(till.sale(member, award=1))
    batch = till.batch()
    shop.database.transact(lambda connection: receive(connection, batch, chained(batch), shop.tick()))
    with shop.database.write() as connection:
        connection.execute(schema.Terminal.__table__.update().values(status="revoked"))  # type: ignore[attr-defined]
    till.append(till.sale(member, award=2))
    assert [outcome.reason for outcome in till.push().outcomes] == ["", "terminal-revoked"]
    assert shop.balance(member) == (1, 0, 0)
    shop.assert_well()
