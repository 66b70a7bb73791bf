"""On what each reward could be redeemed now, asked of the till once a member and link, not once a key.

A list of rewards with a ladder asks dozens of times for what changes once a customer.
"""

from __future__ import annotations

from bisect import bisect_left

from points import Offer
from terminal.words import code_of
from till.counter import Counter
from till.draft import SaleDraft
from till.redeeming import Standing
from till.refusals import REFUSALS


class Standings:
    """Forgets all when another member, another proof or another state of the link is asked about."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._about: tuple[object, ...] = ()
        self._known: dict[tuple[str, int], Standing] = {}

    def of(self, draft: SaleDraft, offer: Offer, points: int) -> Standing:
        """The standing of an offer at a number of points. A till that cannot say refuses with the reason."""
        about = (draft.member, draft.proof, self._counter.is_online)
        if about != self._about:
            self._about, self._known = about, {}
        key = (offer.reward_id, points)
        if key not in self._known:
            self._known[key] = self._ask(draft, offer, points)
        return self._known[key]

    def most(self, draft: SaleDraft, offer: Offer) -> int:
        """The most points that some authority would carry now: offline that is less than the member holds."""
        steps = range((offer.most_points - offer.points) // offer.step_points + 1)
        carried = bisect_left(
            steps, True, key=lambda step: not self.of(draft, offer, offer.points + step * offer.step_points).authority
        )
        return offer.points + max(0, carried - 1) * offer.step_points

    def _ask(self, draft: SaleDraft, offer: Offer, points: int) -> Standing:
        try:
            return self._counter.standing(draft, offer, points)
        except REFUSALS as error:
            return Standing("", code_of(error))
