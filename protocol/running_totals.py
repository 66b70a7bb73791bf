"""Totals of a terminal since its first entry (本机累计), for people to compare: a shift report of last month with today's.

Every head of the chain already stands for all of this, since each can be added up from the entries under it. It is written down
where people read it, in the entry that closes a shift, and not in each head: a commit would pay for what proves nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable

from points.sentences import Sentence
from protocol.entries import Entry, Refund, RunningTotals, Sale, ShiftClosed


class Running:
    """Adds up entry by entry. What a void or a refund takes back is not subtracted: these figures never fall."""

    def __init__(self, since: RunningTotals | None = None) -> None:
        since = since or RunningTotals()
        self._entries = since.entries
        self._is_known = True
        self._begin(since)

    def _begin(self, since: RunningTotals) -> None:
        self._awarded, self._redeemed = dict(since.awarded), dict(since.redeemed)
        self._given_back, self._taken_back = dict(since.given_back), dict(since.taken_back)

    def take(self, entry: Entry | None) -> None:
        """The next entry; None for one that cannot be read: its points are not known then, up to the next shift's end."""
        self._entries += 1
        if isinstance(entry, Sale | Refund):
            _add(self._awarded, ((award.kind, award.points) for award in entry.awards))
        if isinstance(entry, Sale):
            _add(self._redeemed, ((taken.kind, taken.points) for taken in entry.redemptions))
        elif isinstance(entry, Refund):
            _add(self._given_back, entry.given_back.items())
            _add(self._taken_back, entry.taken_back.items())
        elif entry is None:
            self._is_known = False
        elif isinstance(entry, ShiftClosed) and not self._is_known:
            self._begin(entry.running)
            self._is_known = True

    @property
    def totals(self) -> RunningTotals:
        """Up to here."""
        return RunningTotals(
            entries=self._entries, awarded=dict(self._awarded), redeemed=dict(self._redeemed),
            given_back=dict(self._given_back), taken_back=dict(self._taken_back),
        )  # fmt: skip

    def contradiction(self, closed: ShiftClosed) -> str:
        """What the entry that closes a shift, and is taken next, says otherwise than the entries before it; else empty."""
        here, there = self.totals, closed.running
        if here.entries != there.entries:
            return Sentence("{there} entries were before it, here are {here}", there=there.entries, here=here.entries)
        if not self._is_known or _points(here) == _points(there):
            return ""
        return Sentence("{there} up to it, the entries before it make {here}", there=_said(there), here=_said(here))


def _add(sums: dict[str, int], more: Iterable[tuple[str, int]]) -> None:
    for kind, points in more:
        sums[kind] = sums.get(kind, 0) + points


def _points(totals: RunningTotals) -> tuple[dict[str, int], ...]:
    return totals.awarded, totals.redeemed, totals.given_back, totals.taken_back


def _said(totals: RunningTotals) -> str:
    given, taken, *refunded = (
        " ".join(f"{points} {kind}" for kind, points in sorted(sums.items())) or "0" for sums in _points(totals)
    )
    if refunded == ["0", "0"]:
        return Sentence("{given} given and {taken} redeemed", given=given, taken=taken)
    return Sentence(
        "{given} given and {taken} redeemed, {back} given back and {retaken} taken back",
        given=given, taken=taken, back=refunded[0], retaken=refunded[1],
    )  # fmt: skip
