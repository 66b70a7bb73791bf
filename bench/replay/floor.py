"""`python -m bench floor`: the table before the floor is switched on, from the books that a replay has left."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.tables import MEASUREMENTS, write_between
from ledger import rows
from ledger.cli_floor import table_text
from ledger.database import Database
from ledger.floor_table import Wished, floor_table
from ledger.settings import load_settings

HOURS = (2, 8)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--store", default="store-01", show_default=True, help="One of the replay's.")
@click.option("--write", "is_written", is_flag=True, help="Put the result into docs/measurements.md.")
def floor(folder: Path, store: str, *, is_written: bool) -> None:
    """What redeeming in an outage would have cost a store of the town that `replay --keep FOLDER` left."""
    with closing(Database(load_settings(folder / "ledger").database)) as database:
        # Business time lies in the past: the table is made as on the evening of the last sale.
        with database.read() as connection:
            [(last_us,)] = rows.fetch(connection, "SELECT max(occurred_at) FROM entry WHERE type = 'sale'")
        tables = [floor_table(database, store, last_us + 1, Wished(hours=hours)) for hours in HOURS]
    text = "\n".join(map(table_text, tables))
    click.echo(text)
    if is_written:
        facts = {
            "date": datetime.now(UTC).date().isoformat(),
            "command": f"`python -m bench floor FOLDER --store {store}` after the replay above with `--keep FOLDER`",
        }
        lines = [f"- {name}: {value}" for name, value in facts.items()]
        write_between(MEASUREMENTS, "floor", "\n".join([*lines, "", "```text", text, "```"]))
