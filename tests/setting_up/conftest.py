"""A ledger with one store, and the sticks that it makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ledger.cli import main as till_ledger
from ledger.clock import wall_clock_us
from ledger.documents import publish_staff
from ledger.keys import save_keys
from protocol.documents import Staff, StaffMember
from tests.desks import _HASHER
from tests.setting_up.wheels import wheels
from tests.sync.books import STORE, Books
from tests.sync.conftest import asgi, books, founded

__all__ = ["asgi", "books", "founded"]

NOBODY = "http://127.0.0.1:9"
VERSION = "0.1.0"


class Operator:
    """Who sits at the ledger: `till-ledger` on its books, and a folder of tiny wheels."""

    def __init__(self, books: Books, folder: Path) -> None:
        self.books, self.folder = books, folder
        save_keys(books.keys, folder / "keys")
        self.wheels = wheels(folder / "wheels", VERSION)
        self.root = books.keys.fingerprint

    def call(self, *arguments: str) -> Any:
        """The one JSON object of a command."""
        data = ["--data-dir", str(self.folder / "keys"), "--database", f"sqlite:///{self.books.file}"]
        result = CliRunner().invoke(till_ledger, [*data, *arguments, "--json"], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def stick(self, *names: str, **options: str) -> Path:
        """A new stick; nobody answers at the address of its ledger."""
        folder = self.folder / "stick"
        given = [part for name in names or ("02号机",) for part in ("--name", name)]
        given += [part for key, value in options.items() for part in (f"--{key}", value)]
        self.call(
            "stick", str(folder), "--store", STORE, "--url", NOBODY, "--wheels", str(self.wheels),
            "--lock", str(self.wheels / "wheels.lock"), *given,
        )  # fmt: skip
        return folder


@pytest.fixture
def operator(books: Books, tmp_path: Path) -> Operator:
    """With somebody who works in the store, and a member."""
    books.join(points=500)
    staff = Staff(
        store=STORE,
        staff=(StaffMember(staff="1001", name="赵敏", roles=("manager",), pin_hash=_HASHER.hash("2468")),),
    )
    with books.database.write() as connection:
        publish_staff(connection, books.keys, staff, wall_clock_us())
    return Operator(books, tmp_path)
