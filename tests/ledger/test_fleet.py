"""Which tills need a visit: every trouble that the ledger can see has its sentence, and the worst stands first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from ledger import heartbeats, rows
from ledger.database import Database
from ledger.enrolment import left_behind
from ledger.fleet import DAY_US, HOUR_US, MINUTE_US, Judged, judged, tills_of
from ledger.fleet_words import table, why
from ledger.pages.words import words_in
from ledger.schema import Merchant, Store, Terminal
from ledger.schema_fleet import HeartbeatRow
from ledger.schema_outage import OutageReportRow
from ledger.store_tills import tills_of_store
from protocol.authorisations import terminal_tag
from protocol.fleet import Heartbeat

NOW = 1_900_000_000_000_000
WELL = Heartbeat(
    version="0.2.0", system="Windows 10", entries=100, cache_as_of=NOW - MINUTE_US, programme="market", programme_version=3,
    rules_until=NOW + 30 * DAY_US, scans=400, scan_errors=3, disk_free_bytes=20_000_000_000,
)  # fmt: skip


@pytest.fixture
def database(database: Database) -> Database:
    """Books with two merchants' stores, on each engine."""
    with database.write() as connection:
        for merchant, store in (("qingsui", "zhongshan"), ("other", "other-1")):
            rows.insert(connection, Merchant, [tuple(_filled(Merchant, merchant=merchant, name=merchant))])
            rows.insert(connection, Store, [tuple(_filled(Store, store=store, merchant=merchant))])
    return database


def _filled(model: Any, **known: object) -> Iterator[object]:
    for column in model.__table__.columns:
        empty: object = b"" if "BLOB" in str(column.type).upper() or "BINARY" in str(column.type).upper() else 0
        empty = "" if "CHAR" in str(column.type).upper() or "TEXT" in str(column.type).upper() else empty
        yield known.get(column.name, empty)


def put(
    database: Database, terminal: str, beat: Heartbeat | None = WELL, heard_at: int = NOW - MINUTE_US, store: str = "zhongshan",
    **columns: Any,
) -> None:  # fmt: skip
    known: dict[str, object] = {
        "terminal": terminal, "store": store, "name": "02号机", "status": "active", "head_seq": 100,
        "enrolled_at": NOW - 30 * DAY_US, "seen_at": NOW - 30 * DAY_US, "tag": terminal_tag(terminal), **columns,
    }  # fmt: skip
    with database.write() as connection:
        rows.insert(connection, Terminal, [tuple(_filled(Terminal, **known))])
        if beat is not None:
            heartbeats.keep(connection, terminal, beat, heard_at)
        rows.insert(connection, OutageReportRow, [(terminal, NOW - DAY_US, "pass", NOW - DAY_US, b"")])


def found(database: Database, **filters: str) -> list[Judged]:
    with database.read() as connection:
        return judged(tills_of(connection, **filters), NOW)


def only(database: Database) -> Judged:
    (one,) = found(database)
    return one


def test_a_till_that_is_well(database: Database) -> None:
    """Nothing is said of it but that."""
    put(database, "zhongshan-01")
    one = only(database)
    assert (one.troubles, one.needs_a_visit, why(one, words_in("en"))) == ((), False, "all is well")


WAITING = {"entries": 137, "waiting": 37, "waiting_fen": 823_000}


@pytest.mark.parametrize(
    ("beat", "heard_at", "columns", "code", "english", "chinese"),
    [
        (WAITING | {"is_shift_open": True, "waiting_since": NOW - 4 * DAY_US}, NOW - 3 * DAY_US, {}, "silent",
         "Not heard for 3 days, when 37 entries (¥8,230.00) waited.", "已失联3天，当时有37笔（¥8,230.00）未上传。"),
        ({"is_shift_open": True}, NOW - 5 * HOUR_US, {}, "silent",
         "Not heard for 5 hours, in the middle of a shift.", "营业中失联5小时。"),
        ({}, NOW - 4 * DAY_US, {}, "silent", "Not heard for 4 days.", "已失联4天。"),
        (WAITING | {"waiting_since": NOW - 3 * HOUR_US}, NOW - MINUTE_US, {}, "stuck",
         "It is heard, but 37 entries (¥8,230.00) have not come through for 2 hours.",
         "联得上，但有37笔（¥8,230.00）2小时没传上来。"),
        (WAITING, NOW - DAY_US, {"status": "revoked"}, "ended-waiting",
         "It has ended, and 37 entries (¥8,230.00) lie there: carry its journal here.",
         "已停用，机内还有37笔（¥8,230.00）：请把流水文件带回后台。"),
        ({"ended": "journal-forked"}, NOW, {}, "stopped",
         "It sells nothing more (journal-forked): pair it anew.", "已停止积分（journal-forked）：请重新绑定。"),
        ({"cache_as_of": NOW - 3 * DAY_US}, NOW, {}, "cache-old", "Its balances are 3 days old.", "积分数据是3天前的。"),
        ({"cache_as_of": 0}, NOW, {}, "no-cache", "It knows no members and no rules.", "没有会员和规则数据。"),
        ({"rules_until": NOW - 1}, NOW, {}, "rules-over",
         "Its rules have run out: it redeems nothing.", "规则已过期，不能兑换。"),
        ({"rules_until": NOW + 2 * DAY_US}, NOW, {}, "rules-ending", "Its rules run out in 2 days.", "规则还有2天过期。"),
        ({"offset_us": -300_000_000}, NOW, {}, "clock", "Its clock is 5 minutes wrong.", "时钟差5分钟。"),
        ({"scanner_code": "port-gone"}, NOW, {}, "scanner",
         "Its scanner does not work (port-gone).", "扫码枪不能用（port-gone）。"),
        ({"scans": 300, "scan_errors": 45}, NOW, {}, "scan-errors",
         "45 scans were misread, 300 were good.", "扫码误读45次，读对300次。"),
        ({"disk_free_bytes": 50_000_000}, NOW, {}, "disk", "50 MB are left on its disk.", "存储只剩50 MB。"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value and value.isascii() else "",
)  # fmt: skip
def test_every_trouble_has_its_sentence(
    database: Database, beat: dict[str, Any], heard_at: int, columns: dict[str, Any], code: str, english: str, chinese: str
) -> None:  # fmt: skip
    """In both languages, and it is worth a visit."""
    put(database, "zhongshan-01", msgspec.structs.replace(WELL, **beat), heard_at, **columns)
    one = only(database)
    assert (one.troubles[0].code, one.needs_a_visit) == (code, True), one.troubles
    assert (why(one, words_in("en"), 1), why(one, words_in("zh-CN"), 1)) == (english, chinese)


def test_a_rehearsal_is_taken_from_its_report(database: Database) -> None:
    """Failed: somebody goes there. Never held, or long ago: said, and nobody goes for that alone."""
    for number, (result, rehearsed_at) in enumerate((("fail", 5), ("pass", 0), ("pass", NOW - 100 * DAY_US)), 1):
        put(database, f"zhongshan-0{number}")
        with database.write() as connection:
            rows.update(
                connection,
                OutageReportRow,
                ("result", "rehearsed_at"),
                [(f"zhongshan-0{number}", result, rehearsed_at)],
            )
    assert [(one.troubles[0].code, one.needs_a_visit) for one in found(database)] == [
        ("rehearsal", True), ("rehearsal-old", False), ("unrehearsed", False),
    ]  # fmt: skip


def test_what_was_brought_meanwhile_is_no_trouble_of_an_ended_till(database: Database) -> None:
    """Its last word said that 37 entries wait; they are here now."""
    put(database, "zhongshan-01", msgspec.structs.replace(WELL, **WAITING), status="retired", head_seq=137)
    assert only(database).troubles == ()


def test_a_shop_that_is_closed_is_not_silent(database: Database) -> None:
    """The shift was closed: a night, or a day off, is nobody's trouble."""
    put(database, "zhongshan-01", heard_at=NOW - 40 * HOUR_US)
    assert only(database).troubles == ()


def test_a_till_of_an_older_program_and_one_that_never_said_anything(database: Database) -> None:
    """Of the first it is said; of the second nothing is known but what it sent."""
    put(database, "zhongshan-01", msgspec.structs.replace(WELL, version="0.1.9", programme_version=2))
    put(database, "zhongshan-02")
    put(database, "zhongshan-03", None, seen_at=NOW - DAY_US)
    put(database, "zhongshan-04", None, seen_at=NOW - 9 * DAY_US)
    told = {one.till.terminal: [trouble.code for trouble in one.troubles] for one in found(database)}
    assert told == {
        "zhongshan-04": ["never-heard"], "zhongshan-01": ["rules-behind", "version"], "zhongshan-02": [],
        "zhongshan-03": ["not-heard-yet"],
    }  # fmt: skip


def test_who_needs_a_visit_most_stands_first(database: Database) -> None:
    """By the worst trouble, then by how many, then by the money; those of others are left out where one asks for a store."""
    put(database, "zhongshan-01", msgspec.structs.replace(WELL, scanner_code="port-gone"))
    put(database, "zhongshan-02")
    put(database, "zhongshan-03", msgspec.structs.replace(WELL, **WAITING), status="lost")
    put(database, "zhongshan-04", msgspec.structs.replace(WELL, scanner_code="port-gone", waiting=1, waiting_fen=1))
    put(
        database,
        "zhongshan-05",
        msgspec.structs.replace(WELL, scanner_code="port-gone", printer_code="printer-fault"),
    )
    put(database, "other-1-01", store="other-1")
    order = [one.till.terminal[-2:] for one in found(database, store="zhongshan")]
    assert order == ["03", "05", "04", "01", "02"]
    assert [one.till.terminal for one in found(database, merchant="other")] == ["other-1-01"]


def test_an_overtaken_heartbeat_is_none(database: Database) -> None:
    """The newest stays."""
    put(database, "zhongshan-01")
    with database.write() as connection:
        heartbeats.keep(connection, "zhongshan-01", msgspec.structs.replace(WELL, scanner_code="late"), NOW - HOUR_US)
    assert only(database).till.scanner_code == ""


def test_ten_thousand_tills_are_one_question(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, the books are asked once, and the table has as many lines as it is told."""
    put(database, "zhongshan-00000", heard_at=NOW, head_seq=0)
    with database.write() as connection:
        for model in (Terminal, HeartbeatRow):
            (like,) = rows.fetch(connection, f"SELECT * FROM {model.__tablename__}")
            known = dict(zip(model.model_fields, like, strict=True))
            rows.insert(connection, model, [
                tuple((known | {"terminal": f"zhongshan-{number:05}"}).values()) for number in range(1, 10_000)
            ])  # fmt: skip
        rows.execute(connection, "UPDATE heartbeat SET scanner_code = 'port-gone' WHERE terminal LIKE ?", "%000")
    fetched: list[str] = []
    fetch = rows.fetch

    def counting(connection: Connection, sql: str, *values: object) -> list[Any]:
        fetched.append(sql)
        return fetch(connection, sql, *values)

    monkeypatch.setattr(rows, "fetch", counting)
    with database.read() as connection:
        all_of_them = judged(tills_of(connection), NOW)
    assert (len(fetched), len(all_of_them), sum(one.needs_a_visit for one in all_of_them)) == (1, 10_000, 10)
    lines = table(all_of_them, [one for one in all_of_them if one.needs_a_visit], NOW, words_in("zh-CN")).splitlines()
    assert (lines[0], len(lines)) == ("共10000台收银机，10台需要去看看", 3 + 2 * 10)


def test_a_stores_own_list_says_what_was_left_behind(database: Database) -> None:
    """What it said to have and what is here; nothing of other stores, and nothing once all is here."""
    put(database, "zhongshan-01", msgspec.structs.replace(WELL, **WAITING))
    put(database, "zhongshan-02", msgspec.structs.replace(WELL, **WAITING), head_seq=137)
    put(database, "other-1-01", store="other-1")
    with database.read() as connection:
        told = [(one.terminal, one.waiting, one.lying) for one in tills_of_store(connection, "zhongshan").tills]
        left = [left_behind(connection, terminal) for terminal in ("zhongshan-01", "zhongshan-02", "nobody")]
    assert (told, left) == ([("zhongshan-01", 37, 0), ("zhongshan-02", 0, 0)], [37, 0, 0])
