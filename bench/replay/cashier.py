"""Who stands at a till of the replay: does what a cashier does, through the counter, and keeps every receipt."""

from __future__ import annotations

import random
from collections import Counter as Count
from dataclasses import dataclass, replace

from bench.baskets import Basket
from bench.replay.town import Place, Town
from bench.shop.coalitions import MANAGER, MANAGER_PIN
from points import BasketLine, Choice, Offer, RedemptionError
from till.draft import MAX_LINES, SaleDraft
from till.errors import RefusedError
from till.receipts import Receipt
from till.scanning import MemberConfirmed, MemberIdentified
from till.shifts import Session

WANT_TO_REDEEM = 0.35
SHOW_THE_PHONE = 0.2
REGRET = 0.01
"""Shares of customers; a redemption also needs the points for it."""


@dataclass(frozen=True)
class Promise:
    """What a receipt said; `is_voided` when it was taken back in the same shift."""

    till: int
    receipt: Receipt
    is_voided: bool = False

    def redeemed(self, kind: str) -> int:
        """Points of a kind that were taken, on any authority: vouchers are of another one."""
        return sum(taken.points for taken in self.receipt.redemptions if taken.kind == kind)


class Cashier:
    """One till's. The same `chance` serves the same customers in the same way, as far as the network lets him."""

    def __init__(self, town: Town, number: int, chance: random.Random) -> None:
        self.promises: list[Promise] = []
        self.refused: Count[str] = Count()
        self.shifts = 0
        self._town, self._number, self._chance = town, number, chance
        self._place: Place = town.places[number]
        self._counter = self._place.till.counter
        self._signed_in = self._counter.sign_in(MANAGER, MANAGER_PIN)
        self._session: Session = self._signed_in
        self._day = ""

    def serve(self, basket: Basket) -> None:
        """One customer, from his code to his receipt."""
        self._begin_day()
        draft = SaleDraft(lines=_lines(basket), reference=basket.reference, amount_confirmed=True)
        wants = self._chance.random() < WANT_TO_REDEEM
        shows_phone = self._chance.random() < SHOW_THE_PHONE
        if wants:
            shows_phone = not self._counter.is_online
        draft = self._scan(basket.member, draft, by_phone=shows_phone)
        receipt = self._redeem(basket.member, draft) if wants else None
        receipt = receipt or self._counter.commit(self._session, draft)
        is_voided = self._chance.random() < REGRET
        if is_voided:
            self._counter.void(self._session, receipt.id, "顾客退货")
        self.promises.append(Promise(self._number, receipt, is_voided))

    def end_day(self) -> None:
        """Close the shift."""
        if self._session.shift:
            self._counter.close_shift(self._session)
            self._session = self._signed_in

    def _begin_day(self) -> None:
        day = self._counter.local()[:10]
        if day != self._day:
            self.end_day()
            self._session = self._counter.open_shift(self._signed_in)
            self._day = day
            self.shifts += 1

    def _scan(self, member: str, draft: SaleDraft, *, by_phone: bool) -> SaleDraft:
        code = self._town.phone_code(member) if by_phone else self._town.card_code(member)
        match self._counter.scan(code, draft):
            case MemberIdentified(member=known, proof=proof):
                return draft.with_member(known, proof)
            case MemberConfirmed(proof=proof):
                return replace(draft, proof=proof)
            case other:
                raise AssertionError(other)

    def _redeem(self, member: str, draft: SaleDraft) -> Receipt | None:
        """Take a reward, if one can be had; None when it cannot: the sale then goes on without."""
        choice = self._choice(draft)
        if choice is None:
            return None
        chosen = draft.with_choice(choice)
        for attempt in range(2):
            try:
                return self._counter.redeem(self._session, chosen)
            except (RefusedError, RedemptionError) as error:
                self.refused[error.code] += 1
                if error.code != "offline-proof-missing" or attempt:
                    return None
                chosen = self._scan(member, chosen, by_phone=True)
        return None

    def _choice(self, draft: SaleDraft) -> Choice | None:
        quoted = self._counter.quote(draft)
        possible = [offer for offer in quoted.offers if offer.is_possible] if quoted else []
        if not possible:
            return None
        offer = self._chance.choice(possible)
        return Choice(offer.reward_id, self._points(offer), offer.kind)

    def _points(self, offer: Offer) -> int:
        """A ladder is climbed some steps, not always to its end."""
        steps = (offer.most_points - offer.points) // offer.step_points
        return offer.points + self._chance.randint(0, max(0, min(steps, 10))) * offer.step_points


def _lines(basket: Basket) -> tuple[BasketLine, ...]:
    return tuple(
        BasketLine(line.category, line.fen, line.product, line.name, line.quantity)
        for line in basket.lines[:MAX_LINES]
    )
