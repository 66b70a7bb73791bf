"""全店 at a till: from a real ledger over a socket, and with the ledger gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from protocol.reports import STORE_REPORT_PATH, StoreReport
from sync.client import LedgerClient
from sync.errors import FinalSyncError
from sync.push import Pusher
from tests.sync.books import Books, on_socket
from tests.sync.tills import DAY, enrolled
from till.cli import main
from till.store_report import asked, kept_in

NOW_US = 1_795_290_000_000_000


def till(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(folder), "report", "store", "--day", DAY, *arguments])


def test_all_tills_or_this_one_never_both(books: Books, tmp_path: Path) -> None:
    """The ledger's answer is of both tills and says nothing of what waits here: that is this till's own, beside it."""
    member = books.join(points=0)
    with on_socket(books) as port:
        url = f"http://127.0.0.1:{port}"
        with (
            enrolled(books, tmp_path / "a", None, url) as first,
            enrolled(books, tmp_path / "b", None, url) as second,
        ):
            first.sale(member, award=100)
            with LedgerClient(first.identity, first.key) as client:
                Pusher(first.journal, client).push_once()
            second.sale(member, award=5)
            second.sale(member, award=5)
            found = asked(second.folder, second.journal, DAY, NOW_US)
        said = till(second.folder)
    assert found.is_fresh
    assert found.whole is not None
    assert (found.whole.tills, found.whole.day) == (2, DAY)
    sales = {row.cells[0]: row.cells[1] for row in found.whole.zh[0].rows}
    assert (sales["笔数"], found.own.sales) == ("1", 2)
    assert said.exit_code == 0
    assert "后台：全店 2 台收银机，截至" in said.output


def test_without_the_ledger_it_says_whose_figures_they_are(books: Books, tmp_path: Path) -> None:
    """With its time, in the order of what is true now; exit 3, and one object for programs."""
    member = books.join(points=0)
    with on_socket(books) as port, enrolled(books, tmp_path / "a", None, f"http://127.0.0.1:{port}") as one:
        one.sale(member, award=100)
        before = till(one.folder)
        assert before.exit_code == 0
    one.journal.close()
    said = till(one.folder)
    assert said.exit_code == 3
    first, last = "后台没有回应。以下只是本机（02号机），截至", "后台上次给的全店 1 台收银机，截至"
    assert said.output.index(first) < said.output.index("100.00") < said.output.index(last)
    facts = json.loads(till(one.folder, "--json").stdout)
    assert (facts["source"], facts["own"]["sales"], facts["store"]["tills"]) == ("till", 1, 1)
    (one.folder / "store-report.json").write_bytes(b"{}")
    assert kept_in(one.folder) is None
    assert "这一天后台还没有给过全店数据" in till(one.folder).output


def test_nobody_asks_for_tomorrow(client: LedgerClient) -> None:
    """A later day is the one that goes on; a word that is no day is refused."""
    tomorrow = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    assert client.ask(f"{STORE_REPORT_PATH}?day={tomorrow}", None, StoreReport).day < tomorrow
    with pytest.raises(FinalSyncError):
        client.ask(f"{STORE_REPORT_PATH}?day=tomorrow", None, StoreReport)
