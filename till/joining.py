"""办会员: somebody becomes a member at the counter, with a network or without, and this sale already earns.

The entry carries his phone sealed for the ledger: whoever has the till cannot read it. His number is one of those that the
till was given in advance. Where the phone turns out to be a member's, the ledger merges the two; no point is lost.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

import msgspec

from local_db.journal import Draft
from protocol import canonical
from protocol.canonical import Model, Name, Text
from protocol.entries import Joined, encode_entry
from protocol.errors import SignatureError
from protocol.feed import MemberRow
from protocol.joining import WORDS, NewMember, NumberBlock, SealKey
from protocol.look_up import normal_phone
from protocol.names import mask
from protocol.phone_keys import phone_key_like
from protocol.sealing import seal
from protocol.signing import open_signed
from sync.number_asking import block_of, keep_block
from till.desk import Desk
from till.errors import RefusedError
from till.members import MemberView, view
from till.shifts import Session

PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
FACT = "joined"
LOW_SHARE = 2
"""Below a half of what the store's settings want, more numbers are asked for."""
MOST_REMEMBERED = 500


class JoinedHere(Model, kw_only=True):
    """Who joined at this till and is not in its cache yet: found again by the slow hash of his phone, as the cache does."""

    member: Name
    phone_key: str
    last4: str
    name: Text = ""


class Joining:
    """Joining at this till."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def is_offered(self) -> bool:
        """Whether this store makes members at its tills, and finds them by phone."""
        settings = self._desk.store.settings
        return settings.joining > 0 and "phone" in settings.look_ups and not self._desk.suspended

    def prepare(self) -> None:
        """See to it, in the background, that there are numbers enough for an outage."""
        if self._desk.is_ready and self.is_offered and self.left * LOW_SHARE < self._desk.store.settings.joining:
            self._desk.ledger.want_numbers()

    @property
    def left(self) -> int:
        """How many may still join before the ledger is heard again."""
        block = block_of(self._desk.journal, self._desk.terminal)
        return len(block.numbers) if block else 0

    def join(self, session: Session, phone: str, name: str = "") -> MemberView:
        """The new member, with no points. He has agreed to the sentence `protocol.joining.WORDS`. Durable on return; takes
        about 60 ms: not on the screen's thread.

        Raises `RefusedError`: `no-shift`, `join-phone`, `join-off`, `join-no-numbers`, a code of `Desk.suspended`.
        """
        desk, phone = self._desk, normal_phone(phone)
        desk.need_open(session.shift)
        desk.need_not_suspended()
        if not self.is_offered:
            raise RefusedError("join-off")
        if not PHONE.fullmatch(phone):
            raise RefusedError("join-phone")
        person = NewMember(phone=phone, name=mask(name))
        with desk.journal.alone():
            member, key = self._take_number()
            self._append(session, member, key, person)
        self._remember(member, person)
        self.prepare()
        return _new(desk, member, person.name, phone[-4:])

    def _take_number(self) -> tuple[str, SealKey]:
        """One that is used from now on, whatever comes: so it is taken out before the entry says it."""
        desk = self._desk
        block = block_of(desk.journal, desk.terminal)
        if block is None or not block.numbers:
            raise RefusedError("join-no-numbers")
        key = self._key(block)
        keep_block(desk.journal, msgspec.structs.replace(block, numbers=block.numbers[1:]))
        return block.numbers[0], key

    def _key(self, block: NumberBlock) -> SealKey:
        try:
            return open_signed(block.seal, "seal", self._desk.keys.root_public, SealKey)
        except SignatureError:
            raise RefusedError("join-no-numbers") from None

    def _append(self, session: Session, member: str, key: SealKey, person: NewMember) -> None:
        desk = self._desk
        at_us = desk.clock.entry_us()
        sealed = seal(canonical.encode(person), key.public, member.encode(), secrets.token_bytes(32))
        joined = Joined(
            id=desk.new_id(at_us, member), store=desk.store.settings.store, occurred_at=at_us,
            business_day=desk.business_day, shift=session.shift, by=session.staff, clock=desk.clock.read(),
            member=member, key=key.key, sealed=sealed, agreed_to=WORDS,
        )  # fmt: skip
        # No member beside the payload: it moves no points of his, and nothing that is reckoned of him waits for its outcome.
        desk.append(
            Draft(id=joined.id, type="joined", member="", shift=session.shift, occurred_at=at_us,
                  payload=encode_entry(joined))
        )  # fmt: skip

    def _remember(self, member: str, person: NewMember) -> None:
        """For who comes back before the ledger's row does."""
        desk = self._desk
        sample = desk.cache().any_phone_key()
        key = phone_key_like(person.phone, sample) if sample else None
        if key is None:
            return
        with desk.journal.alone():
            kept = [one for one in _all(desk) if desk.cache().member(one.member) is None]
            kept.append(JoinedHere(member=member, phone_key=key, last4=person.phone[-4:], name=person.name))
            desk.journal.set_fact(FACT, canonical.encode(kept[-MOST_REMEMBERED:]).decode())


def joined_here(desk: Desk, phone_key: str) -> MemberView | None:
    """Who joined at this till with this phone, while the ledger's row of him has not come."""
    found = next((one for one in _all(desk) if one.phone_key == phone_key), None)
    return _new(desk, found.member, found.name, found.last4) if found else None


def _all(desk: Desk) -> list[JoinedHere]:
    return list(canonical.decode((desk.journal.fact(FACT) or "[]").encode(), tuple[JoinedHere, ...]))


def _new(desk: Desk, member: str, name: str, last4: str) -> MemberView:
    row = MemberRow(member=member, position=0, name=name, last4=last4)
    return replace(view(desk, row, member, desk.clock.now_us(), "lookup"), is_new=True)
