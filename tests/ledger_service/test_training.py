"""Training books: what a till sells in training is booked there, and reaches the books in no way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.app import create_app
from ledger.database import Database
from ledger.deciding import Wanted, decide
from ledger.members import Person, join
from ledger.merchants import add_store
from ledger.problems import BadRequestError, CaseError
from ledger.training import MEMBERS, TrainingBooks
from ledger.verify import verify
from protocol.canonical import Model
from protocol.cases import Choice
from protocol.documents import DocumentsAnswer
from protocol.dynamic_codes import read
from protocol.push import PushAnswer
from protocol.signing import public_bytes
from protocol.training import TrainingAnswer, TrainingCleared, TrainingCode, TrainingCodeRequest, TrainingRequest
from tests.ledger_service.town import MEMBER, STORE, Heard, SigningTill, Town, build_town

STUDENT = MEMBERS[0][1].member


@pytest.fixture
def school(tmp_path: Path) -> Town:
    """A town whose ledger has training books."""
    town = build_town(f"sqlite:///{tmp_path}/books.db")
    town.app = create_app(
        town.database, town.keys, town.clock, training=TrainingBooks(tmp_path / "training", town.keys, town.clock)
    )
    return town


class Trainee(SigningTill):
    """A training terminal: it asks below its own path."""

    async def ask(self, method: str, target: str, body: Model | None = None, **headers: str) -> Heard:
        return await super().ask(method, f"/training/{self.terminal}{target}", body, **headers)


async def begin(till: SigningTill, key: Ed25519PrivateKey | None = None) -> tuple[Trainee, TrainingAnswer]:
    key = key or Ed25519PrivateKey.generate()
    heard = await till.ask("POST", "/v1/training", TrainingRequest(public=public_bytes(key), name="02号机"))
    answer = heard.read(TrainingAnswer)
    return Trainee(till.town, answer.enrolled.terminal, answer.enrolled.store, key), answer


async def test_a_trainees_sale_is_booked_in_the_training_book_alone(school: Town, tmp_path: Path) -> None:
    """Same route, same booking, other book; the books are the same to the last row, and right."""
    trainee, answer = await begin(school.till())
    before = dump(school.database)
    trainee.sell(STUDENT, 40, training=True)
    heard = (await trainee.ask("POST", "/v1/push", trainee.batch())).read(PushAnswer)
    assert [outcome.status for outcome in heard.outcomes] == ["booked"]
    assert answer.members[0].points == 5_000
    assert available(tmp_path, trainee.terminal) == 5_040
    assert dump(school.database) == before
    assert verify(school.database) == []


async def test_the_store_is_told_the_same_rules_in_training(school: Town) -> None:
    """Signed as they were, so the till believes them by the same root."""
    till = school.till()
    trainee, _ = await begin(till)
    real = (await till.ask("GET", "/v1/documents?after=0")).read(DocumentsAnswer)
    told = (await trainee.ask("GET", "/v1/documents?after=0")).read(DocumentsAnswer)
    assert {document.body for document in told.documents} == {document.body for document in real.documents}


async def test_neither_key_opens_the_others_book(school: Town) -> None:
    """A training terminal is nobody to the books, and a till of the books nobody in training."""
    till = school.till()
    trainee, _ = await begin(till)
    as_real = SigningTill(school, trainee.terminal, STORE, trainee.key)
    as_trainee = Trainee(school, till.terminal, STORE, till.key)
    for liar, path in ((as_real, "/v1/changes?d="), (as_trainee, f"/training/{trainee.terminal}/v1/changes?d=")):
        async with school.client() as client:
            response = await client.send(liar.request(client, "GET", path, b""))
        assert response.status_code == 401, path


@pytest.mark.parametrize("member", [MEMBER, STUDENT])
async def test_an_entry_of_training_under_a_tills_own_name_is_refused(school: Town, member: str) -> None:
    """A till that lies: a training entry in its real chain, signed by its real key. It waits, and moves nothing."""
    till = school.till()
    till.sell(member, 50, training=True)
    heard = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer)
    assert [(outcome.status, outcome.reason) for outcome in heard.outcomes] == [("quarantined", "training")]
    assert points_of(school.database, MEMBER) == 1_000
    assert verify(school.database) == []


async def test_nobody_can_accept_or_correct_an_entry_of_training(school: Town) -> None:
    """It is written off, and nothing was handed out."""
    till = school.till()
    sale = till.sell(MEMBER, 50, training=True)
    await till.ask("POST", "/v1/push", till.batch())
    for choice in ("accepted", "corrected"):
        with pytest.raises(CaseError) as refused:
            decide(school.database, wanted(till, choice), school.clock())
        assert refused.value.code == "case-still-training"
    done = decide(school.database, wanted(till, "written-off"), school.clock())
    assert (done.decision.shortfall, points_of(school.database, sale.member)) == (0, 1_000)


async def test_what_was_not_made_in_training_gets_into_no_training_book(school: Town) -> None:
    """A trainee who sends a sale without the mark."""
    trainee, _ = await begin(school.till())
    trainee.sell(STUDENT, 40)
    heard = (await trainee.ask("POST", "/v1/push", trainee.batch())).read(PushAnswer)
    assert [(outcome.status, outcome.reason) for outcome in heard.outcomes] == [("quarantined", "training")]


async def test_a_real_member_scanned_in_training_gets_nothing_anywhere(school: Town) -> None:
    """Nobody in the training book has his number, and the books never hear of it."""
    trainee, _ = await begin(school.till())
    trainee.sell(MEMBER, 50, training=True)
    heard = (await trainee.ask("POST", "/v1/push", trainee.batch())).read(PushAnswer)
    assert [(outcome.status, outcome.reason) for outcome in heard.outcomes] == [("quarantined", "unknown-member")]
    assert points_of(school.database, MEMBER) == 1_000


async def test_phones_of_training_members_show_codes_in_training_alone(school: Town) -> None:
    """A code that is signed like a real one is made for no real member, and for no till of the books."""
    till = school.till()
    trainee, _ = await begin(till)
    heard = await trainee.ask("POST", "/v1/training/code", TrainingCodeRequest(member=STUDENT))
    code = read(heard.read(TrainingCode).code, school.keys.ring, school.clock())
    assert code.member == STUDENT
    for asking, member in ((trainee, MEMBER), (till, STUDENT)):
        assert (await asking.ask("POST", "/v1/training/code", TrainingCodeRequest(member=member))).status == 400


async def test_beginning_anew_and_clearing_delete_the_book(school: Town, tmp_path: Path) -> None:
    """Of this till and no other; a book that is gone answers nobody, and clearing it again is no error."""
    till, other = school.till(), school.till()
    await begin(till)
    second, _ = await begin(till)
    of_other, _ = await begin(other)
    kept = {path.name for path in (tmp_path / "training").glob("*/*")}
    assert kept == {second.terminal, of_other.terminal}
    assert (await till.ask("POST", "/v1/training/clear", TrainingCleared(terminal=of_other.terminal))).status == 404
    for _again in range(2):
        cleared = await till.ask("POST", "/v1/training/clear", TrainingCleared(terminal=second.terminal))
        assert cleared.status == 200
    async with school.client() as client:
        request = second.request(client, "GET", f"/training/{second.terminal}/v1/changes?d=", b"")
        assert (await client.send(request)).status_code == 404


@pytest.mark.parametrize("path", ["..%2f..", "training-zhongshan-01-t000000", "TRAINING-x", "books.db"])
async def test_no_path_leads_out_of_the_folder(school: Town, path: str) -> None:
    """Whatever a stranger writes there is the name of no book."""
    till = school.till()
    async with school.client() as client:
        request = till.request(client, "GET", f"/training/{path}/v1/changes?d=", b"")
        assert (await client.send(request)).status_code == 404


async def test_a_training_terminal_begins_no_training(school: Town) -> None:
    """Nor does it pair tills or report: these are not asked in training."""
    trainee, _ = await begin(school.till())
    key = public_bytes(Ed25519PrivateKey.generate())
    async with school.client() as client:
        body = msgspec.json.encode({"name": "x", "public": key})
        target = f"/training/{trainee.terminal}/v1/training"
        assert (await client.send(trainee.request(client, "POST", target, body))).status_code == 404


def test_no_store_and_no_member_is_called_as_in_training(school: Town) -> None:
    """So an id or a number says by itself which book it is of."""
    for store in ("training", "training-zhongshan"):
        with pytest.raises(BadRequestError), school.database.write() as connection:
            add_store(connection, store, "qingsui", "x")
    with pytest.raises(BadRequestError):
        join(school.database, Person("李四", member=STUDENT), school.clock())


def available(folder: Path, terminal: str) -> int:
    (path,) = (folder / "training").glob(f"*/{terminal}/book.db")
    book = Database(f"sqlite:///{path}")
    try:
        return points_of(book, STUDENT)
    finally:
        book.close()


def points_of(database: Database, member: str) -> int:
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT available FROM balance WHERE member = ?", (member,)).scalar()
    return int(found or 0)


def dump(database: Database) -> list[str]:
    """Every row of every table."""
    with closing(sqlite3.connect(str(database.url.database))) as connection:
        return list(connection.iterdump())


def wanted(till: SigningTill, choice: Choice) -> Wanted:
    return Wanted(till.terminal, 1, choice, "1023", "培训时误传", till.terminal)
