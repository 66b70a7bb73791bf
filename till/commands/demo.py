"""`till demo`: the whole story on one machine, with everything real."""

from __future__ import annotations

import secrets
import signal
import sys
import tempfile
from pathlib import Path

import click

from config import data
from till.commands.options import Exit, Place, end, json_option, pass_place, say
from till.demo.coalition import demo_stores

_STORES = tuple(demo_stores((data("coalition") / "demo.toml").read_bytes()))


@click.command()
@click.option("--store", "industry", type=click.Choice(_STORES), default="supermarket", help="Kind of merchant.")
@click.option(
    "--second-screen",
    "screen",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="NUMBER",
    help="Also show the member's screen at http://127.0.0.1:NUMBER/ in a browser.",
)
@click.option("--headless", is_flag=True, help="Play a trading day without a terminal; exit 1 on any difference.")
@click.option("--seed", type=int, help="Of the headless day; the same seed plays the same day.")
@json_option
@pass_place
def demo(place: Place, industry: str, screen: int, headless: bool, seed: int | None, as_json: bool) -> None:
    """A ledger, a coalition, a till and a scanner on this machine, to play with; nothing of it stays."""
    language = place.language or "zh-CN"
    _end_cleanly()
    if not headless and not (sys.stdin.isatty() and sys.stderr.isatty()):
        click.echo(
            "no terminal here: playing the headless day instead (in a terminal this opens the counter)", err=True
        )
        headless = True
    with tempfile.TemporaryDirectory(prefix="till-demo-", ignore_cleanup_errors=True) as folder:
        if headless:
            chosen = seed if seed is not None else secrets.randbelow(1_000_000)
            _play(Path(folder), industry, chosen, as_json=as_json)
        else:
            _open(Path(folder), industry, language, screen)


def _end_cleanly() -> None:
    """A window that is closed, or a `kill`, ends the demo as leaving it does: nothing of it stays."""

    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(Exit.OK)

    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)


def _open(folder: Path, industry: str, language: str, screen: int) -> None:
    from till.app import find_app
    from till.care import Care
    from till.commands.training import run_counter
    from till.demo.keys import Props, demo_of
    from till.demo.world import open_world

    app = find_app()
    if app is None:
        end(Exit.USAGE, "the counter is not installed: pip install 'till-points-counter[counter]'")
    click.echo("setting up a ledger, a coalition of shops and a scanner ...", err=True)
    with open_world(folder, industry, language, screen) as world:
        props = Props(world)
        code = run_counter(app, props.start, world.settings, world.folder, Care(world.folder), demo_of(props))
    sys.exit(code)


def _play(folder: Path, industry: str, seed: int, *, as_json: bool) -> None:
    from till.app import find_player
    from till.demo.day import play_day
    from till.demo.world import open_world

    player = find_player()
    if player is None:
        end(Exit.USAGE, "the counter is not installed: pip install 'till-points-counter[counter]'")
    # The script reads the screen as a cashier does, in Chinese.
    with open_world(folder, industry, "zh-CN") as world:
        result = play_day(world, player, seed, lambda line: click.echo(line, err=True))
    say(result.document(), result.text(), as_json=as_json)
    if result.differences:
        end(Exit.FOUND)
