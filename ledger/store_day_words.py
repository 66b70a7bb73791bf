"""A store's day for its manager: rows of a label and a value in groups, in Chinese or English. The tender line comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ledger.pages.words import Words, msg
from ledger.store_day import StoreDay, Sums
from points import format_fen
from points.fields import Text
from points.programme import Programme

AUTHORITIES: Final = {
    "allowance": msg("set aside at the till"), "online": msg("asked at the ledger"),
    "authorised": msg("allowed by the member's phone"), "floor": msg("on the shop's own limit"),
}  # fmt: skip
"""In the order of the ladder."""


class Row(NamedTuple):
    """`before`: the same a week before; empty where that says nothing."""

    label: str
    value: str
    before: str = ""


class Group(NamedTuple):
    """Rows under a title."""

    title: str
    rows: list[Row]


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


def day_groups(day: StoreDay, names: Names, words: Words) -> Iterator[Group]:
    """All that is not empty."""
    say, whole, before = words.say, day.whole, day.before

    def kind(code: str) -> str:
        return words.either(names.kinds[code]) if code in names.kinds else code

    yield Group(say(msg("Money")), [
        Row(say(msg("Paid with points")), format_fen(whole.off_bill_fen), format_fen(before.off_bill_fen)),
        Row(say(msg("Sales")), f"{whole.sales:,}", f"{before.sales:,}"),
        Row(say(msg("Amount before points")), format_fen(whole.gross_fen), format_fen(before.gross_fen)),
        Row(say(msg("To pay")), format_fen(whole.due_fen), format_fen(before.due_fen)),
        *([Row(say(msg("Voided")), f"{day.voids:,}  {format_fen(day.voided_fen)}")] if day.voids else []),
        *([Row(say(msg("Refunds")), f"{day.refunds:,}  {format_fen(day.refunded_fen)}")] if day.refunds else []),
    ])  # fmt: skip
    changes = [
        (msg("given"), whole.awarded, before.awarded), (msg("redeemed"), whole.redeemed, before.redeemed),
        (msg("given back"), day.given_back, None), (msg("taken back"), day.taken_back, None),
    ]  # fmt: skip
    points = [
        Row(f"{say(what)}  {kind(code)}", f"{many:,}", f"{past[code]:,}" if past is not None else "")
        for what, sums, past in changes for code, many in sorted(sums.items()) if many
    ]  # fmt: skip
    yield from _group(say(msg("Points")), points)
    stood = [
        Row(say(name), f"{day.by_authority[code]:,}") for code, name in AUTHORITIES.items() if day.by_authority[code]
    ]
    yield from _group(say(msg("What redemptions stood on")), stood)
    rewards = [
        Row(words.either(names.rewards[code]) if code in names.rewards else code,
            f"{sums['times']:,} x  {sums['points']:,}  {format_fen(sums['fen'])}")
        for code, sums in sorted(day.by_reward.items())
    ]  # fmt: skip
    yield from _group(say(msg("Rewards: times, points, off bills")), rewards)
    yield from _group(say(msg("By who sold: sales, to pay, points given, redeemed")), _split(day.by_staff))
    yield from _group(say(msg("By hour")), _split(day.by_hour))
    yield Group(say(msg("Open, and by when")), list(_open(day, words)))


def _group(title: str, rows: list[Row]) -> Iterator[Group]:
    if rows:
        yield Group(title, rows)


def _split(parts: Mapping[str, Sums]) -> list[Row]:
    return [
        Row(
            name or "-",
            f"{one.sales:,}  {format_fen(one.due_fen)}  {one.awarded.total():,}  {one.redeemed.total():,}",
        )
        for name, one in sorted(parts.items())
    ]


def _open(day: StoreDay, words: Words) -> Iterator[Row]:
    say = words.say
    yield Row(say(msg("Entries that wait")), f"{day.waiting:,}")
    if day.shortfalls:
        yield Row(
            say(msg("Redemptions that were not covered, points")), f"{day.shortfalls:,}  {day.shortfall_points:,}"
        )
    for till in day.tills:
        seen = day.calendar.civil(till.seen_at).isoformat(" ", "minutes") if till.seen_at else "-"
        yield Row(
            f"{till.name} ({till.terminal})",
            say(msg("{count} entries; last sent {seen}")).format(count=till.entries, seen=seen),
        )
