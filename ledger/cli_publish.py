"""Commands that say what the coalition is: merchants, stores, products, staff."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from ledger import documents, tutorials
from ledger.cli_operators import by_operator
from ledger.cli_suspending import REASON, go_on, stop
from ledger.coalition import load_coalition, read_coalition
from ledger.console import FOUND, Console, command, padded
from ledger.members import find
from ledger.merchants import add_merchant, add_store, set_price
from ledger.problems import DocumentError
from ledger.sheets import read_products, read_staff
from protocol.business_days import Calendar
from protocol.documents import StoreSettings

FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group()
def merchant() -> None:
    """Who issues and accepts points."""


@merchant.command("add")
@click.argument("id_", metavar="ID")
@click.argument("name")
@command
def merchant_add(console: Console, id_: str, name: str) -> None:
    """A merchant joins the coalition."""
    with console.books() as database, database.write() as connection:
        add_merchant(connection, id_, name)
    console.say(f"merchant {id_}", merchant=id_)


@merchant.command("suspend")
@click.argument("id_", metavar="ID")
@REASON
@by_operator
@command
def merchant_suspend(console: Console, id_: str, reason: str, by: str, pin_file: Path | None) -> None:
    """Stop a merchant: his tills neither earn nor redeem, his members keep their points."""
    stop(console, "merchant", id_, reason, by, pin_file)


@merchant.command("resume")
@click.argument("id_", metavar="ID")
@REASON
@by_operator
@command
def merchant_resume(console: Console, id_: str, reason: str, by: str, pin_file: Path | None) -> None:
    """A suspended merchant goes on."""
    go_on(console, "merchant", id_, reason, by, pin_file)


@merchant.command("price")
@click.argument("kind")
@click.argument("price_mfen", type=click.IntRange(1))
@command
def merchant_price(console: Console, kind: str, price_mfen: int) -> None:
    """What any merchant is paid for accepting a point of KIND from now on, in 1/1000 fen (2000: 2 fen)."""
    with console.books() as database, database.write() as connection:
        set_price(connection, kind, price_mfen)
    console.say(f"{kind}: {price_mfen} mfen", kind=kind, price_mfen=price_mfen)


@click.group()
def store() -> None:
    """Places of a merchant."""


@store.command("add")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="SETTINGS.json")
@command
def store_add(console: Console, file: Path) -> None:
    """Add a store, or change its settings: a JSON file with the fields of the store document."""
    try:
        settings = msgspec.json.decode(file.read_bytes(), type=StoreSettings)
    except msgspec.DecodeError as error:
        raise DocumentError(file.name, "", str(error)) from None
    keys = console.keys()
    with console.books() as database, database.write() as connection:
        known = documents.newest(connection, "store", settings.store, StoreSettings)
        if known is None:
            add_store(connection, settings.store, settings.merchant, settings.name)
        number = documents.publish_store(connection, keys, settings, console.now_us)
    console.say(f"store {settings.store}, document {number}", store=settings.store, number=number)


@click.group()
def products() -> None:
    """Price lists."""


@products.command("publish")
@click.argument("merchant_id", metavar="MERCHANT")
@FILE
@command
def products_publish(console: Console, merchant_id: str, file: Path) -> None:
    """Publish a price list (CSV: code,name,category,price_fen) whole."""
    listed = read_products(file.read_bytes(), file.name, merchant_id)
    keys = console.keys()
    with console.books() as database, database.write() as connection:
        documents.publish_products(connection, keys, listed, console.now_us)
    count = len(listed.products)
    console.say(f"{count} products of {merchant_id}", merchant=merchant_id, products=count)


@click.group()
def staff() -> None:
    """Who may sign in."""


@staff.command("publish")
@click.argument("store_id", metavar="STORE")
@FILE
@command
def staff_publish(console: Console, store_id: str, file: Path) -> None:
    """Publish who works in a store (CSV: staff,name,roles,pin and, where known, member) whole; PINs are hashed at once."""
    people = read_staff(file.read_bytes(), file.name, store_id)
    keys = console.keys()
    with console.books() as database, database.write() as connection:
        for person in people.staff:
            if person.member and find(connection, "member", person.member) is None:
                raise DocumentError(file.name, f"staff {person.staff}: member", f"there is no member {person.member}")
        documents.publish_staff(connection, keys, people, console.now_us)
    console.say(f"{len(people.staff)} people of {store_id}", store=store_id, staff=len(people.staff))


@staff.command("tutorial")
@click.argument("store_id", metavar="STORE")
@command
def staff_tutorial(console: Console, store_id: str) -> None:
    """Who of those who sell in a store has passed the tutorial, and who has not; exit 1 where somebody has not."""
    with console.books() as database, database.read() as connection:
        zone = documents.newest(connection, "store", store_id, StoreSettings)
        learners = tutorials.of_store(connection, store_id)
    calendar = zone.calendar if zone is not None else Calendar()
    lines = [_learned(one, calendar) for one in learners]
    console.say("\n".join(lines), store=store_id, staff=[one._asdict() for one in learners])
    if not all(one.passed_at for one in learners):
        raise SystemExit(FOUND)


def _learned(one: tutorials.Learner, calendar: Calendar) -> str:
    who = padded(one.staff, 8) + padded(one.name, 12)
    if not one.passed_at:
        return who + "not yet"
    at = calendar.civil(one.passed_at).isoformat(sep=" ", timespec="minutes")[:16]
    return f"{who}{at}  {one.tasks} tasks in {one.attempts} attempts, {one.seconds} s, at {one.terminal}"


@click.group()
def coalition() -> None:
    """All of it from one file."""


@coalition.command("load")
@FILE
@click.option("--page", default="", help="https://p.example.com, for stores that name no member_page.")
@command
def coalition_load(console: Console, file: Path, page: str) -> None:
    """Bring the books to what a coalition file (TOML) says; what is there already stays."""
    data = file.read_bytes()
    named = {table.programme for table in read_coalition(data, file.name).merchant}
    programmes = {path: (file.parent / path).read_bytes() for path in named if (file.parent / path).is_file()}
    keys = console.keys()
    with console.books() as database:
        loaded = load_coalition(database, keys, data, programmes, console.now_us, file.name, page)
    console.say(
        f"{loaded.merchants} merchants, {loaded.stores} stores, {loaded.members} members are new", **loaded._asdict()
    )
