"""Commands about households: whether there are any, what is in one, and its end."""

from __future__ import annotations

from pathlib import Path

import click

from ledger import households
from ledger.cli_operators import by_operator, who_acts
from ledger.cli_suspending import REASON
from ledger.console import Console, command
from ledger.households import Policy, policy_of, seats_of
from ledger.pools import moved_in, pool_of, shares_of
from ledger.problems import NotKnownError

_WORDS = {"pool-put": "put in", "pool-draw": "drew", "pool-back": "got back"}


@click.group()
def household() -> None:
    """Members who share a pool of points."""


@household.command("on")
@click.option("--members", type=click.IntRange(2), required=True, help="At most so many in a household.")
@click.option("--points", type=click.IntRange(1), required=True, help="At most so many points of a kind in a pool.")
@click.option("--monthly", type=click.IntRange(1), required=True, help="At most so many of them a member a month.")
@by_operator
@command
def household_on(console: Console, members: int, points: int, monthly: int, by: str, pin_file: Path | None) -> None:
    """Members may open households from now on, within these ceilings; or the ceilings are others."""
    policy = Policy(members=members, points=points, monthly=monthly)
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        with database.write() as connection:
            households.switch_on(connection, policy, who, console.now_us)
    console.say(
        f"households are on: {members} members, {points} points, {monthly} a member and month",
        members=members, points=points, monthly=monthly,
    )  # fmt: skip


@household.command("off")
@by_operator
@command
def household_off(console: Console, by: str, pin_file: Path | None) -> None:
    """Nobody joins one, puts in or draws any more; who leaves takes his points along."""
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        with database.write() as connection:
            households.switch_off(connection, who, console.now_us)
    console.say("households are off")


@household.command("show")
@click.argument("number", metavar="HOUSEHOLD|MEMBER")
@command
def household_show(console: Console, number: str) -> None:
    """Who is in it, what is in its pool and whose it is, who put in and drew how much."""
    with console.books() as database, database.read() as connection:
        name = households.household_of(connection, number) or number
        seats = seats_of(connection, name).members
        if not seats:
            raise NotKnownError("household", number)
        pool, shares = pool_of(connection, name), shares_of(connection, name)
        moved = sorted(moved_in(connection, name).items())
        is_on = policy_of(connection) is not None
    lines = [name if is_on else f"{name}  households are off"]
    lines += [f"  {points} {kind} in the pool" for kind, points in pool.items()] or ["  the pool is empty"]
    for one in seats:
        his = ", ".join(f"{points} {kind}" for kind, points in sorted(shares.get(one, {}).items())) or "nothing"
        lines.append(f"  {one}  {his} of it")
    lines += [f"  {who} {_WORDS[what]} {points} {kind}" for (what, who, kind), points in moved]
    console.say(
        "\n".join(lines), household=name, members=list(seats), pool=pool, shares=shares, is_on=is_on,
        moved=[{"what": what, "member": who, "kind": kind, "points": n} for (what, who, kind), n in moved],
    )  # fmt: skip


@household.command("close")
@click.argument("name", metavar="HOUSEHOLD")
@REASON
@by_operator
@command
def household_close(console: Console, name: str, reason: str, by: str, pin_file: Path | None) -> None:
    """End it: all that is in its pool goes back to who put it in."""
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        points = households.close_household(database, name, who, reason, console.now_us)
    console.say(f"{name} is closed, {points} points went back", household=name, points=points)
