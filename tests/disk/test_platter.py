"""The model of the disk: what was synced stays, and all else can go in every way."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.disk.platter import Operation, Platter

OLD, NEW = b"o" * 8192, b"n" * 8192


def ends(*operations: Operation, files: dict[str, bytes], times: int = 300) -> list[dict[str, bytes]]:
    """What is left after these operations and a cut, many times."""
    platter = Platter(files)
    for operation in operations:
        platter.take(operation)
    return [platter.cut(Random(seed)) for seed in range(times)]


def write(data: bytes, offset: int = 0, file: int = 0) -> Operation:
    """Written, not synced."""
    return Operation("write", file, offset=offset, data=data)


def is_any(found: list[dict[str, bytes]], condition: Callable[[bytes], bool]) -> bool:
    """Whether file `a` ended so at least once."""
    return any(condition(files["a"]) for files in found)


def test_what_was_synced_is_there() -> None:
    """After a sync no cut brings anything else."""
    assert all(left == {"a": NEW} for left in ends(write(NEW), Operation("sync"), files={"a": OLD}))


def test_what_was_not_synced_is_kept_lost_mixed_and_torn() -> None:
    """Whole, not at all, some sectors in any order, and a sector that is half the one and half the other."""
    found = ends(write(NEW), files={"a": OLD})
    sectors = [[left["a"][at : at + 512] for at in range(0, 8192, 512)] for left in found]
    assert is_any(found, lambda data: data == NEW)
    assert is_any(found, lambda data: data == OLD)
    assert any(one[0] == NEW[:512] and one[-1] == OLD[:512] for one in sectors)
    assert any(one[0] == OLD[:512] and one[-1] == NEW[:512] for one in sectors)
    assert any(0 < sector.count(b"n") < 512 for one in sectors for sector in one)


def test_a_size_is_of_any_moment() -> None:
    """A file that grew or was cut off has the size before or after, and where nothing was written there are zeros."""
    grown = ends(write(NEW, offset=8192), files={"a": OLD})
    assert {len(left["a"]) for left in grown} == {8192, 16384}
    assert is_any(grown, lambda data: data[8192:].count(0) == 8192)
    cut_off = ends(Operation("truncate", offset=100), files={"a": OLD})
    assert {len(left["a"]) for left in cut_off} == {100, 8192}


def test_a_failed_sync_promises_nothing_and_neither_does_the_next() -> None:
    """What it was asked for may be lost for ever; what is written again and synced is there."""
    orphaned = (write(NEW), Operation("failed sync"), Operation("sync"))
    assert is_any(ends(*orphaned, files={"a": OLD}), lambda data: data != NEW)
    again = ends(*orphaned, write(NEW), Operation("sync"), files={"a": OLD})
    assert all(left == {"a": NEW} for left in again)


def test_a_name_needs_its_folder_to_be_synced() -> None:
    """A file that was made or deleted is there or not; afterwards it is as it was told."""
    operations = (Operation("create", 1, "b"), write(b"x", file=1), Operation("sync", 1), Operation("delete", 0, "a"))
    found = ends(*operations, files={"a": OLD})
    assert {frozenset(left) for left in found} == {frozenset(names) for names in ((), ("a",), ("b",), ("a", "b"))}
    synced = ends(*operations, Operation("sync directory"), files={"a": OLD})
    assert all(left == {"b": b"x"} for left in synced)


def test_a_deleted_file_comes_back_under_the_name_of_its_successor() -> None:
    """Deleted and made anew without a sync of the folder: the old one, the new one, or none."""
    operations = (Operation("delete", 0, "a"), Operation("create", 1, "a"), write(b"x", file=1), Operation("sync", 1))
    found = ends(*operations, files={"a": OLD})
    assert {left.get("a") for left in found} == {OLD, b"x", None}


def test_a_lying_disk_keeps_what_it_likes() -> None:
    """Its syncs do nothing."""
    platter = Platter({"a": OLD}, is_lying=True)
    for operation in (write(NEW), Operation("sync")):
        platter.take(operation)
    assert any(platter.cut(Random(seed)) != {"a": NEW} for seed in range(20))
