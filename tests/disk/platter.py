"""A disk that keeps what was synced, and of the rest what it likes.

The model is harsher than most file systems: between two syncs each sector, each file's size and each name in the folder goes
its own way; nothing orders one after the other. The rules:

- What was written before the last successful sync of its file is there. (SQLite, and this model, assume besides that a write
  which is cut off harms no byte outside of it: `SQLITE_IOCAP_POWERSAFE_OVERWRITE`.)
- Of what was written since, each sector is as it was at any moment between then and now, or torn between two such moments.
  The size of the file is that of any such moment.
- What a *failed* sync was asked to keep may be lost for ever, whatever later syncs say: Linux marks the pages as clean. Only
  writing them again helps.
- A file that was made or deleted is there or not, until its folder was synced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, NamedTuple

Kind = Literal["create", "write", "truncate", "sync", "failed sync", "delete", "sync directory"]


class Operation(NamedTuple):
    """One thing that is asked of the disk. `file` stays the same while a name comes and goes."""

    kind: Kind
    file: int = 0
    name: str = ""
    offset: int = 0
    """Of a write; the size of a truncation."""
    data: bytes = b""


SECTORS = (512, 4096)

_State = Literal["pending", "orphaned", "kept"]
"""Since the last sync; named in a sync that failed; synced, but on top of something orphaned."""


@dataclass
class _Change:
    offset: int
    data: bytes | None
    """None: a truncation to `offset`."""
    state: _State = "pending"

    @property
    def end(self) -> int:
        return self.offset + len(self.data or b"")

    def apply(self, file: bytearray) -> None:
        if self.data is None:
            del file[self.offset :]
        else:
            file.extend(bytes(max(0, self.offset - len(file))))
            file[self.offset : self.end] = self.data

    def apply_to_sector(self, sector: bytearray, start: int) -> None:
        """As far as it touches this sector of the file."""
        begin = max(self.offset - start, 0)
        if self.data is None:
            sector[begin:] = bytes(len(sector) - begin)
        else:
            part = self.data[begin + start - self.offset : len(sector) + start - self.offset]
            sector[begin : begin + len(part)] = part


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    changes: list[_Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.changes:
            if change.state == "pending":
                change.state = "kept"
        if all(change.state == "kept" for change in self.changes):
            for change in self.changes:
                change.apply(self.durable)
            self.changes.clear()

    def fail_to_sync(self) -> None:
        for change in self.changes:
            if change.state == "pending":
                change.state = "orphaned"

    def seen(self) -> bytes:
        """As who reads it sees it, before any cut."""
        data = bytearray(self.durable)
        for change in self.changes:
            change.apply(data)
        return bytes(data)


class Platter:
    """The files of one folder. `is_lying`: a disk whose syncs do nothing, and say that they did."""

    def __init__(self, files: Mapping[str, bytes], *, is_lying: bool = False) -> None:
        self._files = {number: _File(bytearray(data)) for number, data in enumerate(files.values())}
        self._names: dict[str, list[int | None]] = {name: [number] for number, name in enumerate(files)}
        """For each name, what it led to when the folder was synced last, and since."""
        self._is_lying = is_lying

    @property
    def count(self) -> int:
        """How many files there ever were."""
        return len(self._files)

    def numbers(self) -> dict[str, int]:
        """The file that each name leads to."""
        return {name: led_to[-1] for name, led_to in self._names.items() if led_to[-1] is not None}

    def take(self, operation: Operation) -> None:
        """Do what was asked of the disk."""
        match operation.kind:
            case "create":
                self._files[operation.file] = _File()
                self._names.setdefault(operation.name, [None]).append(operation.file)
            case "delete":
                self._names[operation.name].append(None)
            case "write":
                self._files[operation.file].changes.append(_Change(operation.offset, operation.data))
            case "truncate":
                self._files[operation.file].changes.append(_Change(operation.offset, None))
            case "sync" | "sync directory" if self._is_lying:
                pass
            case "sync":
                self._files[operation.file].sync()
            case "failed sync":
                self._files[operation.file].fail_to_sync()
            case "sync directory":
                self._names = {name: led_to[-1:] for name, led_to in self._names.items()}

    def seen(self) -> dict[str, bytes]:
        """The files as programs see them while the machine runs."""
        return {name: self._files[number].seen() for name, number in self.numbers().items()}

    def cut(self, chance: Random) -> dict[str, bytes]:
        """The files after the power went: one of the many ways that the rules allow."""
        sector, bias = chance.choice(SECTORS), chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        left: dict[str, bytes] = {}
        for name, led_to in self._names.items():
            file = led_to[-1] if chance.random() < 0.5 else chance.choice(led_to)
            if file is not None:
                left[name] = _after_a_cut(self._files[file], chance, sector, bias)
        return left


def _after_a_cut(file: _File, chance: Random, sector: int, bias: float) -> bytes:
    """`bias`: how likely a sector is as new as it can be."""
    if not file.changes:
        return bytes(file.durable)
    size = _size(file, chance)
    data = file.durable[:size].ljust(size, b"\0")
    for start, changes in _by_sector(file.changes, size, sector).items():
        end = min(start + sector, size)
        older, newer = (_sector(data[start:end], start, changes, chance, bias) for _ in range(2))
        # Mostly whole; sometimes the head of one moment and the rest of another.
        torn = chance.randrange(end - start) if chance.random() < 0.2 else 0
        data[start:end] = older[:torn] + newer[torn:]
    return bytes(data)


def _size(file: _File, chance: Random) -> int:
    """Of any moment since the last one that is certain."""
    size = len(file.durable)
    possible = [size]
    for change in file.changes:
        size = change.offset if change.data is None else max(size, change.end)
        possible = [size] if change.state == "kept" else [*possible, size]
    return possible[-1] if chance.random() < 0.3 else chance.choice(possible)


def _by_sector(changes: list[_Change], size: int, sector: int) -> dict[int, list[_Change]]:
    """For each sector that was touched, the changes that touched it, in order."""
    touched: dict[int, list[_Change]] = {}
    for change in changes:
        end = size if change.data is None else min(change.end, size)
        for start in range(change.offset // sector * sector, end, sector):
            touched.setdefault(start, []).append(change)
    return touched


def _sector(before: bytearray, start: int, changes: list[_Change], chance: Random, bias: float) -> bytearray:
    """A sector at one possible moment."""
    data = bytearray(before)
    last = len(changes) if chance.random() < bias else chance.randint(0, len(changes))
    for number, change in enumerate(changes):
        is_orphan_there = change.state == "orphaned" and chance.random() < 0.5
        if change.state == "kept" or is_orphan_there or (change.state == "pending" and number < last):
            change.apply_to_sector(data, start)
    return data
