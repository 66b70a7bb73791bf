"""A VFS between SQLite and its own one for POSIX: each call can be watched, refused, or done by halves.

It becomes the default of this process, so that `sqlite3.connect(path)`, and the product above it, go through it unchanged.
Files stay SQLite's own: only the methods named here are replaced, the locks and the shared memory of a WAL are the real ones.
What Python itself does to the same files (`os.fsync`, `os.unlink`) passes through here too.
"""

from __future__ import annotations

import ctypes
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.disk import sqlite_abi as abi


class Call(NamedTuple):
    """One call as SQLite makes it. `path` is empty for a temporary file."""

    kind: str
    path: str
    offset: int = 0
    """Of a write; the size of a truncation."""
    data: bytes = b""
    creates: bool = False
    handle: int = 0
    """Which open file, of the calls that have one."""


Proceed = Callable[[int | None], int]
"""Do it; of a write, only the first bytes where a number is given. Gives SQLite's result code."""

Watcher = Callable[[Call, Proceed], int]
"""Sees a call, does it or not, and says which result code SQLite gets."""


class _Interposed:
    """The VFS. One for the process, and never freed: SQLite keeps pointers to what is in it."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._real = library.sqlite3_vfs_find(None)
        self._paths: dict[int, str] = {}
        self._tables: dict[int, tuple[abi.IoMethods, abi.IoMethods]] = {}
        self._kept: list[Any] = []
        self.watcher: Watcher | None = None
        self.failure: BaseException | None = None
        self._random = random.Random(0)
        self._vfs = abi.Vfs.from_buffer_copy(self._real.contents)
        self._vfs.name = b"interposed"
        self._vfs.open = self._callback(abi.OPEN, self._open)
        self._vfs.delete = self._callback(abi.DELETE, self._delete)
        self._vfs.access = self._callback(abi.ACCESS, self._access)
        self._vfs.randomness = self._callback(abi.RANDOMNESS, self._randomness)
        self._openers = abi.OPEN_DIRECTORY(
            abi.GET_SYSTEM_CALL(self._vfs.get_system_call)(self._real, b"openDirectory")
        )
        self._open_directory_callback = self._callback(abi.OPEN_DIRECTORY, self._open_directory)

    def install(self, watcher: Watcher, seed: int) -> None:
        """Become the default, with the same random numbers (the salts of a WAL) for the same seed."""
        self.watcher, self.failure, self._random = watcher, None, random.Random(seed)
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        self._library.sqlite3_randomness(0, None)
        self._set_open_directory(self._open_directory_callback)

    def uninstall(self) -> None:
        """Let SQLite's own be the default again. Raises what a watcher raised inside of a call."""
        self._set_open_directory(None)
        self._library.sqlite3_vfs_register(self._real, 1)
        self._library.sqlite3_randomness(0, None)
        self.watcher = None
        if self.failure is not None:
            raise self.failure

    def _set_open_directory(self, function: int | None) -> None:
        done = abi.SET_SYSTEM_CALL(self._vfs.set_system_call)(self._real, b"openDirectory", function)
        assert done == abi.OK

    def seen(self, call: Call, proceed: Proceed) -> int:
        """Ask the watcher. What it raises cannot pass through SQLite: it is kept, and the call is an I/O error."""
        if self.watcher is None:
            return proceed(None)
        try:
            return self.watcher(call, proceed)
        except BaseException as error:  # noqa: BLE001  # raised again by `uninstall`
            self.failure = self.failure or error
            return abi.IOERR_WRITE

    def _callback(self, prototype: Any, function: Callable[..., int]) -> int:
        made = prototype(function)
        self._kept.append(made)
        return ctypes.cast(made, ctypes.c_void_p).value or 0

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out_flags: int) -> int:
        path = os.fsdecode(ctypes.string_at(name)) if name else ""

        def proceed(_count: int | None) -> int:
            result: int = abi.OPEN(self._real.contents.open)(self._real, name, file, flags, out_flags)
            if result == abi.OK:
                self._paths[file] = path
                opened = abi.File.from_address(file)
                opened.methods = ctypes.pointer(self._table(opened.methods))
            return result

        creates = bool(flags & abi.OPEN_CREATE) and bool(path) and not Path(path).exists()
        result = self.seen(Call("open", path, creates=creates, handle=file), proceed)
        if result != abi.OK:
            abi.File.from_address(file).methods = None
        return result

    def _delete(self, _vfs: int, name: bytes, sync_directory: int) -> int:
        real = abi.DELETE(self._real.contents.delete)
        return self.seen(
            Call("delete", os.fsdecode(name)), lambda _count: int(real(self._real, name, sync_directory))
        )

    def _access(self, _vfs: int, name: bytes, flags: int, result: int) -> int:
        real = abi.ACCESS(self._real.contents.access)
        return self.seen(Call("access", os.fsdecode(name)), lambda _count: int(real(self._real, name, flags, result)))

    def _open_directory(self, name: bytes, result: int) -> int:
        """SQLite opens a directory for one purpose: to fsync it."""
        folder = os.path.dirname(os.fsdecode(name))  # noqa: PTH120
        return self.seen(Call("sync directory", folder), lambda _count: int(self._openers(name, result)))

    def _randomness(self, _vfs: int, count: int, buffer: int) -> int:
        ctypes.memmove(buffer, self._random.randbytes(count), count)
        return count

    def _table(self, methods: Any) -> abi.IoMethods:
        """The methods of a file with ours in front. There are a handful of tables in SQLite."""
        address = ctypes.addressof(methods.contents)
        if address not in self._tables:
            real = methods.contents
            ours = abi.IoMethods.from_buffer_copy(real)
            ours.close = self._callback(abi.CLOSE, self._closing(abi.CLOSE(real.close)))
            ours.read = self._callback(abi.TRANSFER, self._plain("read", abi.TRANSFER(real.read)))
            ours.write = self._callback(abi.TRANSFER, self._writing(abi.TRANSFER(real.write)))
            ours.truncate = self._callback(abi.TRUNCATE, self._truncating(abi.TRUNCATE(real.truncate)))
            ours.sync = self._callback(abi.SYNC, self._plain("sync", abi.SYNC(real.sync)))
            ours.file_size = self._callback(abi.FILE_SIZE, self._plain("size", abi.FILE_SIZE(real.file_size)))
            ours.lock = self._callback(abi.LOCK, self._plain("lock", abi.LOCK(real.lock)))
            if real.shm_map:
                ours.shm_map = self._callback(abi.SHM_MAP, self._plain("shm map", abi.SHM_MAP(real.shm_map)))
            self._tables[address] = ours, real
        return self._tables[address][0]

    def _plain(self, kind: str, real: Any) -> Callable[..., int]:
        """A method of which a watcher sees the kind alone."""

        def method(file: int, *arguments: int) -> int:
            call = Call(kind, self._paths.get(file, ""), handle=file)
            return self.seen(call, lambda _count: int(real(file, *arguments)))

        return method

    def _closing(self, real: Any) -> Callable[[int], int]:
        def close(file: int) -> int:
            self._paths.pop(file, None)
            return int(real(file))

        return close

    def _writing(self, real: Any) -> Callable[[int, int, int, int], int]:
        def write(file: int, data: int, count: int, offset: int) -> int:
            call = Call("write", self._paths.get(file, ""), offset, ctypes.string_at(data, count), handle=file)
            return self.seen(call, lambda part: int(real(file, data, count if part is None else part, offset)))

        return write

    def _truncating(self, real: Any) -> Callable[[int, int], int]:
        def truncate(file: int, size: int) -> int:
            call = Call("truncate", self._paths.get(file, ""), size, handle=file)
            return self.seen(call, lambda _count: int(real(file, size)))

        return truncate


_made: list[_Interposed] = []


@contextmanager
def watched(watcher: Watcher, seed: int = 0) -> Iterator[None]:
    """Everything that SQLite, `os.fsync` and `os.unlink` do to files in this block passes through `watcher`."""
    if not _made:
        library = abi.library()
        assert library is not None
        _made.append(_Interposed(library))
    interposed, fsync, unlink = _made[0], os.fsync, os.unlink

    def fsynced(file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").readlink()

        def proceed(_count: int | None) -> int:
            fsync(file)
            return abi.OK

        _raise(interposed.seen(Call("sync directory" if path.is_dir() else "sync", str(path)), proceed), path)

    def unlinked(path: str | os.PathLike[str], **more: Any) -> None:
        if not os.path.lexists(path):
            raise FileNotFoundError(path)

        def proceed(_count: int | None) -> int:
            unlink(path, **more)
            return abi.OK

        _raise(interposed.seen(Call("delete", os.path.abspath(path)), proceed), path)  # noqa: PTH100

    with patch.object(os, "fsync", fsynced), patch.object(os, "unlink", unlinked):
        interposed.install(watcher, seed)
        try:
            yield
        finally:
            interposed.uninstall()


def _raise(result: int, path: str | os.PathLike[str]) -> None:
    """What the operating system would say to Python, where SQLite gets a result code."""
    if result:
        error = 28 if result == abi.FULL else 5
        raise OSError(error, os.strerror(error), os.fspath(path))
