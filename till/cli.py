"""The command `till`. Without a command it opens the counter."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Literal

import click
import platformdirs

from till.commands.counter import open_counter
from till.commands.demo import demo
from till.commands.devices import devices
from till.commands.journal import journal
from till.commands.options import Place
from till.commands.pairing import enrol
from till.commands.programme import programme
from till.commands.report import report
from till.commands.sync import sync


@click.group(
    invoke_without_command=True,
    context_settings={"auto_envvar_prefix": "TILL", "help_option_names": ["-h", "--help"]},
)
@click.version_option(version("till-points-counter"), prog_name="till")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings file; default: till.toml.")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="The folder of this till.")
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language of the screens.")
@click.pass_context
def main(
    context: click.Context, config: Path | None, data_dir: Path | None, lang: Literal["zh-CN", "en"] | None
) -> None:  # fmt: skip
    """Till: a points counter that goes on when the network does not. Without a command it opens the counter."""
    place = Place(data_dir or Path(platformdirs.user_data_dir("till", appauthor=False)), config, lang)
    context.obj = place
    if context.invoked_subcommand is None:
        open_counter(place)


for command in (demo, devices, enrol, journal, programme, report, sync):
    main.add_command(command)
