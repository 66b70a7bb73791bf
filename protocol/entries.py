"""What happened at a till, as it goes into the journal and, byte for byte, to the ledger.

One entry is one fact. A sale carries what it earned and what it redeemed together: points and sale are never two records
that could part ways (odoo#108240). The terminal and the seq are not in the payload but in the chain over it. A kind of entry
never changes: a new form gets a new `type` beside it, and both are read for ever.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from protocol import canonical
from protocol.canonical import Count, Micros, Model, Name, Positive, Text, Whole
from protocol.errors import NotCanonicalError, UnreadableEntryError

MAX_PAYLOAD_BYTES = 16 * 1024
"""A sale with 400 categories stays far below; anything larger is not a sale."""

_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
Day = Annotated[str, msgspec.Meta(pattern=f"^{_DATE}(?!\n)$")]
DayOrNever = Annotated[str, msgspec.Meta(pattern=f"^({_DATE})?(?!\n)$")]
Authority = Literal["allowance", "online", "authorised", "floor"]
Identified = Literal["code", "dynamic", "card", "lookup", "none"]
Proof = Literal["dynamic", "pin", "authorisation", "voucher", "static"]
Approvable = Literal["redemption", "floor", "void", "late-credit", "manual-points", "tutorial"]
"""What a store may keep from a cashier alone: points above its limit, the floor above its bound, a void that comes late, points
for a sale that had no member, points by hand."""
ApprovalReason = Literal["asked", "mistake", "no-code", "complaint", "campaign", "fault", "other"]

_CONTROL_ESCAPE = re.compile(rb'(?<!\\)(?:\\\\)*\\[^"\\]')
"""Canonical JSON escapes nothing but quotes, backslashes and control characters."""


class Clock(Model, kw_only=True):
    """What the till's clocks said: they may lie, so all of them are kept (DESIGN, promise 8)."""

    wall: Micros
    boot: Name
    mono_us: Count
    offset_us: Whole = 0
    """Last known ledger time minus wall time."""


class Header(Model, tag_field="type", kw_only=True):
    """What every entry says. `occurred_at` is till time: wall + offset, never before the journal's last entry."""

    id: UUID
    store: Name
    occurred_at: Micros
    business_day: Day
    shift: str = ""
    by: str = ""
    """Who is signed in, by 工号."""
    clock: Clock
    training: bool = False
    """Made by a training terminal (`protocol.training`): the books refuse it, whoever sends it."""


class Approval(Model, kw_only=True):
    """主管授权: who allowed, on the spot, what a cashier may not do alone. It is inside the act that it allows."""

    by: Name
    """By 工号."""
    how: Literal["pin", "card", "self"]
    """He typed his PIN; scanned his card and typed his PIN; or it is he who is signed in (`by` of the header)."""
    allows: Annotated[tuple[Approvable, ...], msgspec.Meta(min_length=1, max_length=5)]
    reason: ApprovalReason
    words: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """In his own words; no name and no number of anybody, which the till refuses."""


class Award(Model, kw_only=True):
    """Points of one kind given; `expires_on` is empty for points that never expire."""

    kind: Name
    points: Positive
    expires_on: DayOrNever = ""
    gained: dict[str, Positive] = {}
    """Of the points, those that a campaign added of which one member gains so many and no more, by its id."""


class Appointment(Model, kw_only=True):
    """When a service is given, by the store's civil time, and by whom, by 工号."""

    at: Annotated[str, msgspec.Meta(pattern=f"^{_DATE}T([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$")]
    by: Name


class Redemption(Model, kw_only=True):
    """A reward taken: its cost, what it took off the bill, and the evidence for it."""

    reward: Name
    kind: Name
    points: Positive
    off_bill_fen: Count
    """What it took off this bill, the tender line 积分抵扣: nothing for an item."""
    authority: Authority
    proof: Proof
    nonce: str = ""
    """Of the code that proved the member, a dynamic one or a voucher's: it belongs to this one sale for ever."""
    reservation: UUID | None = None
    """The allowance that it draws on, after the reservation with the sale's own id and before anything else."""
    own: bool = False
    """Its reward is for points that this merchant gave, alone or first: those are taken first."""
    others: Count = 0
    """Of the points, those that the ledger counted against what its reward takes of other merchants' in a month."""
    cash_fen: Count = 0
    """What is paid beside the points: the sale's `due_fen` has it, `gross_fen` has not."""
    gives: str = ""
    units: Count = 0
    """Of another kind, issued for a later visit: they are among the sale's awards."""
    appointment: Appointment | None = None
    """Of the service that the voucher is for."""


class Sale(Header, tag="sale", kw_only=True):
    """A sale of a member. Its `id` is also the id of the reservation that it asked for, if it asked for one."""

    member: Name
    identified: Identified = "code"
    reference: Text = ""
    """小票号, 工单号: unique per store, where there is one."""
    table: Text = ""
    """桌号: where they sat. A place and no number: it earns as often as somebody sits there."""
    gross_fen: Count
    due_fen: Count
    sums_fen: dict[str, Count] = {}
    """What each category brought in before discounts; basket lines stay at the till."""
    units: dict[str, Count] = {}
    """What the programme's rules measure beside money, by the names of `points.measures`: pieces, attributes."""
    others_fen: dict[str, Count] = {}
    """What others than the member paid of the gross, by the payer's code in the programme."""
    programme: Name
    programme_version: Positive
    engine: Positive
    tier: str = ""
    held: dict[str, Whole] = {}
    """Points of each kind when the member was identified: a fact that the quote stands on."""
    counts: dict[str, Count] = {}
    """What rules with a memory were told of him, by the names of `points.counts`: facts that the quote stands on as well."""
    position: Count = 0
    """Of the member's row that the till showed."""
    awards: tuple[Award, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
    activities: tuple[Name, ...] = ()
    """What the member finished with it, by its code in the programme: a questionnaire, a training."""
    claim_until: DayOrNever = ""
    """Of a sale without a member, whose number is that of a claim (`protocol.claims`): the last day on which somebody can claim
    its points."""
    approval: Approval | None = None


class LateCredit(Sale, tag="late-credit", kw_only=True):
    """补积分: points for a sale that had no member, under its reference and by the rules of its day. It takes nothing; its
    money was paid then. Whoever claims a reference first has it, this or a sale."""

    sold_on: Day


class ManualPoints(Sale, tag="manual-points", kw_only=True):
    """手工加分: points by hand, one award, of a sale of nothing. No rule counts it."""


class Void(Header, tag="void", kw_only=True):
    """A sale of the same shift taken back whole, points in both directions."""

    member: Name
    voids: UUID
    reason: Text = ""
    approval: Approval | None = None


class Refund(Header, tag="refund", kw_only=True):
    """Goods of a sale come back, all or some, in this shift or later, at any till of the merchant.

    What the till reckoned stands; the ledger sees that all refunds of a sale together are no more than the sale.
    """

    member: Name
    refunds: UUID
    reason: Text = ""
    sums_fen: dict[str, Count] = {}
    """What comes back per category, before discounts."""
    money_fen: Count = 0
    """What the cash register pays back."""
    given_back: dict[str, Positive] = {}
    """Points by kind that the sale took, and the member gets."""
    taken_back: dict[str, Positive] = {}
    """Points by kind that the sale gave, and the member loses."""
    uncovered: dict[str, Positive] = {}
    """Of those given back: what nobody had covered when they were taken, as the till was told. It goes to the merchant."""
    ended: dict[str, Positive] = {}
    """Of those taken back: what had ended unused, as the ledger told the till. The member lost it then, and not again."""
    programme: str = ""
    programme_version: Count = 0
    engine: Count = 0
    compensation: str = ""
    """The reason for `awards`, as the programme names it; these four are left out where nothing is added."""
    awards: tuple[Award, ...] = ()


class Joined(Header, tag="joined", kw_only=True):
    """Somebody became a member at this till, under a number that it was given in advance. He owns no points by it.

    `sealed`: a `protocol.joining.NewMember` for the key `key` and this `member` alone; nobody at the till can read it again.
    """

    member: Name
    key: Name
    sealed: Annotated[bytes, msgspec.Meta(max_length=1_024)]
    agreed_to: Name
    """Which sentence he agreed to (`protocol.joining.WORDS`)."""


class Returned(Header, tag="returned", kw_only=True):
    """A reservation that this till will never use (again)."""

    member: Name
    reservation: UUID


class ShiftTotals(Model, kw_only=True):
    """What a shift report says, frozen at closing, and of one cashier when he hands over. Points are by kind."""

    sales: Count = 0
    voids: Count = 0
    refunds: Count = 0
    refunded_fen: Count = 0
    """Money that went back, and points below; the sales stay counted as they were."""
    given_back: dict[str, Count] = {}
    taken_back: dict[str, Count] = {}
    gross_fen: Count = 0
    awarded: dict[str, Count] = {}
    redeemed: dict[str, Count] = {}
    unconfirmed: Count = 0
    unconfirmed_points: Whole = 0
    due_fen: Count = 0
    off_bill_fen: Count = 0
    """积分抵扣: what points took off the bills."""
    unconfirmed_by_kind: dict[str, Whole] = {}
    quarantined: Count = 0
    """Waited for a person then."""
    shortfall: dict[str, Count] = {}
    refused: dict[str, Count] = {}
    """Redemptions that were refused at the till, by the code of why: nothing happened, so no entry says it."""


class RunningTotals(Model, kw_only=True):
    """Of this terminal since its first entry, before the entry that says so: how many entries, points given and redeemed per
    kind, whatever was voided or refunded since, and what refunds gave back and took back."""

    entries: Count = 0
    awarded: dict[str, Count] = {}
    redeemed: dict[str, Count] = {}
    given_back: dict[str, Count] = {}
    taken_back: dict[str, Count] = {}


class ShiftOpened(Header, tag="shift-opened", kw_only=True):
    """A shift began at this till."""

    number: Positive


class ShiftClosed(Header, tag="shift-closed", kw_only=True):
    """A shift ended; its totals never change afterwards."""

    number: Positive
    totals: ShiftTotals
    running: RunningTotals = RunningTotals()


class ShiftHandedOver(Header, tag="shift-handed-over", kw_only=True):
    """交班: within a shift that goes on, `by` leaves the till and `to` comes, by 工号, who typed his PIN."""

    number: Positive
    to: Name
    totals: ShiftTotals
    """Of what `by` did since he came."""


ShiftEntry = ShiftOpened | ShiftHandedOver | ShiftClosed
Entry = (
    Sale | LateCredit | ManualPoints | Void | Refund | Returned | ShiftOpened | ShiftHandedOver | ShiftClosed | Joined
)
MemberEntry = Sale | Void | Refund | Returned


def encode_entry(entry: Entry) -> bytes:
    """The payload, frozen from here on: never serialised again.

    Raises `UnreadableEntryError` for what the ledger could not read: msgspec checks nothing when a model is built, and an
    entry in the journal is past mending.
    """
    payload = canonical.encode(entry)
    decode_entry(payload)
    return payload


def decode_entry(payload: bytes) -> Entry:
    """Read a payload.

    Raises `UnreadableEntryError` with a sentence for everything that is not exactly one entry in canonical form.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise UnreadableEntryError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    try:
        entry: Entry = canonical.decode(payload, Entry)  # type: ignore[arg-type]  # msgspec takes unions, type[T] does not
    except (msgspec.DecodeError, NotCanonicalError) as error:
        raise UnreadableEntryError(str(error)) from None
    if b"\\" in payload and _CONTROL_ESCAPE.search(payload):
        # PostgreSQL stores no NUL and a terminal obeys ESC: one such entry must not stop a batch or take over a screen.
        raise UnreadableEntryError("a control character")
    return entry


def holder_of(entry: Entry, terminal: str) -> str:
    """Whose bucket the entry's id carries: the member's, or the terminal's where there is none."""
    return entry.member if isinstance(entry, MemberEntry | Joined) else terminal
