"""`till-ledger import`: what a group brings along from the systems before. First a rehearsal (`--dry-run`), then the same."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from ledger.acts import record
from ledger.cli_operators import by_operator, who_acts
from ledger.console import FOUND, Console, command, must_be_new, padded, write_csv
from ledger.database import Database
from ledger.importing import balances, cards, goods, people, staff, stores
from ledger.importing.table import Column, Report, Row, Tell, read
from ledger.pages.words import Language, Words, msg, own_language, words_in
from ledger.problems import DocumentError
from points import ProgrammeError

Work = Callable[[Database, Iterator[Row], Tell], Report]

KINDS: Final[dict[str, Sequence[Column]]] = {
    "members": people.COLUMNS, "balances": balances.COLUMNS, "cards": cards.COLUMNS, "staff": staff.COLUMNS,
    "products": goods.COLUMNS, "stores": stores.COLUMNS,
}  # fmt: skip
"""What can be imported, in the order in which a group does it, stores before people."""

_SHOWN: Final = 10
"""Refused lines on the screen; all of them in the file."""


@click.group("import")
def importing() -> None:
    """Bring members, balances, cards, staff, products and stores along from the systems before."""


def _options(function: Any) -> Any:
    for option in (
        click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False)),
        click.option("--dry-run", "is_rehearsal", is_flag=True, help="Say what would become of it, and write nothing."),
        click.option("--refused", type=click.Path(path_type=Path, dir_okay=False), help="A new CSV of the refused lines."),
        click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise."),
        by_operator,
    ):  # fmt: skip
        function = option(function)
    return function


class _Import:
    """One call: reads the file, carries it out, and says what became of it."""

    def __init__(
        self, console: Console, what: str, file: Path, *, is_rehearsal: bool, refused: Path | None, lang: Language | None,
        by: str, pin_file: Path | None,
    ) -> None:  # fmt: skip
        must_be_new(refused)
        self._console, self._what, self._file = console, what, file
        self._is_rehearsal, self._refused = is_rehearsal, refused
        self._by, self._pin_file = by, pin_file
        self._words = words_in(lang or own_language())

    def run(self, columns: Sequence[Column], work: Work) -> None:
        data = self._file.read_bytes()
        with self._console.books() as database:
            who = who_acts(self._console, database, self._by, self._pin_file)
            try:
                with _progress(data.count(b"\n")) as tell:
                    report = work(database, read(data, self._file.name, columns), tell)
            except ProgrammeError as error:
                raise DocumentError(
                    self._file.name, f"line {error.line}" if error.line else "", str(error.why)
                ) from None
            if not self._is_rehearsal:
                with database.write() as connection:
                    counts = {"rows": report.rows, "new": report.new, "refused": len(report.refused)}
                    record(
                        connection,
                        who,
                        f"imported-{self._what}",
                        self._console.now_us,
                        file=self._file.name,
                        **counts,
                    )
        self._say(report)

    def _say(self, report: Report) -> None:
        told = [(one.line, one.why.in_words(self._words.say)) for one in report.refused]
        if self._refused and told:
            header = (self._words.say(msg("line")), self._words.say(msg("why")))
            write_csv(self._refused, [header, *told])
        self._console.say(
            "\n".join(_lines(report, told, self._words, is_rehearsal=self._is_rehearsal)),
            rows=report.rows, new=report.new, changed=report.changed, same=report.same, dry_run=self._is_rehearsal,
            refused=[{"line": line, "why": why} for line, why in told],
            points={"file": report.points_in_file, "booked": report.points_booked, "same": report.points_same,
                    "refused": report.points_refused},
        )  # fmt: skip
        if told:
            raise SystemExit(FOUND)


@importing.command("columns")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--lang", type=click.Choice(["zh-CN", "en"]), help="Language; that of this machine otherwise.")
@command
def import_columns(console: Console, kind: str, lang: Language | None) -> None:
    """The columns of a file: name, what else it may be called, what is in it."""
    words = words_in(lang or own_language())
    lines = [
        padded(f"{column.name}{' *' if column.is_needed else ''}", 14)
        + padded(words.say(column.what), 50) + " / ".join(column.others)
        for column in KINDS[kind]
    ]  # fmt: skip
    told = [
        {"name": column.name, "needed": column.is_needed, "others": column.others, "what": words.say(column.what)}
        for column in KINDS[kind]
    ]
    console.say("\n".join([*lines, f"* {words.say(msg('needed'))}"]), columns=told)


@importing.command("members")
@_options
@command
def import_members(console: Console, /, **options: Any) -> None:
    """Members as the system before knew them. Nobody who is there already is changed."""
    now_us, is_rehearsal = console.now_us, options["is_rehearsal"]
    _Import(console, "members", **options).run(
        people.COLUMNS,
        lambda database, table, tell: people.import_members(database, table, now_us, tell, is_rehearsal=is_rehearsal),
    )


@importing.command("balances")
@_options
@click.option("--kind", default="points", show_default=True, help="Kind of points, where the file does not say it.")
@click.option("--issuer", default="", help="The merchant who stands for them, where the file does not say it.")
@command
def import_balances(console: Console, /, kind: str, issuer: str, **options: Any) -> None:
    """Points that members had before, each lot with its issuer and its end. Twice is once."""
    now_us, is_rehearsal, beside = console.now_us, options["is_rehearsal"], balances.Beside(kind, issuer)
    _Import(console, "balances", **options).run(
        balances.COLUMNS,
        lambda database, table, tell: balances.import_balances(
            database, table, now_us, tell, beside=beside, is_rehearsal=is_rehearsal
        ),
    )


@importing.command("cards")
@_options
@command
def import_cards(console: Console, /, **options: Any) -> None:
    """Cards beside members' numbers; each leads to its member, at tills without a network too."""
    now_us, is_rehearsal = console.now_us, options["is_rehearsal"]
    _Import(console, "cards", **options).run(
        cards.COLUMNS,
        lambda database, table, tell: cards.import_cards(database, table, now_us, tell, is_rehearsal=is_rehearsal),
    )


@importing.command("staff")
@_options
@command
def import_staff(console: Console, /, **options: Any) -> None:
    """Who works in which store. A PIN that somebody has stays his."""
    now_us, is_rehearsal, keys = console.now_us, options["is_rehearsal"], console.keys()
    _Import(console, "staff", **options).run(
        staff.COLUMNS,
        lambda database, table, _tell: staff.import_staff(database, keys, table, now_us, is_rehearsal=is_rehearsal),
    )


@importing.command("products")
@_options
@click.option("--merchant", default="", help="Whose price list, where the file does not say it.")
@command
def import_products(console: Console, /, merchant: str, **options: Any) -> None:
    """Price lists; new prices take the place of old ones."""
    now_us, is_rehearsal, keys = console.now_us, options["is_rehearsal"], console.keys()
    _Import(console, "products", **options).run(
        goods.COLUMNS,
        lambda database, table, _tell: goods.import_products(
            database, keys, table, now_us, merchant=merchant, is_rehearsal=is_rehearsal
        ),
    )


@importing.command("stores")
@_options
@click.option("--like", default="", help="The store whose settings a new one takes, where the file does not say it.")
@command
def import_stores(console: Console, /, like: str, **options: Any) -> None:
    """Stores of a group, each set up as another one is."""
    now_us, is_rehearsal, keys = console.now_us, options["is_rehearsal"], console.keys()
    _Import(console, "stores", **options).run(
        stores.COLUMNS,
        lambda database, table, _tell: stores.import_stores(
            database, keys, table, now_us, like=like, is_rehearsal=is_rehearsal
        ),
    )


@contextmanager
def _progress(lines: int) -> Iterator[Tell]:
    """A bar on standard error, where somebody looks at it."""
    with click.progressbar(length=max(1, lines), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done: bar.update(done - bar.pos)


def _lines(report: Report, told: Sequence[tuple[int, str]], words: Words, *, is_rehearsal: bool) -> Iterator[str]:
    if is_rehearsal:
        yield words.say(msg("A rehearsal: nothing was written"))
    summary = msg("{rows} rows: {new} new, {changed} changed, {same} there already, {refused} refused")
    yield words.say(summary).format(
        rows=f"{report.rows:,}", new=f"{report.new:,}", changed=f"{report.changed:,}", same=f"{report.same:,}",
        refused=f"{len(told):,}",
    )  # fmt: skip
    for kind, many in sorted(report.points_in_file.items()):
        sums = msg("{kind}: {file} points in the file = {booked} booked + {same} booked before + {refused} refused")
        parts = {"booked": report.points_booked, "same": report.points_same, "refused": report.points_refused}
        yield words.say(sums).format(
            kind=kind, file=f"{many:,}", **{name: f"{part[kind]:,}" for name, part in parts.items()}
        )
    for line, why in told[:_SHOWN]:
        yield words.say(msg("line {line}: {why}")).format(line=line, why=why)
    if len(told) > _SHOWN:
        reasons = Counter(one.why.template for one in report.refused)
        yield words.say(msg("and {more} more; all of them with --refused FILE")).format(
            more=f"{len(told) - _SHOWN:,}"
        )
        for template, many in reasons.most_common():
            yield f"  {many:,} × {words.say(template)}"
