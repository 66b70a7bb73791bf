"""A program for a mount namespace of its own: a disk of one megabyte that fills up, or turns read-only.

`python -m tests.local_db.children.small_disk full|read-only FOLDER` prints one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from local_db.connections import till_lock
from local_db.errors import LocalDbError
from local_db.journal import Journal, JournalReader
from tests.local_db.makers import append, contradictions, fill, sale_draft


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)


def fill_up(folder: Path) -> dict[str, Any]:
    """Append until the disk is full, ask what happened, make room, go on."""
    _mount(folder, "size=1m")
    ballast = folder / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    journal = Journal.open(folder)
    acknowledged, error = 0, ""
    while not error:
        try:
            acknowledged = append(journal, sale_draft(acknowledged + 1)).seq
        except LocalDbError as full:
            error = type(full).__name__
    found = {"acknowledged": acknowledged, "error": error, "seqs": [row.seq for row in journal.walk()]}
    ballast.unlink()
    after = append(journal, sale_draft(acknowledged + 1)).seq
    return found | {"after": after, "contradictions": contradictions(journal)}


def turn_read_only(folder: Path) -> dict[str, Any]:
    """Try everything on a disk that became read-only after three sales."""
    _mount(folder, "size=4m")
    journal = Journal.open(folder)
    fill(journal, 3)
    journal.close()
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    found = {}
    for name, attempt in (("lock", _lock), ("write", Journal.open), ("read", JournalReader.open)):
        try:
            attempt(folder)
        except LocalDbError as error:
            found[name] = type(error).__name__
    return found


def _lock(folder: Path) -> None:
    with till_lock(folder):
        pass


if __name__ == "__main__":
    scenario = {"full": fill_up, "read-only": turn_read_only}[sys.argv[1]]
    print(json.dumps(scenario(Path(sys.argv[2]))))
