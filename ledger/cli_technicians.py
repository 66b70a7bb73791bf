"""Commands about technicians: the card that opens a till's technician screens."""

from __future__ import annotations

import secrets
from pathlib import Path

import click
from sqlalchemy import select
from sqlmodel import col

from ledger.cli_operators import by_operator, time_text, who_acts
from ledger.cli_suspending import noted
from ledger.console import Console, command
from ledger.drawing import half_blocks
from ledger.problems import NotKnownError
from ledger.schema import Store
from protocol.technician_cards import MAX_DAYS, make


@click.group()
def technician() -> None:
    """Who looks after tills and their scanners."""


@technician.command("card")
@click.argument("name")
@click.option("--store", default="", help="For this store alone; otherwise for every till of the coalition.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=7, show_default=True, help="How long it is good.")
@by_operator
@command
def technician_card(console: Console, name: str, store: str, days: int, by: str, pin_file: Path | None) -> None:
    """A card, as a QR code, that opens the technician's screens of tills by a scan. It cannot be taken back."""
    keys, now_us = console.keys(), console.now_us
    issued_s = now_us // 1_000_000
    number, expires_s = secrets.token_bytes(6), issued_s + days * 86_400
    try:
        text = make(name, store, issued_s, expires_s, number, keys.current(now_us).private)
    except ValueError:
        raise click.UsageError("name and store are too long for one code: about 28 bytes together") from None
    with console.books() as database:
        who = who_acts(console, database, by, pin_file)
        if store:
            with database.read() as connection:
                found = connection.execute(select(col(Store.store)).where(col(Store.store) == store)).first()
            if found is None:
                raise NotKnownError("store", store)
        noted(console, database, who, "technician-card", name, f"{number.hex()} {store} {days}d")
    until = time_text(expires_s * 1_000_000)
    console.say(
        f"{half_blocks(text)}\n{text}\ncard {number.hex()} of {name} for {store or 'every store'}, until {until}",
        card=text, number=number.hex(), technician=name, store=store, expires_at=expires_s * 1_000_000,
    )  # fmt: skip
