"""`till training`: the counter to practise at; and how an open counter turns into it and back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from config.settings import Settings
from till.app import TO_TRAINING, TO_TUTORIAL, App, Demo, Start
from till.commands.options import Exit, Place, end, pass_place, with_journal
from till.outage.post import OutagePost


def run_counter(
    app: App,
    start: Start,
    settings: Settings,
    folder: Path,
    pair: Callable[[str, str], object],
    demo: Demo | None = None,
) -> int:
    """The counter of `folder`, and as often as somebody asks for it the training counter in between. The exit code."""

    def train() -> object:
        from till.training import begin_training

        return begin_training(folder)

    outages = OutagePost(folder, settings)
    while True:
        code = app(start, settings, pair=pair, demo=demo, train=train, outages=outages)
        if code not in (TO_TRAINING, TO_TUTORIAL):
            return code
        _train(app, settings, folder, pair, is_tutorial=code == TO_TUTORIAL)


@click.command()
@click.option("--delete", is_flag=True, help="Delete the last training, here and at the ledger, and open nothing.")
@pass_place
@with_journal
def training(place: Place, delete: bool) -> None:
    """Open the counter to practise at: a journal, a terminal and a book of its own, and members to practise with.

    Each training begins anew. Nothing that is done there reaches this till's journal or the ledger's books.
    """
    from till.training import end_training

    if delete:
        end_training(place.folder)
        return
    _begin(place)


@click.command()
@pass_place
@with_journal
def tutorial(place: Place) -> None:
    """Twelve tasks in training, three minutes: for whoever is new at the till. Needs a closed shift and the network.

    Sign in with your own staff number and PIN. Who has passed is told the ledger; no sale of it counts anywhere.
    """
    _begin(place, is_tutorial=True)


def _begin(place: Place, *, is_tutorial: bool = False) -> NoReturn:
    from sync.errors import SyncError
    from till.commands.counter import find_counter
    from till.training import begin_training

    app, settings = find_counter(place)
    try:
        begin_training(place.folder)
    except SyncError as error:
        end(Exit.NOT_REACHABLE, str(error))
    sys.exit(_train(app, settings, place.folder, lambda _code, _name: None, is_tutorial=is_tutorial))


def _train(
    app: App, settings: Settings, folder: Path, pair: Callable[[str, str], object], *, is_tutorial: bool
) -> int:
    from sync.training import begun
    from till.training import Practice

    found = begun(folder)
    if found is None:  # deleted meanwhile
        return Exit.REFUSED
    practice = Practice(found, settings)
    demo = practice.tutorial() if is_tutorial else practice.demo()
    return app(practice.start, settings, pair=pair, demo=demo)
