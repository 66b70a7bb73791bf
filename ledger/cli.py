"""`till-ledger`: the command line of the central books."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version as version_of
from pathlib import Path

import click
from msgspec import to_builtins

from ledger.cli_abuse import abuse
from ledger.cli_cases import case
from ledger.cli_explain import differences, explain
from ledger.cli_fleet import fleet
from ledger.cli_floor import floor
from ledger.cli_green import green, report_lines
from ledger.cli_households import household
from ledger.cli_import import importing
from ledger.cli_journal import journal
from ledger.cli_operators import operator
from ledger.cli_people import terminal
from ledger.cli_personal import member
from ledger.cli_programmes import programme
from ledger.cli_publish import coalition, merchant, products, staff, store
from ledger.cli_report import report
from ledger.cli_setting_up import bundle, stick
from ledger.cli_technicians import technician
from ledger.console import FOUND, Console, command, make_console
from ledger.database import Database
from ledger.expiring import day_that_goes_on
from ledger.expiring import expire as expire_points
from ledger.export import export
from ledger.export_check import check_export
from ledger.keys import has_keys, load_keys, new_keys, save_keys, with_new_key
from ledger.merging import sweep_merged
from ledger.migrating import upgrade
from ledger.push import sweep as sweep_books
from ledger.restoring import back_up
from ledger.restoring import restore as restore_books
from ledger.settings import save_settings
from ledger.standing import sweep_standings
from ledger.verify import verify as verify_books
from ledger.verify_log import check_witnesses
from protocol.chain_check import Witness, read_witnesses
from protocol.errors import SignatureError
from protocol.green import MAX_BYTES, read_report
from protocol.signing import Signed


@click.group(context_settings={"auto_envvar_prefix": "TILL_LEDGER", "help_option_names": ["-h", "--help"]})
@click.version_option(version_of("till-points-counter"), prog_name="till-ledger")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Keys, settings, SQLite books.")
@click.option("--database", default="", help="sqlite:///... or postgresql://...; remembered by init.")
@click.option("--json", "is_json", is_flag=True, help="One JSON object for programs.")
@click.pass_context
def main(context: click.Context, data_dir: Path | None, database: str, *, is_json: bool) -> None:
    """The central ledger of a coalition: who has how many points, and why."""
    context.obj = make_console(data_dir, database, is_json=is_json)


@main.command()
@command
def init(console: Console) -> None:
    """Make keys and books, or bring the books to this version."""
    folder = console.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not has_keys(folder):
        save_keys(new_keys(console.now_us), folder)
    settings = console.settings
    save_settings(settings)
    database = Database(settings.database)
    upgrade(database)
    database.close()
    fingerprint = load_keys(folder).fingerprint
    console.say(f"ledger in {folder}, root key {fingerprint}", data_dir=str(folder), root=fingerprint)


@main.command()
@click.option("--host", default=None, help="Loopback unless told otherwise.")
@click.option("--port", type=click.IntRange(0, 65_535), default=None, help="0: any that is free.")
@command
def serve(console: Console, host: str | None, port: int | None) -> None:
    """Answer tills until stopped; one line when it listens."""
    # FastAPI and uvicorn take longer to import than most commands run.
    from ledger.serving import make_server, spare_garbage_collection

    keys, settings = console.keys(), console.settings
    if keys.needs_new(console.now_us):
        keys = with_new_key(keys, console.now_us)
        save_keys(keys, console.data_dir)
    database = Database(settings.database)
    upgrade(database)

    def listening(host: str, port: int) -> None:
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        console.say(
            f"ledger listens on {url}, root key {keys.fingerprint}", url=url, port=port, root=keys.fingerprint
        )

    where = settings.host if host is None else host
    listens_at = settings.port if port is None else port
    server = make_server(
        database,
        keys,
        where,
        listens_at,
        listening,
        settings.forget_after_days,
        settings.session_days,
        console.data_dir / "training",
    )
    spare_garbage_collection()
    server.run()
    database.close()


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@command
def backup(console: Console, folder: Path) -> None:
    """Write the books of this moment and the keys into a new FOLDER, while the service runs."""
    with console.books() as database:
        back_up(database, console.data_dir, folder)
    console.say(f"backup in {folder}: it holds the keys, keep it locked away", folder=str(folder))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@command
def restore(console: Console, folder: Path) -> None:
    """Put a backup where no books are, and begin another epoch: tills bring what it lacks."""
    console.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = console.settings
    database = Database(settings.database)
    try:
        epoch = restore_books(folder, console.data_dir, database, console.now_us)
    finally:
        database.close()
    save_settings(settings)
    console.say(f"restored, epoch {epoch}; start the service, and tills bring what is missing", epoch=epoch)


@main.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@command
def export_(console: Console, file: Path) -> None:
    """Write what tills sent, its outcomes, the postings and the log to a new FILE that proves itself."""
    if file.exists():
        raise click.UsageError(f"{file} exists")
    keys = console.keys()
    with console.books() as database:
        count = export(database, keys, file, console.now_us)
    console.say(f"{count} lines in {file}, root key {keys.fingerprint}", lines=count, root=keys.fingerprint)


@main.command()
@click.option(
    "--export",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An export instead of the books.",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="TEXT",
    help="A receipt's QR code (W1 ...), a checkpoint, or a file with such lines; with --export.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A member's green report instead, with --root: no books are needed.",
)
@click.option("--root", default="", help="Fingerprint of the root key that the export or report must be of.")
@command
def verify(console: Console, file: Path | None, witnesses: tuple[str, ...], report: Path | None, root: str) -> None:
    """Recompute the books; exit 1 where they contradict themselves, or what others have in writing."""
    if report is not None:
        if not root or file is not None or witnesses:
            raise click.UsageError("--report is checked against --root, and by itself")
        _verify_report(console, report, root)
        return
    held = [one for text in witnesses for one in _witnesses_in(text)]
    if file is not None:
        with file.open("rb") as lines:
            found = list(check_export(lines, held, root))
    else:
        with console.books() as database:
            found = verify_books(database) + check_witnesses(database, console.keys(), held)
    console.say("\n".join(found) or "the books are right", findings=found)
    if found:
        raise SystemExit(FOUND)


def _verify_report(console: Console, file: Path, root: str) -> None:
    try:
        with file.open("rb") as data:
            report = read_report(data.read(MAX_BYTES + 1), root)
    except SignatureError as error:
        console.say(f"not to be relied on: {error}", findings=[str(error)])
        raise SystemExit(FOUND) from None
    lines = ["the ledger signed this report", *report_lines(report)]
    console.say("\n".join(lines), findings=[], report=to_builtins(report))


def _witnesses_in(text: str) -> list[Witness | Signed]:
    path = Path(text)
    found = read_witnesses(path.read_text(errors="replace") if len(text) < 256 and path.is_file() else text)
    if not found:
        raise click.UsageError(f"no witness in {text[:80]!r}")
    return found


@main.command()
@command
def sweep(console: Console) -> None:
    """Book what was received and not booked, and sweep merged accounts, as the service does every minute."""
    with console.books() as database:
        terminals = sweep_books(database)
        sweep_merged(database, console.now_us)
    console.say(f"booked what {terminals} tills had waiting", terminals=terminals)


@main.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Today, unless told otherwise.")
@command
def expire(console: Console, on: datetime | None) -> None:
    """Let points end whose last day is over, and move tiers with their window, as the service does every day."""
    with console.books() as database:
        today = on.date().isoformat() if on else day_that_goes_on(database, console.now_us)
        points = expire_points(database, today, console.now_us)
        tiers = sweep_standings(database, today)
    more = f", {tiers} tiers changed" if tiers else ""
    console.say(f"{points} points ended before {today}{more}", today=today, points=points, tiers=tiers)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@command
def openapi(console: Console, file: Path | None) -> None:
    """Write the OpenAPI document (docs/ledger-openapi.json), or print it."""
    from ledger.openapi import as_text

    text = as_text()
    if file is None:
        click.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8")
    console.say(f"wrote {file}", file=str(file))


@main.group()
def key() -> None:
    """Keys that sign for the ledger."""


@key.command()
@command
def renew(console: Console) -> None:
    """Certify a new working key ahead of its time, as `serve` does 120 days before the last one ends."""
    keys = with_new_key(console.keys(), console.now_us)
    save_keys(keys, console.data_dir)
    newest = keys.working[-1].id
    console.say(f"new working key {newest}", key=newest)


for group in (
    abuse, bundle, case, coalition, differences, explain, fleet, floor, green, household, importing, journal, member, merchant,
    operator, products, programme, report, staff, stick, store, technician, terminal,
):  # fmt: skip
    main.add_command(group)

if __name__ == "__main__":
    main()
