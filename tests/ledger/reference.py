"""What the books must say, told a second time and much shorter: plain dicts, no postings, no database.

It shares the entries with the ledger, and none of its code. `available` is not kept: it is what lies in the lots and in no
reservation. What the ledger derives (holdings, positions, chains) is left out; `ledger.verify` recomputes that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from protocol.entries import Award, MemberEntry, Redemption, Refund, Returned, Sale, Void

FOR_EVER = "9999-99-99"

Id = bytes
LotKey = tuple[Id, int]
Where = tuple[str, str]
"""A member and a kind of points."""


Part = tuple[str, str]
"""("goods", category), ("money", ""), ("taken", kind) or ("given", kind)."""


class Lot(NamedTuple):
    """Points of one award, as many as are left."""

    where: Where
    left: int
    ends: str
    is_extended: bool = False


class Lying(NamedTuple):
    """Points that are reserved at a terminal, as many as are left."""

    terminal: str
    where: Where
    left: int
    is_allowance: bool
    is_called_back: bool = False


class Sold(NamedTuple):
    """A sale that is booked: under which entries, what it gave by kind, and from which lots it took.

    `had` is goods by category, money, and points taken by kind; `back` what came back of that and of what it gave.
    """

    store: str
    member: str
    entries: tuple[Id, ...]
    given: tuple[tuple[str, int], ...]
    lots: tuple[tuple[LotKey, int], ...]
    is_voided: bool = False
    had: tuple[tuple[Part, int], ...] = ()
    back: tuple[tuple[Part, int], ...] = ()
    uncovered: tuple[tuple[str, int], ...] = ()
    is_compensated: bool = False
    unlost: tuple[tuple[str, int], ...] = ()
    """Of what came back of what it gave, as much as had ended: it was not the member's any more."""


class Told(NamedTuple):
    """What the ledger has to answer. `is_booked`: at least what a sale took."""

    status: str
    reason: str = ""
    shortfall: int = 0
    is_booked: bool = True


def quarantined(reason: str) -> Told:
    """Nothing of it is booked."""
    return Told("quarantined", reason, is_booked=False)


class Reference:
    """Books of a few members."""

    def __init__(self, members: Iterable[str], kinds: Iterable[str], versions: Iterable[int] = (1,)) -> None:
        self.members, self.kinds, self.versions = set(members), set(kinds), set(versions)
        self.lots: dict[LotKey, Lot] = {}
        self.owed: Counter[Where] = Counter()
        self.lost_lots: Counter[LotKey] = Counter()
        """What ended unused, of which lot."""
        self.lying: dict[Id, Lying] = {}
        self.ended: dict[Id, Where] = {}
        """Reservations that are over, also such as never were: whose, as (terminal, member)."""
        self.booked: set[Id] = set()
        self.sold: dict[Id, Sold] = {}
        self.nonces: dict[Where, Id] = {}
        self.lost: set[str] = set()

    def copy(self) -> Reference:
        """The values are frozen, so that the dicts alone are copied."""
        other = Reference((), ())
        for name, value in vars(self).items():
            setattr(other, name, value.copy())
        return other

    # --- what there is -----------------------------------------------------------------------------------------------

    def reserved(self, where: Where) -> int:
        return sum(one.left for one in self.lying.values() if one.where == where)

    def available(self, where: Where) -> int:
        return sum(lot.left for lot in self.lots.values() if lot.where == where) - self.reserved(where)

    def balance(self, where: Where) -> tuple[int, int, int]:
        return self.available(where), self.reserved(where), self.owed[where]

    def _open(self, where: Where) -> list[LotKey]:
        """First expiring first, of two that end on one day the older."""
        keys = [key for key, lot in self.lots.items() if lot.where == where and lot.left]
        return sorted(keys, key=lambda key: (self.lots[key].ends or FOR_EVER, key))

    def _free(self, where: Where) -> Iterator[tuple[LotKey, int]]:
        """What no reservation holds: they hold what ends first."""
        held = self.reserved(where)
        for key in self._open(where):
            covered = min(held, self.lots[key].left)
            held -= covered
            yield key, self.lots[key].left - covered

    # --- reservations ------------------------------------------------------------------------------------------------

    def reserve(self, identity: Id, terminal: str, where: Where, points: int, *, is_allowance: bool = False) -> bool:
        """Yes once, and again to the same question; never for an id that is booked or was returned."""
        if identity in self.lying:
            return self.lying[identity][:3] == (terminal, where, points)
        if identity in self.booked or identity in self.ended or terminal in self.lost or where[0] not in self.members:
            return False
        if self.available(where) < points:
            self._call_back(terminal, where, points - self.available(where))
            return False
        self.lying[identity] = Lying(terminal, where, points, is_allowance)
        return True

    def _call_back(self, terminal: str, where: Where, missing: int) -> None:
        away = {k: one for k, one in self.lying.items()
                if one.is_allowance and one.where == where and one.terminal != terminal}  # fmt: skip
        if sum(one.left for one in away.values()) >= missing:
            self.lying.update({key: one._replace(is_called_back=True) for key, one in away.items()})

    def withdraw(self, member: str) -> None:
        """He does not want his habits kept: what stood on them is called back."""
        for key, one in self.lying.items():
            if one.is_allowance and one.where[0] == member:
                self.lying[key] = one._replace(is_called_back=True)

    def end(self, identity: Id, owner: Where) -> None:
        """What is left is available again; where nothing was ever reserved, nothing ever will be."""
        one = self.lying.pop(identity, None)
        self.ended.setdefault(identity, owner)
        if one is not None:
            self._pay(one.where)

    def lose(self, terminal: str) -> None:
        """A terminal is declared lost."""
        self.lost.add(terminal)
        for key, one in list(self.lying.items()):
            if one.terminal == terminal:
                self.end(key, (terminal, one.where[0]))

    # --- entries -----------------------------------------------------------------------------------------------------

    def book(self, terminal: str, store: str, entry: MemberEntry, *, is_accepted: bool = False) -> Told:
        """One entry, where it stands in the order of booking."""
        if isinstance(entry, Sale) and any(line.kind not in self.kinds for line in entry.redemptions):
            return quarantined("unknown-kind")
        if entry.id.bytes in self.booked:
            return quarantined("same-id")
        if entry.member not in self.members:
            return quarantined("unknown-member")
        if isinstance(entry, Sale):
            told = self._sell(terminal, store, entry, is_accepted=is_accepted)
        else:
            told = self._return(terminal, entry) if isinstance(entry, Returned) else self._take_back(store, entry)
        if told.is_booked:
            self.booked.add(entry.id.bytes)
        return told

    def _sell(self, terminal: str, store: str, sale: Sale, *, is_accepted: bool) -> Told:
        waits = sale.programme_version not in self.versions
        if waits and (is_accepted or not sale.redemptions):
            return quarantined("unknown-programme")
        lots: Counter[LotKey] = Counter()
        foreign = any(self._is_foreign(sale, line) for line in sale.redemptions)
        uncovered: Counter[str] = Counter()
        for line in sale.redemptions:
            uncovered[line.kind] += self._redeem(terminal, sale, line, lots)
        shortfall = uncovered.total()
        for line in sale.redemptions:
            if line.nonce:
                self.nonces.setdefault((sale.member, line.nonce), sale.id.bytes)
        self._end_of(terminal, sale)
        given = () if waits else self.give(sale.id.bytes, sale.member, sale.awards)
        had = Counter({("goods", category): fen for category, fen in sale.sums_fen.items()})
        had["money", ""] = sale.due_fen
        for line in sale.redemptions:
            had["taken", line.kind] += line.points
        self.sold[sale.id.bytes] = Sold(
            store, sale.member, (sale.id.bytes,), given, tuple(sorted((+lots).items())),
            had=tuple(sorted(had.items())), uncovered=tuple(sorted((+uncovered).items())),
        )  # fmt: skip
        if waits:
            return Told("quarantined", "unknown-programme", shortfall)
        return Told("shortfall", "nonce-used" if foreign else "", shortfall) if shortfall else Told("booked")

    def _is_foreign(self, sale: Sale, line: Redemption) -> bool:
        return bool(line.nonce) and self.nonces.get((sale.member, line.nonce), sale.id.bytes) != sale.id.bytes

    def _redeem(self, terminal: str, sale: Sale, line: Redemption, lots: Counter[LotKey]) -> int:
        """The sale's own reservation, then the allowance that it names, then what is available; the rest is uncovered."""
        where = sale.member, line.kind
        free, missing = 0 if self._is_foreign(sale, line) else self.available(where), line.points
        for key in (sale.id.bytes, line.reservation.bytes if line.reservation else b""):
            one = self.lying.get(key)
            is_mine = one is not None and (one.terminal, one.where) == (terminal, where)
            if one is not None and is_mine and (key == sale.id.bytes or one.is_allowance):
                drawn = min(missing, one.left)
                self.lying[key] = one._replace(left=one.left - drawn)
                missing -= drawn
        missing -= min(missing, free)
        self._use(where, line.points - missing, lots)
        return missing

    def _use(self, where: Where, points: int, lots: Counter[LotKey]) -> None:
        for key in self._open(where):
            taken = min(points, self.lots[key].left)
            self._take(key, taken)
            lots[key] += taken
            points -= taken
        assert points == 0, "more was paid than there is"

    def _take(self, key: LotKey, points: int) -> None:
        self.lots[key] = self.lots[key]._replace(left=self.lots[key].left - points)

    def _end_of(self, terminal: str, sale: Sale) -> None:
        """Its own reservation is over with it, an allowance when nothing is left."""
        named = {line.reservation.bytes for line in sale.redemptions if line.reservation}
        for key in {sale.id.bytes, *named}:
            one = self.lying.get(key)
            is_over = one is not None and (key == sale.id.bytes or not one.left)
            if one is not None and is_over and (one.terminal, one.where[0]) == (terminal, sale.member):
                self.end(key, (terminal, sale.member))

    def give(self, entry: Id, member: str, awards: Iterable[Award]) -> tuple[tuple[str, int], ...]:
        """What is owed is paid first, the rest makes a lot; all that was given, by kind."""
        given: Counter[str] = Counter()
        for award in awards:
            where = member, award.kind
            pays = min(award.points, self.owed[where])
            self.owed[where] -= pays
            if award.points > pays:
                line = 1 + sum(key[0] == entry for key in self.lots)
                self.lots[entry, line] = Lot(where, award.points - pays, award.expires_on)
            given[award.kind] += award.points
        return tuple(sorted(given.items()))

    def _take_back(self, store: str, entry: Void | Refund) -> Told:
        """A void, or a refund that is within what the sale had, less what came back before."""
        identity = (entry.voids if isinstance(entry, Void) else entry.refunds).bytes
        sold = self.sold.get(identity)
        if sold is None or (sold.store, sold.member) != (store, entry.member):
            return quarantined("unknown-entry")
        if sold.is_voided:
            return quarantined("already-voided")
        if isinstance(entry, Void):
            if sold.back or sold.is_compensated:
                return quarantined("already-refunded")
            taken = {part[1]: points for part, points in sold.had if part[0] == "taken"}
            self._give_back(sold, taken, entry.business_day)
            self._take_from(sold, dict(sold.given), {})
            self.sold[identity] = sold._replace(is_voided=True)
            return Told("booked")
        now = Counter({("goods", category): fen for category, fen in entry.sums_fen.items()})
        now["money", ""] = entry.money_fen
        now += Counter({("taken", kind): points for kind, points in entry.given_back.items()})
        now += Counter({("given", kind): points for kind, points in entry.taken_back.items()})
        back = Counter(dict(sold.back)) + now
        limit = dict(sold.had) | {("given", kind): points for kind, points in sold.given}
        is_beyond = any(points > limit.get(part, 0) for part, points in back.items())
        if is_beyond or not +now or (entry.awards and sold.is_compensated):
            return quarantined("beyond-sale")
        self._give_back(sold, entry.given_back, entry.business_day)
        unlost, borne = self._take_from(sold, entry.taken_back, entry.ended)
        self.give(entry.id.bytes, entry.member, entry.awards)
        self.sold[identity] = sold._replace(
            back=tuple(sorted(back.items())), is_compensated=sold.is_compensated or bool(entry.awards), unlost=unlost
        )
        return Told("shortfall", "", borne) if borne else Told("booked")

    def _give_back(self, sold: Sold, points: Mapping[str, int], day: str) -> None:
        """Point by point, the last one taken first: what was nobody's, then the lots, the youngest first."""
        for kind, many in points.items():
            taken: list[LotKey | None] = [None] * dict(sold.uncovered).get(kind, 0)
            for key, used in sorted(sold.lots, reverse=True):
                taken += [key] * used if self.lots[key].where[1] == kind else []
            before = dict(sold.back).get(("taken", kind), 0)
            back = [key for key in taken[before : before + many] if key is not None]
            for key in back:
                self._take(key, -1)
            self._pay((sold.member, kind))
            for key in {*back}:
                self._put_off(key, day)

    def _put_off(self, key: LotKey, day: str) -> None:
        lot = self.lots[key]
        if lot.left and lot.ends and lot.ends < day and not lot.is_extended:
            later = date.fromisoformat(day) + timedelta(days=30)
            self.lots[key] = lot._replace(ends=later.isoformat(), is_extended=True)

    def _pay(self, where: Where) -> None:
        """Whatever came back to who owes pays that first."""
        for key, free in list(self._free(where)):
            pays = min(free, self.owed[where])
            self._take(key, pays)
            self.owed[where] -= pays

    def _take_from(
        self, sold: Sold, points: Mapping[str, int], promised: Mapping[str, int]
    ) -> tuple[tuple[tuple[str, int], ...], int]:
        """What had ended is nobody's any more; then what no reservation has, from the sale's own lots first; the rest is owed.

        What of it is not the member's any more, with what was before; and what was `promised` not to be and is, the merchant's.
        """
        unlost, borne = Counter(dict(sold.unlost)), 0
        for kind, many in points.items():
            where = sold.member, kind
            lost = sum(many for key, many in self.lost_lots.items()
                       if key[0] in sold.entries and self.lots[key].where == where)  # fmt: skip
            ended = min(many, lost - unlost[kind])
            unlost[kind] += ended
            bears = max(0, min(many, promised.get(kind, 0)) - ended)
            borne, missing = borne + bears, many - ended - bears
            for key, free in sorted(self._free(where), key=lambda one: one[0][0] not in sold.entries):
                taken = min(missing, free)
                self._take(key, taken)
                missing -= taken
            self.owed[where] += missing
        return tuple(sorted((+unlost).items())), borne

    def _return(self, terminal: str, entry: Returned) -> Told:
        identity, owner = entry.reservation.bytes, (terminal, entry.member)
        one = self.lying.get(identity)
        if owner != ((one.terminal, one.where[0]) if one else self.ended.get(identity, owner)):
            return quarantined("unknown-entry")
        self.end(identity, owner)
        return Told("booked")

    # --- people and days ---------------------------------------------------------------------------------------------

    def expire(self, today: str) -> None:
        """What no reservation holds."""
        for where in {lot.where for lot in self.lots.values()}:
            for key, free in list(self._free(where)):
                if self.lots[key].ends and self.lots[key].ends < today:
                    self._take(key, free)
                    self.lost_lots[key] += free

    def accept_awards(self, sale: Sale, entry: Id) -> bool:
        """What a booked sale gives, under an entry of the ledger's own; not once it was voided, nor by unknown rules.

        As much as its goods have left; not where none of it is left.
        """
        sold = self.sold[sale.id.bytes]
        awards = _left_of(sale.awards, sold)
        if sold.is_voided or sale.programme_version not in self.versions or (sale.awards and not awards):
            return False
        given = self.give(entry, sale.member, awards)
        self.sold[sale.id.bytes] = sold._replace(entries=(*sold.entries, entry), given=given)
        return True

    def give_up(self, terminal: str, entry: MemberEntry) -> None:
        """An entry that is never booked: what was reserved under its id at its terminal goes back."""
        one = self.lying.get(entry.id.bytes)
        if entry.id.bytes not in self.booked and (one is None or one.terminal == terminal):
            self.end(entry.id.bytes, (terminal, entry.member))

    def correct(self, entry: Id, member: str, given: Award | None, taken: Mapping[str, int]) -> int:
        """A person's own words instead of an entry; the shortfall."""
        shortfall = 0
        for kind, points in taken.items():
            covered = min(points, self.available((member, kind)))
            self._use((member, kind), covered, Counter())
            shortfall += points - covered
        if given is not None:
            self.give(entry, member, [given])
        return shortfall


def _left_of(awards: Iterable[Award], sold: Sold) -> list[Award]:
    """Without the share of the goods that are back, rounded down by kind; none, where there were no goods and something is."""
    goods, back = (sum(fen for (what, _), fen in part if what == "goods") for part in (sold.had, sold.back))
    whole: Counter[str] = Counter()
    for award in awards:
        whole[award.kind] += award.points
    gone = {kind: (points * back // goods if goods else points) if sold.back else 0 for kind, points in whole.items()}
    left = []
    for award in awards:
        less = min(award.points, gone[award.kind])
        gone[award.kind] -= less
        if award.points > less:
            left.append(msgspec.structs.replace(award, points=award.points - less))
    return left
