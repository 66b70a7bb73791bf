"""A sale that is not one yet: a value that the counter carries from scan to Enter.

Every change gives a new draft, so that a screen can be torn down and built again (another language, a crash of a widget)
with the sale untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from points import Basket, BasketLine, Choice
from protocol.claims import Claim
from protocol.documents import Product
from protocol.entries import Appointment, Approval, Proof
from till.members import MemberView

MAX_LINES = 200


@dataclass(frozen=True)
class MemberProof:
    """How the member proved that it is he.

    `evidence`, the code as scanned or the PIN as typed, goes to the ledger with the online call; it is never stored nor shown.
    A PIN is in the draft of that one call alone.
    """

    proof: Proof
    evidence: str = field(default="", repr=False)
    nonce: str = ""
    issued_s: int = 0
    is_timely: bool = True
    """Whether a clock that is trusted found a dynamic code within its minute, or a proved voucher within its days; else the
    ledger alone can say so."""
    kind: str = ""
    """Of a voucher: it proves one piece of this kind, and nothing else."""

    def of(self, kind: str, points: int) -> MemberProof:
        """What it proves where so many points of a kind are taken. A voucher for something else only says who."""
        return MemberProof("static") if self.proof == "voucher" and (kind, points) != (self.kind, 1) else self


@dataclass(frozen=True)
class SaleDraft:
    """Who, what, and what he chose. Amount and products exclude each other: the last one typed or scanned counts.

    `others_fen` is what others than the member pay, by payer; `activities` are what he finished.
    """

    member: MemberView | None = None
    proof: MemberProof | None = None
    lines: tuple[BasketLine, ...] = ()
    reference: str = ""
    others_fen: Mapping[str, int] = field(default_factory=dict)
    activities: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    appointment: Appointment | None = None
    """Of the service that was chosen: with whom and when."""
    claim: Claim | None = None
    """Of a sale without a member, which is recorded for whoever claims it (`till.claiming`)."""
    amount_confirmed: bool = False
    """Asked once more about an unusual amount, and said yes."""
    approval: Approval | None = None
    """Of the choice, where the store keeps such a one from a cashier alone."""

    @property
    def basket(self) -> Basket:
        """For the rules. Of nothing nobody pays a part: it waits for the amount."""
        return Basket(self.lines, self.others_fen if self.lines else {}, self.activities)

    @property
    def earns(self) -> bool:
        """Whether there is anything that points could be given for."""
        return bool(self.lines or self.activities)

    @property
    def is_empty(self) -> bool:
        """Nothing to be lost."""
        return self.member is None and not (self.earns or self.reference or self.others_fen)

    def with_amount(self, fen: int) -> SaleDraft:
        """An amount typed; 0 clears it."""
        lines = Basket.of_amount(fen).lines if fen else ()
        return replace(self, lines=lines, choices=(), amount_confirmed=False)

    def with_product(self, product: Product) -> SaleDraft:
        """A product scanned: the same again adds one to its line."""
        bought = [line for line in self.lines if line.product]
        for place, line in enumerate(bought):
            if line.product == product.code:
                bought[place] = replace(
                    line, quantity=line.quantity + 1, amount_fen=line.amount_fen + product.price_fen
                )
                break
        else:
            bought.append(
                BasketLine(product.category, product.price_fen, product.code, product.name, 1, product.attributes)
            )
        return replace(self, lines=tuple(bought), choices=(), amount_confirmed=False)

    def without_last_line(self) -> SaleDraft:
        """The last product taken out again."""
        return replace(self, lines=self.lines[:-1], choices=())

    def with_member(self, member: MemberView, proof: MemberProof | None) -> SaleDraft:
        """Somebody was identified; what the one before him chose is forgotten."""
        return replace(self, member=member, proof=proof, choices=())

    def with_part(self, payer: str, fen: int) -> SaleDraft:
        """What another pays of it; 0 takes it back."""
        others = {code: part for code, part in self.others_fen.items() if code != payer}
        return replace(self, others_fen=others | ({payer: fen} if fen else {}), choices=())

    def with_activity(self, activity: str) -> SaleDraft:
        """Something that the member finished; named again it is taken back."""
        left = tuple(one for one in self.activities if one != activity)
        return replace(self, activities=left if activity in self.activities else (*left, activity))

    def proving(self, kind: str = "", points: int = 0) -> SaleDraft:
        """With the proof as far as it goes for so many points of a kind."""
        return replace(self, proof=self.proof.of(kind, points)) if self.proof else self

    def with_choice(self, choice: Choice | None) -> SaleDraft:
        """A reward chosen, or none."""
        return replace(self, choices=(choice,) if choice else (), appointment=None, approval=None)
