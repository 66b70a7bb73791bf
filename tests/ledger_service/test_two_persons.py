"""Publishing takes two: who proposes, and another one who approves; each act is recorded."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI

from config import data
from ledger import documents, operators, proposals
from ledger.acts import acts, verify_acts
from ledger.chores import do_chores, doing_chores
from ledger.cli import main
from ledger.coalition import load_coalition
from ledger.forbidden import set_forbidden
from ledger.problems import DocumentError, NotKnownError, OperatorError, ProposalError, TakenError
from ledger.verify import verify
from points.natures import Forbidden
from protocol.documents import ProgrammeText
from tests.ledger_service.test_publishing import changed
from tests.ledger_service.town import COALITION, Town

SECOND = changed("version = 1", "version = 2")
THIRD = changed("version = 1", "version = 3")
HOUR_US = 3_600_000_000


@pytest.fixture
def two(town: Town) -> Town:
    """A town with two operators, on both engines."""
    with town.database.write() as connection:
        operators.add_operator(connection, "何芸", "1111", "", town.clock())
        operators.add_operator(connection, "陆川", "2222", "", town.clock())
    return town


def propose(town: Town, data: bytes = SECOND, by: str = "何芸", in_force_from: int = 0) -> int:
    with town.database.write() as connection:
        found, _programme = proposals.propose(connection, data, "market.toml", by, town.clock(), in_force_from)
    return found.number


def approve(town: Town, number: int, by: str = "陆川") -> proposals.Proposed:
    with town.database.write() as connection:
        return proposals.approve(connection, town.keys, number, by, town.clock())


def published(town: Town) -> int:
    """The version that tills are told."""
    with town.database.read() as connection:
        text = documents.newest(connection, "programme", "qingsui-market", ProgrammeText)
    assert text is not None
    return text.version


def done(town: Town) -> list[tuple[str, str]]:
    """Who did what, without the beginning."""
    with town.database.read() as connection:
        return [(deed.by, deed.what) for deed, _hash in acts(connection) if deed.what.startswith("programme-")][2:]


def test_one_proposes_another_approves_and_only_then_it_is_signed(two: Town) -> None:
    """What tills get is what was proposed."""
    number = propose(two)
    assert published(two) == 1
    assert approve(two, number).state == "published"
    assert published(two) == 2
    assert done(two) == [("何芸", "programme-proposed"), ("陆川", "programme-approved"), ("", "programme-published")]
    assert verify(two.database) == []


def test_nobody_approves_what_he_proposed(two: Town) -> None:
    """Nothing is published, and the proposal waits for another one."""
    number = propose(two)
    with pytest.raises(ProposalError, match="another operator"):
        approve(two, number, by="何芸")
    assert published(two) == 1
    assert approve(two, number).state == "published"


def test_a_proposal_is_decided_once(two: Town) -> None:
    """Not approved twice, not withdrawn afterwards; one that was withdrawn is not approved."""
    number = propose(two)
    approve(two, number)
    for decide in (approve, lambda town, number: withdraw(town, number)):
        with pytest.raises(ProposalError, match="is published"):
            decide(two, number)
    other = propose(two, THIRD)
    withdraw(two, other)
    with pytest.raises(ProposalError, match="is withdrawn"):
        approve(two, other)
    assert published(two) == 2


def withdraw(town: Town, number: int) -> None:
    with town.database.write() as connection:
        proposals.withdraw(connection, number, "何芸", town.clock(), "a slip")


def test_what_cannot_be_published_is_not_proposed(two: Town) -> None:
    """A promise that may not be, an old version, the one that stands, an example that does not come true."""
    for wrong in (
        SECOND.replace("不退换".encode(), "可提现".encode()),
        changed("青穗超市积分", "青穗积分"),
        changed("version = 1", "version = 1"),
        SECOND.replace(b"awarded = { points = 300 }", b"awarded = { points = 301 }"),
    ):
        with pytest.raises(DocumentError):
            propose(two, wrong)
    with two.database.read() as connection:
        assert proposals.proposals(connection, is_all=True) == []


def test_what_came_between_is_checked_again(two: Town) -> None:
    """Another version was published meanwhile; the coalition forbids more. It stays open, and says why."""
    first, second = propose(two), propose(two, THIRD)
    approve(two, second)
    with pytest.raises(DocumentError, match="version 3 is published"):
        approve(two, first)
    bar = changed("version = 1", "version = 4").replace(b'en = "drinks" }', b'en = "drinks" }\nnature = "alcohol"')
    number = propose(two, bar)
    rule = {"nature": "alcohol", "applies_to": "both", "reason": {"zh": "约定", "en": "as agreed"}}
    with two.database.write() as connection:
        set_forbidden(connection, [Forbidden.model_validate(rule)])
    with pytest.raises(DocumentError, match="as agreed"):
        approve(two, number)
    with two.database.read() as connection:
        assert [one.state for one in proposals.proposals(connection)] == ["open", "open"]


def test_it_comes_in_force_when_it_was_said(two: Town) -> None:
    """The service publishes it then, once; one that was overtaken fails with its reason."""
    later = two.clock() + HOUR_US
    number, overtaken = propose(two, THIRD, in_force_from=later), propose(two, SECOND, in_force_from=later + 1)
    assert (approve(two, number).state, approve(two, overtaken).state) == ("approved", "approved")
    do_chores(two.database, two.keys, later - 1)
    assert published(two) == 1
    do_chores(two.database, two.keys, later + 1)
    assert published(two) == 3
    with two.database.read() as connection:
        states = {one.number: (one.state, one.why) for one in proposals.proposals(connection, is_all=True)}
    assert states[number] == ("published", "")
    assert states[overtaken][0] == "failed"
    assert "version 3 is published" in states[overtaken][1]
    assert done(two)[-1] == ("", "programme-failed")


def test_what_is_approved_is_what_was_proposed(two: Town) -> None:
    """A text that was changed in the books is not published."""
    number = propose(two)
    with two.database.write() as connection:
        longer = "CAST(content || ' ' AS BLOB)" if two.database.is_sqlite else "content || ' '::bytea"
        connection.exec_driver_sql(f"UPDATE proposal SET content = {longer}")
    with pytest.raises(ProposalError, match="not what was proposed"):
        approve(two, number)
    assert published(two) == 1


def test_a_text_that_was_changed_while_it_waited_holds_up_nothing(two: Town) -> None:
    """It fails with its reason; what else the service does every minute is done."""
    later = two.clock() + HOUR_US
    number, whole = propose(two, in_force_from=later), propose(two, THIRD, in_force_from=later + 1)
    approve(two, number)
    approve(two, whole)
    with two.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE proposal SET sha256 = 'x' WHERE number = {number}")
    do_chores(two.database, two.keys, later + 1)
    assert published(two) == 3
    with two.database.read() as connection:
        assert (proposals.find(connection, number).state, proposals.find(connection, whole).state) == (
            "failed", "published"
        )  # fmt: skip


async def test_a_chore_that_fails_holds_none_of_the_others_back(two: Town) -> None:
    """Here the sweep of merged members has lost its table."""
    approve(two, propose(two, in_force_from=two.clock() + 1))
    with two.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE merged")
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        do_chores(two.database, two.keys, two.clock() + HOUR_US)
    assert published(two) == 1
    async with doing_chores(two.database, two.keys, after_days=1)(FastAPI()):
        for _ in range(1_000):  # at most 20 s
            if published(two) == 2:
                break
            await asyncio.sleep(0.02)
    assert published(two) == 2


def test_an_act_that_was_changed_is_found(two: Town) -> None:
    """`verify` names it; also one that was taken out."""
    approve(two, propose(two))
    with two.database.write() as connection:
        last = connection.exec_driver_sql("SELECT max(number) FROM act").scalar_one()
        connection.exec_driver_sql("UPDATE act SET done_by = 'nobody' WHERE number = 4")
    assert [line for line in verify(two.database) if line.startswith("act 4 ")]
    with two.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM act WHERE number = 4")
        assert [line.startswith("act 5 ") for line in verify_acts(connection)] == [True]
    assert last > 5


def test_two_operators_are_added_by_nobody_and_every_other_by_one_of_them(two: Town) -> None:
    """And two always stay."""
    with two.database.write() as connection:
        with pytest.raises(OperatorError, match="one of them adds"):
            operators.add_operator(connection, "王五", "3333", "", two.clock())
        with pytest.raises(OperatorError, match="two operators are needed"):
            operators.remove_operator(connection, "何芸", "陆川", two.clock())
        operators.add_operator(connection, "王五", "3333", "何芸", two.clock())
        operators.remove_operator(connection, "何芸", "王五", two.clock())
        with pytest.raises(TakenError):
            operators.add_operator(connection, "何芸", "1111", "王五", two.clock())
        assert set(operators.names(connection)) == {"王五", "陆川"}
    with pytest.raises(OperatorError, match="has this PIN"):
        operators.prove(two.database, "何芸", "1111", two.clock())
    with pytest.raises(NotKnownError), two.database.write() as connection:
        operators.set_pin(connection, "何芸", "4444", "王五", two.clock())


def test_a_pin_is_not_guessed(two: Town) -> None:
    """Five wrong ones lock the name for five minutes, also for the right one; a right one starts anew."""
    database, now = two.database, two.clock()
    assert operators.prove(database, "何芸", "1111", now) == "何芸"
    for _try in range(5):
        with pytest.raises(OperatorError, match="has this PIN"):
            operators.prove(database, "何芸", "9999", now)
    with pytest.raises(OperatorError, match="locked for 300 s"):
        operators.prove(database, "何芸", "1111", now)
    assert operators.prove(database, "何芸", "1111", now + operators.LOCKED_US) == "何芸"
    with pytest.raises(OperatorError, match="has this PIN"):
        operators.prove(database, "nobody", "1111", now)


def test_loading_a_coalition_publishes_a_merchants_first_programme_alone(town: Town) -> None:
    """A newer version in the file is refused; so is another programme for who has one."""
    files = {name: (data("programmes") / name).read_bytes() for name in ("supermarket.toml", "restaurant.toml")}
    for other in (SECOND, changed('id = "qingsui-market"', 'id = "side-door"')):
        with pytest.raises(DocumentError, match="another operator approves"):
            load_coalition(
                town.database, town.keys, COALITION.encode(), files | {"supermarket.toml": other}, town.clock()
            )
    assert published(town) == 1
    with town.database.read() as connection:
        assert {deed.what for deed, _hash in acts(connection)} == {"programme-loaded"}


# --- at the console ----------------------------------------------------------------------------------------------------------


def run(folder: Path, *arguments: str, pin: str = "", keys: str = "") -> Result:
    return CliRunner().invoke(
        main,
        ["--data-dir", str(folder), *arguments],
        env={"TILL_LEDGER_PIN": pin},
        input=keys,
        catch_exceptions=False,
    )


def ask(folder: Path, *arguments: str, pin: str = "") -> Any:
    result = run(folder, *arguments, "--json", pin=pin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_whole_way_at_the_console(tmp_path: Path) -> None:
    """PINs are typed, or come from the environment or a file; what others' points cost is shown before anything is decided."""
    folder, file = tmp_path / "ledger", tmp_path / "market.toml"
    (tmp_path / "town.toml").write_text(
        COALITION + '[[kind]]\ncode = "points"\nprice_mfen = 2_000\n', encoding="utf-8"
    )
    for name in ("supermarket.toml", "restaurant.toml"):
        (tmp_path / name).write_bytes((data("programmes") / name).read_bytes())
    file.write_bytes(SECOND)
    run(folder, "init")
    run(folder, "coalition", "load", str(tmp_path / "town.toml"))
    assert (
        "no operator of this name" in run(folder, "programme", "propose", str(file), "--by", "何芸", pin="1").stderr
    )
    assert run(folder, "operator", "add", "何芸", keys="1111\n1111\n").exit_code == 0
    (tmp_path / "pin").write_text("2222\n", encoding="utf-8")
    assert run(folder, "operator", "add", "陆川", "--new-pin-file", str(tmp_path / "pin")).exit_code == 0
    assert run(folder, "operator", "add", "王五", keys="3333\n3333\n").exit_code == 2
    typed = run(folder, "programme", "propose", str(file), "--by", "何芸", "--from", "2099-01-01", keys="1111\n")
    assert "others' points: paid 20, borne 0" in typed.stdout
    assert "PIN" not in typed.stdout
    assert run(folder, "programme", "approve", "1", "--by", "何芸", pin="1111").exit_code == 4
    waiting = ask(folder, "programme", "approve", "1", "--by", "陆川", "--pin-file", str(tmp_path / "pin"))
    assert waiting["state"] == "approved"
    shown = ask(folder, "programme", "show", "1")
    assert 'id = "qingsui-market"' in shown["document"]
    assert (shown["proposed_by"], shown["prices"][0]["paid_fen"]) == ("何芸", "2,000")
    assert "others' points: paid 20, borne 0" in run(folder, "programme", "show", "1").stdout
    withdrawn = ask(folder, "programme", "withdraw", "1", "--by", "何芸", "--reason", "too late", pin="1111")
    assert (withdrawn["state"], withdrawn["why"]) == ("withdrawn", "too late")
    proposed = ask(folder, "programme", "propose", str(file), "--by", "陆川", pin="2222")
    assert {"reward": "voucher", "kind": "points", "points": 1_000, "value_fen": 2_000, "paid_fen": "2,000",
            "borne_fen": "0"} in proposed["prices"]  # fmt: skip
    assert ask(folder, "programme", "approve", "2", "--by", "何芸", pin="1111")["state"] == "published"
    assert ask(folder, "programme", "proposals")["proposals"] == []
    assert len(ask(folder, "programme", "proposals", "--all")["proposals"]) == 2
    assert ask(folder, "operator", "pin", "陆川", "--new-pin-file", str(tmp_path / "pin"), "--by", "何芸", pin="1111")
    assert ask(folder, "operator", "list")["operators"] == ["何芸", "陆川"]
    what = [act["what"] for act in ask(folder, "operator", "acts")["acts"]]
    assert what[-2:] == ["programme-published", "operator-pin"]
    assert "programme-withdrawn" in run(folder, "operator", "acts").stdout
