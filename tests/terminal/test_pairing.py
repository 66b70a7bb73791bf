"""A folder that is no till yet, and a till that cannot be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_db.errors import AnotherTillError
from protocol.errors import CodeError
from sync.errors import NotTheLedgerError
from terminal.screens.pairing import PairingScreen
from tests.terminal.stage import OFFLINE, make_stage
from till.errors import NotPairedError
from till.events import LinkChanged, StoreChanged


@contextmanager
def never(error: Exception) -> Iterator[Any]:
    """A start that fails."""
    yield from _failing(error)


def _failing(error: Exception) -> Iterator[Any]:
    raise error


async def test_unpaired_folder_is_paired_by_a_scan(tmp_path: Path) -> None:
    """The name is typed over the proposed one, the code scanned; one that is none, or another ledger's, is said."""
    paired: list[tuple[str, str]] = []

    def pair(code: str, name: str) -> None:
        if not code.startswith("E1 "):
            raise CodeError("enrolment-unreadable", "no")
        if code.endswith("FORGED"):
            raise NotTheLedgerError("not-the-ledger", "signed by somebody else")
        paired.append((code, name))

    stage = make_stage(tmp_path / "other", pair=pair)
    opened = stage.app._start
    starts: list[Callable[[], Any]] = [lambda: never(NotPairedError(tmp_path)), opened]
    stage.app.opener._start = lambda: starts.pop(0)()
    stage.app._start = lambda: starts.pop(0)()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        stage.pilot = pilot
        await stage.until(lambda: stage.shows(PairingScreen))
        assert "Not paired yet" in stage.said()
        await stage.press("Lane 7\nX9\n")
        await stage.until(lambda: "Not an enrolment code" in stage.said())
        stage.burst("E1 FORGED")
        await stage.until(lambda: "compare it with the ledger's root key" in stage.said())
        assert "   E1 FORGED   " in stage.text()
        await stage.press("{end}" + "{backspace}" * 9)
        await stage.press("E1 http:")
        stage.burst("//ledger 7K3M")
        await stage.until(lambda: stage.app.counter is not None)
        assert paired == [("E1 http://ledger 7K3M", "Lane 7")]
        await stage.until(lambda: "Staff number" in stage.said())
    stage.close()


async def test_second_till_on_the_folder_ends_with_a_sentence(tmp_path: Path) -> None:
    """The program ends with exit code 1 and says what to do."""
    stage = make_stage(tmp_path / "folder", start=lambda: never(AnotherTillError(tmp_path)))
    async with stage.app.run_test() as pilot:
        stage.pilot = pilot
        await stage.until(lambda: stage.app.return_code == 1)
    stage.close()


async def test_what_is_typed_while_the_till_opens_signs_in(tmp_path: Path) -> None:
    """Keys are taken from the first paint on: PIN and Enter before the till is open are not lost."""
    import threading

    open_now = threading.Event()
    other = make_stage(tmp_path / "inner")
    inner = other.app._start

    @contextmanager
    def slowly() -> Iterator[Any]:
        assert open_now.wait(10)
        with inner() as till:
            yield till

    stage = make_stage(tmp_path / "outer", start=slowly)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        stage.pilot = pilot
        await stage.press("1023\n1023\n")
        assert "signed in as soon as it is open" in stage.said()
        open_now.set()
        await stage.until(lambda: stage.app.work is not None and stage.app.work.session is not None)
    stage.close()
    other.close()


async def test_who_signs_in_before_the_rules_are_here_waits_for_them(tmp_path: Path) -> None:
    """A till that was just paired: signed in once they came; the PIN is not asked for again."""
    stage = make_stage(tmp_path)
    desk, store = stage.desk.desk, stage.desk.desk.store
    desk._store = None
    async with stage.run():
        await stage.press("1023\n1023\n")
        assert "as soon as they are here" in stage.said()
        stage.counter.tell(LinkChanged(OFFLINE))
        await stage.until(lambda: stage.pilot is not None)
        assert stage.app.work is not None
        assert stage.app.work.session is None
        desk._store = store
        stage.counter.tell(StoreChanged())
        await stage.until(lambda: stage.app.work is not None and stage.app.work.session is not None)
