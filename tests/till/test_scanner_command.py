"""`till scanner`: what a technician asks of a scanner, in Chinese, over a real line."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image

from config.settings import Settings, write_settings
from devices.hearing import TEST_CODE
from devices.simulators import ScannerSimulator
from local_db.connections import till_lock
from tests.devices.answering import Answering
from tests.till.test_families import OURS
from till import i18n
from till.cli import main
from till.families import read_families

IDENTIFY, LOCK = b"\x7e\x010000@QRYSYS;\x03", b"\x7e\x010000@SETUPE0;\x03"
ANSWERS = {
    IDENTIFY: b"\x02\x010000@QRYSYSProduct Name: HR52\r\nFirmware Version: V1.2\r\nSerial Number: 0042\x06;\x03",
    LOCK: b"\x02\x010000@SETUPE0\x06;\x03",
}
Ask = Callable[..., Result]


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The command, for the till in this folder, in Chinese."""

    def asked(*command: str) -> Result:
        return CliRunner().invoke(main, ["--data-dir", str(tmp_path), *command], catch_exceptions=False)

    return asked


@pytest.fixture
def newland(tmp_path: Path) -> Iterator[ScannerSimulator]:
    """An assigned Newland scanner that answers."""
    with ScannerSimulator() as simulator:
        write_settings(tmp_path, Settings(scanner_port=str(simulator.port), scanner_profile="newland-unified"))
        answering = Answering(simulator, ANSWERS)
        yield simulator
        answering.stop()


@pytest.mark.usefixtures("newland")
def test_a_scanner_says_who_it_is(ask: Ask) -> None:
    """Line by line, and for programs."""
    assert ask("scanner", "identify").output.split() == ["型号", "HR52", "固件", "V1.2", "序列号", "0042"]
    told = json.loads(ask("scanner", "identify", "--json").output)
    assert (told["model"], told["firmware"], told["serial_number"]) == ("HR52", "V1.2", "0042")


@pytest.mark.usefixtures("newland")
def test_its_health_is_told_step_by_step(ask: Ask) -> None:
    """What the family cannot do is skipped, and the whole has passed."""
    answer = ask("scanner", "health")
    assert answer.exit_code == 0
    rows = answer.output.splitlines()
    assert [row.split()[0] for row in rows] == ["通过", "通过", "通过", "跳过", "总的：通过"]
    assert rows[2].startswith("通过  型号  HR52 V1.2 0042  (")


def test_an_interactive_check_that_nobody_scans_for_has_failed(ask: Ask, newland: ScannerSimulator) -> None:
    """Exit code 1, and the reason."""
    answer = ask("scanner", "health", "--level", "interactive", "--seconds", "0")
    assert answer.exit_code == 1
    assert "没有人扫码" in answer.output


@pytest.mark.usefixtures("newland")
def test_a_lock_is_confirmed_by_the_scanner(ask: Ask) -> None:
    """And an unlock that it does not answer is told as silence."""
    locked = ask("scanner", "lock")
    assert (locked.exit_code, locked.output) == (0, "完成：扫码枪自己确认了\n")
    unlocked = ask("scanner", "unlock")
    assert (unlocked.exit_code, unlocked.output[:4]) == (1, "没有应答")


def test_without_a_port_or_with_an_open_counter_nothing_is_asked(ask: Ask, tmp_path: Path) -> None:
    """Refused, with a sentence."""
    assert ask("scanner", "identify").exit_code == 4
    write_settings(tmp_path, Settings(scanner_port="device:/dev/nobody", scanner_profile="cino"))
    assert ask("scanner", "lock").exit_code == 3
    with till_lock(tmp_path):
        assert ask("scanner", "lock").exit_code == 4


def test_a_document_is_checked(ask: Ask, tmp_path: Path) -> None:
    """Right, or wrong by key."""
    file = tmp_path / "corner-shop.toml"
    file.write_text(OURS, encoding="utf-8")
    assert ask("scanner", "check", str(file)).output == "corner-shop.toml：正确，自带的例子都对\n"
    file.write_text(OURS.replace("41 0D", "42 0D"), encoding="utf-8")
    answer = ask("scanner", "check", str(file))
    assert (answer.exit_code, answer.output) == (1, "corner-shop.toml: test[0]: these bytes become ['B']\n")


def pictures(html: str) -> list[str]:
    """What a phone reads from the QR codes of a sheet, in order."""
    found = []
    for data in re.findall(r'src="data:image/png;base64,([^"]+)"', html):
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))
        found.append(code.text)
    return found


def test_the_sheet_of_a_family_has_its_programming_codes_and_a_test_code(ask: Ask, tmp_path: Path) -> None:
    """Unitech's is the one that its manual prints as the text of a QR code; the page needs nothing from outside."""
    file = tmp_path / "sheet.html"
    assert ask("scanner", "sheet", "unitech", "--to", str(file)).exit_code == 0
    html = file.read_text(encoding="utf-8")
    assert pictures(html) == ["%0401D03%8002H0D0A%8202D01%", TEST_CODE]
    assert {"精联扫码枪", "步骤", "测试码", "日期"} <= set(re.findall("[\\u4e00-\\u9fff]+", html))
    assert "unitech/ms338 p. 19" in html
    assert not re.findall(r'(?:src|href)="(?!data:)', html)


def test_a_family_without_printed_codes_has_the_test_code_alone(ask: Ask, tmp_path: Path) -> None:
    """No code is made up; the steps name those of the vendor's manual."""
    file = tmp_path / "sheet.html"
    ask("scanner", "sheet", "honeywell-menu", "--to", str(file))
    html = file.read_text(encoding="utf-8")
    assert pictures(html) == [TEST_CODE]
    assert "PAP232" in html


def test_all_sheets_are_one_document(ask: Ask, tmp_path: Path) -> None:
    """A page for each family; an unknown family is refused."""
    file = tmp_path / "all.html"
    ask("scanner", "sheet", "--to", str(file))
    assert file.read_text(encoding="utf-8").count("<section>") == len(read_families(tmp_path).profiles)
    assert ask("scanner", "sheet", "nobody", "--to", str(file)).exit_code == 2


def test_what_a_document_says_is_text_on_the_sheet(ask: Ask, tmp_path: Path) -> None:
    """A name from outside is no HTML."""
    (tmp_path / "scanners").mkdir()
    hostile = OURS.replace("小店扫码枪", "<script>alert(1)</script>").replace('zh = "扫码"', 'zh = "<script>"')
    (tmp_path / "scanners" / "corner-shop.toml").write_text(hostile, encoding="utf-8")
    file = tmp_path / "sheet.html"
    ask("scanner", "sheet", "corner-shop", "--to", str(file))
    assert "<script" not in file.read_text(encoding="utf-8")
