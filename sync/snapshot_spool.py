"""Parts of a snapshot that have arrived whole, kept beside the cache until it is: who is cut off goes on behind them.

A part on the disk is believed no more than one from the network: its lines are hashed again and its signature is checked, so
none of these files has to be fsynced. A part that does not fit is thrown away, and all behind it.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import zstandard

from local_db.errors import StorageFailedError, StorageFullError
from protocol.feed import SnapshotPart
from protocol.signing import KeyRing
from sync.errors import NotTheLedgerError
from sync.snapshot_stream import Page, read_parts

MAX_AGE_US = 24 * 3_600 * 1_000_000
"""Older parts are loaded anew: reading what changed since would cost more."""

_NAME = re.compile(r"snapshot-(\d{4})\.part", re.ASCII)
_UNFINISHED = "snapshot.unfinished"
_PIECE_BYTES = 64 * 1024


class Spool:
    """The parts in a folder. `discarded` is told which file did not fit, and why."""

    def __init__(self, folder: Path, discarded: Callable[[str, str], None]) -> None:
        self._folder, self._discarded = folder, discarded
        self._file: BinaryIO | None = None
        self._packer = zstandard.ZstdCompressor(level=1).compressobj()

    def __bool__(self) -> bool:
        return bool(self._parts())

    def replay(self, ring: KeyRing, now_us: int) -> Iterator[Page]:
        """Pages of the parts that are here, from the first bucket on. `now_us`: the ledger's time."""
        first = 0
        for path in self._parts():
            try:
                part = self._verified(path, first, ring, now_us)
            except (NotTheLedgerError, OSError) as error:
                self._discarded(path.name, str(error))
                self._drop_from(first)
                return
            yield from self._read(path, first, ring)
            first = part.end

    def pages(self, ring: KeyRing) -> Iterator[Page]:
        """Pages of all parts, however old they are: who has no network has nothing newer. Raises `NotTheLedgerError`."""
        first = 0
        for path in self._parts():
            for page in self._read(path, first, ring):
                first = page.end if isinstance(page, SnapshotPart) else first
                yield page

    def keep(self, lines: bytes, part: SnapshotPart | None) -> None:
        """Write down lines as they arrive; with the end of their part they count.

        Raises `StorageFullError`, `StorageFailedError`.
        """
        with _disk_errors():
            if self._file is None:
                self._file = (self._folder / _UNFINISHED).open("wb")
                self._packer = zstandard.ZstdCompressor(level=1).compressobj()
            self._file.write(self._packer.compress(lines))
            if part is not None:
                self._file.write(self._packer.flush())
                self.close()
                (self._folder / _UNFINISHED).replace(self._folder / f"snapshot-{part.first:04d}.part")

    def close(self) -> None:
        """Let go of a part that did not end."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def clear(self) -> None:
        """Delete all parts: the cache is whole, or the disk is full."""
        self.close()
        self._drop_from(0)
        with suppress(OSError):
            (self._folder / _UNFINISHED).unlink(missing_ok=True)

    def _verified(self, path: Path, first: int, ring: KeyRing, now_us: int) -> SnapshotPart:
        """The one part in a file. Raises `NotTheLedgerError` where it is not whole, not the next one, or not young."""
        parts = [page for page in self._read(path, first, ring) if isinstance(page, SnapshotPart)]
        if len(parts) != 1:
            raise NotTheLedgerError("not-the-ledger", "not one whole part")
        if not 0 <= now_us - parts[0].at <= MAX_AGE_US:
            raise NotTheLedgerError("not-the-ledger", "a part that is too old")
        return parts[0]

    @staticmethod
    def _read(path: Path, first: int, ring: KeyRing) -> Iterator[Page]:
        with path.open("rb") as file:
            pieces = iter(lambda: file.read(_PIECE_BYTES), b"")
            yield from read_parts(pieces, "zstd", ring, first, lambda _lines, _part: None)

    def _parts(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("snapshot-*.part") if _NAME.fullmatch(path.name))

    def _drop_from(self, first: int) -> None:
        for path in self._parts():
            found = _NAME.fullmatch(path.name)
            if found and int(found[1]) >= first:
                with suppress(OSError):
                    path.unlink()


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise (StorageFullError if full else StorageFailedError)(str(error)) from error
