"""What every command of `till-ledger` shares: options, the opened books, answers for people and for programs, exit codes.

Exit codes (DESIGN, section 8): 0 ok, 1 found something, 2 usage, 3 not reachable, 4 refused.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, NoReturn, ParamSpec

import click
from sqlalchemy.exc import OperationalError

from ledger.clock import wall_clock_us
from ledger.database import Database
from ledger.errors import LedgerError
from ledger.keys import Keys, has_keys, load_keys
from ledger.migrating import NEWEST, version
from ledger.problems import ProblemError
from ledger.settings import Settings, default_data_dir, load_settings
from ledger.spreadsheets import csv_bytes
from protocol.errors import ProtocolError

FOUND, NOT_REACHABLE, REFUSED = 1, 3, 4

_P = ParamSpec("_P")


@dataclass
class Console:
    """The options of one call. `say` writes one answer: a sentence, or one JSON object with `--json`."""

    data_dir: Path = field(default_factory=default_data_dir)
    database_url: str = ""
    is_json: bool = False

    @property
    def settings(self) -> Settings:
        return load_settings(self.data_dir, self.database_url)

    @property
    def now_us(self) -> int:
        return wall_clock_us()

    def keys(self) -> Keys:
        """The ledger's keys; a refusal where there are none."""
        if not has_keys(self.data_dir):
            raise NotBornError(self.data_dir)
        return load_keys(self.data_dir)

    @contextmanager
    def books(self) -> Iterator[Database]:
        """The books, opened and closed again; a refusal where they are not at this program's version."""
        if not has_keys(self.data_dir):
            raise NotBornError(self.data_dir)
        database = Database(self.settings.database)
        try:
            if version(database) != NEWEST:
                raise NotBornError(self.data_dir)
            yield database
        finally:
            database.close()

    def say(self, text: str, **facts: Any) -> None:
        """One answer on stdout."""
        click.echo(json.dumps(facts, ensure_ascii=False) if self.is_json else text)


class NotBornError(ProblemError):
    def __init__(self, folder: Path) -> None:
        super().__init__("no-ledger", f"there is no ledger in {folder}, or its books are older: till-ledger init")


def command(function: Callable[Concatenate[Console, _P], None]) -> Callable[_P, None]:
    """`--json` after the command as well as before it, the console as first argument, refusals as exit codes."""

    def remember(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        _console().is_json |= value

    @click.option("--json", is_flag=True, expose_value=False, callback=remember, help="One JSON object for programs.")
    @wraps(function)
    def run(*arguments: _P.args, **options: _P.kwargs) -> None:
        try:
            function(_console(), *arguments, **options)
        except (ProblemError, LedgerError, ProtocolError) as error:
            refuse(str(error), REFUSED)
        except OperationalError as error:
            refuse(f"the database cannot be reached: {error.orig}", NOT_REACHABLE)

    return run


def _console() -> Console:
    return click.get_current_context().ensure_object(Console)


def padded(text: str, width: int) -> str:
    """As wide as a terminal draws it, a Chinese character being two; never cut, and one blank behind it."""
    drawn = sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
    return text + " " * max(1, width - drawn)


def must_be_new(out: Path | None) -> None:
    """A report replaces no file."""
    if out is not None and out.exists():
        raise click.UsageError(f"{out} exists")


def write_csv(out: Path, lines: Iterable[Sequence[str | int]]) -> None:
    """Its header is the first line."""
    out.write_bytes(csv_bytes(lines))


def refuse(sentence: str, code: int) -> NoReturn:
    """The sentence on stderr, and the end."""
    click.echo(sentence, err=True)
    raise SystemExit(code)


def make_console(data_dir: Path | None, database: str, *, is_json: bool) -> Console:
    """From the options of the group."""
    return Console(data_dir or default_data_dir(), database, is_json)
