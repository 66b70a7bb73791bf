"""What the detectors look at: one thing that was done at a counter, small enough that a store's month fits into memory."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

DAY_US = 86_400_000_000

Code = Literal["refunds", "one-cashier", "own-account", "no-goods", "closing", "under-limit", "clock", "receipts"]
"""What was found, see `ledger.abuse.words`."""


class Place(NamedTuple):
    """Where an entry is, for whoever looks it up: `till-ledger case show`, `explain`."""

    terminal: str
    seq: int


class Move(NamedTuple):
    """A sale of a member, or what came back of one."""

    place: Place
    at_us: int
    store: str
    staff: str
    member: str
    is_sale: bool
    money_fen: int
    """Paid with a sale; paid back with a refund or a void."""
    earned: int = 0
    redeemed: int = 0
    is_proved: bool = False
    """The member proved himself: a dynamic code, a PIN, his phone."""
    has_goods: bool = False
    """Goods, a receipt's number or a table stand behind it; else an amount was typed and nothing more."""
    is_claimed: bool = False
    """It had no member: he claimed its points with the receipt."""
    limit: int = 0
    """Of what it redeemed without such a proof: how much the store allows."""


class Closing(NamedTuple):
    """A shift ended."""

    terminal: str
    at_us: int


class Tick(NamedTuple):
    """What the clocks of a till said with an entry. `boot` names a run of `mono_us`, which nobody can set."""

    place: Place
    at_us: int
    store: str
    boot: str
    wall_us: int
    mono_us: int


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From when on a pattern is told. Money in fen, shares in percent. 0 of a count switches its pattern off."""

    refunds: int = 5
    refunds_share: int = 50
    refunds_fen: int = 200_000
    """So many purchases of one member came back, so much of what he paid, and so much money at least."""
    one_cashier: int = 20
    one_cashier_share: int = 90
    one_cashier_usual: int = 60
    """So many sales of one member, so many of them with one cashier and without a proof of his own, where that cashier makes at
    most so many of the store's."""
    own_account: int = 1
    """Sales that somebody made for his own member number."""
    no_goods: int = 20
    no_goods_share: int = 80
    no_goods_usual: int = 20
    """So many sales of one cashier, with nothing behind so many of them, where the others have so few such."""
    closing: int = 8
    closing_share: int = 60
    closing_usual: int = 25
    closing_minutes: int = 30
    """So many redemptions of one cashier, so many of them shortly before his shift closed, where so few of his sales were."""
    under_limit: int = 6
    under_limit_share: int = 90
    """So many redemptions of one cashier without a proof, each of at least so much of what is allowed without one."""
    receipts: int = 15
    """So many receipts without a member claimed by one."""
    clock: int = 3
    clock_minutes: int = 10
    """So often the clock of a till was set by more, while it was running."""


class Finding(NamedTuple):
    """A pattern. `subject`: whose, a member, `STORE/工号` or a terminal. `key` stays the same as long as it goes on."""

    code: Code
    merchant: str
    subject: str
    first_us: int
    last_us: int
    facts: dict[str, int | str]
    evidence: tuple[Place, ...]

    @property
    def key(self) -> str:
        """What a decision about it names."""
        return f"{self.code}:{self.merchant}:{self.subject}"
