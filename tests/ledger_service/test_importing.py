"""`till-ledger import`: what a group brings along is taken as it is or refused with its line, once, and to the last point."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import documents, members, phone_hashes
from ledger.cli import main
from ledger.database import Database
from ledger.feed import member_row
from ledger.importing import balances, cards, goods, people, staff, stores
from ledger.importing.table import Column, Report, Row, read
from ledger.importing.table import text as cell
from ledger.member_rows import member_rows
from ledger.merging import merge
from ledger.pages.words import words_in
from ledger.phone_hashes import make_phone_hashes
from ledger.verify import verify
from ledger.visits import scope_of
from protocol.codes import MemberCode, classify
from protocol.documents import Products, Staff, StoreSettings
from protocol.ids import bucket_of
from protocol.phone_keys import phone_key
from protocol.pins import pin_fits
from protocol.ranges import CodeRange
from tests.ledger_service.town import MEMBER, NOW_US, OTHER_MEMBER, PHONE, STORE, Town

Carry = Callable[..., Report]

MEMBERS = "会员卡号,姓名,手机号,等级,门店,最近消费日期\n"
BALANCES = "会员卡号,积分余额,有效期\n"


def table(text: str, columns: Sequence[Column]) -> Any:
    return read(text.encode(), "file.csv", columns)


def bring_members(town: Town, text: str, **options: Any) -> Report:
    rows = table(MEMBERS + text, people.COLUMNS)
    return people.import_members(town.database, rows, town.clock(), lambda _: None, **options)


def bring_balances(town: Town, text: str, head: str = BALANCES, **options: Any) -> Report:
    options.setdefault("beside", balances.Beside("points", "qingsui"))
    rows = table(head + text, balances.COLUMNS)
    return balances.import_balances(town.database, rows, town.clock(), lambda _: None, **options)


def bring_cards(town: Town, text: str) -> Report:
    rows = table("实体卡号,会员号\n" + text, cards.COLUMNS)
    return cards.import_cards(town.database, rows, town.clock(), lambda _: None)


def why(report: Report) -> list[tuple[int, str]]:
    return [(one.line, str(one.why)) for one in report.refused]


def dump(database: Database) -> list[str]:
    with closing(sqlite3.connect(str(database.url.database))) as connection:
        return list(connection.iterdump())


def points_of(town: Town, member: str) -> int:
    with town.database.read() as connection:
        row = member_row(connection, member)
    assert row is not None
    return sum(balance.available for balance in row.balances.values())


# --- members ----------------------------------------------------------------------------------------------------------


def test_members_are_taken_once(town: Town) -> None:
    """Masked, found by phone, known in their store at once; the same file again changes nothing."""
    text = "8600001,王小明,13700000001,gold,zhongshan,2026/11/20\n8600002,李四,,,,\n"
    assert (bring_members(town, text).new, bring_members(town, text).same) == (2, 2)
    with town.database.read() as connection:
        assert members.find(connection, "phone", "137 0000 0001") == "8600001"
        here = member_row(connection, "8600001", scope_of(connection, STORE, town.clock()))
        key = bucket_of("8600001"), "8600001"
        (there,) = member_rows(connection, [key], scope_of(connection, "binhe", town.clock()))
    assert here is not None
    assert (here.name, here.last4, here.tier, there.name) == ("王*明", "0001", "gold", "")


WRONG = [
    (
        "8600003,张三,1.38E+10,,,",
        "1.38E+10 is what a spreadsheet made of a long number; export the column phone as text",
    ),
    ("8.6E+06,张三,,,,", "8.6E+06 is what a spreadsheet made of a long number; export the column member as text"),
    ("8600003,,13700000003,,,", "a member has a name"),
    (",张三,,,,", "neither a number nor a phone"),
    ("86 00003,张三,,,,", "86 00003 is no number: letters and digits, at most 64"),
    ("AB60003,张三,,,,", "AB60003 is no member's number: digits alone; letters may stand on cards"),
    ("8600003,张三,123,,,", "…123 is no phone number"),
    ("8600003,张三,,,nowhere,", "there is no store nowhere"),
    ("8600003,张三,,,,31.12.2026", "31.12.2026 is no day; written as 2026-12-31"),
    ("8600003,张三,,,,2026-02-30", "2026-02-30 is no day; written as 2026-12-31"),
    ("0000000003,张三,,,,", "0000000003: this number is of members to practise with"),
    ("8600001,张三,,,,", "line 2 has the same already"),
    ("8600003,张三,13700000001,,,", "line 2 has the same already"),
    (f"{MEMBER},李三,13900001234,,,", f"{MEMBER} is there already, as 张*丰 1234; an import changes nobody"),
    (f"8600004,张三,,,,\n8600005,张三,{PHONE},,,", "line 16 has the same already"),
]


def test_a_row_that_is_wrong_is_refused_with_its_line(sqlite_town: Town) -> None:
    """And those before and behind it are taken."""
    text = "".join(f"{line}\n" for line, _sentence in WRONG)
    report = bring_members(sqlite_town, f"8600001,王小明,13700000001,,,\n{text}8600009,李四,,,,\n")
    assert [sentence for _line, sentence in sorted(why(report))] == [sentence for _line, sentence in WRONG]
    assert report.new == 3
    other = bring_members(sqlite_town, f"8600003,张三,{PHONE},,,\n")
    assert why(other) == [(2, f"phone or plate are of member {MEMBER} already")]


def test_who_has_no_number_gets_one_and_is_found_by_his_phone(sqlite_town: Town) -> None:
    """Also when the file comes again."""
    text = ",王小明,13700000001,,,\n"
    assert bring_members(sqlite_town, text).new == 1
    assert bring_members(sqlite_town, text).same == 1
    assert bring_balances(sqlite_town, "13700000001,50\n", "手机,积分\n").points_booked["points"] == 50


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_every_file_that_a_spreadsheet_writes_is_read(encoding: str, delimiter: str) -> None:
    """Blank lines and columns that nobody knows are passed over; what keeps digits text is taken off."""
    lines = [
        ["会员卡号", "备注", "姓名", "手机"],
        ['="0086"', "x", f'"王{delimiter}小"', "'13700000001"],
        ["", "", "", ""],
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    (row,) = read(text.encode(encoding), "file.csv", people.COLUMNS)
    assert (row.line, row.cells["name"], cell(row, "member"), cell(row, "phone")) == (
        2, f"王{delimiter}小", "0086", "13700000001",
    )  # fmt: skip


def test_a_rehearsal_writes_nothing(sqlite_town: Town) -> None:
    """It says what would become of it."""
    before = dump(sqlite_town.database)
    assert bring_members(sqlite_town, "8600001,王小明,13700000001,,,\n", is_rehearsal=True).new == 1
    assert bring_balances(sqlite_town, f"{MEMBER},50,\n", is_rehearsal=True).points_booked["points"] == 50
    assert dump(sqlite_town.database) == before


def test_phones_are_hashed_behind_for_who_was_here_in_a_year(town: Town) -> None:
    """The others' when they come; his row is told anew with it."""
    bring_members(
        town, "8600001,王小明,13700000001,,zhongshan,2026-11-01\n8600002,李四,13700000002,,zhongshan,2024-11-01\n"
    )
    salt = members.phone_salt(town.database)
    assert make_phone_hashes(town.database, town.clock()) == 1
    with town.database.read() as connection:
        scope = scope_of(connection, STORE, town.clock())
        told = {member: member_row(connection, member, scope) for member in ("8600001", "8600002")}
    assert {member: row.phone_key for member, row in told.items() if row} == {
        "8600001": phone_key("13700000001", salt), "8600002": "",
    }  # fmt: skip
    assert make_phone_hashes(town.database, town.clock()) == 0


def test_who_was_merged_meanwhile_gets_no_hash(sqlite_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tombstone keeps nothing of the person."""
    bring_members(sqlite_town, "8600001,王小明,13700000001,,zhongshan,2026-11-01\n")

    def slowly(phone: str, salt: bytes) -> str:
        merge(sqlite_town.database, "8600001", OTHER_MEMBER, NOW_US)
        return phone_key(phone, salt)

    monkeypatch.setattr(phone_hashes, "phone_key", slowly)
    make_phone_hashes(sqlite_town.database, sqlite_town.clock(), turn_s=0.01)
    with sqlite_town.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT phone_key FROM member WHERE member = '8600001'").scalar()
    assert kept == ""


# --- balances ----------------------------------------------------------------------------------------------------------


def test_every_point_of_a_file_is_accounted_for(town: Town) -> None:
    """Booked as a lot with issuer, origin and old end; the books add up, and the same file again books nothing."""
    text = f'{MEMBER},"1,200",2027-12-31\n{OTHER_MEMBER},80.00,永久\n{OTHER_MEMBER},0,\n777,40,\n{MEMBER},-5,\n'
    report = bring_balances(town, text)
    assert (report.rows, report.new, report.same, report.points_in_file["points"]) == (5, 2, 1, 1_320)
    assert (report.points_booked["points"], report.points_refused["points"]) == (1_280, 40)
    assert why(report) == [
        (6, "-5: a balance that is carried over is 0 to 1000000000000 points"), (5, "there is no member 777"),
    ]  # fmt: skip
    again = bring_balances(town, text)
    assert (again.new, again.points_same["points"], again.points_booked["points"]) == (0, 1_280, 0)
    assert (points_of(town, MEMBER), points_of(town, OTHER_MEMBER)) == (2_200, 80)
    with town.database.read() as connection:
        lots = connection.exec_driver_sql(
            "SELECT l.issuer, l.points, l.expires_on, e.type FROM lot l JOIN entry e ON e.bucket = l.bucket AND e.id = l.entry"
            " WHERE l.points IN (1200, 80) ORDER BY 2"
        ).fetchall()
    assert [tuple(lot) for lot in lots] == [
        ("qingsui", 80, "", "opening"),
        ("qingsui", 1_200, "2027-12-31", "opening"),
    ]
    assert list(verify(town.database)) == []


def test_rows_of_one_lot_are_added_whatever_number_they_name(sqlite_town: Town) -> None:
    """By his number, by his card and by his phone; the last points of each count."""
    assert bring_cards(sqlite_town, f"88001,{MEMBER}\n").new == 1
    head = "会员号,手机,积分,到期日\n"
    text = f"{MEMBER},,10,2027-01-31\n88001,,20,2027年1月31日\n,{PHONE},30,20270131\n{MEMBER},,40,46418\n"
    report = bring_balances(sqlite_town, text, head)
    assert (report.new, report.points_booked["points"], points_of(sqlite_town, MEMBER)) == (1, 100, 1_100)
    assert bring_balances(sqlite_town, text, head).points_same["points"] == 100


def test_another_balance_under_the_same_name_is_refused(sqlite_town: Town) -> None:
    """An export of a later day is no correction: nobody could say what happened to the points between."""
    bring_balances(sqlite_town, f"{MEMBER},100,2027-01-31\n")
    report = bring_balances(sqlite_town, f"{MEMBER},120,2027-01-31\n")
    assert why(report) == [
        (2, f"100 points of {MEMBER} were carried over already; an import changes no balance")
    ]  # fmt: skip
    assert (report.points_refused["points"], points_of(sqlite_town, MEMBER)) == (120, 1_100)


def test_points_have_an_issuer_and_a_kind(sqlite_town: Town) -> None:
    """Somebody stands for them."""
    for beside, sentence in (
        (balances.Beside("points", "nobody"), "there is no merchant nobody"),
        (balances.Beside("points"), "there is no merchant -"),
        (balances.Beside("pearls", "qingsui"), "there are no points of the kind pearls"),
    ):
        assert why(bring_balances(sqlite_town, f"{MEMBER},5,\n", beside=beside)) == [(2, sentence)]


# --- cards -------------------------------------------------------------------------------------------------------------


def test_a_card_leads_to_its_member(town: Town) -> None:
    """As a number that was merged into his does, at every till; the same again is the same."""
    assert (bring_cards(town, f"880001,{MEMBER}\n880002,{MEMBER}\n").new, bring_cards(town, f"880001,{MEMBER}\n").same) == (
        2, 1,
    )  # fmt: skip
    with town.database.read() as connection:
        card, member = member_row(connection, "880001"), member_row(connection, MEMBER)
    assert card is not None
    assert member is not None
    assert (card.merged_into, set(member.merged)) == (MEMBER, {"880001", "880002"})
    plastic = CodeRange(id="plastic", prefix="88", length=6, means="member")
    assert classify("880001", [plastic], member_awaited=True) == MemberCode("880001", "card")
    assert list(verify(town.database)) == []


def test_a_card_of_somebody_else_is_refused(sqlite_town: Town) -> None:
    """With its line."""
    wrong = [
        (f"880001,{OTHER_MEMBER}", "line 2 has the same already"),
        (f"{MEMBER},{MEMBER}", f"{MEMBER} is the member's own number: nothing to import"),
        (f",{MEMBER}", "a card has a number and a member"),
        ("880002,777", "there is no member 777"),
        ("880003,880001", "there is no member 880001"),
        (f"{OTHER_MEMBER},{MEMBER}", f"the card {OTHER_MEMBER} is somebody else's already"),
    ]
    text = "".join(f"{line}\n" for line, _sentence in wrong)
    report = bring_cards(sqlite_town, f"880001,{MEMBER}\n{text}")
    assert (report.new, why(report)) == (1, [(line, told) for line, (_, told) in enumerate(wrong, 3)])


# --- what tills are told ------------------------------------------------------------------------------------------------


def test_staff_join_those_who_are_there(sqlite_town: Town) -> None:
    """A PIN that somebody has stays his, nobody is taken off; who is new needs one."""
    text = (
        "门店,工号,姓名,岗位,密码\nzhongshan,1023,王芳,收银员 收银主管,9999\nzhongshan,1040,赵敏,店长,2468\n"
        "zhongshan,1041,孙七,收银员,\nnowhere,1,x,收银员,1234\nzhongshan,1042,y,boss,1234\n"
    )
    report = staff.import_staff(sqlite_town.database, sqlite_town.keys, table(text, staff.COLUMNS), NOW_US)
    assert (report.new, report.changed) == (1, 1)
    assert why(report) == [
        (6, "boss is no role here: cashier, supervisor, manager or technician"), (5, "there is no store nowhere"),
        (4, "孙七 is new and has no PIN"),
    ]  # fmt: skip
    listed = {one.staff: one for one in newest(sqlite_town, "staff", STORE, Staff).staff}
    assert listed["1023"].roles == ("cashier", "supervisor")
    assert pin_fits(listed["1023"].pin_hash, "1023")
    assert pin_fits(listed["1040"].pin_hash, "2468")


def test_products_join_the_price_list(sqlite_town: Town) -> None:
    """A new price takes the old one's place; a wrong check digit does not get in."""
    text = (
        "条码,品名,类别,售价,属性\n6900001000013,大米,grocery,41.50,\n6900001000020,节能灯,grocery,¥12.00,kwh-year=30\n"
        "6900001000021,x,grocery,1,\n690000100,y,grocery,1.234,\n"
    )
    rows = table(text, goods.COLUMNS)
    report = goods.import_products(sqlite_town.database, sqlite_town.keys, rows, NOW_US, merchant="qingsui")
    assert (report.new, report.changed) == (1, 1)
    assert why(report) == [
        (4, "6900001000021 has a wrong check digit"), (5, "1.234 is no price in yuan and fen"),
    ]  # fmt: skip
    listed = {one.code: one for one in newest(sqlite_town, "products", "qingsui", Products).products}
    assert (listed["6900001000013"].price_fen, listed["6900001000020"].attributes) == (41_50, {"kwh-year": 30})


def test_stores_are_set_up_as_another_one_is(sqlite_town: Town) -> None:
    """With its programme and its settings."""
    text = "门店编号,门店名称\nrenmin,人民路店\nzhongshan,中山路店\nA店,坏\n"
    rows = table(text, stores.COLUMNS)
    report = stores.import_stores(sqlite_town.database, sqlite_town.keys, rows, NOW_US, like=STORE)
    assert (report.new, report.same, [line for line, _ in why(report)]) == (1, 1, [4])
    made = newest(sqlite_town, "store", "renmin", StoreSettings)
    assert (made.name, made.merchant, made.member_page) == ("人民路店", "qingsui", "https://p.example.com")


def newest(town: Town, kind: Any, id_: str, content: Any) -> Any:
    with town.database.read() as connection:
        found = documents.newest(connection, kind, id_, content)
    assert found is not None
    return found


# --- any file ----------------------------------------------------------------------------------------------------------

cells = st.one_of(
    st.sampled_from(
        ["", MEMBER, PHONE, "8600001", "1.38E+10", "=1+1", "2027-12-31", "-1", "店长", "zhongshan", "0.5"]
    ),
    st.text(st.characters(exclude_characters="\r\n\x00"), max_size=12),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_in_the_cells_ends_as_a_row_or_a_refusal(sqlite_town: Town, data: st.DataObject) -> None:
    """No other error, no row without an answer, and no point too many or too few."""
    imports: list[tuple[Sequence[Column], Carry]] = [
        (people.COLUMNS, lambda rows: people.import_members(sqlite_town.database, rows, NOW_US, lambda _: None)),
        (balances.COLUMNS, lambda rows: balances.import_balances(
            sqlite_town.database, rows, NOW_US, lambda _: None, beside=balances.Beside("points", "qingsui"))),
        (cards.COLUMNS, lambda rows: cards.import_cards(sqlite_town.database, rows, NOW_US, lambda _: None)),
        (goods.COLUMNS, lambda rows: goods.import_products(
            sqlite_town.database, sqlite_town.keys, rows, NOW_US, merchant="qingsui", is_rehearsal=True)),
        (stores.COLUMNS, lambda rows: stores.import_stores(
            sqlite_town.database, sqlite_town.keys, rows, NOW_US, like=STORE, is_rehearsal=True)),
    ]  # fmt: skip
    columns, carry = data.draw(st.sampled_from(imports))
    drawn = data.draw(st.lists(st.tuples(*(cells for _ in columns)), max_size=6))
    names = [column.name for column in columns]
    rows = [Row(line, dict(zip(names, row, strict=True))) for line, row in enumerate(drawn, 2)]
    report = carry(iter(rows))
    assert report.rows == len(rows)
    if columns is not balances.COLUMNS:
        assert report.new + report.changed + report.same + len(report.refused) == len(rows)
    assert all(one.why.in_words(words_in("zh-CN").say) for one in report.refused)
    assert list(verify(sqlite_town.database)) == []


# --- the command ---------------------------------------------------------------------------------------------------------


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(folder), *arguments], catch_exceptions=False)


def test_the_command_rehearses_says_and_writes_what_it_refused(tmp_path: Path) -> None:
    """In Chinese too; the refused lines can be opened as a table; what was done stands among the acts."""
    folder, file, refused = tmp_path / "ledger", tmp_path / "会员.csv", tmp_path / "refused.csv"
    file.write_bytes((MEMBERS + "8600001,王小明,13700000001,,,\n8600002,李四,1.37E+10,,,\n").encode("gb18030"))
    assert run(folder, "init").exit_code == 0
    rehearsed = run(folder, "import", "members", str(file), "--dry-run", "--lang", "zh-CN")
    assert (rehearsed.exit_code, rehearsed.stdout.splitlines()[:2]) == (
        1, ["演练：什么也没有写入", "2 行：新增 1，更改 0，已有 0，拒收 1"],
    )  # fmt: skip
    done = run(folder, "import", "members", str(file), "--refused", str(refused), "--json")
    told = json.loads(done.stdout)
    assert (told["new"], told["dry_run"], [one["line"] for one in told["refused"]]) == (1, False, [3])
    with refused.open(encoding="utf-8-sig", newline="") as opened:
        assert [row[0] for row in csv.reader(opened)][1:] == ["3"]
    acts = json.loads(run(folder, "operator", "acts", "--json").stdout)["acts"]
    assert [act["what"] for act in acts] == ["imported-members"]
    assert run(folder, "import", "members", str(file), "--refused", str(refused)).exit_code == 2


def test_a_file_that_is_no_table_is_refused_whole(tmp_path: Path) -> None:
    """With what is missing."""
    folder, file = tmp_path / "ledger", tmp_path / "x.csv"
    file.write_bytes(b"a,b\n1,2\n")
    assert run(folder, "init").exit_code == 0
    result = run(folder, "import", "balances", str(file))
    assert (result.exit_code, "there is no column points" in result.stderr) == (4, True)
