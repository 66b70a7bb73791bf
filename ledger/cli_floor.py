"""Commands about the floor: what it would bring and cost a store, and switching it on with that before one's eyes."""

from __future__ import annotations

import getpass

import click
import msgspec

from ledger import documents
from ledger.cli_publish import store
from ledger.console import REFUSED, Console, command, refuse
from ledger.floor_table import DAYS, HOURS, OUTAGES_A_YEAR, Wished, floor_table, in_proportion
from ledger.problems import NotKnownError
from points import format_fen
from protocol.documents import FloorPolicy, StoreSettings
from protocol.floor_table import FloorLine, FloorTable

_MOST_DAYS = 366


@click.command()
@click.argument("store_id", metavar="STORE")
@click.option("--hours", type=click.IntRange(1, 24), default=HOURS, show_default=True, help="Of one outage.")
@click.option("--days", type=click.IntRange(28, _MOST_DAYS), default=DAYS, show_default=True, help="Of history.")
@click.option(
    "--outages",
    type=click.IntRange(1, 1_000),
    default=OUTAGES_A_YEAR,
    show_default=True,
    help="Of a year, for the sums.",
)
@command
def floor(console: Console, store_id: str, hours: int, days: int, outages: int) -> None:
    """What redeeming in an outage would have brought and cost STORE, by its own history. Reads only."""
    with console.books() as database:
        table = floor_table(database, store_id, console.now_us, Wished(hours, days, outages))
    console.say(table_text(table), **msgspec.to_builtins(table))


@store.command("floor")
@click.argument("store_id", metavar="STORE")
@click.option(
    "--per-redemption", type=click.IntRange(0), required=True, help="Most points at once; 0 switches it off."
)
@click.option("--per-member", type=click.IntRange(1), default=None, help="Not booked yet; else in proportion.")
@click.option("--per-terminal", type=click.IntRange(1), default=None, help="Not booked yet; else in proportion.")
@click.option("--balance-age-s", type=click.IntRange(1), default=None, help="Oldest balance; else as it is.")
@click.option("--who", default=getpass.getuser, show_default="who is logged in", help="Who signs for the merchant.")
@click.option("--yes", is_flag=True, help="Do not ask; the table is shown all the same.")
@command
def store_floor(
    console: Console, store_id: str, per_redemption: int, per_member: int | None, per_terminal: int | None,
    balance_age_s: int | None, who: str, *, yes: bool,
) -> None:  # fmt: skip
    """Let STORE redeem without the ledger up to these bounds, or no more; the merchant bears what is uncovered."""
    keys = console.keys()
    with console.books() as database:
        with database.read() as connection:
            settings = documents.newest(connection, "store", store_id, StoreSettings)
        if settings is None:
            raise NotKnownError("store", store_id)
        usual = in_proportion(settings.floor, per_redemption)
        policy = FloorPolicy(
            per_redemption=per_redemption, per_member=per_member or usual.per_member,
            per_terminal=per_terminal or usual.per_terminal, signed_by=who, signed_at=console.now_us,
            balance_age_s=balance_age_s or settings.floor.balance_age_s,
        )  # fmt: skip
        if per_redemption:
            click.echo(table_text(floor_table(database, store_id, console.now_us, Wished(floor=policy))), err=True)
            if not yes and not click.confirm(f"Switch it on with {_bounds(policy)}, signed by {who}?", err=True):
                refuse("nothing was changed", REFUSED)
        with database.write() as connection:
            # Settings may have been published while the question stood there.
            settings = documents.newest(connection, "store", store_id, StoreSettings) or settings
            changed = msgspec.structs.replace(settings, floor=policy)
            number = documents.publish_store(connection, keys, changed, console.now_us)
    what = f"floor with {_bounds(policy)}" if per_redemption else "no floor"
    console.say(
        f"store {store_id}: {what}, signed by {who}, document {number}",
        store=store_id, number=number, floor=msgspec.to_builtins(policy),
    )  # fmt: skip


def table_text(table: FloorTable) -> str:
    """For people, a line a policy."""
    return "\n".join([*_heading(table), *(f"  {_line(line, table)}" for line in table.lines)])


def _heading(table: FloorTable) -> list[str]:
    if table.is_example:
        return [
            f"{table.store}: {table.redemptions} redemptions in {table.days} days are too little to tell from.",
            "EXAMPLE, not this store: 20,000 invented members of 50 stores that are all cut off, floors beside allowances",
        ]
    history = f"{table.days} days with {table.redemptions:,} redemptions"
    return [
        f"{table.store}: outages of {table.hours} h laid over {history}; a year with {table.outages_a_year} of them"
    ]


def _line(line: FloorLine, table: FloorTable) -> str:
    served = f"{_share(line.accepted)} of redemptions"
    if not table.is_example:
        served += f", {_share(line.accepted_points)} of points"
    if line.policy == "allowance":
        most = f" (at most {line.per_member:,} a member)" if line.per_member else ""
        return f"allowances instead{most}: {served}, nothing uncovered"
    if line.policy == "balance":
        what = "trusting the balance without a bound (not offered)"
        if table.is_example:
            return f"{what}: {served}, 312 members overdrawn"
    else:
        what = _bounds(line)
    return f"{what}: {served}, {_share(line.uncovered)} of these points uncovered{_a_year(line, table)}"


def _a_year(line: FloorLine, table: FloorTable) -> str:
    return "" if table.is_example else f", ¥{format_fen(line.a_year_fen)} a year"


def _bounds(of: FloorLine | FloorPolicy) -> str:
    beside = f" ({of.per_member:,} a member, {of.per_terminal:,} a till)" if of.per_member else ""
    return f"at most {of.per_redemption:,} points{beside}"


def _share(share: int) -> str:
    """In 1/10,000."""
    return f"{share // 100}.{share % 100:02d} %"
