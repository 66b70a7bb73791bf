"""Documents that the ledger signs for a store: what it is, who works there, what its programme and its products are.

Each carries a rising `number` over the whole ledger and a `valid_until`, past which a till earns and does not redeem. The
newest of a (kind, id) replaces the ones before it.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from protocol.business_days import DEFAULT_ZONE, MIDNIGHT, Calendar, DayEnd
from protocol.canonical import Count, Micros, Model, Name, Positive, Settled, Text
from protocol.look_up import LookUpKey
from protocol.ranges import CodeRange
from protocol.signing import Signed

Role = Literal["cashier", "supervisor", "manager", "technician", "operator"]


class FloorPolicy(Settled, kw_only=True):
    """What a merchant signed for: redemptions that nobody reserved, each bound by the sum not yet booked (DESIGN 4)."""

    per_redemption: Count = 0
    per_member: Count = 0
    per_terminal: Count = 0
    balance_age_s: Count = 86_400
    """Oldest balance on which it may stand."""
    signed_by: Text = ""
    """Who switched it on for the merchant, with its table before his eyes; empty where a file did."""
    signed_at: Micros = 0


class AllowancePolicy(Settled, kw_only=True):
    """Points that a till may hold for an outage, reserved in advance (DESIGN 4). `per_member` 0: none."""

    per_member: Count = 0
    members: Count = 500
    """At most so many have one at a till, those who redeemed here last first."""
    days: Count = 90
    """Who has not redeemed here for so long gets none."""


class ApprovalPolicy(Settled, kw_only=True):
    """What a store keeps from a cashier alone (主管授权), and how much of it one shift of a till allows, with a network or
    without: PINs on a stolen disk are found within hours. Points of every kind, vouchers by what they are worth."""

    redemption_points: Count = 0
    """A redemption of more asks for approval; 0: none does."""
    floor_points: Count = 0
    """Approved, a redemption on the floor may take so many instead of `floor.per_redemption`; 0: none may."""
    void_minutes: Count = 0
    """A void so long after its sale asks for approval; 0: none does."""
    late_credit_days: Count = 0
    """How many days ago a sale without its member may have been to be credited now; 0: none is."""
    late_credit_points: Count = 2_000
    """At most so many for one."""
    manual_points: Count = 0
    """At most so many by hand at once; 0: none are given."""
    acts_per_shift: Count = 20
    points_per_shift: Count = 10_000


class StoreSettings(Settled, kw_only=True):
    """One store of one merchant."""

    store: Name
    name: Text
    merchant: Name
    merchant_name: Text
    industry: Name
    """A label such as supermarket, hotel, 4s: nothing in the software depends on it."""
    programme: Name
    look_ups: tuple[LookUpKey, ...] = ("phone", "member")
    reference: Literal["receipt", "table", "work-order"] = "receipt"
    """What the external reference of a sale is called here."""
    usual_amount_fen: Count = 0
    """About the largest amount that is usual here; far above it the till asks once more. 0: never asks."""
    static_daily_points: Count = 0
    """What a static code may redeem in a day (0: it earns only)."""
    floor: FloorPolicy = FloorPolicy()
    allowance: AllowancePolicy = AllowancePolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    member_page: Text = ""
    """Where a member's phone reaches the ledger's page, as https://p.example.com; empty: there is none."""
    joining: Count = 100
    """So many numbers for new members lie ready at each till; 0: its tills make no members."""
    households: bool = False
    """Whether the counters here offer to draw from a member's household; that there are any the ledger decides."""
    claim_days: Count = 0
    """自助积分: for how many days the points of a sale without a member can be claimed with its receipt. 0: no such sale is
    recorded."""
    tutorial_required: bool = False
    """Whether a supervisor approves each redemption of a cashier who has not passed the tutorial."""
    ranges: tuple[CodeRange, ...] = ()
    time_zone: Name = DEFAULT_ZONE
    day_ends: DayEnd = MIDNIGHT
    """When a business day ends, by the clock on the wall: 05:00 where guests stay past midnight."""

    @property
    def calendar(self) -> Calendar:
        """Which business day a moment belongs to here."""
        return Calendar(self.time_zone, self.day_ends)


class ProgrammeText(Model, kw_only=True):
    """A programme as `points` reads it: canonical JSON of its document."""

    programme: Name
    version: Positive
    engine: Positive
    document: str


AttributeName = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,47}(?!\n)$")]
Attributes = dict[AttributeName, Count]
"""What rules go by, of one piece: `{"kwh-year": 30, "litres-year": 2000, "energy-grade": 1}`."""


class Product(Model, kw_only=True):
    """A product that can be scanned into a basket."""

    code: Name
    name: Text
    category: Name
    price_fen: Count
    attributes: Attributes = {}


class Products(Model, kw_only=True):
    """The price list of a merchant."""

    merchant: Name
    products: tuple[Product, ...]


class StaffMember(Model, kw_only=True):
    """Who may sign in, by 工号; the PIN's Argon2id hash is checked at the till, offline too."""

    staff: Name
    name: Text
    roles: tuple[Role, ...]
    pin_hash: str
    member: str = ""
    """His own member number, where it is known: he books nothing for himself."""
    tutorial_at: Micros = 0
    """When he passed the tutorial, as the ledger knows it; 0: not yet."""


class Staff(Model, kw_only=True):
    """All who work in a store."""

    store: Name
    staff: tuple[StaffMember, ...]


class HotList(Model, kw_only=True):
    """Members with whom nothing may be redeemed offline, whatever their row says."""

    members: tuple[Name, ...]


class Suspension(Model, kw_only=True):
    """A merchant or a programme that is stopped: its tills neither earn nor redeem. `suspended_at` 0: it goes on."""

    what: Literal["merchant", "programme"]
    id: Name
    suspended_at: Micros = 0


class Document(Model, kw_only=True):
    """The envelope: which document this is, its number, and until when it may be relied on."""

    kind: Literal["store", "programme", "products", "staff", "hot-list", "suspension"]
    id: Name
    number: Positive
    valid_until: Micros
    content: msgspec.Raw


class DocumentsAnswer(Model, kw_only=True):
    """All documents of a store above a number, rising, each `Signed` with purpose `document`; and all key certificates."""

    documents: tuple[Signed, ...] = ()
    certificates: tuple[Signed, ...] = ()
    newest: Count = 0
