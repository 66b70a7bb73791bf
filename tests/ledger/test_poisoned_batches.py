"""Nothing that a till sends holds up anybody else: poison among good entries, of the same member and of another."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.cases import list_cases
from ledger.push import push
from protocol import chain
from protocol.entries import MAX_PAYLOAD_BYTES, encode_entry
from protocol.push import MAX_BATCH, SentEntry
from tests.ledger.shop import Shop, Till

A, B = "1000000001", "1000000002"

Poison = Callable[[bytes], bytes]
"""From the bytes of a good sale to something that is none."""


def _nested(_good: bytes) -> bytes:
    return b"[" * 8_000 + b"]" * 8_000


POISONS: dict[str, Poison] = {
    "deep": _nested,
    "too long": lambda good: good + b" " * MAX_PAYLOAD_BYTES,
    "NUL": lambda good: good.replace(b'"type"', b'"reference":"a\\u0000b","type"'),
    "raw NUL": lambda good: good + b"\0",
    "not text": lambda _good: b"\xff\xfe\x00",
    "a list": lambda good: b"[" + good + b"]",
    "a number": lambda _good: b"1",
    "another member": lambda good: good.replace(A.encode(), b"1000000077"),
    "cut": lambda good: good[: len(good) // 2],
    "spaced": lambda good: good.replace(b",", b", ", 1),
}


@pytest.fixture
def till(shop: Shop) -> Till:
    """One chain, and two members."""
    shop.join(A)
    shop.join(B)
    return shop.till()


def bent(good: bytes, field: str, value: object) -> bytes:
    """One field of another type."""
    return json.dumps({**json.loads(good), field: value}, sort_keys=True, separators=(",", ":")).encode()


def send(shop: Shop, till: Till, poison: bytes) -> None:
    """Good ones before, between and after it, of its member and of another."""
    before = [shop.balance(member)[0] for member in (A, B)]
    payloads = [
        encode_entry(till.sale(A, award=1)), poison, encode_entry(till.sale(B, award=10)), poison,
        encode_entry(till.sale(A, award=100)),
    ]  # fmt: skip
    first = len(till.payloads) + 1
    for payload in payloads:
        till.append(payload)
    sent = tuple(_sent(payload) for payload in payloads)
    batch = till.signed(first, till.hashes[first - 1], sent, till.hashes[-1])
    outcomes = push(shop.database, batch, shop.tick()).outcomes
    assert [one.status for one in outcomes[::2]] == ["booked"] * 3
    assert {one.status for one in outcomes[1::2]} == {"quarantined"}
    assert [shop.balance(member)[0] for member in (A, B)] == [before[0] + 101, before[1] + 10]
    with shop.database.read() as connection:
        waiting = [one.seq for one in list_cases(connection, is_open=True) if one.seq >= first]
    assert waiting == [first + 1, first + 3]


def _sent(payload: bytes) -> SentEntry:
    try:
        return SentEntry(payload=payload.decode())
    except UnicodeDecodeError:
        return SentEntry(damaged=payload, payload_hash=chain.payload_hash(payload).hex())


@pytest.mark.parametrize("poison", POISONS)
def test_each_sort_of_poison_waits_alone(shop: Shop, till: Till, poison: str) -> None:
    """The good ones are booked, each bad one has its case, and the books are right."""
    send(shop, till, POISONS[poison](encode_entry(till.sale(A, award=7))))
    shop.assert_well()


_WRONG = st.one_of(
    st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.just(-1), st.just(2**70),
    st.text(st.characters(max_codepoint=31), min_size=1, max_size=3), st.lists(st.none(), min_size=1, max_size=2),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_at_random_holds_up_the_rest(shop: Shop, till: Till, data: st.DataObject) -> None:
    """Arbitrary bytes, and sales with one field of a wrong type."""
    good = encode_entry(till.sale(A, award=7))
    field = data.draw(st.sampled_from(sorted(json.loads(good))))
    send(
        shop,
        till,
        data.draw(st.one_of(st.binary(max_size=64), st.builds(bent, st.just(good), st.just(field), _WRONG))),
    )


def test_a_till_with_a_thousand_cases_goes_on(shop: Shop, till: Till) -> None:
    """They are one batch of poison; the next sale is booked, and the list is read in pages."""
    for number in range(MAX_BATCH):
        till.append(b"poison %d" % number)
    till.push()
    assert till.send(till.sale(A, award=5)).status == "booked"
    read: list[int] = []
    after = (0, "", 0)
    with shop.database.read() as connection:
        while page := list_cases(connection, store="S1", is_open=True, limit=300, after=after):
            read += [one.seq for one in page]
            after = (page[-1].opened_at, page[-1].terminal, page[-1].seq)
    assert read == list(range(1, MAX_BATCH + 1))
    shop.assert_well()
