"""Cards beside a member's number: plastic ones of the system before, a code in somebody's app.

A card is a number that was merged into its member: tills follow it without a network, and the books already know how
(`ledger.merging`). What a till takes for a card at all is said by the ranges of its store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import rows, schema
from ledger.database import Database
from ledger.importing.table import Column, Lines, Report, Row, RowError, Tell, carry_out, code, in_chunks, parsed
from ledger.pages.words import msg
from ledger.schema_people import Merged
from ledger.shelf import lock_buckets
from protocol.ids import bucket_of
from protocol.training import is_training_member

COLUMNS: Final = (
    Column(
        "card", ("卡号", "实体卡号", "会员卡号"), msg("letters and digits, as the scanner reads them"), is_needed=True
    ),
    Column("member", ("会员号", "会员编号", "member_no"), msg("whose it is"), is_needed=True),
)
MOST_CARDS: Final = 20
"""Of one member: each is told with him."""


class _Card(NamedTuple):
    line: int
    number: str
    member: str


def import_cards(
    database: Database, table: Iterator[Row], now_us: int, tell: Tell, *, is_rehearsal: bool = False
) -> Report:
    """A card that is the same member's already stays; one of somebody else is refused."""
    report = Report()
    for cards in in_chunks(parsed(table, partial(_card, Lines()), report)):
        report.add(carry_out(database, partial(_take, cards, now_us), is_rehearsal=is_rehearsal))
        tell(report.rows)
    return report


def _card(lines: Lines, row: Row) -> _Card:
    card = _Card(row.line, code(row, "card"), code(row, "member"))
    if not (card.number and card.member):
        raise RowError(msg("a card has a number and a member"))
    if card.number == card.member:
        raise RowError(msg("{cell} is the member's own number: nothing to import"), cell=card.number)
    if is_training_member(card.number):
        raise RowError(msg("{cell}: this number is of members to practise with"), cell=card.number)
    lines.first(row.line, card.number)
    return card


def _take(cards: Sequence[_Card], now_us: int, connection: Connection) -> Report:
    report, fresh = Report(), list[_Card]()
    numbers = {number for card in cards for number in (card.number, card.member)}
    keys = [(bucket_of(number), number) for number in numbers]
    columns = "member, status, merged_into"
    found = rows.find(connection, schema.Member, ("bucket", "member"), keys, columns, schema.PEOPLE)
    known = {member: (status, into) for member, status, into in found}
    members = [(bucket_of(card.member), card.member) for card in cards]
    has = dict[str, int]()
    for member, _card_number in rows.find(
        connection, Merged, ("bucket", "member"), list(set(members)), "member, source"
    ):
        has[member] = has.get(member, 0) + 1
    for card in cards:
        try:
            if _is_new(card, known, has.get(card.member, 0)):
                fresh.append(card)
                has[card.member] = has.get(card.member, 0) + 1
            else:
                report.same += 1
        except RowError as error:
            report.refuse(card.line, error)
    _write(connection, fresh, now_us)
    report.new = len(fresh)
    return report


def _is_new(card: _Card, known: dict[str, tuple[str, str]], has: int) -> bool:
    status, into = known.get(card.member, ("", ""))
    if status not in ("active", "blocked"):
        raise RowError(
            msg("{member} is another number of {into}"), member=card.member, into=into
        ) if into else RowError(msg("there is no member {cell}"), cell=card.member)  # fmt: skip
    if card.number in known:
        if known[card.number][1] != card.member:
            raise RowError(msg("the card {cell} is somebody else's already"), cell=card.number)
        return False
    if has >= MOST_CARDS:
        raise RowError(msg("{member} has {most} cards already"), member=card.member, most=MOST_CARDS)
    return True


def _write(connection: Connection, cards: Sequence[_Card], now_us: int) -> None:
    """A tombstone each, and the member's row told anew: both sides are known to tills at once."""
    keys = {(bucket_of(card.member), card.member) for card in cards}
    numbers = lock_buckets(connection, {bucket for bucket, _ in keys} | {bucket_of(card.number) for card in cards})
    tombstones, merged, moved = list[rows.Values](), list[rows.Values](), list[rows.Values]()
    for card in cards:
        bucket = bucket_of(card.number)
        numbers[bucket] += 1
        tombstones.append(
            (bucket, card.number, numbers[bucket], "", "", "", "merged", card.member, "", "", 0, now_us)
        )
        merged.append((bucket_of(card.member), card.member, card.number, bucket, now_us))
    for bucket, member in sorted(keys):
        numbers[bucket] += 1
        moved.append((bucket, member, numbers[bucket]))
    rows.insert(connection, schema.Member, tombstones)
    rows.insert(connection, Merged, merged)
    rows.update(connection, schema.Member, ("position",), moved)
    rows.update(connection, schema.Bucket, ("number",), list(numbers.items()))
