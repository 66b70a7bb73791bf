"""Entries of a real terminal, and what its journal should then hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.journal import Draft, Journal, JournalReader, Row
from protocol.chain import genesis
from protocol.entries import Award, Clock, Redemption, Sale, Void, encode_entry
from protocol.ids import bucket_of, new_id
from protocol.push import Outcome
from protocol.signing import public_bytes

TERMINAL = "t1"
KEY = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
PUBLIC = public_bytes(KEY)
GENESIS = genesis(TERMINAL, PUBLIC)
NOW_US = 1_790_000_000_000_000
RECEIPT = b'{"lines":["308.4"]}'
SHIFT = "0371"


def sale_draft(number: int, **changes: Any) -> Draft:
    """The draft of sale `number`; 7 members take turns. `reference` and `nonce` go into the payload too.

    `floor`: it takes points on the floor.
    """
    member, floor = changes.pop("member", f"1000{number % 7}"), changes.pop("floor", False)
    at_us = NOW_US + number * 1_000_000
    reference, nonce = changes.pop("reference", ""), changes.pop("nonce", "")
    taken = Redemption(
        reward="v", kind="points", points=5, off_bill_fen=1, authority="floor" if floor else "online", proof="dynamic",
        nonce=nonce,
    )  # fmt: skip
    sale = Sale(
        id=new_id(at_us // 1000, bucket_of(member), number), store="s1", occurred_at=at_us, business_day="2026-11-21",
        shift=SHIFT, by="1023", clock=Clock(wall=at_us, boot="b1", mono_us=number), member=member, reference=reference,
        gross_fen=12_850, due_fen=12_850, programme="p", programme_version=1, engine=1,
        awards=(Award(kind="points", points=308),), redemptions=(taken,) if nonce or floor else (),
    )  # fmt: skip
    return Draft(
        id=sale.id, type="sale", member=member, shift=SHIFT, occurred_at=at_us, payload=encode_entry(sale),
        receipt=RECEIPT, reference=reference, nonce=nonce,
    )._replace(**changes)  # fmt: skip


def void_draft(number: int, voided: Row) -> Draft:
    """The draft that voids a sale and frees its reference."""
    at_us = NOW_US + number * 1_000_000
    void = Void(
        id=new_id(at_us // 1000, bucket_of(voided.member), number), store="s1", occurred_at=at_us, shift=SHIFT,
        business_day="2026-11-21", clock=Clock(wall=at_us, boot="b1", mono_us=number), member=voided.member,
        voids=voided.id,
    )  # fmt: skip
    return Draft(
        id=void.id, type="void", member=voided.member, shift=SHIFT, occurred_at=at_us, payload=encode_entry(void),
        frees_reference_of=voided.seq,
    )  # fmt: skip


def append(journal: Journal, draft: Draft) -> Row:
    """Append as this terminal does."""
    return journal.append(draft, TERMINAL, GENESIS, KEY.sign)


def fill(journal: Journal, count: int) -> list[Row]:
    """Append sales from the next number on."""
    last = journal.last()
    first = (last.seq if last else 0) + 1
    return [append(journal, sale_draft(number)) for number in range(first, first + count)]


def booked(seq: int, position: int = 0, **changes: Any) -> Outcome:
    """The outcome of entry `seq`."""
    fields: dict[str, Any] = {"seq": seq, "status": "booked", "position": position} | changes
    return Outcome(**fields)


def contradictions(journal: JournalReader) -> list[str]:
    """What verify finds, signatures included."""
    return list(journal.verify(GENESIS, TERMINAL, PUBLIC))


def seqs(rows: list[Row]) -> list[int]:
    """The numbers of entries."""
    return [row.seq for row in rows]


def new_journal(folder: Path, count: int = 0) -> Journal:
    """A journal with `count` sales."""
    journal = Journal.open(folder)
    fill(journal, count)
    return journal


NOBODY = UUID(int=0)
