"""A backup is one moment of the books; put back, they count another epoch, and what tills have in writing is evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import log
from ledger.app import create_app
from ledger.database import Database
from ledger.keys import save_keys
from ledger.problems import RestoreRefusedError
from ledger.restoring import back_up, restore
from ledger.verify import verify
from protocol.checkpoints import Checkpoint, Forgotten, LogProof, check_proof, open_checkpoint
from protocol.feed import Changes, ChangesRequest, Vector
from protocol.ids import BUCKETS
from protocol.push import PushAnswer
from tests.ledger_service.town import MEMBER, NOW_US, SigningTill, Town
from tests.postgres import engines


@pytest.fixture(params=engines())
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Where a backup is put back."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path}/again.db")
        return
    with request.getfixturevalue("postgres_cluster").database() as url:
        database = Database(url)
        yield database
        database.close()


def restored(town: Town, folder: Path, empty: Database) -> Town:
    """The town on books that were put back."""
    restore(folder, folder.parent / "data", empty, NOW_US)
    return Town(empty, town.keys, town.clock, create_app(empty, town.keys, town.clock))


def moved(till: SigningTill, town: Town) -> SigningTill:
    """The same till, asking another ledger."""
    return SigningTill(town, till.terminal, till.store, till.key, till.payloads)


async def pushed(till: SigningTill, first: int) -> tuple[PushAnswer, Checkpoint]:
    """What the ledger answers, and what it signs with it."""
    answer = (await till.ask("POST", "/v1/push", till.batch(first))).read(PushAnswer)
    assert answer.checkpoint is not None
    return answer, open_checkpoint(answer.checkpoint, till.town.keys.ring)


@pytest.fixture
def data(town: Town, tmp_path: Path) -> Path:
    """The folder with the ledger's keys."""
    save_keys(town.keys, tmp_path / "data")
    return tmp_path / "data"


async def test_a_backup_is_the_same_books_on_either_engine(
    town: Town, empty: Database, data: Path, tmp_path: Path
) -> None:
    """Everything is there and right; the epoch is another one, so a till that read the former feed starts anew."""
    till = town.till()
    till.sell(award=70)
    await pushed(till, 1)
    log.take_up(town.database)
    back_up(town.database, data, tmp_path / "backup")
    again = restored(town, tmp_path / "backup", empty)
    assert verify(again.database) == []
    before, after = (await row(till, town), await row(moved(till, again), again))
    assert (before.rows, before.read, before.documents) == (after.rows, after.read, after.documents)
    assert before.epoch != after.epoch
    request = ChangesRequest(numbers=(0,) * BUCKETS, epoch=before.epoch)
    told = (await moved(till, again).ask("POST", "/v1/changes", request)).read(Changes)
    assert (told.is_past_horizon, told.rows, told.epoch) == (True, (), after.epoch)
    assert (await moved(till, again).ask("GET", f"/v1/changes?d={vector_of(before)}")).status == 200
    assert (await moved(till, again).ask("GET", f"/v1/changes?d={vector_of(after)}")).status == 204
    newer = again.till()
    assert newer.terminal != town.till().terminal  # an id that the backup does not know may have been given


async def row(till: SigningTill, town: Town) -> Changes:
    return (await till.ask("POST", "/v1/changes", ChangesRequest(numbers=(0,) * BUCKETS))).read(Changes)


def vector_of(changes: Changes) -> str:
    return Vector().moved_to(changes.read, changes.documents, changes.epoch).digest()


async def test_books_are_never_put_over_others(town: Town, data: Path, tmp_path: Path) -> None:
    """Neither a backup over a folder that exists, nor a restore over books, nor one with the keys of another ledger."""
    back_up(town.database, data, tmp_path / "backup")
    with pytest.raises(RestoreRefusedError, match="exists"):
        back_up(town.database, data, tmp_path / "backup")
    with pytest.raises(RestoreRefusedError, match="there are books already"):
        restore(tmp_path / "backup", data, town.database, NOW_US)
    with pytest.raises(RestoreRefusedError, match="not a backup"):
        restore(data, data, town.database, NOW_US)


async def test_files_that_were_copied_back_are_found_out(
    town: Town, empty: Database, data: Path, tmp_path: Path
) -> None:
    """A checkpoint that the books cannot continue begins an epoch, once; one that they can continue begins none."""
    till, other = town.till(), town.till()
    till.sell()
    _answer, first = await pushed(till, 1)
    log.take_up(town.database)
    back_up(town.database, data, tmp_path / "backup")
    other.sell()
    await pushed(other, 1)
    log.take_up(town.database)
    answer, known = await pushed(till, 1)
    assert answer.checkpoint is not None
    assert (known.size, known.epoch) == (2, first.epoch)
    again = restored(town, tmp_path / "backup", empty)
    with empty.write() as connection:
        connection.exec_driver_sql("DELETE FROM epoch WHERE number = 2")  # as if nobody had said that it is a copy

    back = moved(till, again)
    _, now = await pushed(back, 1)
    assert (now.epoch, now.size, now.seq) == (known.epoch, 1, known.seq)  # less than it signed
    assert (await back.ask("GET", "/v1/proof?from=2")).code == "log-shorter"
    told = (await back.ask("POST", "/v1/forgotten", Forgotten(checkpoint=answer.checkpoint))).read(PushAnswer)
    assert told.checkpoint is not None
    begun = open_checkpoint(told.checkpoint, town.keys.ring)
    assert begun.epoch != known.epoch
    for _ in range(2):
        told = (await back.ask("POST", "/v1/forgotten", Forgotten(checkpoint=answer.checkpoint))).read(PushAnswer)
        assert told.checkpoint is not None
        assert open_checkpoint(told.checkpoint, town.keys.ring).epoch == begun.epoch
    assert told.checkpoint is not None
    # What it can continue is no evidence, and neither is what somebody else was told.
    told = (await moved(other, again).ask("POST", "/v1/forgotten", Forgotten(checkpoint=told.checkpoint))).read(
        PushAnswer
    )
    assert told.checkpoint is not None
    assert open_checkpoint(told.checkpoint, town.keys.ring).epoch == begun.epoch
    assert verify(again.database) == []


async def test_a_till_gets_its_proof(town: Town) -> None:
    """Its newest entry is in the log, and the log continues the one that it had."""
    till = town.till()
    till.sell(MEMBER)
    await pushed(till, 1)
    log.take_up(town.database)
    _answer, known = await pushed(till, 1)
    till.sell(MEMBER)
    await pushed(till, 2)
    log.take_up(town.database)
    proof = (await till.ask("GET", f"/v1/proof?from={known.size}")).read(LogProof)
    new = check_proof(known, proof, town.keys.ring, bytes.fromhex(till.batch().head))
    assert (new.size, new.seq, new.logged) == (2, 2, 2)
