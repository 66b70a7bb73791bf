"""The command `till`. Without a command it opens the counter."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Literal

import click
import platformdirs

from till.app import DISTRIBUTION
from till.commands.counter import open_counter
from till.commands.options import Place

_COMMANDS = {
    "demo": "demo",
    "devices": "devices",
    "display": "display",
    "printer": "printer",
    "enrol": "pairing",
    "journal": "journal",
    "lines": "lines",
    "outage": "outage",
    "programme": "programme",
    "report": "report",
    "scans": "scans",
    "scanner": "scanner",
    "services": "services",
    "setup": "setup",
    "simulate": "simulate",
    "support": "support",
    "sync": "sync",
    "terminal": "terminal",
    "upgrade": "upgrade",
    "windows": "windows",
    "training": "training",
    "tutorial": "training",
}
"""By the module in `till.commands` that has it: only the one that is called is imported, and none before the first paint."""


class _LateCommands(click.Group):
    """Commands that are imported when somebody names them, or asks for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"till.commands.{_COMMANDS[cmd_name]}"), cmd_name)
        return command


@click.group(
    cls=_LateCommands,
    invoke_without_command=True,
    context_settings={"auto_envvar_prefix": "TILL", "help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name=DISTRIBUTION, prog_name="till")
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
