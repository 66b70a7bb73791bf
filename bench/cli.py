"""The command line: `python -m bench [NAME…]` measures, `replay` replays real trade, `floor` reads the books of a replay."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

import click

from bench.figures import Figure
from bench.machine import machine
from bench.measures import NAMES, measure
from bench.replay.allowances import allowances
from bench.replay.command import replay
from bench.replay.floor import floor
from bench.tables import MEASUREMENTS, as_json, as_markdown, as_text, cells, write_between
from bench.workshop import MILLION, Workshop


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(NAMES))
@click.option("--members", default=MILLION, show_default=True, help="How many a full cache holds.")
@click.option("--json", "is_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--write", "is_written", is_flag=True, help="Put a whole run into docs/measurements.md.")
def ratios(names: tuple[str, ...], members: int, *, is_json: bool, is_written: bool) -> None:
    """Measure the ratios of DESIGN section 11: all of them, or those named."""
    if is_written and names:
        raise click.UsageError("--write needs a whole run: name no measurement")
    figures: list[Figure] = []
    with Workshop(members) as workshop:
        for name in names or NAMES:
            started = time.monotonic()
            for figure in measure(name, workshop):
                figures.append(figure)
                click.echo("  ".join(filter(None, (*cells(figure), figure.note))), err=True)
            click.echo(f"{name}: {time.monotonic() - started:.0f} s", err=True)
    facts = machine()
    said = {"machine": facts, "members": members, "figures": [as_json(figure) for figure in figures]}
    click.echo(json.dumps(said, ensure_ascii=False) if is_json else as_text(figures))
    if is_written:
        heading = {
            "date": datetime.now(UTC).date().isoformat(),
            "command": "`python -m bench --write`",
            "members in a full cache": f"{members:,}",
        }
        write_between(MEASUREMENTS, "ratios", as_markdown(figures, heading | facts))
        click.echo(f"written to {MEASUREMENTS}", err=True)


def main() -> None:
    """`replay`, `floor` and `allowances` are commands of their own; whatever else there is names measurements."""
    commands = {"replay": replay, "floor": floor, "allowances": allowances}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in commands:
        commands[name](args=sys.argv[2:], prog_name=f"python -m bench {name}")
    else:
        ratios(prog_name="python -m bench")
