"""Entries: what goes in comes out, and what the ledger could not read is never made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given

from protocol import canonical
from protocol.entries import (
    MAX_PAYLOAD_BYTES,
    Award,
    Entry,
    Sale,
    decode_entry,
    encode_entry,
    holder_of,
)  # fmt: skip
from protocol.errors import UnreadableEntryError
from tests.protocol.makers import APPROVAL, MEMBER, ONE_OF_EACH, REDEMPTION, sale, sales


@pytest.mark.parametrize("entry", ONE_OF_EACH, ids=lambda entry: type(entry).__name__)
def test_each_kind_comes_back(entry: Entry) -> None:
    """An entry of each kind is read back equal, and encoding it again gives the same bytes."""
    payload = encode_entry(entry)
    assert decode_entry(payload) == entry
    assert encode_entry(decode_entry(payload)) == payload


@given(sales)
def test_any_sale_comes_back(entry: Sale) -> None:
    """Sales of any member, store, sums and awards are read back equal."""
    payload = canonical.encode(entry)
    if len(payload) <= MAX_PAYLOAD_BYTES:
        assert decode_entry(encode_entry(entry)) == entry


def test_a_sale_is_known_by_heart() -> None:
    """The bytes of the first release's smallest sale are read for ever."""
    payload = (
        b'{"business_day":"2026-11-21","clock":{"boot":"b1","mono_us":5,"wall":7},"due_fen":1,"engine":1,"gross_fen":1,'
        b'"id":"00000000-0000-8000-8000-000000000001","member":"m1","occurred_at":7,"programme":"p",'
        b'"programme_version":1,"store":"s1","type":"sale"}'
    )
    entry = decode_entry(payload)
    assert isinstance(entry, Sale)
    assert (entry.id, entry.member, entry.awards) == (UUID("00000000-0000-8000-8000-000000000001"), "m1", ())


BROKEN: dict[str, dict[str, Any]] = {
    "no points": {"awards": (Award(kind="points", points=0),)},
    "points below zero": {"awards": (Award(kind="points", points=-1),)},
    "true for points": {"awards": (Award(kind="points", points=True),)},
    "a fraction for points": {"awards": (Award(kind="points", points=1.5),)},  # type: ignore[arg-type]
    "points beyond every reader": {"awards": (Award(kind="points", points=2**53),)},
    "a redemption of nothing": {"redemptions": (msgspec.structs.replace(REDEMPTION, points=0),)},
    "a redemption worth less than nothing": {"redemptions": (msgspec.structs.replace(REDEMPTION, off_bill_fen=-1),)},
    "an authority that there is not": {"redemptions": (msgspec.structs.replace(REDEMPTION, authority="trust"),)},
    "an approval of nothing": {"approval": msgspec.structs.replace(APPROVAL, allows=())},
    "an approval by nobody": {"approval": msgspec.structs.replace(APPROVAL, by="")},
    "an approval with a story": {"approval": msgspec.structs.replace(APPROVAL, words="x" * 61)},
    "a negative amount": {"gross_fen": -1},
    "NaN for an amount": {"due_fen": float("nan")},
    "no member": {"member": ""},
    "a member of 65 characters": {"member": "9" * 65},
    "a category below zero": {"sums_fen": {"fresh": -1}},
    "a time before 1970": {"occurred_at": -1},
    "the 31st of a 13th month": {"business_day": "2026-13-31"},
    "a day in full-width digits": {"business_day": "２０２６-11-21"},
    "a day and a line feed": {"business_day": "2026-11-21\n"},
    "an expiry that is no day": {"awards": (Award(kind="points", points=1, expires_on="soon"),)},
    "a NUL that PostgreSQL cannot store": {"reference": "8\0"},
    "an ESC that a terminal obeys": {"reference": "\x1b[2J"},
    "a hidden ESC behind backslashes": {"reference": "\\\\\\\x1b"},
    "a line feed": {"tier": "gold\n"},
    "a megabyte": {"tier": "x" * 1_000_000},
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN)
def test_what_the_ledger_could_not_read_is_neither_made_nor_read(changes: dict[str, Any]) -> None:
    """Each defect is refused when a till freezes the entry, and when somebody else sends it."""
    broken = sale(**changes)
    refused: tuple[Callable[[], object], ...] = (
        lambda: encode_entry(broken),
        lambda: decode_entry(canonical.encode(broken)),
    )
    for attempt in refused:
        with pytest.raises(UnreadableEntryError):
            attempt()


@pytest.mark.parametrize("reference", ["a\\n", 'a"b', "\\\\x1b", "\\u001b", "\\", "张三[VIP]", "[/]"])
def test_backslashes_and_markup_are_data(reference: str) -> None:
    """A text that only looks like an escape or like markup is kept as it is."""
    entry = sale(reference=reference)
    assert decode_entry(encode_entry(entry)) == entry


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{}", b"null", b"[]", b'{"type":"sale"}', b"{" * 10_000, b"\xff" * 100, b" " * MAX_PAYLOAD_BYTES,
        canonical.encode(sale()).replace(b'"sale"', b'"sail"'),
        canonical.encode(sale()) + b" ",
        canonical.encode(sale()).replace(b'"type":"sale"}', b'"type":"sale","x":1}'),
        canonical.encode(sale()).upper(),
    ],
)  # fmt: skip
def test_what_is_no_entry_is_refused_with_one_error(payload: bytes) -> None:
    """Garbage of every sort ends in `UnreadableEntryError`, whose sentence a person can read."""
    with pytest.raises(UnreadableEntryError, match=r"not a readable entry: ."):
        decode_entry(payload)


def test_an_id_has_one_spelling() -> None:
    """The same UUID in capitals or without hyphens is refused."""
    payload = canonical.encode(sale(id=UUID("0192aaaa-bbbb-8ccc-8ddd-eeeeffffffff")))
    with pytest.raises(UnreadableEntryError):
        decode_entry(
            payload.replace(b"0192aaaa-bbbb-8ccc-8ddd-eeeeffffffff", b"0192AAAA-BBBB-8CCC-8DDD-EEEEFFFFFFFF")
        )
    with pytest.raises(UnreadableEntryError):
        decode_entry(payload.replace(b"0192aaaa-bbbb-8ccc-8ddd-eeeeffffffff", b"0192aaaabbbb8ccc8dddeeeeffffffff"))


def test_a_sale_with_many_categories_fits() -> None:
    """400 categories stay below the limit on a payload."""
    sums = {f"category-{number}": 99_999_999 for number in range(400)}
    assert len(encode_entry(sale(sums_fen=sums))) < MAX_PAYLOAD_BYTES


def test_the_holder_is_the_member_else_the_terminal() -> None:
    """An entry's bucket is its member's, and the terminal's where it has none."""
    assert [holder_of(entry, "t1") for entry in ONE_OF_EACH] == [*[MEMBER] * 5, "t1", "t1", "t1"]
