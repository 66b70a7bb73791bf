"""`till enrol` and `till terminal` against the real ledger on a socket: what is said, in both languages, and what happens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.clock import wall_clock_us
from ledger.documents import publish_staff
from ledger.enrolment import invite_instead
from local_db.journal_reader import JournalReader
from protocol.documents import Staff, StaffMember
from protocol.pins import hash_pin
from sync.identity import KEY_FILE, load_identity
from tests.sync.books import STORE, Books, on_socket
from tests.sync.test_store_tills import says
from tests.sync.tills import Till
from till import i18n
from till.cli import main

ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z']+){2,}")

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


@pytest.fixture
def url(books: Books) -> Iterator[str]:
    """Where the ledger listens."""
    staff = (
        StaffMember(staff="1090", name="周强", roles=("technician",), pin_hash=hash_pin("4711")),
        StaffMember(staff="1023", name="王芳", roles=("cashier",), pin_hash=hash_pin("1111")),
    )
    with books.database.write() as connection:
        publish_staff(connection, books.keys, Staff(store=STORE, staff=staff), wall_clock_us())
    with on_socket(books) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def run(tmp_path: Path) -> Command:
    """`till …` in a folder; Chinese unless told otherwise."""

    def call(folder: str, *arguments: str, lang: str = "zh-CN", typed: str = "") -> Result:
        command = ["--data-dir", str(tmp_path / folder), "--lang", lang, *arguments]
        return CliRunner().invoke(main, command, input=typed, catch_exceptions=False)

    return call


def paired(books: Books, url: str, run: Command, folder: str) -> Result:
    return run(folder, "enrol", *str(books.invite(url)).split(), "--name", "02号机")


def waiting_at(folder: Path) -> int:
    with closing(JournalReader.open(folder)) as journal:
        return journal.waiting()


def test_a_folder_is_paired_in_chinese(books: Books, url: str, run: Command) -> None:
    """By the words of a code; what is wrong with one is said, and nothing is English."""
    said = paired(books, url, run, "one")
    assert (said.exit_code, said.stdout) == (
        0,
        "zhongshan-01（02号机）已绑定到门店 zhongshan。用 till sync now 取回会员和规则\n",
    )
    used = str(books.invite(url)).split()
    assert run("two", "enrol", *used, "--name", "x").exit_code == 0
    for code, exit_code, sentence in (
        (used, 4, "这个绑定码已用于别的收银机"),
        (["E1", url, "ABCDEFGHJK", books.keys.fingerprint], 4, "后台没有这个绑定码"),
        ([*str(books.invite(url)).split()[:3], "0" * 16], 4, "请与后台显示的根密钥核对"),
        (["E1", "http://127.0.0.1:9", "ABCDEFGHJK", books.keys.fingerprint], 3, "后台没响应"),
        (["M1100000000190"], 2, "不是绑定码"),
    ):
        said = run("three", "enrol", *code, "--name", "x")
        assert said.exit_code == exit_code, said.output
        assert sentence in said.output, said.output
    assert run("one", "enrol", *str(books.invite(url)).split(), "--name", "x").exit_code == 4


def test_a_retired_folder_is_paired_anew(books: Books, url: str, run: Command, tmp_path: Path) -> None:
    """What waits is sent first; the journal is kept under its name, and both are said."""
    assert paired(books, url, run, "one").exit_code == 0
    member = books.join()
    till = Till(tmp_path / "one")
    till.sale(member, award=10)
    till.journal.close()
    books.end("zhongshan-01", "retired")
    said = paired(books, url, run, "one")
    assert said.exit_code == 0
    assert said.stderr.splitlines() == ["zhongshan-01 不再使用：已停用", "原流水保存为 journal-zhongshan-01.db。"]
    assert books.available(member) == 10


def test_what_cannot_be_sent_is_kept_for_the_operator(books: Books, url: str, run: Command, tmp_path: Path) -> None:
    """The key is gone: the file and what to do with it are named."""
    assert paired(books, url, run, "one").exit_code == 0
    till = Till(tmp_path / "one")
    till.sale(books.join(), award=10)
    till.journal.close()
    (tmp_path / "one" / KEY_FILE).unlink()
    said = paired(books, url, run, "one")
    assert "有1笔没能上传：请把 journal-zhongshan-01.jsonl 交给运营人员入账。" in said.stderr
    assert (tmp_path / "one" / "journal-zhongshan-01.jsonl").exists()


def test_a_machine_takes_the_place_of_another(books: Books, url: str, run: Command, tmp_path: Path) -> None:
    """Its technician is told what still lies at the old one."""
    assert paired(books, url, run, "one").exit_code == 0
    till = Till(tmp_path / "one")
    till.sale(books.join(), award=10)
    says(books, till, 1, 10_000)
    till.journal.close()
    with books.database.write() as connection:
        code = invite_instead(connection, books.keys, "zhongshan-01", url, wall_clock_us())
    said = run("new", "enrol", *str(code).split(), "--name", "02号机")
    assert said.stderr.splitlines() == [
        "zhongshan-01 已停用，由本机接替。",
        "那台机器上还有1笔没上传：请联网开机传完，或导出流水带回（till journal export）。",
    ]


def test_the_tills_of_a_store_are_listed_and_ended(books: Books, url: str, run: Command, tmp_path: Path) -> None:
    """What it does is said before it is done; a wrong PIN, and a no, change nothing."""
    for folder in ("one", "two"):
        assert paired(books, url, run, folder).exit_code == 0
    till = Till(tmp_path / "two")
    till.sale(books.join(), award=10)
    says(books, till, 1, 10_000)
    till.journal.close()
    assert run("one", "terminal", "list").stdout.splitlines() == [
        "zhongshan-01  02号机  使用中  本机", "zhongshan-02  02号机  使用中  待上传1笔（100.00元）",
    ]  # fmt: skip
    no = run("one", "terminal", "revoke", "zhongshan-02", "--staff", "1090", typed="n\n")
    assert (no.exit_code, "被盗：下次联网时清除密钥和会员数据" in no.stderr) == (4, True)
    wrong = run("one", "terminal", "revoke", "zhongshan-02", "--staff", "1090", "--yes", typed="0000\n")
    assert (wrong.exit_code, "后台核对：工号或密码不对。" in wrong.stderr) == (4, True)
    cashier = run("one", "terminal", "retire", "zhongshan-02", "--staff", "1023", "--yes", typed="1111\n")
    assert "只有本店的技术员或主管才能停用收银机。" in cashier.stderr
    (tmp_path / "pin").write_text("4711\n")
    options = ["--staff", "1090", "--yes", "--pin-file", str(tmp_path / "pin")]
    retired = run("one", "terminal", "retire", "zhongshan-02", *options)
    assert retired.exit_code == 0
    assert retired.stdout == (
        "zhongshan-02：已停用。 那台机器上还有1笔（100.00元）没上传：请联网开机传完，或把流水文件带回。\n"
    )
    lost = json.loads(run("one", "terminal", "declare-lost", "zhongshan-02", *options, "--json").stdout)
    assert (lost["status"], lost["waiting"]) == ("lost", 1)
    assert "本店没有这台收银机。" in run("one", "terminal", "revoke", "nobody-01", *options).stderr
    assert "has ended already" in run("one", "terminal", "retire", "zhongshan-02", *options, lang="en").stderr


def test_this_till_is_retired_only_when_nothing_is_left_to_do(
    books: Books, url: str, run: Command, tmp_path: Path
) -> None:
    """First what waits is sent; then it is, and says so of itself."""
    assert paired(books, url, run, "one").exit_code == 0
    till = Till(tmp_path / "one")
    till.sale(books.join(), award=10)
    till.journal.close()
    (tmp_path / "pin").write_text("4711\n")
    command = ["terminal", "retire", "zhongshan-01", "--staff", "1090", "--yes", "--pin-file", str(tmp_path / "pin")]
    assert "还有1笔没上传，请先联网传完" in run("one", *command).stderr
    assert run("one", "sync", "now").exit_code == 0
    assert waiting_at(tmp_path / "one") == 0
    assert run("one", *command).stdout == "zhongshan-01：已停用。\n"
    assert run("one", "terminal", "list").exit_code == 4


def test_without_a_network(books: Books, url: str, run: Command, tmp_path: Path) -> None:
    """A sentence and exit code 3; a folder that is no till is told so."""
    assert paired(books, url, run, "one").exit_code == 0
    assert run("nobody", "terminal", "list").exit_code == 4
    with closing(JournalReader.open(tmp_path / "one")) as journal:
        identity = load_identity(journal)
    assert identity is not None
    import msgspec

    from local_db.journal import Journal
    from sync.identity import save_identity

    with closing(Journal.open(tmp_path / "one")) as journal:
        save_identity(journal, msgspec.structs.replace(identity, url="http://127.0.0.1:9"))
    said = run("one", "terminal", "list")
    assert (said.exit_code, ENGLISH.search(said.stderr)) == (3, None)
