"""`till support`: everything that helps is in it, and nothing of anybody."""

from __future__ import annotations

import base64
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.settings import Settings, write_settings
from local_db.cache import CacheWriter
from local_db.device_log import DeviceLog, ScanRow
from local_db.journal import FILE
from protocol.codes import member_code
from sync.identity import KEY_FILE
from tests.desks import MEMBER, TERMINAL, member_row
from tests.till.test_composition import Shop
from till.cli import main
from till.composition import open_till
from till.draft import SaleDraft
from till.logs import logging_to
from till.scanning import MemberIdentified
from till.scrubbing import Scrubber

OTHER = "1000000002"
NAME, LATIN, PHONE, PIN, PLATE = "欧阳*凤", "Wang Xiao", "13912345678", "830274", "京A·8X9Z2"
LINK = "https://p.example.com/l/Zm9vYmFyc2VjcmV0MTIz"
CODES = (
    "E1 https://ledger.example 7K3M9QABCD 00112233aabbccdd", "D1:6BFWLX1 6T%DD8IA0", "V1:ABC DEF%7", "M1100000000190",
    "HTTPS://P.EXAMPLE.COM/A/GEZDGNBVGY3TQOJQ",
)  # fmt: skip
PASSWORD = "hunter2secret"
"""Of a serial server."""


def support(folder: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(
        main, ["--data-dir", str(folder), "--lang", "en", "support", str(out), *options], catch_exceptions=False
    )


def told(out: Path) -> Any:
    with zipfile.ZipFile(out) as packed:
        return json.loads(packed.read("till.json"))


def all_bytes(out: Path) -> bytes:
    """The file as it is, and everything inside unpacked, with what stands escaped in it."""
    with zipfile.ZipFile(out) as packed:
        inside = [packed.read(name) for name in packed.namelist()]
        names = "\n".join([*packed.namelist(), *(one.comment.decode() for one in packed.infolist())]).encode()
    plain = b"\n".join([out.read_bytes(), names, *inside])
    unescaped = b"\n".join(json.dumps(one.decode()).encode() for one in inside)
    return plain + unescaped


def spellings(secret: str | bytes) -> Iterator[bytes]:
    """A secret in the forms in which a program writes one."""
    raw = secret.encode() if isinstance(secret, str) else secret
    yield raw
    yield raw.hex().encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield repr(raw)[2:-1].encode()
    if isinstance(secret, str):
        yield secret.encode("gb18030")
        yield secret.lower().encode()
        yield json.dumps(secret)[1:-1].encode()


def is_said(spelling: bytes, everything: bytes) -> bool:
    """Four digits stand by chance in hashes and ids: of a number so short it is asked whether it stands by itself."""
    if len(spelling) == 4 and spelling.isdigit():
        return re.search(rb"(?<![0-9A-Za-z])" + spelling + rb"(?![0-9A-Za-z])", everything) is not None
    return spelling in everything


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A till at work that met people: sales, a log with what no log should have, settings with a password."""
    (tmp_path / "till-of-张").mkdir()
    shop = Shop(tmp_path / "till-of-张")
    with closing(CacheWriter.open(shop.folder / "cache-1.db")) as cache:
        cache.apply(
            [member_row(name=NAME, phone_key="YWJjZGVmZ2hpamtsbW5vcA"), member_row(OTHER, name=LATIN)], {}, set(), 0
        )
    with open_till(shop.folder, Settings()) as till:
        session = till.counter.open_shift(till.counter.sign_in("1001", "1001"))
        for member in (MEMBER, OTHER):
            draft = SaleDraft(reference=f"REF-{PHONE}-{member}")
            found = till.counter.scan(member_code(member), draft)
            assert isinstance(found, MemberIdentified)
            till.counter.commit(session, draft.with_member(found.member, found.proof).with_amount(12_850))
    scans = DeviceLog(shop.folder)
    scans.start()
    scans.put(ScanRow(scans.next_number(), 5, "by-id:usb-Mindeo", 14, "QR", "member", PHONE, "counter", "", 900))
    scans.count("by-id:usb-Mindeo", "2026-11", "scans")
    scans.stop()
    with logging_to(shop.folder):
        log = logging.getLogger("sync")
        for secret in (NAME, LATIN, PHONE, f"PIN {PIN}", PLATE, LINK, *CODES, MEMBER, "赵敏"):
            log.warning("not kept: %s, entry 48213", secret)
            try:
                dict[str, str]()[f"{secret} is {PHONE}"]
            except KeyError:
                log.exception("a fact of the background was not taken up")
        log.error("first line\n%s %s", LATIN, PIN)
        log.error("bytes: %r", NAME.encode())
    write_settings(shop.folder, Settings(scanner_port=f"url:rfc2217://till:{PASSWORD}@192.168.1.20:4001/{NAME}"))
    (shop.folder / f"{NAME}.txt").write_text(PHONE)
    return shop.folder


def secrets_of(folder: Path) -> list[str | bytes]:
    """Everything of people and keys that this till has anywhere."""
    key = (folder / KEY_FILE).read_bytes()
    middle = key.splitlines()[1]
    codes = [code.removeprefix("E1 https://ledger.example ") for code in CODES]
    return [
        NAME, LATIN, PHONE, PIN, PLATE, LINK, "Zm9vYmFyc2VjcmV0", MEMBER, OTHER, "赵敏", "王芳", "周强", "1234", "1023",
        PASSWORD, "7K3M9QABCD", "GEZDGNBVGY3TQOJQ", "$argon2id$", "YWJjZGVmZ2hpamtsbW5vcA", "REF-", "张", *codes,
        middle, base64.b64decode(middle)[-32:],
    ]  # fmt: skip


def test_every_byte_is_searched_and_nothing_of_anybody_is_found(folder: Path, tmp_path: Path) -> None:
    """Names, phones, PINs, keys, codes, links, as they are and encoded, also in what is packed."""
    out = tmp_path / "bundle.zip"
    assert support(folder, out).exit_code == 0
    everything = all_bytes(out)
    log = (folder / "till.log").read_bytes()
    for secret in secrets_of(folder):
        assert not any(is_said(spelling, everything) for spelling in spellings(secret)), secret
    assert sum(spelling in log for secret in secrets_of(folder) for spelling in spellings(secret)) > 20


def test_what_helps_is_in_it(folder: Path, tmp_path: Path) -> None:
    """Versions, settings, what waits, the proof of the journal; in the log the frames of what went wrong, and which lines are
    about one thing."""
    out = tmp_path / "bundle.zip"
    answer = json.loads(support(folder, out, "--json").stdout)
    assert answer == {"file": str(out), "bytes": out.stat().st_size}
    document = told(out)
    assert document["versions"]["packages"]["httpx"]
    assert document["settings"]["scanner_port"].startswith("url:rfc2217://192.168.1.20:4001<name ")
    assert (document["till"]["terminal"], document["till"]["key_file"]) == (TERMINAL, "ok")
    journal, waiting = document["journal"], document["health"]["waiting"]
    assert journal["types"] == {"sale": 2, "shift-opened": 1}
    assert (journal["entries"], journal["findings"], journal["head_is_signed"]) == (3, [], True)
    assert [head["seq"] for head in journal["heads"]] == [1, 2, 3]
    assert (waiting["entries"], waiting["amount_fen"]) == (3, 25_700)
    assert document["cache"]["members"] == 2
    assert {
        "kind": "staff",
        "number": 3,
        "roles": {"cashier": 2, "manager": 1, "supervisor": 1, "technician": 1},
    }.items() <= (document["cache"]["documents"][2].items())
    devices = document["devices"]
    assert devices["counted"] == [{"device": "by-id:usb-Mindeo", "month": "2026-11", "what": "scans", "times": 1}]
    assert [(scan["kind"], scan["size"], scan["answer_us"]) for scan in devices["scans"]][-1] == ("member", 14, 900)
    assert (document["machine"]["is_open"], document["machine"]["other_files"]) == (False, 1)
    with zipfile.ZipFile(out) as packed:
        log = packed.read("log/till.log").decode()
    assert 'File "till/test_support_bundle.py", line' in log
    assert "entry 48213" in log
    lines = [line for line in log.splitlines() if "not kept: <name" in line]
    assert len({line.split("not kept: ")[1] for line in lines}) == 4  # NAME, LATIN, MEMBER, 赵敏: each its own mark
    assert "\nKeyError\n" in log


def test_two_bundles_do_not_fit_together(folder: Path, tmp_path: Path) -> None:
    """The marks of one bundle say nothing about another one: nobody can try numbers until they fit."""
    assert Scrubber(folder).text(f"phone {PHONE}") != Scrubber(folder).text(f"phone {PHONE}")


def test_while_the_counter_is_open(folder: Path, tmp_path: Path) -> None:
    """It is only read."""
    with open_till(folder, Settings()):
        assert support(folder, tmp_path / "bundle.zip").exit_code == 0
    assert told(tmp_path / "bundle.zip")["machine"]["is_open"] is True


@pytest.mark.parametrize("harm", ["no-journal", "torn-journal", "no-cache", "bad-settings"])
def test_of_a_broken_till(folder: Path, tmp_path: Path, harm: str) -> None:
    """That is when one is wanted: what cannot be read is said, the rest is there."""
    if harm == "no-journal":
        (folder / FILE).unlink()
    elif harm == "torn-journal":
        (folder / FILE).write_bytes(b"no database " * 400)
        (folder / f"{FILE}-wal").unlink(missing_ok=True)
    elif harm == "no-cache":
        (folder / "cache-1.db").write_bytes(b"nothing")
        (folder / "cache-1.db-wal").unlink(missing_ok=True)
    else:
        (folder / "till.toml").write_text(f"scanner_port = {PASSWORD}")
    out = tmp_path / "bundle.zip"
    assert support(folder, out).exit_code == 0
    document = told(out)
    said = {"no-journal": "trouble", "torn-journal": "trouble", "no-cache": "cache", "bad-settings": "settings"}[harm]
    expected: dict[str, Any] = {
        "no-journal": "not-paired", "torn-journal": "journal-damaged", "no-cache": {"error": "cache-damaged"},
    }  # fmt: skip
    assert document[said] == expected.get(harm, document[said])
    assert PASSWORD.encode() not in all_bytes(out)
    assert document["versions"]["till"]


def test_a_bundle_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    """Said with the reason; nothing half is left."""
    answer = support(folder, tmp_path / "nowhere" / "bundle.zip")
    assert (answer.exit_code, "cannot be written: No such file" in answer.output) == (4, True)
