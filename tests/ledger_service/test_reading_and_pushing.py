"""What a till does all day: push, poll, pull, start from a snapshot, fetch documents and outcomes."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from ledger import members
from protocol.documents import Document, DocumentsAnswer
from protocol.feed import Changes, ChangesRequest, MemberRow, SnapshotPart, Vector
from protocol.ids import BUCKETS, bucket_of
from protocol.look_up import LookUpRequest
from protocol.push import PushAnswer
from protocol.signing import Signed
from tests.ledger_service.town import MEMBER, NOW_US, OTHER_STORE, PHONE, PLATE, SigningTill, Town


async def pull(till: SigningTill, vector: Vector) -> tuple[list[MemberRow], Vector]:
    """Everything that moved since, page by page."""
    rows: list[MemberRow] = []
    while True:
        request = ChangesRequest(numbers=vector.numbers, documents=vector.documents, limit=1)
        found = (await till.ask("POST", "/v1/changes", request)).read(Changes)
        rows += found.rows
        vector = vector.moved_to(found.read, found.documents, found.epoch)
        if not found.more:
            return rows, vector


async def test_a_sale_is_pushed_once_and_comes_back_in_the_feed(town: Town) -> None:
    """Booked, booked again as a duplicate with the same outcome, seen by another till at the outcome's position."""
    till, other = town.till(), town.till()
    _rows, vector = await pull(other, Vector())
    till.sell(award=25)
    first = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer)
    again = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer)
    assert first.outcomes == again.outcomes
    assert (first.again, again.again, first.outcomes[0].status) == (0, 1, "booked")
    rows, _ = await pull(other, vector)
    assert [(row.member, row.position, row.balances["points"].available) for row in rows] == [
        (MEMBER, first.outcomes[0].position, 1_025)
    ]


async def test_a_poll_says_whether_anything_moved(town: Town) -> None:
    """204 for the newest digest, 200 with `more` for any other."""
    till = town.till()
    _rows, vector = await pull(till, Vector())
    assert (await till.ask("GET", f"/v1/changes?d={vector.digest()}")).status == 204
    till.sell()
    await till.ask("POST", "/v1/push", till.batch())
    moved = await till.ask("GET", f"/v1/changes?d={vector.digest()}")
    assert (moved.status, moved.read(Changes).more) == (200, True)


async def test_a_journal_is_pushed_by_its_own_terminal(sqlite_town: Town) -> None:
    """A batch of one terminal, signed over HTTP by another, is refused."""
    till, other = sqlite_town.till(), sqlite_town.till()
    till.sell()
    assert (await other.ask("POST", "/v1/push", till.batch())).code == "bad-request"


async def test_a_gap_says_where_to_begin(sqlite_town: Town) -> None:
    """Entries that the ledger lacks are asked for by number."""
    till = sqlite_town.till()
    till.sell()
    till.sell()
    answer = await till.ask("POST", "/v1/push", till.batch(first=2))
    assert (answer.status, answer.code, msgspec.json.decode(answer.body)["expected_seq"]) == (409, "gap", 1)


async def test_first_outcomes_are_given_again(town: Town) -> None:
    """A till that lost its answers reads them again from a seq on, with the head that the ledger has."""
    till = town.till()
    for _ in range(3):
        till.sell()
    pushed = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer)
    found = (await till.ask("GET", "/v1/outcomes?from=2")).read(PushAnswer)
    assert found.outcomes == pushed.outcomes[1:]
    assert (found.acknowledged, found.head) == (3, pushed.head)
    assert (await till.ask("GET", "/v1/outcomes?from=-1")).code == "bad-request"


@pytest.mark.parametrize("accept", ["zstd", "identity"])
async def test_a_snapshot_is_whole_and_sealed(town: Town, accept: str) -> None:
    """All members, then the end with its digest, signed by a working key; and from the last bucket on nobody."""
    till = town.till()
    answer = await till.ask("GET", "/v1/snapshot", accept_encoding=accept)
    *lines, seal = answer.body.splitlines(keepends=True)
    rows = [msgspec.json.decode(line, type=MemberRow) for line in lines]
    assert {row.member for row in rows} == {MEMBER, "1000000002"}
    signed = msgspec.json.decode(seal, type=Signed)
    part = town.keys.ring.open(signed, "snapshot", SnapshotPart, town.clock())
    assert (part.rows, part.digest) == (2, hashlib.sha256(b"".join(lines)).hexdigest())
    assert (part.first, part.at, part.numbers) == (0, NOW_US, (await pull(till, Vector()))[1].numbers)
    (seal,) = (await till.ask("GET", "/v1/snapshot?from=1023", accept_encoding=accept)).body.splitlines()
    part = town.keys.ring.open(msgspec.json.decode(seal, type=Signed), "snapshot", SnapshotPart, town.clock())
    assert (part.first, part.rows) == (1023, 0)
    assert (await till.ask("GET", "/v1/snapshot?from=1024")).code == "bad-request"


async def test_documents_are_those_of_the_store(town: Town) -> None:
    """A store gets its own settings, staff, programme and products, the coalition's hot list, and nobody else's."""
    till = town.till()
    answer = (await till.ask("GET", "/v1/documents?after=0")).read(DocumentsAnswer)
    found = [town.keys.ring.open(signed, "document", Document) for signed in answer.documents]
    assert {(document.kind, document.id) for document in found} == {
        ("store", "zhongshan"), ("staff", "zhongshan"), ("programme", "qingsui-market"), ("products", "qingsui"),
        ("hot-list", "all"),
    }  # fmt: skip
    numbers = [document.number for document in found]
    assert numbers == sorted(numbers)
    assert answer.newest >= numbers[-1]
    assert not (await till.ask("GET", f"/v1/documents?after={answer.newest}")).read(DocumentsAnswer).documents
    other = (await town.till(OTHER_STORE).ask("GET", "/v1/documents?after=0")).read(DocumentsAnswer)
    shared = {signed.body for signed in answer.documents} & {signed.body for signed in other.documents}
    assert shared == {signed.body for signed, document in zip(answer.documents, found, strict=True)
                      if document.kind == "hot-list"}  # fmt: skip


@pytest.mark.parametrize(
    ("by", "value"),
    [("phone", PHONE), ("phone", "+86 139-0000-1234"), ("phone", "１３９００００１２３４"), ("plate", PLATE),
     ("plate", "测a 10001"), ("member", MEMBER)],
)  # fmt: skip
async def test_a_member_is_found_however_he_says_it(sqlite_town: Town, by: str, value: str) -> None:
    """Blanks, dashes, a country, full width and case do not matter; the answer is the row of the feed."""
    request = LookUpRequest(by=by, value=value)  # type: ignore[arg-type]  # from the table above
    row = (await sqlite_town.till().ask("POST", "/v1/look-up", request)).read(MemberRow)
    assert (row.member, row.name, row.last4, row.tier) == (MEMBER, "张*丰", "1234", "gold")
    assert row.balances["points"].available == 1_000


@pytest.mark.parametrize(("by", "value"), [("phone", "13900009999"), ("member", "9"), ("plate", "-")])
async def test_nobody_is_found(sqlite_town: Town, by: str, value: str) -> None:
    """Unknown keys have one code, and the sentence does not repeat them."""
    answer = await sqlite_town.till().ask("POST", "/v1/look-up", LookUpRequest(by=by, value=value))  # type: ignore[arg-type]
    assert (answer.status, answer.code) == (404, "unknown-member")
    assert "9999" not in answer.body.decode()


async def test_every_change_of_a_member_moves_the_feed(town: Town) -> None:
    """Block, tier and PIN each take the bucket's next number."""
    till = town.till()
    _rows, vector = await pull(till, Vector())
    members.set_status(town.database, MEMBER, "blocked")
    members.set_tier(town.database, MEMBER, "silver")
    members.set_pin(town.database, MEMBER, "9876")
    rows, after = await pull(till, vector)
    bucket = bucket_of(MEMBER)
    assert after.numbers[bucket] == vector.numbers[bucket] + 3 == rows[-1].position
    assert (rows[-1].status, rows[-1].tier) == ("blocked", "silver")


async def test_a_vector_names_every_bucket(sqlite_town: Town) -> None:
    """Too few numbers are no vector."""
    answer = await sqlite_town.till().ask("POST", "/v1/changes", ChangesRequest(numbers=(0,) * (BUCKETS - 1)))
    assert (answer.status, answer.code) == (400, "bad-request")
