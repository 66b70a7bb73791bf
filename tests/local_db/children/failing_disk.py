"""A program whose disk fails once, in the middle of a commit: no file may grow, so that SQLite's write is an I/O error.

`python -m tests.local_db.children.failing_disk FOLDER` prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from local_db.errors import LocalDbError
from local_db.journal import FILE, Journal
from tests.local_db.makers import append, booked, contradictions, fill, sale_draft


def fail_once(folder: Path) -> dict[str, Any]:
    """Three sales, a failure, and every way to write once the disk seems to be well again; then a new start."""
    journal = Journal.open(folder)
    fill(journal, 3)
    _let_files_grow_to((folder / f"{FILE}-wal").stat().st_size)
    found = {"at first": _tried(lambda: append(journal, sale_draft(4)))}
    _let_files_grow_to(None)
    found["append"] = _tried(lambda: append(journal, sale_draft(4)))
    found["mark"] = _tried(lambda: journal.mark([booked(1)], 1))
    found["fact"] = _tried(lambda: journal.set_fact("note", "x"))
    found["read"] = str(len(journal.entries(1, 10)))
    journal.close()
    started = Journal.open(folder)
    found["after a start"] = _tried(lambda: append(started, sale_draft(4)))
    return found | {"contradictions": contradictions(started)}


def _let_files_grow_to(size: int | None) -> None:
    if sys.platform != "win32":
        import resource

        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most if size is None else size, most))


def _tried(attempt: Any) -> str:
    try:
        attempt()
    except LocalDbError as error:
        return type(error).__name__
    return "done"


if __name__ == "__main__":
    print(json.dumps(fail_once(Path(sys.argv[1]))))
