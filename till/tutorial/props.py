"""What the tutorial plays with: the three training members, their phones, two products, the cable."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from local_db.cache import CacheReader
from local_db.journal_reader import JournalReader
from points import Offer
from protocol.codes import member_code
from protocol.documents import Product
from till.draft import SaleDraft
from till.i18n import Bilingual
from till.refusals import REFUSALS
from till.scanning import MemberIdentified

if TYPE_CHECKING:
    from till.training import Practice

RICH, POOR, NEW = 0, 1, 2
"""Places of the training members: with many points, with some, with none and without a PIN."""
WAIT_S: Final = 8.0
"""For the ledger to be heard, or not to be, after the cable was put in or pulled."""
_LOOK_S = 0.05


class Props:
    """Each call may wait: none from the screen's thread but those that say so."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    def member(self, place: int) -> str:
        """His number. Waits for nothing."""
        return self._practice.members[place].member

    def phone_number(self, place: int) -> str:
        """As he would say it. Waits for nothing."""
        return self._practice.members[place].phone

    def phone(self, place: int) -> None:
        """He holds his phone in front of the scanner."""
        self._practice.show_phone(place)

    def card(self, place: int) -> None:
        """His card."""
        self._practice.read(member_code(self.member(place)))

    def code(self, text: str) -> None:
        """Anything else."""
        self._practice.read(text)

    def cable(self, *, is_in: bool) -> bool:
        """Put the cable in or pull it, and wait until the till has seen it; whether it did."""
        practice = self._practice
        if practice.cable.is_cut == is_in:
            practice.plug()
        end = time.monotonic() + WAIT_S
        while practice.counter.is_online != is_in and time.monotonic() < end:
            time.sleep(_LOOK_S)
        return practice.counter.is_online == is_in

    def products(self) -> tuple[Product, ...]:
        """Two that cost something; none where the store has no price list."""
        folder = self._practice.folder
        with closing(JournalReader.open(folder)) as journal:
            name = journal.fact("cache")
        if not name:
            return ()
        with closing(CacheReader.open(folder / name)) as cache:
            return cache.some_products(2)

    def redeemable(self, place: int, fen: int) -> Offer | None:
        """The first reward that this member could have now in a sale of so much, by a code of his phone; None for none."""
        counter = self._practice.counter
        try:
            found = counter.scan(self._practice.phone_code(place), SaleDraft())
            if not isinstance(found, MemberIdentified):
                return None
            draft = SaleDraft().with_member(found.member, found.proof).with_amount(fen)
            quoted = counter.quote(draft)
        except REFUSALS:
            return None
        offers = quoted.offers if quoted else ()
        return next((one for one in offers if one.is_possible and self._stands(draft, one)), None)

    def _stands(self, draft: SaleDraft, offer: Offer) -> bool:
        standing = self._practice.counter.standing(draft, offer, offer.points)
        return standing.authority in ("allowance", "online", "floor") and not standing.needs

    def usual_fen(self) -> int:
        """An amount that this store does not find unusual. Waits for nothing."""
        usual = self._practice.counter.store.settings.usual_amount_fen
        return min(200_00, usual) if usual else 200_00

    def name_of_reward(self, reward: str) -> Bilingual:
        """In both languages. Waits for nothing."""
        rewards = self._practice.counter.store.programme.rewards
        return next(one.name for one in rewards if one.id == reward)
