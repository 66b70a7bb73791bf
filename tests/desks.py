"""A till at a desk, without a network: real journal and cache, documents signed by a real key; the ledger is a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from config import data
from local_db.cache import CacheReader, CacheWriter
from local_db.journal import Journal
from points import parse_programme
from protocol import canonical
from protocol.business_days import MIDNIGHT
from protocol.cases import DecideRequest, Decision
from protocol.claims import ClaimAnswer, ClaimRequest
from protocol.documents import (
    AllowancePolicy,
    ApprovalPolicy,
    Document,
    FloorPolicy,
    Product,
    ProgrammeText,
    Role,
    Staff,
    StaffMember,
    StoreSettings,
)
from protocol.feed import Balance, MemberRow
from protocol.floor_table import FloorTable
from protocol.households import DrawRequest, DrawVerdict, Pool, PoolRequest
from protocol.joining import NumberBlock, SealKey
from protocol.member_links import MemberLinkRequest, MemberLinkVerdict
from protocol.ranges import CodeRange
from protocol.reservations import Granted, Reservation, ReserveRequest, Verdict
from protocol.sales import SalesAnswer, SalesRequest
from protocol.signing import KeyCertificate, KeyRing, Signed, key_id, public_bytes, sign
from sync.errors import TransientSyncError
from sync.number_asking import keep_block
from sync.reports import OwnReservation
from till.clock import TillClock
from till.desk import Desk
from till.shifts import Session, open_shift
from till.store import read_store

NOON_US = int(datetime(2026, 9, 15, 12, 0, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1_000_000)
STORE, TERMINAL = "zhongshan", "zhongshan-02"
MEMBER = "1000000001"
FAR_FUTURE_US = 1_900_000_000_000_000

_REFERENCES: dict[str, Literal["receipt", "table", "work-order"]] = {
    "supermarket": "receipt",
    "restaurant": "table",
    "4s": "work-order",
    "later": "receipt",
    "earning": "receipt",
}

_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class ScriptedLedger:
    """The desk's way to the network. `answer` decides; by default nobody answers."""

    def __init__(self) -> None:
        self.answer: Callable[[ReserveRequest], Verdict] | None = None
        self.decides: Callable[[DecideRequest], Decision] | None = None
        self.asked: list[ReserveRequest] = []
        self.given_up: list[UUID] = []
        self.expected: list[UUID] = []
        self.woken = 0
        self.rebuilds = 0
        self.numbers_wanted = 0
        self.wanted: list[str] = []
        self.lying: dict[UUID, OwnReservation] = {}
        self.found: MemberRow | None = None
        self.known_sales: Callable[[SalesRequest], SalesAnswer] | None = None
        self.table: FloorTable | None = None
        self.links: Callable[[MemberLinkRequest], MemberLinkVerdict] | None = None
        self.links_asked: list[MemberLinkRequest] = []
        self.shared = Pool()
        self.claims: Callable[[ClaimRequest], ClaimAnswer] | None = None
        self.claims_asked: list[ClaimRequest] = []
        self.draws: Callable[[DrawRequest], DrawVerdict] | None = None
        self.draws_asked: list[PoolRequest | DrawRequest] = []

    def reserve(self, request: ReserveRequest) -> Verdict:
        self.asked.append(request)
        if self.answer is None:
            raise TransientSyncError("no-answer")
        return self.answer(request)

    def decide(self, request: DecideRequest) -> Decision:
        if self.decides is None:
            raise TransientSyncError("no-answer")
        return self.decides(request)

    def expect(self, reservation: UUID) -> None:
        self.expected.append(reservation)

    def give_up(self, reservation: UUID) -> None:
        self.given_up.append(reservation)

    def look_up(self, by: str, value: str) -> MemberRow | None:
        if self.found is None:
            raise TransientSyncError("no-answer")
        return self.found

    def sales(self, request: SalesRequest) -> SalesAnswer:
        if self.known_sales is None:
            raise TransientSyncError("no-answer")
        return self.known_sales(request)

    def link_member(self, request: MemberLinkRequest) -> MemberLinkVerdict:
        self.links_asked.append(request)
        if self.links is None:
            raise TransientSyncError("no-answer")
        return self.links(request)

    def pool(self, request: PoolRequest) -> Pool:
        self.draws_asked.append(request)
        if self.draws is None:
            raise TransientSyncError("no-answer")
        return self.shared

    def draw(self, request: DrawRequest) -> DrawVerdict:
        self.draws_asked.append(request)
        if self.draws is None:
            raise TransientSyncError("no-answer")
        return self.draws(request)

    def claim(self, request: ClaimRequest) -> ClaimAnswer:
        self.claims_asked.append(request)
        if self.claims is None:
            raise TransientSyncError("no-answer")
        return self.claims(request)

    def floor_table(self) -> FloorTable:
        if self.table is None:
            raise TransientSyncError("no-answer")
        return self.table

    def wake(self) -> None:
        self.woken += 1

    def want_allowances(self, shift: str, *, at_once: bool = False) -> None:
        self.wanted.append(f"{shift} at once" if at_once else shift)

    def want_numbers(self) -> None:
        self.numbers_wanted += 1

    def allowances(self) -> list[OwnReservation]:
        return list(self.lying.values())

    def allowance_gone(self, allowance: UUID) -> None:
        self.lying.pop(allowance, None)

    def rebuild(self) -> None:
        self.rebuilds += 1


def grants(request: ReserveRequest) -> Verdict:
    """A ledger that says yes."""
    return Granted(
        reservation=Reservation(
            id=request.id, terminal=TERMINAL, member=request.member, kind=request.kind, points=request.points,
            granted_at=NOON_US, position=1,
        )
    )  # fmt: skip


@dataclass
class Clocks:
    """Wall and monotonic time, in the hands of a test."""

    wall_us: int = NOON_US
    mono_us: int = 5_000_000

    def pass_s(self, seconds: float) -> None:
        self.wall_us += int(seconds * 1_000_000)
        self.mono_us += int(seconds * 1_000_000)


@dataclass
class TestDesk:
    """A desk and the strings that a test pulls."""

    __test__ = False

    desk: Desk
    ledger: ScriptedLedger
    clocks: Clocks
    cache: CacheWriter
    working_key: Ed25519PrivateKey
    manager: Session
    closing: list[Callable[[], None]] = field(default_factory=list)
    root: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seal_key: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    """What opens the personal data of who joins here."""

    def give_numbers(self, *numbers: str) -> None:
        """For members who join, as the ledger gives them in advance."""
        public = self.seal_key.public_key().public_bytes_raw()
        signed = sign("seal", SealKey(key=key_id(public), public=public), self.root)
        keep_block(self.desk.journal, NumberBlock(terminal=self.desk.terminal, numbers=numbers, seal=signed))

    def put_members(self, *rows: MemberRow) -> None:
        self.cache.apply(rows, {}, set(), self.clocks.wall_us)
        self.desk.seen_until(self.clocks.wall_us)

    def close(self) -> None:
        for close in reversed(self.closing):
            close()


def member_row(member: str = MEMBER, points: int = 1_250, position: int = 10, **changes: Any) -> MemberRow:
    """A member with points of the kind `points`."""
    row = MemberRow(member=member, position=position, name="张*丰", last4="1234", tier="gold",
                    balances={"points": Balance(available=points)})  # fmt: skip
    return msgspec.structs.replace(row, **changes)


def make_desk(
    folder: Path,
    *,
    industry: str = "supermarket",
    floor: FloorPolicy | None = None,
    members: Sequence[MemberRow] = (),
    usual_amount_fen: int = 0,
    static_daily_points: int = 0,
    allowance: AllowancePolicy | None = None,
    is_clock_trusted: bool = True,
    day_ends: str = MIDNIGHT,
    member_page: str = "",
    households: bool = False,
    approvals: ApprovalPolicy | None = None,
    claim_days: int = 0,
    ranges: tuple[CodeRange, ...] = (),
    products: Sequence[Product] = (),
    at_us: int = NOON_US,
    store_name: str = "中山路店",
    terminal: str = TERMINAL,
) -> TestDesk:
    """A desk of an invented store, at noon unless told otherwise, with a shift open."""
    root, working = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = public_bytes(working)
    certificate = KeyCertificate(key=key_id(public), public=public, valid_from=0, valid_until=FAR_FUTURE_US)
    ring = KeyRing(public_bytes(root), (sign("key", certificate, root),))
    writer = CacheWriter.open(folder / "cache-1.db")
    documents = documents_of(
        working, industry, floor, usual_amount_fen, static_daily_points, allowance, day_ends, member_page, store_name,
        households=households, approvals=approvals, claim_days=claim_days,
        ranges=ranges,
    )  # fmt: skip
    writer.put_documents(documents, list(products), len(documents))
    writer.apply(members, {}, set(), at_us)
    journal = Journal.open(folder)
    clocks, ledger = Clocks(at_us), ScriptedLedger()
    clock = TillClock(wall_ns=lambda: clocks.wall_us * 1000, mono_ns=lambda: clocks.mono_us * 1000, boot="boot-1")
    if is_clock_trusted:
        clock.heard(0)
    desk = Desk(
        folder=folder, terminal=terminal, terminal_name="02号机", key=Ed25519PrivateKey.generate(), keys=ring,
        journal=journal, clock=clock, ledger=ledger,
    )  # fmt: skip
    reader = CacheReader.open(folder / "cache-1.db")
    desk.use_cache(reader, read_store(reader.documents(), ring, STORE))
    session = open_shift(desk, Session("1001", "赵敏", ("manager", "supervisor", "cashier")))
    return TestDesk(desk, ledger, clocks, writer, working, session, [writer.close, journal.close, reader.close], root)


def documents_of(
    key: Ed25519PrivateKey,
    industry: str = "supermarket",
    floor: FloorPolicy | None = None,
    usual_amount_fen: int = 0,
    static_daily_points: int = 0,
    allowance: AllowancePolicy | None = None,
    day_ends: str = MIDNIGHT,
    member_page: str = "",
    store_name: str = "中山路店",
    *,
    households: bool = False,
    approvals: ApprovalPolicy | None = None,
    claim_days: int = 0,
    ranges: tuple[CodeRange, ...] = (),
) -> list[tuple[Document, Signed]]:
    """Settings, programme and staff of the invented store, signed by the working key `key`.

    The programme is the sample of that name, or `later.toml` or `earning.toml` beside this file.
    """
    beside = Path(__file__).with_name(f"{industry}.toml")
    file = beside if beside.exists() else data("programmes") / f"{industry}.toml"
    programme = parse_programme(file.read_bytes(), file.name)
    settings = StoreSettings(
        store=STORE, name=store_name, merchant=programme.merchant, merchant_name="青穗超市", industry=industry,
        programme=programme.id, floor=floor or FloorPolicy(), usual_amount_fen=usual_amount_fen,
        static_daily_points=static_daily_points, reference=_REFERENCES.get(industry, "receipt"),
        allowance=allowance or AllowancePolicy(), day_ends=day_ends, member_page=member_page, households=households,
        approvals=approvals or ApprovalPolicy(),
        claim_days=claim_days, ranges=ranges,
    )  # fmt: skip
    text = ProgrammeText(programme=programme.id, version=programme.version, engine=programme.engine,
                         document=canonical.encode(programme.to_document()).decode())  # fmt: skip
    roles: dict[str, tuple[Role, ...]] = {
        "1023": ("cashier",),
        "1001": ("manager", "supervisor", "cashier"),
        "1090": ("technician",),
    }
    names = {"1023": "王芳", "1001": "赵敏", "1090": "周强"}
    staff = Staff(store=STORE, staff=tuple(
        StaffMember(staff=number, name=names[number], roles=held, pin_hash=_HASHER.hash(number))
        for number, held in roles.items()
    ))  # fmt: skip
    contents = (("store", STORE, settings), ("programme", programme.id, text), ("staff", STORE, staff))
    return [_signed(key, kind, id_, number, content) for number, (kind, id_, content) in enumerate(contents, start=1)]


def _signed(key: Ed25519PrivateKey, kind: Any, id_: str, number: int, content: Any) -> tuple[Document, Signed]:
    document = Document(kind=kind, id=id_, number=number, valid_until=FAR_FUTURE_US,
                        content=msgspec.Raw(canonical.encode(content)))  # fmt: skip
    return document, sign("document", document, key)


def payloads(desk: Desk) -> list[dict[str, Any]]:
    """What the journal says, entry by entry."""
    return [json.loads(row.payload) for row in desk.journal.entries(1, 1_000)]
