"""`till simulate`: deterministic simulation of many tills and one ledger, and of everything that can go wrong between them."""

from __future__ import annotations

import os
import sys

import click

from till.commands.options import Exit, end, json_option, say


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=100, show_default=True, help="How many, from 0 on.")
@click.option("--first", type=click.IntRange(0), default=0, show_default=True, help="The first of them.")
@click.option("--seed", type=click.IntRange(0), help="This one alone.")
@click.option("--tills", type=click.IntRange(1, 9), default=3, show_default=True)
@click.option("--operations", type=click.IntRange(1), default=200, show_default=True, help="Of a seed, at all tills.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes; default: one a core.")
@click.option("--break", "breaks", default="", help="Play with a part that is broken on purpose (docs/offline.md).")
@click.option("--trace", is_flag=True, help="Print every event, on standard error.")
@json_option
def simulate(
    seeds: int, first: int, seed: int | None, tills: int, operations: int, jobs: int, breaks: str, trace: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Play seeds and check every promise after every event; exit 1 where one was broken."""
    from till.app import find_simulation

    play = find_simulation()
    if play is None:
        end(Exit.USAGE, "the simulation plays with the ledger: pip install 'till-points-counter[simulation]'")
    chosen = range(first, first + seeds) if seed is None else range(seed, seed + 1)
    try:
        report = play(
            chosen, tills=tills, operations=operations, jobs=min(jobs, len(chosen)), breaks=breaks, trace=trace,
            narrate=lambda line: click.echo(line, err=True),
        )  # fmt: skip
    except KeyError as error:
        end(Exit.USAGE, f"there is no broken part called {error}")
    say(report.document(), report.text(), as_json=as_json)
    sys.exit(Exit.FOUND if report.failures else Exit.OK)
