"""What was asked of the disk, in order: what a power cut is computed from."""

from __future__ import annotations

from pathlib import Path

from tests.disk import sqlite_abi as abi
from tests.disk.platter import Kind, Operation, Platter
from tests.disk.vfs import Call, Proceed


class Trace:
    """A watcher that does everything, and remembers what changes the files of one folder.

    A WAL's shared memory (`-shm`) is left out: it is made anew by whoever opens the file next.
    """

    def __init__(self, folder: Path, platter: Platter) -> None:
        """`platter`: where the operations will be done; `folder` holds what is seen there now."""
        self.operations: list[Operation] = []
        self._folder = folder
        self._names = platter.numbers()
        self._handles: dict[int, int] = {}
        self._count = platter.count

    def __call__(self, call: Call, proceed: Proceed) -> int:
        """Do it and remember it."""
        result = proceed(None)
        self.remember(call, result)
        return result

    def remember(self, call: Call, result: int) -> None:
        """Take up a call that was done, with the data as far as they were written."""
        path = Path(call.path)
        is_ours = self._folder == (path if call.kind == "sync directory" else path.parent)
        if not is_ours or path.name.endswith("-shm"):
            return
        match call.kind:
            case "open" if result == abi.OK:
                self._opened(call, path.name)
            case "write":
                self._add("write", call, path.name)
            case "truncate" if result == abi.OK:
                self._add("truncate", call, path.name)
            case "sync":
                self._add("sync" if result == abi.OK else "failed sync", call, path.name)
            case "delete" if result == abi.OK and path.name in self._names:
                self.operations.append(Operation("delete", self._names.pop(path.name), path.name))
            case "sync directory" if result == abi.OK:
                self.operations.append(Operation("sync directory"))

    def _opened(self, call: Call, name: str) -> None:
        if name not in self._names:
            self._names[name] = self._count
            self._count += 1
            self.operations.append(Operation("create", self._names[name], name))
        self._handles[call.handle] = self._names[name]

    def _add(self, kind: Kind, call: Call, name: str) -> None:
        file = self._handles[call.handle] if call.handle else self._names[name]
        self.operations.append(Operation(kind, file, name, call.offset, call.data))
