"""A USB stick sets up a till without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import Settings, read_settings
from local_db.journal import Journal, JournalReader
from protocol.codes import member_code
from sync.client import LedgerClient
from sync.identity import load_identity, load_key
from sync.push import Pusher
from tests.setting_up.conftest import Operator
from tests.sync.books import STORE, AsgiTransport
from till.composition import open_till
from till.draft import SaleDraft
from till.errors import RefusedError
from till.installer.install import main as install
from till.installer.versions import Programme
from till.installer.words import WORDS
from till.scanning import MemberIdentified
from till.setting_up import Answered, load


def started(stick: Path, root: str, place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """What a technician starts on the stick, on a machine that knows nothing of Till."""
    options = ["--root", root, "--program-dir", str(place / "program"), "--data-dir", str(place / "till"), *more]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    if sys.platform == "win32":
        command = ["cmd", "/c", str(stick / "install.cmd"), *options]
    else:
        clean["PATH"] = f"{Path(sys.executable).parent}:{clean['PATH']}"
        command = [*_cut_off(), "sh", str(stick / "install.sh"), *options]
    return subprocess.run(command, capture_output=True, text=True, env=clean, check=False, encoding="utf-8")


def _cut_off() -> list[str]:
    """Into a network of its own, in which there is nothing, where this machine's kernel lets an account do that."""
    cut_off = ["unshare", "--map-root-user", "--net"]
    can = (
        shutil.which("unshare")
        and subprocess.run([*cut_off, "true"], capture_output=True, check=False).returncode == 0
    )
    return cut_off if can else []


def test_a_stick_sets_up_a_till_that_sells_without_a_network(
    operator: Operator, asgi: AsgiTransport, tmp_path: Path
) -> None:
    """The program comes from the stick, the ledger's answer in a file; what the till sells is booked when it has a network."""
    template = tmp_path / "template.toml"
    template.write_text('template = 1\ntheme = "till-light"\nscanner_port = "usb:1EAB:0106"\n', encoding="utf-8")
    stick, folder = operator.stick(template=str(template)), tmp_path / "till"
    done = started(stick, operator.root, tmp_path, "--lang", "en")
    assert (done.returncode, "02号机 is set up, and not paired" in done.stdout) == (0, True), done.stderr
    assert read_settings(folder) == Settings(theme="till-light")
    assert "1EAB:0106, which is not plugged in here" in done.stdout
    assert (folder / "template.toml").read_bytes() == template.read_bytes()

    carried = stick / "carried"
    operator.call("terminal", "answer", str(carried / "question-02号机.json"), str(tmp_path / "answer.json"))
    launcher = Programme(tmp_path / "program").launcher
    paired = subprocess.run(
        [launcher, "--data-dir", folder, "--lang", "en", "setup", "pair", tmp_path / "answer.json"],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert f"{STORE}-01 (02号机) is paired and knows 1 members" in paired.stdout, paired.stderr
    assert sorted(path.name for path in folder.glob("setup*")) == []

    with open_till(folder, Settings()) as till:
        session = till.counter.open_shift(till.counter.sign_in("1001", "2468"))
        member = operator.call("member", "list")["members"][0]["member"]
        found = till.counter.scan(member_code(member), SaleDraft())
        assert isinstance(found, MemberIdentified)
        sold = SaleDraft().with_member(found.member, found.proof).with_amount(128_50)
        given = till.counter.commit(session, sold).awarded["points"]
    with closing(JournalReader.open(folder)) as journal:
        identity = load_identity(journal)
    assert identity is not None
    with (
        closing(Journal.open(folder)) as writing,
        LedgerClient(identity, load_key(folder), transport=asgi) as client,
    ):
        Pusher(writing, client).push_once()
        assert writing.waiting() == 0
    assert operator.books.available(member) == 500 + given


def test_what_was_changed_on_the_way_is_named_and_nothing_is_used(
    operator: Operator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Changed, missing, added, or another signature: refused before anything of the stick was used."""
    good = operator.stick()
    for change, name in _CHANGES.items():
        stick = tmp_path / change
        shutil.copytree(good, stick)
        _spoil(stick, change, name)
        place = tmp_path / f"{change}-place"
        root = "0" * 16 if change == "another-root" else operator.root
        code = install([str(stick), "--root", root, "--program-dir", str(place), "--lang", "en"])
        said = capsys.readouterr().err
        assert (code, "refused" in said) == (4, True), change
        assert name in said
        assert list(place.rglob("*")) == [], change


_CHANGES = {
    "changed": "enrolment.json",
    "longer": "documents.json",
    "missing": "snapshot/snapshot-0000.part",
    "added": "installer/json.py",
    "link": "requirements.txt",
    "manifest": "manifest.json",
    "another-root": "root key",
    "another-purpose": "manifest.json",
}


def test_a_stick_for_another_python_says_so(operator: Operator, tmp_path: Path) -> None:
    """Before pip would, in its own words; a wheel for any Python 3 stops nobody (the other tests)."""
    stick = operator.stick()
    (stick / "wheels" / "msgspec-1-cp399-cp399-any.whl").touch()
    done = started(stick, operator.root, tmp_path, "--check")
    assert done.returncode != 0
    assert "for which this stick was made" in done.stderr
    own = "cp{}{}".format(*sys.version_info[:2])
    (stick / "wheels" / f"msgspec-1-{own}-{own}-any.whl").touch()
    assert (
        f"msgspec-1-{own}" in started(stick, operator.root, tmp_path, "--check").stderr
    )  # the installer: not listed


def test_the_installer_says_the_same_in_both_languages() -> None:
    """Every sentence has both, with the same facts in them."""
    for zh, en in WORDS.values():
        assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en))
        assert not zh.isascii()
        assert en.isascii()


def test_a_stick_of_several_tills_asks_which(operator: Operator, tmp_path: Path) -> None:
    """And takes nothing before it is told; its second till is another one, with a code of its own."""
    stick = operator.stick("01号机", "02号机")
    with pytest.raises(RefusedError) as refused:
        load(tmp_path / "till", stick, stick / "carried", "")
    assert (refused.value.code, refused.value.facts["names"]) == ("which-till", "01号机 02号机")
    asked = {load(tmp_path / name, stick, stick / "carried", name).question for name in ("01号机", "02号机")}
    assert asked == {stick / "carried" / f"question-{name}.json" for name in ("01号机", "02号机")}
    answers = [
        operator.call("terminal", "answer", str(question), str(tmp_path / "answer.json"))["terminal"]
        for question in sorted(filter(None, asked))
    ]
    assert answers == [f"{STORE}-01", f"{STORE}-02"]


def test_an_answer_beside_the_question_is_taken_by_the_installer(operator: Operator, tmp_path: Path) -> None:
    """Started once more with the answer on the stick; a third time it changes nothing."""
    stick = operator.stick()
    carried = stick / "carried"
    load(tmp_path / "till", stick, carried, "")
    operator.call("terminal", "answer", str(carried / "question-02号机.json"), str(carried / "answer-02号机.json"))
    done = load(tmp_path / "till", stick, carried, "")
    assert (done.answered, done.terminal, done.members) == (Answered.CARRIED, f"{STORE}-01", 1)
    with pytest.raises(RefusedError, match="already-a-till"):
        load(tmp_path / "till", stick, carried, "")


def _spoil(stick: Path, change: str, name: str) -> None:
    file = stick / name
    match change:
        case "changed":
            data = bytearray(file.read_bytes())
            data[-10] ^= 1
            file.write_bytes(data)
        case "longer":
            file.write_bytes(file.read_bytes() + b" ")
        case "missing":
            file.unlink()
        case "added":
            file.write_text("print('mine')\n", encoding="utf-8")
        case "link":
            file.rename(stick.parent / "elsewhere.txt")
            file.symlink_to(stick.parent / "elsewhere.txt")
        case "manifest":
            file.write_bytes(file.read_bytes().replace(b'\\"size\\":', b'\\"size\\":1', 1))
        case "another-purpose":
            file.write_bytes(file.read_bytes().replace(b'"purpose":"stick"', b'"purpose":"key"'))
        case _:
            pass
