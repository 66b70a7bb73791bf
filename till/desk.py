"""What every use case at the counter needs, put together once by the composition root."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from local_db.cache import CachedMember, CacheReader
from local_db.journal import Draft, Journal, Row
from protocol.business_days import Calendar
from protocol.cases import DecideRequest, Decision
from protocol.chain import Head, genesis
from protocol.claims import ClaimAnswer, ClaimRequest
from protocol.feed import MemberRow
from protocol.floor_table import FloorTable
from protocol.households import DrawRequest, DrawVerdict, Pool, PoolRequest
from protocol.ids import bucket_of, new_id
from protocol.look_up import LookUpKey
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.reservations import ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from protocol.signing import KeyRing, public_bytes
from protocol.training import is_training
from sync.reports import OwnReservation
from till.clock import TillClock
from till.errors import RefusedError
from till.marking import marked
from till.receipts import Receipt
from till.store import Store

_SUSPENDED: Final = {"": "", "merchant": "merchant-suspended", "programme": "programme-suspended"}


class Ledger(Protocol):
    """The little that the counter asks of the network itself; everything else happens behind it."""

    def reserve(self, request: ReserveRequest) -> Verdict:
        """One bounded call. Raises a `sync` error when nobody answered."""
        ...

    def decide(self, request: DecideRequest) -> Decision:
        """What is decided about an entry that waits. Raises a `sync` error when nobody answered, or the ledger refuses."""
        ...

    def expect(self, reservation: UUID) -> None:
        """A member's phone may ask for this reservation: until an entry names it, or it is given up, it is not returned."""
        ...

    def give_up(self, reservation: UUID) -> None:
        """The sale that asked for this reservation will not be: if it was granted, it goes back."""
        ...

    def look_up(self, by: LookUpKey, value: str) -> MemberRow | None:
        """A member by phone, plate or number. Raises a `sync` error when nobody answered."""
        ...

    def sales(self, request: SalesRequest) -> SalesAnswer:
        """Sales of the merchant, with what came back of them. Raises a `sync` error when nobody answered."""
        ...

    def link_member(self, request: MemberLinkRequest) -> MemberLinkVerdict:
        """A link to the member's page, or why not. Raises a `sync` error when nobody answered, or the ledger refuses."""
        ...

    def pool(self, request: PoolRequest) -> Pool:
        """What the member's household shares. Raises a `sync` error when nobody answered, or he is in none."""
        ...

    def draw(self, request: DrawRequest) -> DrawVerdict:
        """Points from the pool, or why not. Raises a `sync` error when nobody answered, or the ledger refuses."""
        ...

    def claim(self, request: ClaimRequest) -> ClaimAnswer:
        """The points of a receipt for a member, or why not. Raises a `sync` error when nobody answered, or it is refused."""
        ...

    def floor_table(self) -> FloorTable:
        """What redeeming in an outage would cost this store. Raises a `sync` error when nobody answered."""
        ...

    def wake(self) -> None:
        """There is something to push."""
        ...

    def want_allowances(self, shift: str, *, at_once: bool = False) -> None:
        """Points are wanted for an outage: asked for in the background, at its own pace unless `at_once`."""
        ...

    def want_numbers(self) -> None:
        """Numbers for new members are wanted: asked for in the background, at its own pace."""
        ...

    def allowances(self) -> Sequence[OwnReservation]:
        """Those of this till, as the feed showed them last."""
        ...

    def allowance_gone(self, allowance: UUID) -> None:
        """It is at this till no more."""
        ...

    def rebuild(self) -> None:
        """The cache cannot be read: a new one is wanted."""
        ...


class Awaited(NamedTuple):
    """A redemption that a member may allow on his phone, under the `id` that its sale will carry (`till.authorising`)."""

    id: UUID
    kind: str
    points: int
    text: str
    """For the QR that his phone reads."""


@dataclass
class Desk:
    """A till at work: its files, its clock, its keys, its store."""

    folder: Path
    terminal: str
    terminal_name: str
    key: Ed25519PrivateKey
    keys: KeyRing
    journal: Journal
    clock: TillClock
    ledger: Ledger
    random_bits: Callable[[int], int] = secrets.randbits
    """So many random bits, as a whole number: for ids."""
    asked: dict[str, UUID] = field(default_factory=dict)
    """Nonces of dynamic codes that went to the ledger, and the sale they were sent for: there they belong to it for ever."""
    given: dict[str, int] = field(default_factory=dict)
    """Of rewards with a stock, how many were given or reserved when the ledger said so last."""
    closed_shifts: set[str] = field(default_factory=set)
    """Closed since the program started: who is still signed in to one does nothing more in it."""
    shift: str | None = None
    """The one that is open, empty for none; None: nobody has asked the journal yet (`till.shifts.current_shift`)."""
    serving: str = ""
    """The member on the screen: what was called back of him goes back after his sale."""
    drawing: set[UUID] = field(default_factory=set)
    """Allowances that a redemption is about to draw on; changed and looked at under `journal.alone()`."""
    awaited: dict[str, Awaited] = field(default_factory=dict)
    """By member: each is asked for one redemption at a time."""
    ended: str = ""
    """Why nothing more is appended to this chain (`sync.errors.ENDING`); empty while the terminal is at work."""
    _store: Store | None = None
    _cache: CacheReader | None = None
    _as_of_us: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._genesis = genesis(self.terminal, public_bytes(self.key))

    @property
    def store(self) -> Store:
        """Raises `RefusedError("no-programme")` until the ledger's documents have arrived."""
        if self._store is None:
            raise RefusedError("no-programme")
        return self._store

    @property
    def is_training(self) -> bool:
        """Whether all that is done here is training."""
        return is_training(self.terminal)

    @property
    def is_ready(self) -> bool:
        """Whether there is a store to sell in."""
        return self._store is not None

    @property
    def calendar(self) -> Calendar:
        """Of the store; until its settings are here, of the coalition."""
        return self._store.settings.calendar if self._store else Calendar()

    @property
    def business_day(self) -> str:
        """The store's day now, as YYYY-MM-DD."""
        return self.calendar.day(self.clock.now_us()).isoformat()

    def cache(self) -> CacheReader:
        """The current cache. Raises `RefusedError("cache-rebuilding")` while there is none."""
        cache = self._cache
        if cache is None:
            raise RefusedError("cache-rebuilding")
        return cache

    def as_of_us(self) -> int | None:
        """Until when the cached rows are known to be the newest; a row that is held back is older (`cached_member`)."""
        return self._as_of_us

    def cached_member(self, member: str) -> CachedMember | None:
        """A member's row and until when it is known to be the newest. Raises `RefusedError("cache-rebuilding")`."""
        as_of_us = self._as_of_us  # before the row: no row may seem younger than it is
        found = self.cache().cached_member(member)
        return found._replace(as_of_us=as_of_us) if found is not None and found.as_of_us is None else found

    def use_cache(self, cache: CacheReader | None, store: Store | None) -> None:
        """Switch to another cache file; the old connection is closed by who opened it."""
        with self._lock:
            self._cache = cache
            if store is not None:
                self._store = store
            as_of = cache.fact("as_of") if cache else None
            self._as_of_us = int(as_of) if as_of else self._as_of_us

    def seen_until(self, as_of_us: int) -> None:
        """The rows are known to be the newest until now, though none has changed."""
        self._as_of_us = max(as_of_us, self._as_of_us or 0)

    def need_open(self, shift: str) -> None:
        """Raises `RefusedError("no-shift")` for no shift, and for one that was closed while somebody was signed in to it.

        Of a terminal that has ended: the code of why.
        """
        self._need_at_work()
        if not shift or shift in self.closed_shifts:
            raise RefusedError("no-shift")

    @property
    def has_rules_in_force(self) -> bool:
        """Whether the store's rules are young enough to redeem by."""
        return self.clock.now_us() <= self.store.redeems_until_us

    @property
    def rules_trouble(self) -> str:
        """What is wrong with the store's rules, as a code: suspended, too old to redeem by, or in need of a newer program."""
        if not self.is_ready:
            return ""
        if self.suspended:
            return self.suspended
        if not self.has_rules_in_force:
            return "programme-outdated"
        return "engine-unknown" if self.store.newer_programme_engine else ""

    def need_rules_in_force(self) -> None:
        """Raises `RefusedError("programme-outdated")`."""
        if not self.has_rules_in_force:
            raise RefusedError("programme-outdated")

    @property
    def suspended(self) -> str:
        """Why this store neither earns nor redeems, as a code; empty where it does."""
        return _SUSPENDED[self._store.suspended] if self._store else ""

    def need_not_suspended(self) -> None:
        """Raises `RefusedError("merchant-suspended")` or `RefusedError("programme-suspended")`."""
        if why := self.suspended:
            raise RefusedError(why)

    def new_id(self, at_us: int, holder: str) -> UUID:
        """A new id in the bucket of `holder`: a member, or this terminal where an entry has none."""
        return new_id(at_us // 1000, bucket_of(holder), self.random_bits(64))

    def append(self, draft: Draft) -> Row:
        """Append to the journal, durable on return; then let the background know. Raises `RefusedError` once it has ended.

        In training each entry is marked here, where all of them pass.
        """
        self._need_at_work()
        draft = marked(draft) if self.is_training else draft
        row = self.journal.append(draft, self.terminal, self._genesis, self.key.sign)
        self.clock.wrote(draft.occurred_at)
        self.ledger.wake()
        return row

    def let_go(self, member: str, but: UUID | None = None) -> None:
        """Nothing is awaited of the member's phone any more; what he still allows goes back, `but` for a sale that took it."""
        awaited = self.awaited.pop(member, None)
        if awaited is not None and awaited.id != but:
            self.ledger.give_up(awaited.id)

    def was_returned(self, member: str, reservation: UUID) -> None:
        """Nobody waits for it any more. Threads of their own return, ask and sell: no one walks over `awaited`."""
        awaited = self.awaited.get(member)
        if awaited is not None and awaited.id == reservation:
            self.awaited.pop(member, None)

    def _need_at_work(self) -> None:
        if self.ended:
            raise RefusedError(self.ended)

    def stamp(self, receipt: Receipt, row: Row) -> Receipt:
        """The receipt with the seq and the short code of the head that its entry made."""
        head = Head(terminal=self.terminal, seq=row.seq, hash=row.hash.hex())
        return msgspec.structs.replace(receipt, seq=row.seq, code=head.short_code, training=self.is_training)

    @property
    def genesis(self) -> bytes:
        """Where this terminal's chain begins."""
        return self._genesis
