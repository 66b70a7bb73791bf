"""Commands that say why: how a sale's points came about, and which sales the rules make otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from ledger.console import FOUND, Console, command
from ledger.explaining import Explained, differing
from ledger.explaining import explain as explain_sale
from ledger.origins import Origin, origins_of
from points.amounts import format_exact, format_fen
from points.explain import ExplainedLine
from points.explanation import as_document
from points.quote import Quote
from protocol.ids import bucket_of


@click.command()
@click.argument("terminal")
@click.argument("seq", type=click.IntRange(1))
@command
def explain(console: Console, terminal: str, seq: int) -> None:
    """Every step from the basket to the points of a sale, by the rules of its day, and who earned the points that it used; exit
    1 where the rules make it otherwise.
    """
    with console.books() as database, database.read() as connection:
        explained = explain_sale(connection, database.terms.refreshed(connection), terminal, seq)
        sale = explained.sale
        origins = origins_of(connection, bucket_of(sale.member), sale.id.bytes)
    head = f"{sale.business_day} {sale.store} {sale.member}, {sale.programme} version {sale.programme_version}"
    steps = list(_steps(explained.quote)) if explained.quote else []
    console.say(
        "\n".join([head, *steps, *map(_came, origins), *explained.sentences]),
        terminal=terminal, seq=seq, day=sale.business_day, store=sale.store, member=sale.member,
        programme=sale.programme, version=sale.programme_version, engine=sale.engine,
        quote=as_document(explained.quote) if explained.quote else None, findings=list(explained.sentences),
        used=[{**one._asdict(), "through": list(one.through)} for one in origins],
    )  # fmt: skip
    _end(explained)


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The business day.")
@command
def differences(console: Console, day: datetime) -> None:
    """The sales of a day that the rules they name make otherwise than the till did; exit 1 where there are any."""
    with console.books() as database, database.read() as connection:
        terms = database.terms.refreshed(connection)
        found = [
            {"terminal": terminal, "seq": seq, "member": explained.sale.member, "findings": list(explained.sentences)}
            for terminal, seq, explained in differing(connection, terms, day.date().isoformat())
        ]
    lines = [f"{one['terminal']} {one['seq']}: {'; '.join(map(str, one['findings']))}" for one in found]  # type: ignore[call-overload]
    console.say("\n".join(lines) if lines else "every sale is as its rules make it", sales=found)
    if found:
        raise SystemExit(FOUND)


def _steps(quote: Quote) -> Iterator[str]:
    yield f"  {'消费 / bill':<40}{format_fen(quote.gross_fen):>14}"
    for line in quote.lines:
        yield f"  {_said(line):<40}{_figure(line):>14}"
    yield f"  {'应收 / due':<40}{format_fen(quote.due_fen):>14}"
    for award in quote.awards:
        yield f"  {award.kind:<40}{award.points:>14,}"


def _came(origin: Origin) -> str:
    through = "".join(f", through {holder}" for holder in origin.through)
    earned = f"{origin.member} earned {origin.business_day} {origin.store or origin.issuer}"
    return f"  used {origin.points:,} {origin.kind} that {earned}{through}"


def _said(line: ExplainedLine) -> str:
    factor = f" x {format_exact(line.factor)}" if line.factor is not None and line.rule != "earn" else ""
    return f"{line.name.zh} / {line.name.en}{factor} {line.category}".rstrip()


def _figure(line: ExplainedLine) -> str:
    """Points where there are some, else money."""
    return f"{format_exact(line.points)} {line.kind}" if line.points else format_fen(int(line.amount_fen))


def _end(explained: Explained) -> None:
    if explained.sentences:
        raise SystemExit(FOUND)
