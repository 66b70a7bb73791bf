"""`till-ledger`, as people and programs call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from config import data
from ledger.cli import main
from ledger.drawing import half_blocks
from protocol.codes import MemberCode, classify
from protocol.enrolment import read_invitation
from tests.ledger_service.town import COALITION, MEMBER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with the small coalition."""
    folder = tmp_path / "ledger"
    (tmp_path / "town.toml").write_text(COALITION, encoding="utf-8")
    for name in ("supermarket.toml", "restaurant.toml"):
        (tmp_path / name).write_bytes((data("programmes") / name).read_bytes())
    assert run(folder, "init").exit_code == 0
    loaded = ask(folder, "coalition", "load", str(tmp_path / "town.toml"))
    assert loaded == {"merchants": 2, "stores": 2, "products": 1, "members": 2}
    return folder


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(folder), *arguments], catch_exceptions=False)


def ask(folder: Path, *arguments: str) -> Any:
    """The one JSON object of a command."""
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_init_again_keeps_the_keys(folder: Path) -> None:
    """A second `init` finds the root key that is there."""
    assert ask(folder, "init")["root"] == ask(folder, "init")["root"]


def test_every_command_answers_people_and_programs(folder: Path, tmp_path: Path) -> None:
    """One sentence without --json, one object with it."""
    (tmp_path / "goods.csv").write_text("code,name,category,price_fen\n6901,x,grocery,1\n", encoding="utf-8")
    (tmp_path / "staff.csv").write_text("staff,name,roles,pin\n1,x,cashier,1234\n", encoding="utf-8")
    commands = [
        ["verify"], ["sweep"], ["expire"], ["expire", "--on", "2030-01-01"], ["key", "renew"],
        ["terminal", "list"], ["terminal", "invite", "zhongshan", "--url", "http://127.0.0.1:8710"],
        ["member", "list"], ["member", "show", MEMBER], ["member", "code", MEMBER], ["member", "block", MEMBER],
        ["member", "block", MEMBER, "--undo"], ["member", "pin", MEMBER, "--pin", "4321"],
        ["member", "tier", MEMBER, "silver"], ["member", "revoke", MEMBER],
        ["products", "publish", "qingsui", str(tmp_path / "goods.csv")],
        ["staff", "publish", "zhongshan", str(tmp_path / "staff.csv")],
        ["operator", "list"], ["operator", "acts"], ["programme", "proposals"],
    ]  # fmt: skip
    for command in commands:
        for_people = run(folder, *command)
        assert (for_people.exit_code, bool(for_people.stdout.strip())) == (0, True), command
        assert isinstance(ask(folder, *command), dict)


def test_a_staff_list_names_members_that_exist(folder: Path, tmp_path: Path) -> None:
    """A slip of the pen would let somebody book for himself."""
    file = tmp_path / "staff.csv"
    file.write_text(f"staff,name,roles,pin,member\n1,x,cashier,1234,{MEMBER}\n2,y,cashier,1234,\n", encoding="utf-8")
    assert ask(folder, "staff", "publish", "zhongshan", str(file))["staff"] == 2
    file.write_text("staff,name,roles,pin,member\n1,x,cashier,1234,1999999998\n", encoding="utf-8")
    result = run(folder, "staff", "publish", "zhongshan", str(file))
    assert result.exit_code == 4
    assert "staff.csv: staff 1: member: there is no member 1999999998" in result.stderr


def test_a_merchant_and_a_store_by_hand(folder: Path, tmp_path: Path) -> None:
    """Added one by one, then a till is invited there."""
    settings = {
        "store": "new-1", "name": "新店", "merchant": "new", "merchant_name": "新商户", "industry": "supermarket",
        "programme": "none-yet",
    }  # fmt: skip
    (tmp_path / "store.json").write_text(json.dumps(settings), encoding="utf-8")
    ask(folder, "merchant", "add", "new", "新商户")
    assert ask(folder, "store", "add", str(tmp_path / "store.json"))["store"] == "new-1"
    invited = ask(folder, "terminal", "invite", "new-1", "--url", "http://ledger.example:8710/")
    invitation = read_invitation(invited["invitation"])
    assert (invitation.url, invitation.root) == ("http://ledger.example:8710", invited["root"])


def test_a_member_joins_with_a_card(folder: Path) -> None:
    """The answer has the number and the static code on his card."""
    joined = ask(folder, "member", "join", "钱七", "--phone", "13900007777", "--pin", "7777")
    assert classify(joined["code"], member_awaited=True) == MemberCode(joined["member"], "code")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["member", "show", "1999999999"], 4),
        (["terminal", "revoke", "nobody-01"], 4),
        (["terminal", "declare-lost", "nobody-01"], 4),
        (["member", "join", "钱七", "--pin", "12"], 4),
        (["merchant", "add", "Has Blanks", "x"], 4),
        (["merchant", "add", "qingsui", "x"], 4),
        (["member"], 2),
        (["nonsense"], 2),
    ],
)
def test_refusals_have_an_exit_code_and_a_sentence(folder: Path, command: list[str], code: int) -> None:
    """4 for what the ledger refuses, 2 for what it does not understand; the sentence is on stderr."""
    result = run(folder, *command)
    assert result.exit_code == code
    assert result.stderr


def test_without_a_ledger(tmp_path: Path) -> None:
    """Every command but `init` says what to do first; a settings file with a slip is refused by its key."""
    result = run(tmp_path / "nothing", "verify")
    assert (result.exit_code, "till-ledger init" in result.stderr) == (4, True)
    (tmp_path / "ledger.toml").write_text("prot = 1\n", encoding="utf-8")
    assert "prot" in run(tmp_path, "init").stderr


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    """Exit 3: not reachable."""
    result = run(tmp_path, "--database", "postgresql://till@127.0.0.1:9/books?connect_timeout=1", "init")
    assert result.exit_code == 3
    assert "cannot be reached" in result.stderr


def test_verify_finds_a_changed_balance(folder: Path) -> None:
    """Exit 1, and a sentence that names the member."""
    engine = create_engine(f"sqlite:///{folder / 'ledger.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE balance SET available = available + 1"))
    engine.dispose()
    result = run(folder, "verify", "--json")
    assert result.exit_code == 1
    assert any(MEMBER in finding for finding in json.loads(result.stdout)["findings"])


def test_the_code_in_the_terminal_can_be_scanned() -> None:
    """Half blocks, dark on explicit white, with a border of four: a decoder reads them."""
    wanted = "E1 http://127.0.0.1:8710 ABCDEFGHJK 0123456789abcdef"
    rows = []
    for line in half_blocks(wanted).splitlines():
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        cells = line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m")
        rows += [[cell in "▀█" for cell in cells], [cell in "▄█" for cell in cells]]
    scale = 4
    pixels = bytes(0 if dark else 255 for row in rows for _ in range(scale) for dark in row for _ in range(scale))
    width, height = len(rows[0]) * scale, len(rows) * scale
    image = memoryview(pixels).cast("B", (height, width))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [wanted]


def test_the_key_of_a_store_settings_file_that_is_wrong(folder: Path, tmp_path: Path) -> None:
    """The file's name stands in the refusal."""
    (tmp_path / "store.json").write_text('{"store":1}', encoding="utf-8")
    result = run(folder, "store", "add", str(tmp_path / "store.json"))
    assert (result.exit_code, "store.json" in result.stderr) == (4, True)


def test_a_folder_that_is_moved_or_named_from_elsewhere_has_its_own_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that went on with the first one's books would be two ledgers in one."""
    monkeypatch.chdir(tmp_path)
    assert run(Path("books"), "init").exit_code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run(Path("../books"), "verify").exit_code == 0
    (tmp_path / "books").rename(tmp_path / "moved")
    assert run(tmp_path / "moved", "verify").exit_code == 0
    assert not (tmp_path / "books").exists()
    assert "database" not in (tmp_path / "moved" / "ledger.toml").read_text(encoding="utf-8")
