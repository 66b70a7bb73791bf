"""Totals of a terminal since its first entry (本机累计), for people to compare: a shift report of last month with today's.

Every head of the chain already stands for all of this, since each can be added up from the entries under it. It is written down
where people read it, in the entry that closes a shift, and not in each head: a commit would pay for what proves nothing more.
"""

from __future__ import annotations

from protocol.entries import Entry, RunningTotals, Sale, ShiftClosed


class Running:
    """Adds up entry by entry. What a void takes back is not subtracted: these figures never fall."""

    def __init__(self, since: RunningTotals | None = None) -> None:
        since = since or RunningTotals()
        self._entries, self._awarded, self._redeemed = since.entries, dict(since.awarded), dict(since.redeemed)
        self._is_known = True

    def take(self, entry: Entry | None) -> None:
        """The next entry; None for one that cannot be read: its points are not known then, up to the next shift's end."""
        self._entries += 1
        if isinstance(entry, Sale):
            for award in entry.awards:
                self._awarded[award.kind] = self._awarded.get(award.kind, 0) + award.points
            for taken in entry.redemptions:
                self._redeemed[taken.kind] = self._redeemed.get(taken.kind, 0) + taken.points
        elif entry is None:
            self._is_known = False
        elif isinstance(entry, ShiftClosed) and not self._is_known:
            self._awarded, self._redeemed = dict(entry.running.awarded), dict(entry.running.redeemed)
            self._is_known = True

    @property
    def totals(self) -> RunningTotals:
        """Up to here."""
        return RunningTotals(entries=self._entries, awarded=dict(self._awarded), redeemed=dict(self._redeemed))

    def contradiction(self, closed: ShiftClosed) -> str:
        """What the entry that closes a shift, and is taken next, says otherwise than the entries before it; else empty."""
        here, there = self.totals, closed.running
        if here.entries != there.entries:
            return f"{there.entries} entries were before it, here are {here.entries}"
        if not self._is_known or (here.awarded, here.redeemed) == (there.awarded, there.redeemed):
            return ""
        return f"{_sums(there)} up to it, the entries before it make {_sums(here)}"


def _sums(totals: RunningTotals) -> str:
    given, taken = (" ".join(f"{points} {kind}" for kind, points in sorted(sums.items())) or "0"
                    for sums in (totals.awarded, totals.redeemed))  # fmt: skip
    return f"{given} given and {taken} redeemed"
