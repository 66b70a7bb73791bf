"""A store's day for its manager: tables in Chinese or English. The tender line comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ledger.pages.words import Words, msg
from ledger.store_day import StoreDay, Sums
from points import format_fen
from points.fields import Text
from points.programme import Programme
from protocol.reports import ReportRow, ReportTable

AUTHORITIES: Final = {
    "allowance": msg("set aside at the till"), "online": msg("asked at the ledger"),
    "authorised": msg("allowed by the member's phone"), "floor": msg("on the shop's own limit"),
}  # fmt: skip
"""In the order of the ladder."""


class Names(NamedTuple):
    """What kinds of points and rewards are called, by their codes."""

    kinds: Mapping[str, Text]
    rewards: Mapping[str, Text]


def names_in(programmes: list[Programme]) -> Names:
    """Of all programmes together: a code has one meaning in a coalition."""
    return Names(
        {kind.code: kind.name for programme in programmes for kind in programme.kinds},
        {reward.id: reward.name for programme in programmes for reward in programme.rewards},
    )


def day_tables(day: StoreDay, names: Names, words: Words) -> list[ReportTable]:
    """All that is not empty."""
    return [table for table in _tables(day, names, words) if table.rows]


def _tables(day: StoreDay, names: Names, words: Words) -> Iterator[ReportTable]:
    say, whole, before = words.say, day.whole, day.before
    beside = ("", say(msg("this day")), say(msg("a week before")))

    def kind(code: str) -> str:
        return words.either(names.kinds[code]) if code in names.kinds else code

    yield ReportTable(title=say(msg("Money")), columns=beside, rows=(
        row(say(msg("Paid with points")), format_fen(whole.off_bill_fen), format_fen(before.off_bill_fen)),
        row(say(msg("Sales")), f"{whole.sales:,}", f"{before.sales:,}"),
        row(say(msg("Amount before points")), format_fen(whole.gross_fen), format_fen(before.gross_fen)),
        row(say(msg("To pay")), format_fen(whole.due_fen), format_fen(before.due_fen)),
        *([row(f"{say(msg('Voided'))} ({day.voids:,})", format_fen(day.voided_fen), "")] if day.voids else []),
        *([row(f"{say(msg('Refunds'))} ({day.refunds:,})", format_fen(day.refunded_fen), "")] if day.refunds else []),
    ))  # fmt: skip
    changes = [
        (msg("given"), whole.awarded, before.awarded), (msg("redeemed"), whole.redeemed, before.redeemed),
        (msg("given back"), day.given_back, None), (msg("taken back"), day.taken_back, None),
    ]  # fmt: skip
    yield ReportTable(title=say(msg("Points")), columns=beside, rows=tuple(
        row(f"{say(what)}  {kind(code)}", f"{many:,}", f"{past[code]:,}" if past is not None else "")
        for what, sums, past in changes for code, many in sorted(sums.items()) if many
    ))  # fmt: skip
    yield ReportTable(
        title=say(msg("What redemptions stood on")), columns=("", say(msg("points"))),
        rows=tuple(
            row(say(name), f"{day.by_authority[code]:,}", bar=day.by_authority[code])
            for code, name in AUTHORITIES.items() if day.by_authority[code]
        ),
    )  # fmt: skip
    yield ReportTable(
        title=say(msg("Rewards")), columns=("", say(msg("times")), say(msg("points")), say(msg("off bills"))),
        rows=tuple(
            row(words.either(names.rewards[code]) if code in names.rewards else code,
                f"{sums['times']:,}", f"{sums['points']:,}", format_fen(sums["fen"]))
            for code, sums in sorted(day.by_reward.items())
        ),
    )  # fmt: skip
    yield _split(say(msg("By who sold")), day.by_staff, words)
    yield _split(say(msg("By hour")), day.by_hour, words)
    yield ReportTable(
        title=say(msg("Open, and by when")), columns=("", say(msg("entries")), say(msg("last sent"))),
        rows=tuple(_open(day, words)),
    )  # fmt: skip


def row(*cells: str, bar: int = 0) -> ReportRow:
    """Of a report."""
    return ReportRow(cells=cells, bar=bar)


def _split(title: str, parts: Mapping[str, Sums], words: Words) -> ReportTable:
    say = words.say
    return ReportTable(
        title=title,
        columns=("", say(msg("sales")), say(msg("to pay")), say(msg("points given")), say(msg("points redeemed"))),
        rows=tuple(
            row(name or "-", f"{one.sales:,}", format_fen(one.due_fen), f"{one.awarded.total():,}",
                f"{one.redeemed.total():,}", bar=max(0, one.due_fen))
            for name, one in sorted(parts.items())
        ),
    )  # fmt: skip


def _open(day: StoreDay, words: Words) -> Iterator[ReportRow]:
    say = words.say
    yield row(say(msg("Entries that wait")), f"{day.waiting:,}", "")
    if day.shortfalls:
        yield row(say(msg("Redemptions that were not covered, points")),
                  f"{day.shortfalls:,}  {day.shortfall_points:,}", "")  # fmt: skip
    for till in day.tills:
        seen = day.calendar.civil(till.seen_at).isoformat(" ", "minutes") if till.seen_at else "-"
        yield row(f"{till.name} ({till.terminal})", f"{till.entries:,}", seen)
