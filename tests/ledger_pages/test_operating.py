"""What the operator sets and types for the page."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from config import data
from ledger import documents
from ledger.cli import main
from ledger.database import Database
from ledger.problems import DocumentError
from ledger.sessions import find_session, use_link
from ledger.settings import load_settings, save_settings
from protocol.authorisations import Challenge, challenge_text
from protocol.documents import StoreSettings
from protocol.ids import new_id
from tests.ledger_service.town import COALITION, MEMBER, OTHER_STORE, STORE, Town


def run(folder: Path, *arguments: str) -> Result:
    """One command over the books in `folder`."""
    return CliRunner().invoke(main, ["--data-dir", str(folder), "--json", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with the town in it, made by commands."""
    return load(tmp_path)


def load(tmp_path: Path, *options: str) -> Path:
    """The town, loaded with these options; where its books are."""
    for name in ("supermarket.toml", "restaurant.toml"):
        (tmp_path / name).write_bytes((data("programmes") / name).read_bytes())
    (tmp_path / "coalition.toml").write_text(COALITION, encoding="utf-8")
    books = tmp_path / "books"
    for arguments in (["init"], ["coalition", "load", str(tmp_path / "coalition.toml"), *options]):
        assert run(books, *arguments).exit_code == 0
    return books


def test_the_service_desk_makes_a_link(folder: Path) -> None:
    """For the address that the stores name; what it prints signs in."""
    made = json.loads(run(folder, "member", "link", MEMBER).stdout)
    assert made["address"].startswith("HTTPS://P.EXAMPLE.COM/L/")
    database = Database(f"sqlite:///{folder}/ledger.db")
    now_us = made["ends_at"] - 1
    secret = use_link(database, made["address"].rpartition("/")[2], now_us, 1)
    assert secret is not None
    with database.read() as connection:
        found = find_session(connection, secret, now_us)
    assert found is not None
    assert found.member == MEMBER
    database.close()


def test_no_link_for_nobody_and_for_who_is_blocked(folder: Path) -> None:
    """A sentence and exit code 4."""
    run(folder, "member", "block", MEMBER)
    for number, why in ((MEMBER, "member-blocked"), ("1999999999", "unknown-member")):
        refused = run(folder, "member", "link", number)
        assert refused.exit_code == 4
        assert why in refused.stderr


def test_sessions_last_as_long_as_the_operator_says(tmp_path: Path) -> None:
    """`session_days` in ledger.toml, kept by `init`, and checked."""
    (tmp_path / "ledger.toml").write_text("session_days = 30\n", encoding="utf-8")
    assert load_settings(tmp_path).session_days == 30
    save_settings(load_settings(tmp_path))
    assert load_settings(tmp_path).session_days == 30
    (tmp_path / "ledger.toml").write_text("session_days = 0\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="session_days"):
        load_settings(tmp_path)


def test_a_page_for_stores_that_name_none(tmp_path: Path) -> None:
    """`coalition load --page`: who has an address of his own keeps it."""
    database = Database(f"sqlite:///{load(tmp_path, '--page', 'http://127.0.0.1:8710')}/ledger.db")
    with database.read() as connection:
        settings = [documents.newest(connection, "store", store, StoreSettings) for store in (STORE, OTHER_STORE)]
    database.close()
    assert [one and one.member_page for one in settings] == ["https://p.example.com", "http://127.0.0.1:8710"]


@pytest.mark.parametrize(
    ("page", "is_good"),
    [
        ("", True),
        ("https://p.example.com", True),
        ("http://192.168.1.7:8710", True),
        ("https://" + "p" * 44 + ".com", True),
        ("https://" + "p" * 45 + ".com", False),
        ("https://p.example.com/", False),
        ("https://example.com/points", False),
        ("p.example.com", False),
        ("https://p.example.com?x", False),
        ("https://积分.cn", False),
    ],
)
def test_an_address_that_no_challenge_could_carry_is_refused(sqlite_town: Town, page: str, is_good: bool) -> None:
    """It stands in capitals before a challenge, inside QR version 4."""
    town = sqlite_town
    with town.database.write() as connection:
        known = documents.newest(connection, "store", STORE, StoreSettings)
        assert known is not None
        settings = msgspec.structs.replace(known, member_page=page)
        if not is_good:
            with pytest.raises(DocumentError, match="member_page"):
                documents.publish_store(connection, town.keys, settings, town.clock())
            return
        documents.publish_store(connection, town.keys, settings, town.clock())
    challenge_text(page, Challenge(new_id(1, 1, 1), 1, b"12345", b"12", b"123456"))
