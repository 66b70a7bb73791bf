"""The cache: the newest row that may be shown, found by one indexed look-up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from local_db import connections
from local_db.cache import CacheReader, CacheWriter
from protocol import canonical
from protocol.documents import Document, HotList, Product
from protocol.feed import Balance, MemberRow
from protocol.signing import sign

KEY = Ed25519PrivateKey.from_private_bytes(b"l" * 32)


def row(member: str, position: int, **more: Any) -> MemberRow:
    """A member whose points tell the position of his row."""
    return MemberRow(member=member, position=position, balances={"points": Balance(available=position)}, **more)


def holding(member: str, position: int, available: int, **more: Any) -> MemberRow:
    return MemberRow(member=member, position=position, balances={"points": Balance(available=available)}, **more)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[CacheWriter]:
    """An empty cache."""
    opened = CacheWriter.open(tmp_path / "cache-1.db")
    yield opened
    opened.close()


def position(cache: CacheReader, member: str) -> int:
    """At which position a member's row stands; -1 for nobody."""
    found = cache.member(member)
    return found.position if found else -1


def test_a_row_comes_back_whole(cache: CacheWriter, tmp_path: Path) -> None:
    """Everything of a row is read by another connection as it was applied."""
    told = row(
        "m1", 5, name="张*丰[VIP]", last4="1234", tier="gold", phone_key="k1", merged_into="m2", status="merged"
    )
    cache.apply([told], {3: 5}, set(), 77)
    reader = CacheReader.open(tmp_path / "cache-1.db")
    assert (reader.member("m1"), reader.member("m2"), reader.member_count()) == (told, None, 1)
    assert (reader.vector().numbers[3], reader.fact("as_of"), reader.fact("x")) == (5, "77", None)
    reader.close()


def test_an_older_row_never_replaces_a_newer_one(cache: CacheWriter) -> None:
    """A page that comes late, or a second time, changes neither rows nor how far the buckets are read."""
    cache.apply([row("m1", 9)], {0: 9}, set(), 2)
    cache.apply([row("m1", 4)], {0: 4}, set(), 3)
    assert (position(cache, "m1"), cache.vector().numbers[0]) == (9, 9)


def test_a_held_row_waits_for_its_outcome(cache: CacheWriter) -> None:
    """While a member's entry is unanswered his row stays, others move; afterwards it is released, once."""
    cache.apply([row("m1", 1), row("m2", 1)], {0: 1}, set(), 1)
    cache.apply([row("m1", 5), row("m2", 5)], {0: 5}, {"m1"}, 2)
    assert (position(cache, "m1"), position(cache, "m2"), cache.vector().numbers[0]) == (1, 5, 5)
    assert cache.release_held({"m1"}) == 0
    assert position(cache, "m1") == 1
    assert cache.release_held(set()) == 1
    assert position(cache, "m1") == 5
    assert cache.release_held(set()) == 0


def test_of_two_held_rows_the_newer_is_released(cache: CacheWriter) -> None:
    """The order in which they came does not matter."""
    for first, second in ((5, 7), (7, 5)):
        cache.apply([row(f"m{first}", first)], {}, {f"m{first}"}, 1)
        cache.apply([row(f"m{first}", second)], {}, {f"m{first}"}, 1)
    assert cache.release_held(set()) == 2
    assert (position(cache, "m5"), position(cache, "m7")) == (7, 7)


def test_a_newer_row_makes_the_held_one_pointless(cache: CacheWriter) -> None:
    """A row held at 5 does not come back over one applied at 8, and one applied at 3 does not drop it."""
    cache.apply([row("m1", 5), row("m2", 5)], {}, {"m1", "m2"}, 1)
    cache.apply([row("m1", 8), row("m2", 3)], {}, set(), 2)
    assert cache.release_held(set()) == 1
    assert (position(cache, "m1"), position(cache, "m2")) == (8, 5)


def points(cache: CacheReader, member: str) -> int:
    found = cache.member(member)
    assert found is not None
    return sum(balance.available for balance in found.balances.values())


def test_a_merge_over_two_pages_shows_nothing_less_meanwhile(cache: CacheWriter) -> None:
    """The tombstone comes first: the old row stays until the row that it leads to is there; then both change at once."""
    cache.apply([holding("old", 1, 50), holding("new", 1, 10)], {}, set(), 1)
    tombstone = row("old", 4, status="merged", merged_into="new")
    cache.apply([tombstone], {}, set(), 2)
    assert (points(cache, "old"), points(cache, "new")) == (50, 10)
    assert cache.release_held(set()) == 0
    cache.apply([holding("new", 9, 60, merged={"old": 4})], {}, set(), 3)
    assert points(cache, "new") == 60
    led = cache.member("old")
    assert led is not None
    assert (led.status, led.merged_into) == ("merged", "new")
    assert cache.release_held(set()) == 1
    assert cache.member("old") == tombstone


def test_a_merge_over_two_pages_shows_nothing_twice_meanwhile(cache: CacheWriter) -> None:
    """The new row comes first: the old number is led to it at once, and its own tombstone still takes its place."""
    cache.apply([holding("old", 1, 50), holding("new", 1, 10)], {}, set(), 1)
    cache.apply([holding("new", 9, 60, merged={"old": 4})], {}, set(), 2)
    led = cache.member("old")
    assert led is not None
    assert (led.status, led.merged_into, led.balances) == ("merged", "new", {})
    tombstone = row("old", 4, status="merged", merged_into="new")
    cache.apply([tombstone], {}, set(), 3)
    assert cache.member("old") == tombstone


def test_a_tombstone_is_not_released_before_the_row_it_leads_to(cache: CacheWriter) -> None:
    """That one waits for an outcome of a third number of the same person."""
    cache.apply([holding("old", 1, 50), holding("new", 1, 10)], {}, set(), 1)
    merged = [row("old", 4, status="merged", merged_into="new"), holding("new", 9, 60, merged={"old": 4, "third": 2})]
    cache.apply(merged, {}, {"third"}, 2)
    assert (points(cache, "old"), points(cache, "new")) == (50, 10)
    assert cache.release_held(set()) == 2
    assert points(cache, "new") == 60


def test_a_number_of_whom_nothing_is_known_is_led_at_once(cache: CacheWriter) -> None:
    """There is nothing to hide."""
    cache.apply([row("old", 4, status="merged", merged_into="new")], {}, set(), 1)
    assert position(cache, "old") == 4


def ages(cache: CacheReader, *members: str) -> list[int | None]:
    """Until when each row is known to be the newest; None: as long as the whole cache."""
    return [found.as_of_us if (found := cache.cached_member(member)) else -1 for member in members]


def test_a_row_that_stays_keeps_its_age(cache: CacheWriter) -> None:
    """As old as the cache was before the first page that would have replaced it, whatever comes later; others are not."""
    cache.apply([row("m1", 1), row("m2", 1)], {}, set(), 10)
    assert ages(cache, "m1", "m2", "nobody") == [None, None, -1]
    cache.apply([row("m1", 5), row("m2", 5), row("new", 5)], {}, {"m1", "new"}, 20)
    cache.apply([row("m1", 7)], {}, {"m1"}, 30)
    assert ages(cache, "m1", "m2", "new") == [20, None, -1]
    assert cache.cached_member("m1") == (row("m1", 1), 20)
    cache.release_held(set())
    assert cache.cached_member("m1") == (row("m1", 7), None)


def test_a_row_taken_over_from_another_file_keeps_its_age_there(cache: CacheWriter, tmp_path: Path) -> None:
    """A row that stayed there is as old as it was, one that was new there as old as that file; one as new as here is new."""
    new = CacheWriter.open(tmp_path / "cache-2.db")
    cache.apply([row("m1", 1), row("m2", 1), row("m3", 6)], {}, set(), 10)
    cache.apply([row("m1", 5)], {}, {"m1"}, 20)
    new.apply([row("m1", 6), row("m2", 6), row("m3", 6)], {}, {"m1", "m2", "m3"}, 0)
    new.keep_former([found for m in ("m1", "m2", "m3") if (found := cache.cached_member(m))], 40)
    assert ages(new, "m1", "m2", "m3") == [20, 40, None]
    assert [position(new, member) for member in ("m1", "m2", "m3")] == [1, 1, 6]
    assert new.release_held(set()) == 2
    new.close()


_page = st.tuples(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=4), st.sets(st.sampled_from("abc"))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_page, max_size=6))
def test_whatever_comes_the_newest_row_is_shown_in_the_end(
    pages: list[tuple[list[tuple[str, int]], set[str]]],
) -> None:
    """Through any pages and any holding, each member ends at his newest row, and never shows one that is held."""
    cache = CacheWriter(_memory())
    newest: dict[str, int] = {}
    for rows, held in pages:
        shown = {member: position(cache, member) for member in held}
        cache.apply([row(member, at) for member, at in rows], {}, held, 1)
        assert {member: position(cache, member) for member in held} == shown
        for member, at in rows:
            newest[member] = max(newest.get(member, -1), at)
    cache.release_held(set())
    assert {member: position(cache, member) for member in newest} == newest
    cache.close()


def _memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for step in connections._steps("cache"):
        connection.executescript(step)
    return connection


def test_a_page_that_cannot_be_applied_changes_nothing(cache: CacheWriter) -> None:
    """A bucket that there is not, at the end of a page, undoes the whole page."""
    cache.apply([row("m1", 1)], {0: 1}, set(), 1)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        cache.apply([row("m1", 2), row("m2", 2)], {0: 2, 1024: 2}, set(), 2)
    assert (position(cache, "m1"), position(cache, "m2"), cache.vector().numbers[0], cache.fact("as_of")) == (
        1,
        -1,
        1,
        "1",
    )


def test_a_member_is_found_by_his_phones_hash(cache: CacheWriter) -> None:
    """The hash finds him, the old one no longer after it changed, and no hash finds nobody."""
    cache.apply([row("m1", 1, phone_key="k1"), row("m2", 1)], {}, set(), 1)
    assert cache.member_by_phone_key("k1") == row("m1", 1, phone_key="k1")
    cache.apply([row("m1", 2, phone_key="k2")], {}, set(), 2)
    assert cache.member_by_phone_key("k1") is None
    assert cache.member_by_phone_key("k2") == row("m1", 2, phone_key="k2")
    assert cache.member_by_phone_key("") is None


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("member", "PRIMARY KEY"),
        ("cached_member", "PRIMARY KEY"),
        ("member_by_phone_key", "member_phone_key"),
        ("product", "PRIMARY KEY"),
    ],
)
def test_a_look_up_at_the_counter_uses_an_index(cache: CacheWriter, question: str, index: str) -> None:
    """However many members there are, a look-up is a search in an index and never a scan."""
    asked: list[str] = []
    cache._connection.set_trace_callback(asked.append)
    getattr(cache, question)("x")
    cache._connection.set_trace_callback(None)
    plan = [line[3] for sql in asked for line in cache._connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(plan) == (2 if question == "cached_member" else 1)
    assert all(step.startswith("SEARCH") and index in step for step in plan)


def document(number: int, *members: str) -> tuple[Document, Any]:
    """A hot list, signed."""
    content = msgspec.Raw(canonical.encode(HotList(members=members)))
    made = Document(kind="hot-list", id="all", number=number, valid_until=9, content=content)
    return made, sign("document", made, KEY)


def test_a_newer_document_replaces_an_older_one(cache: CacheWriter) -> None:
    """And not the other way round; what was signed is kept as it was signed."""
    old, new = document(3, "m1"), document(4, "m1", "m2")
    for one in (new, old):
        cache.put_documents([one], None, one[0].number)
    (kept,) = cache.documents()
    assert (kept.kind, kept.id, kept.number, kept.signed) == ("hot-list", "all", 4, new[1])


def test_a_price_list_is_replaced_whole(cache: CacheWriter) -> None:
    """A product that the new list does not name is gone; without a list the old one stays."""
    apple = Product(code="1", name="苹果", category="fresh", price_fen=500)
    pear = Product(code="2", name="梨", category="fresh", price_fen=400, attributes={"grade": 1, "kwh-year": 30})
    cache.put_documents([], [apple, pear], 1)
    cache.put_documents([], None, 2)
    assert (cache.product("1"), cache.product("2")) == (apple, pear)
    cache.put_documents([], [pear], 3)
    assert (cache.product("1"), cache.product("2"), cache.fact("documents")) == (None, pear, "3")


def test_a_checkpointed_file_is_whole_by_itself(cache: CacheWriter, tmp_path: Path) -> None:
    """After the checkpoint a copy of the one file, without its log, has everything."""
    cache.apply([row(f"m{number}", 1) for number in range(500)], {0: 1}, set(), 1)
    cache.checkpoint()
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "cache-1.db").read_bytes())
    reader = CacheReader.open(copy)
    assert (reader.member_count(), position(reader, "m499")) == (500, 1)
    reader.close()
