"""The floor: its table for tills and at the console, and switching it on with the table before one's eyes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.cli import main
from ledger.database import Database
from ledger.documents import newest
from ledger.settings import load_settings
from protocol.documents import FloorPolicy, StoreSettings
from protocol.floor_table import FloorTable
from tests.ledger_service.test_command_line import ask, folder, run
from tests.ledger_service.town import NOW_US, OTHER_STORE, Town

__all__ = ["folder"]


async def test_a_till_reads_the_table_of_its_own_store(town: Town) -> None:
    """Signed; of a new store the example, marked as one."""
    heard = await town.till(OTHER_STORE).ask("GET", "/v1/floor-table")
    table = heard.read(FloorTable)
    assert (table.store, table.made_at, table.is_example) == (OTHER_STORE, NOW_US, True)
    assert (table.redemptions, len(table.lines)) == (0, 5)


def test_the_table_at_the_console(folder: Path) -> None:
    """Says that there is too little, and that what follows is not this store."""
    said = run(folder, "floor", "zhongshan").stdout
    assert "too little" in said
    assert "EXAMPLE, not this store" in said
    assert "at most 250 points: 92.50 % of redemptions, 0.80 % of these points uncovered" in said
    assert ask(folder, "floor", "zhongshan", "--hours", "8")["hours"] == 8
    assert run(folder, "floor", "nowhere").exit_code == 4


def switch(folder: Path, *arguments: str, answer: str = "") -> Result:
    """`store floor zhongshan`, with what is typed at its question."""
    command = ["--data-dir", str(folder), "store", "floor", "zhongshan", *arguments]
    return CliRunner().invoke(main, command, input=answer, catch_exceptions=False)


def published(folder: Path) -> FloorPolicy:
    """What tills are told."""
    database = Database(load_settings(folder).database)
    with database.read() as connection:
        settings = newest(connection, "store", "zhongshan", StoreSettings)
    database.close()
    assert settings is not None
    assert settings.member_page == "https://p.example.com", "all other settings stay"
    return settings.floor


def test_it_is_switched_on_after_the_table_and_a_yes(folder: Path) -> None:
    """The question comes below the table; the document says who signed, and when."""
    asked = switch(folder, "--per-redemption", "250", "--who", "赵敏", answer="y\n")
    assert asked.exit_code == 0
    assert asked.stderr.index("EXAMPLE") < asked.stderr.index("Switch it on with at most 250 points")
    policy = published(folder)
    assert (policy.per_redemption, policy.per_member, policy.per_terminal) == (250, 500, 10_000)
    assert (policy.signed_by, policy.balance_age_s) == ("赵敏", 86_400)
    assert policy.signed_at > 1_700_000_000_000_000


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_without_a_yes_nothing_changes(folder: Path, answer: str) -> None:
    """Enter is a no."""
    refused = switch(folder, "--per-redemption", "250", answer=answer)
    assert (refused.exit_code, published(folder)) == (4, FloorPolicy())


def test_a_program_says_yes_beforehand_and_reads_one_object(folder: Path) -> None:
    """Bounds that are named are kept, others follow in proportion; 0 switches it off without a question."""
    answer = switch(folder, "--per-redemption", "300", "--per-member", "400", "--who", "x", "--yes", "--json")
    said = json.loads(answer.stdout)
    assert "EXAMPLE" in answer.stderr
    assert said["floor"]["per_redemption"] == 300
    assert (published(folder).per_member, published(folder).per_terminal) == (400, 12_000)
    assert switch(folder, "--per-redemption", "0", "--who", "y").exit_code == 0
    assert (published(folder).per_redemption, published(folder).signed_by) == (0, "y")
