"""A desk without its background: what a sale costs by itself. The journal, the cache and the store are the real ones."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from local_db.cache import CacheReader
from local_db.connections import till_lock
from local_db.journal import Journal
from points import BasketLine
from protocol.cases import DecideRequest, Decision
from protocol.claims import ClaimAnswer, ClaimRequest
from protocol.codes import member_code
from protocol.feed import MemberRow
from protocol.floor_table import FloorTable
from protocol.households import DrawRequest, DrawVerdict, Pool, PoolRequest
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.reservations import ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from sync.cache_files import FACT
from sync.errors import TransientSyncError
from sync.identity import load_identity, load_key
from sync.reports import OwnReservation
from till.clock import TillClock
from till.desk import Desk
from till.draft import SaleDraft
from till.receipts import Receipt
from till.scanning import MemberIdentified, scan
from till.selling import commit_sale
from till.shifts import Session, open_shift
from till.store import read_store

LINES = tuple(
    BasketLine(category, fen, product=str(6_900_000_000_000 + place), name="测量商品", quantity=1)
    for place, (category, fen) in enumerate(
        [
            ("fresh", 12_80),
            ("fresh", 4_50),
            ("grocery", 39_90),
            ("drinks", 18_00),
            ("household", 24_90),
            ("general", 9_90),
        ]
    )
)
"""A basket of six lines, about the middle of the real ones."""


class OutOfReach:
    """The desk's way to a ledger when the plug is out."""

    def reserve(self, request: ReserveRequest) -> Verdict:
        raise TransientSyncError("unplugged", str(request.id))

    def decide(self, request: DecideRequest) -> Decision:
        raise TransientSyncError("unplugged", str(request.seq))

    def expect(self, reservation: object) -> None:
        """Nobody will tell of it."""

    def give_up(self, reservation: object) -> None:
        """Nobody was asked."""

    def look_up(self, key: str, value: str) -> MemberRow | None:
        raise TransientSyncError("unplugged", f"{key} {value}")

    def sales(self, request: SalesRequest) -> SalesAnswer:
        raise TransientSyncError("unplugged", request.value)

    def link_member(self, request: MemberLinkRequest) -> MemberLinkVerdict:
        raise TransientSyncError("unplugged", str(request.id))

    def pool(self, request: PoolRequest) -> Pool:
        raise TransientSyncError("unplugged", request.member)

    def draw(self, request: DrawRequest) -> DrawVerdict:
        raise TransientSyncError("unplugged", str(request.id))

    def claim(self, request: ClaimRequest) -> ClaimAnswer:
        raise TransientSyncError("unplugged", request.member)

    def floor_table(self) -> FloorTable:
        raise TransientSyncError("unplugged")

    def wake(self) -> None:
        """Nobody to wake."""

    def want_numbers(self) -> None:
        """Nobody joins here."""

    def want_allowances(self, shift: str, *, at_once: bool = False) -> None:
        """Nobody to ask."""

    def allowances(self) -> list[OwnReservation]:
        return []

    def allowance_gone(self, allowance: object) -> None:
        """There is none."""

    def rebuild(self) -> None:
        """Nobody to do it."""


@contextmanager
def open_desk(folder: Path) -> Iterator[tuple[Desk, Session]]:
    """The till in `folder` with a shift open."""
    with till_lock(folder), closing(Journal.open(folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        clock = TillClock()
        clock.heard(0)
        ring = identity.ring()
        desk = Desk(
            folder=folder, terminal=identity.terminal, terminal_name=identity.name, key=load_key(folder), keys=ring,
            journal=journal, clock=clock, ledger=OutOfReach(),
        )  # fmt: skip
        with closing(CacheReader.open(folder / (journal.fact(FACT) or ""))) as cache:
            desk.use_cache(cache, read_store(cache.documents(), ring, identity.store))
            yield desk, open_shift(desk, Session("1001", "赵敏", ("manager", "supervisor", "cashier")))


_references = itertools.count(1)


def sell(desk: Desk, session: Session, member: str) -> Receipt:
    """One sale as the counter makes it: scan, basket, reference, commit."""
    draft = SaleDraft(lines=LINES, reference=f"{desk.terminal}-{next(_references):09d}", amount_confirmed=True)
    found = scan(desk, member_code(member), draft)
    assert isinstance(found, MemberIdentified)
    return commit_sale(desk, session, draft.with_member(found.member, found.proof))


def copy_of(folder: Path, into: Path) -> Path:
    """The same till in another folder: nobody may have it open."""
    return Path(shutil.copytree(folder, into, dirs_exist_ok=True))
