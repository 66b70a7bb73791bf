"""查一笔, "my points are missing": the sales of this till that a receipt, a member or an amount names, with the way of each.

Newest first. A sale that is not found was made without a member, or at another till of the merchant: the ledger knows those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple
from uuid import UUID

from local_db.journal_reader import JournalReader, Row
from points import AmountError, parse_amount
from protocol.cases import Decision
from protocol.codes import DynamicMemberCode, MemberCode, PaymentCode, ReceiptCode, classify
from protocol.dynamic_codes import read
from protocol.entries import Entry, Refund, Sale, Void
from protocol.push import Outcome
from till.desk import Desk
from till.errors import RefusedError
from till.history import OF_SALES, State, receipt_of, state_of
from till.looking_up import look_up
from till.own_entries import read_entry
from till.receipts import Receipt
from till.refundable import Refundable, look_up_sales, sale_on
from till.tracing_when import Within, read_when

MOST_FOUND = 50
_AT_ONCE = 200

Stage = Literal["stored", "sent", "answered", "decided"]


class _Wanted(NamedTuple):
    """Any of these: `sale` of a receipt's code, a `member`'s number, an amount, the end of a reference; and when it was."""

    sale: UUID | None = None
    member: str = ""
    fen: int = 0
    reference: str = ""
    within: Within | None = None


@dataclass(frozen=True)
class Traced:
    """A sale and how far it is. `outcome` and `decision`: the ledger's answer, and a person's where it waited for one."""

    receipt: Receipt
    state: State
    stage: Stage
    outcome: Outcome | None = None
    decision: Decision | None = None
    taken_back_at: int = 0
    """When it was voided, or something came back; µs of till time."""


class Tracing:
    """What the counter asks. Both may take a while, and are for threads of their own."""

    def __init__(self, desk: Desk, reading: Callable[[], AbstractContextManager[None]]) -> None:
        self._desk, self._reading = desk, reading

    def here(self, text: str) -> list[Traced]:
        """As `trace`."""
        with self._reading():
            return trace(self._desk, text)

    def elsewhere(self, text: str) -> list[Refundable]:
        """As `trace_elsewhere`."""
        with self._reading():
            return trace_elsewhere(self._desk, text)


def trace(desk: Desk, text: str) -> list[Traced]:
    """The sales of this till that `text` means, at most `MOST_FOUND`: a receipt's code, a member's, his number or phone, an
    amount paid, or the end of a receipt's number; behind it, or alone, when it was (`till.tracing_when`). Needs no network.

    Reads by a connection of its own, the whole journal if need be: not on the screen's thread, and nobody sells later for it.
    Raises `RefusedError`: `payment-code`, those of `sale_on`; a `CodeError`.
    """
    what, within = read_when(text.strip(), desk.calendar, desk.clock.now_us())
    wanted = _wanted(desk, what)._replace(within=within)
    with closing(JournalReader.open(desk.folder)) as journal:
        rows = _candidates(journal, wanted)
        found = list(islice((row for row in rows if _is_meant(read_entry(row), wanted)), MOST_FOUND))
        seqs = [row.seq for row in found]
        outcomes, decisions = journal.outcomes(seqs), journal.decisions(seqs)
        back, sent = _taken_back(journal, found), journal.sent()
        return [
            _traced(
                journal, desk.terminal, row, outcomes.get(row.seq), decisions.get(row.seq), back.get(row.id), sent
            )
            for row in found
        ]


def trace_elsewhere(desk: Desk, text: str) -> list[Refundable]:
    """Sales of the merchant's other tills, of which the ledger tells: by a member's code, number or phone, or a receipt's
    number, and when. An amount alone it is not asked for. Waits for the network.

    Raises `RefusedError` as `look_up_sales` and `look_up` do, but for what nobody knows; a `CodeError`.
    """
    what, within = read_when(text.strip(), desk.calendar, desk.clock.now_us())
    if not what or isinstance(classify(what, desk.store.settings.ranges, member_awaited=True), ReceiptCode):
        return []
    member = ""
    with suppress(RefusedError):  # it may be a receipt's number as well
        member = look_up(desk, what, is_online=True).member
    try:
        found = look_up_sales(desk, member or what)
    except RefusedError as error:
        if error.code == "sales-unknown":
            return []
        raise
    return [one for one in found if desk.journal.entry(one.sale.id) is None and _is_within(one.sale, within)]


def _wanted(desk: Desk, text: str) -> _Wanted:
    if not text:
        return _Wanted()
    match classify(text, desk.store.settings.ranges, member_awaited=True):
        case PaymentCode(scheme):
            raise RefusedError("payment-code", scheme=scheme)
        case MemberCode(member):
            return _Wanted(member=member)
        case DynamicMemberCode(scanned):
            return _Wanted(member=read(scanned, desk.keys, None).member)
        case ReceiptCode() as code:
            return _Wanted(sale=sale_on(desk, code))
        case _:
            return _Wanted(member=_member(desk, text), fen=_amount(text), reference=text)


def _member(desk: Desk, text: str) -> str:
    """By his number or his phone, as far as this till knows it; his number may be of somebody it does not know."""
    try:
        return look_up(desk, text, is_online=False).member
    except RefusedError:
        return text if text.isdecimal() else ""


def _amount(text: str) -> int:
    try:
        return parse_amount(text)
    except AmountError:
        return 0


def _candidates(journal: JournalReader, wanted: _Wanted) -> Iterator[Row]:
    """A receipt's own, a member's own, or whatever may be meant; newest first."""
    if wanted.sale is not None:
        row = journal.entry(wanted.sale)
        yield from [row] if row else []
        return
    own = journal.of_member(wanted.member, 1) if wanted.member else []
    if own:
        yield from reversed(own)
    elif wanted.reference or wanted.within:
        words, first, before = _words(wanted), 1, journal.last_seq() + 1
        if (within := wanted.within) is not None:
            first, before = journal.first_since(within.since_us), journal.first_since(within.until_us + 1)
        while rows := journal.saying(words, OF_SALES, first, before, _AT_ONCE):
            yield from rows
            before = rows[-1].seq


def _words(wanted: _Wanted) -> list[bytes]:
    """What the canonical payload of a sale that is meant has in it, and few others have."""
    if not wanted.reference:
        return []
    text = json.dumps(wanted.reference, ensure_ascii=False)[1:-1]
    ends = {f'{one}"' for one in (text, text.upper(), text.lower())}
    amounts = [f'"{name}":{wanted.fen},' for name in ("due_fen", "gross_fen")] if wanted.fen else []
    return [one.encode() for one in (*sorted(ends), *amounts)]


def _is_meant(sale: Entry | None, wanted: _Wanted) -> bool:
    """All of a member's are; an amount is what was paid or what it was before points."""
    if not isinstance(sale, Sale) or not _is_within(sale, wanted.within):
        return False
    if not wanted.reference or sale.member == wanted.member:
        return True
    if wanted.fen and wanted.fen in (sale.gross_fen, sale.due_fen):
        return True
    return sale.reference.casefold().endswith(wanted.reference.casefold())


def _is_within(sale: Sale, within: Within | None) -> bool:
    return within is None or within.since_us <= sale.occurred_at <= within.until_us


def _taken_back(journal: JournalReader, found: list[Row]) -> dict[UUID, tuple[State, int]]:
    """A void and a refund are of the same member, and behind the sale."""
    back: dict[UUID, tuple[State, int]] = {}
    for member in {sale.member for row in found if isinstance(sale := read_entry(row), Sale)}:
        for row in journal.of_member(member, min(one.seq for one in found)):
            entry = read_entry(row)
            if isinstance(entry, Void):
                back[entry.voids] = "voided", entry.occurred_at
            elif isinstance(entry, Refund):
                back[entry.refunds] = "refunded", entry.occurred_at
    return back


def _traced(
    journal: JournalReader, terminal: str, row: Row, outcome: Outcome | None, decision: Decision | None,
    back: tuple[State, int] | None, sent: int,
) -> Traced:  # fmt: skip
    state, at = back or (state_of(outcome, decision), 0)
    stage: Stage = "decided" if decision else "answered" if outcome else "sent" if row.seq <= sent else "stored"
    return Traced(receipt_of(journal, terminal, row), state, stage, outcome, decision, at)
