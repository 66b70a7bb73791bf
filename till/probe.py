"""`python -m till.probe`: whether this version starts here. The installed version asks a new one so, and the launcher does.

Prints one JSON object. Exit code 0: it starts, and reads this till's files; 1: it does not.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from config.settings import SettingsError, read_settings
from local_db.errors import LocalDbError
from local_db.journal import FILE, Journal, JournalReader
from points.sentences import Sentence
from sync.identity import load_identity
from till.app import DISTRIBUTION, find_app


def rehearse(copy: Path) -> dict[str, Any]:
    """Open a copy of a till as its owner, bring its files up to date, and check every entry. Raises what opening raises."""
    found = look(copy)
    with closing(Journal.open(copy)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        wrong = list(journal.verify(identity.genesis(), identity.terminal))
    return found | {"findings": [str(one) if isinstance(one, Sentence) else one for one in wrong]}


def look(folder: Path) -> dict[str, Any]:
    """Load the program and read the till in `folder`, and change nothing."""
    if find_app() is None:
        raise LocalDbError("the counter is not installed")
    read_settings(folder)
    found: dict[str, Any] = {"version": version(DISTRIBUTION), "seq": 0, "hash": ""}
    if (folder / FILE).exists():
        with closing(JournalReader.open(folder)) as journal:
            last = journal.last()
        if last is not None:
            found |= {"seq": last.seq, "hash": last.hash.hex()}
    return found


def main() -> int:
    """Read the command line and look."""
    parser = argparse.ArgumentParser(prog="python -m till.probe", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--rehearse", type=Path, metavar="COPY", help="a copy of a till's folder, that may be written")
    which.add_argument("--look", type=Path, metavar="FOLDER", help="a till's folder, that is only read")
    which.add_argument("--trial", type=Path, metavar="FILE", help="the launcher's file, with the folder in line 2")
    given = parser.parse_args()
    try:
        if given.rehearse is not None:
            found = rehearse(given.rehearse)
        else:
            found = look(given.look or Path(given.trial.read_text(encoding="utf-8").splitlines()[1]))
    except (LocalDbError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found, ensure_ascii=True) + "\n")
    return 1 if found.get("findings") else 0


if __name__ == "__main__":
    sys.exit(main())
