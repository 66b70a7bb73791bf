"""`python -m tests.disk --cuts 100000`: the power cuts of a night, by hand."""

from __future__ import annotations

import sys
import time
from multiprocessing import get_context

import click

from tests.disk.campaign import CUTS_OF_A_SEED, Result, run
from tests.disk.sqlite_abi import library, report


@click.command()
@click.option("--cuts", default=10_000, show_default=True, help="How often the power is cut.")
@click.option("--first-seed", default=0, show_default=True, help="A seed is one till; it is cut 100 times.")
@click.option("--processes", default=2, show_default=True)
def main(cuts: int, first_seed: int, processes: int) -> None:
    """Cut the power, and say what was found. Exit code 1 where a promise was broken: the sentence names the seed."""
    if library() is None:
        raise click.ClickException(report())
    started, result = time.monotonic(), Result()
    seeds = range(first_seed, first_seed + -(-cuts // CUTS_OF_A_SEED))
    with get_context("spawn").Pool(processes) as pool:
        for done, one in enumerate(pool.imap_unordered(run, seeds), start=1):
            result.add(one)
            for sentence in one.broken:
                click.echo(sentence, err=True)
            if done % 50 == 0:
                click.echo(f"{done} of {len(seeds)} tills", err=True)
    click.echo(f"{result.cuts:,} cuts of {len(seeds):,} tills in {time.monotonic() - started:.0f} s")
    for end, times in sorted(result.seen.items()):
        click.echo(f"  {end}: {times:,}")
    click.echo(f"  promises broken: {len(result.broken)}")
    sys.exit(1 if result.broken else 0)


if __name__ == "__main__":
    main(prog_name="python -m tests.disk")
