"""SQLite's C structures, as https://www.sqlite.org/c3ref/vfs.html declares them, and the library that Python itself uses.

Nothing is compiled and no extension is loaded: many builds of Python cannot load extensions, and a compiler is not everywhere.
Whoever asks the module `_sqlite3` for a symbol gets it from the very library that the module is bound to.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import platform
from functools import lru_cache

OPEN_CREATE = 0x4
"""The flag of xOpen."""

OK, CORRUPT, FULL, CANTOPEN = 0, 11, 13, 14
IOERR_READ, IOERR_WRITE, IOERR_FSYNC = 0x10A, 0x30A, 0x40A
IOERR_TRUNCATE, IOERR_FSTAT, IOERR_DELETE, IOERR_ACCESS = 0x60A, 0x70A, 0xA0A, 0xD0A
IOERR_LOCK, IOERR_SHMSIZE = 0xF0A, 0x130A
"""Result codes: https://www.sqlite.org/rescode.html"""

_POINTER = ctypes.c_void_p
_INT = ctypes.c_int
_INT64 = ctypes.c_int64

OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
"""The name as a pointer: SQLite's VFS keeps it as long as the file is open."""
DELETE = ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.c_char_p, _INT)
ACCESS = ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.c_char_p, _INT, _POINTER)
RANDOMNESS = ctypes.CFUNCTYPE(_INT, _POINTER, _INT, _POINTER)
CLOSE = ctypes.CFUNCTYPE(_INT, _POINTER)
TRANSFER = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _INT64)
TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _INT64)
SYNC = LOCK = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)
FILE_SIZE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER)
SHM_MAP = ctypes.CFUNCTYPE(_INT, _POINTER, _INT, _INT, _INT, _POINTER)
OPEN_DIRECTORY = ctypes.CFUNCTYPE(_INT, ctypes.c_char_p, _POINTER)
SET_SYSTEM_CALL = ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.c_char_p, _POINTER)
GET_SYSTEM_CALL = ctypes.CFUNCTYPE(_POINTER, _POINTER, ctypes.c_char_p)


class IoMethods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = [
        ("version", _INT),
        *(
            (name, _POINTER)
            for name in (
                "close", "read", "write", "truncate", "sync", "file_size", "lock", "unlock", "check_reserved_lock",
                "file_control", "sector_size", "device_characteristics", "shm_map", "shm_lock", "shm_barrier",
                "shm_unmap", "fetch", "unfetch",
            )
        ),
    ]  # fmt: skip


class File(ctypes.Structure):
    """`sqlite3_file`: what follows the methods is the business of the VFS."""

    _fields_ = [("methods", ctypes.POINTER(IoMethods))]


class Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = [
        ("version", _INT),
        ("file_bytes", _INT),
        ("longest_path", _INT),
        ("next", _POINTER),
        ("name", ctypes.c_char_p),
        *(
            (name, _POINTER)
            for name in (
                "data", "open", "delete", "access", "full_pathname", "dl_open", "dl_error", "dl_sym", "dl_close",
                "randomness", "sleep", "current_time", "last_error", "current_time_int64", "set_system_call",
                "get_system_call", "next_system_call",
            )
        ),
    ]  # fmt: skip


@lru_cache
def library() -> ctypes.CDLL | None:
    """The SQLite of this Python, where it can be reached, on Linux."""
    file = getattr(_sqlite3, "__file__", None)
    if platform.system() != "Linux" or file is None:
        return None
    found = ctypes.CDLL(file)
    try:
        found.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
        found.sqlite3_vfs_register.argtypes = [ctypes.POINTER(Vfs), _INT]
        found.sqlite3_randomness.argtypes = [_INT, _POINTER]
    except AttributeError:
        return None  # built into Python, with its names hidden
    return found


def report() -> str:
    """For pytest's header."""
    if library() is not None:
        return "power cuts and failing disks: on a disk between SQLite and its files"
    why = "are for Linux" if platform.system() != "Linux" else "need a Python whose SQLite is a library of its own"
    return f"power cuts and failing disks: left out: they {why}"
