"""`till report shift`: the words of the shift screen, without a screen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Settings
from protocol.codes import member_code
from tests.till.test_composition import Shop
from till import i18n
from till.cli import main
from till.composition import open_till
from till.counter import Counter
from till.draft import SaleDraft
from till.outage.words import report_row
from till.report_sections import report_sections
from till.report_words import all_rows, report_title
from till.scanning import MemberIdentified
from till.shifts import Session
from till.text import cells

MANAGER = Session("1001", "赵敏", ("manager",))


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


def sold(counter: Counter) -> Session:
    """A shift with a sale."""
    session = counter.open_shift(MANAGER)
    scanned = counter.scan(member_code("1000000001"), SaleDraft())
    assert isinstance(scanned, MemberIdentified)
    counter.commit(session, SaleDraft().with_member(scanned.member, scanned.proof).with_amount(128_50))
    return session


def printed(folder: Path, *command: str) -> str:
    done = CliRunner().invoke(main, ["--data-dir", str(folder), *command])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_day_goes_into_files(tmp_path: Path) -> None:
    """Each form into a file of its own, nothing on the screen; a folder that is not there is said."""
    with open_till(Shop(tmp_path).folder, Settings()) as till:
        sold(till.counter)
        forms = {name: tmp_path / f"day.{name}" for name in ("csv", "xlsx", "html")}
        options = [word for name, path in forms.items() for word in (f"--{name}", str(path))]
        assert printed(tmp_path, "report", "day", *options).split() == [str(path) for path in forms.values()]
        assert "128.50" in forms["csv"].read_text(encoding="utf-8-sig")
        assert forms["xlsx"].read_bytes().startswith(b"PK")
        assert "日结单" in forms["html"].read_text(encoding="utf-8")
        document = json.loads(printed(tmp_path, "report", "day", "--json"))
        assert document["gross_fen"] == 128_50
        assert document["sections"][0]["rows"][1]["amounts"] == [{"number": 0, "unit": "fen", "of": ""}]
        assert "日结单" in printed(tmp_path, "report", "day")
        refused = CliRunner().invoke(
            main,
            ["--data-dir", str(Shop(tmp_path).folder), "report", "day", "--xlsx", str(tmp_path / "no" / "x.xlsx")],
        )
        assert refused.exit_code == 4
        assert "写不进去" in refused.output


def test_the_report_says_what_the_screen_says(tmp_path: Path) -> None:
    """Chinese unless somebody wants it otherwise, row by row, kinds of points by their names, in columns."""
    with open_till(Shop(tmp_path).folder, Settings()) as till:
        session = sold(till.counter)
        for arguments, language in (((), "zh-CN"), (("--lang", "en"), "en")):
            said = printed(tmp_path, *arguments, "report", "shift")
            assert i18n.language() == language
            report = till.counter.shift_report(session.shift)
            sections = report_sections(report, till.counter.store, till.counter.local)
            rows = [*all_rows(sections), report_row(None, till.counter.local)]
            lines = [line for line in said.splitlines() if line]
            assert lines[0] == report_title(report)
            assert [line.split() for line in lines[1:]] == [(row.drawn + " " + row.value).split() for row in rows]
            assert {cells(line) for line in lines[1:]} == {64}
        assert re.search(
            r"班中小计  第 1 班\n(.*\n)*发出积分 +[1-9][0-9]* \S*积分\n", printed(tmp_path, "report", "shift")
        )


def test_the_language_is_that_of_the_tills_settings(tmp_path: Path) -> None:
    """Where none is asked for."""
    with open_till(Shop(tmp_path).folder, Settings()) as till:
        sold(till.counter)
    (tmp_path / "till.toml").write_text('language = "en"\n', encoding="utf-8")
    assert "Interim report (X)" in printed(tmp_path, "report", "shift")
    assert json.loads(printed(tmp_path, "report", "shift", "--json"))["sales"] == 1


def test_a_report_waits_for_no_screen(tmp_path: Path) -> None:
    """Nothing of the terminal's is loaded for it."""
    with open_till(Shop(tmp_path).folder, Settings()) as till:
        sold(till.counter)
    code = (
        "import sys; from till.cli import main\n"
        f"main(['--data-dir', {str(tmp_path)!r}, 'report', 'shift'], standalone_mode=False)\n"
        "print({'textual', 'rich', 'terminal', 'httpx'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "set()"
