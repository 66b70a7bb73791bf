"""The same entries pushed by PouchDB to express-pouchdb, in turn with a till and a ledger on SQLite; over HTTP on loopback.

PouchDB replicates documents and books nothing; its LevelDB does not fsync a write, ours do. Its packages are installed from
npm into a folder that goes away; where Node is missing, or npm cannot get them, nothing is measured.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.figures import Figure, at_least, per_s, ratios
from bench.measures.push import BATCH, shop_that_pushes, timed
from bench.workshop import Workshop
from protocol.push import PushBatch

_PACKAGES = ("pouchdb@9.0.0", "express-pouchdb@4.2.0", "express@4")
_SCRIPT = Path(__file__).parent.parent / "shop" / "pouchdb.js"


def measure(workshop: Workshop) -> Iterator[Figure]:
    """Entries per second of both, batch by batch."""
    folder = workshop.folder()
    if not _is_installed(folder):
        return
    ours: list[float] = []
    theirs: list[float] = []
    with (
        shop_that_pushes(workshop.folder(), "") as (pusher, client, _books, sent),
        _pouchdb(folder) as (entries, answers),
    ):
        for batch in sent:
            ours.append(timed(pusher.push_once))
            theirs.append(_pushed(batch, entries, answers))
        client.close()
    yield Figure(
        "pouchdb", "SQLite: till to ledger and back", ratios(theirs, ours), "x", at_least(8), per_s(BATCH, ours),
        per_s(BATCH, theirs), f"PouchDB to express-pouchdb, without an fsync; batches of {BATCH:,}",
    )  # fmt: skip


def _is_installed(folder: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        sys.stderr.write("pouchdb: Node is not installed\n")
        return False
    (folder / "package.json").write_text("{}", encoding="utf-8")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *_PACKAGES],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.stderr.write(f"pouchdb: npm cannot install it: {done.stderr.strip()[-200:]}\n")
    return not done.returncode


@contextmanager
def _pouchdb(folder: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """Where entries go in, and where it says what became of them."""
    for name in ("server", "till"):
        (folder / name).mkdir()
    with _node(folder, "serve", str(folder / "server")) as (_, port):
        url = f"http://127.0.0.1:{int(port.readline())}/ledger"
        with _node(folder, "push", url, str(folder / "till")) as (entries, answers):
            assert answers.readline() == "ready\n"
            yield entries, answers


@contextmanager
def _node(folder: Path, *arguments: str) -> Iterator[tuple[IO[str], IO[str]]]:
    process = subprocess.Popen(
        ["node", str(_SCRIPT), *arguments],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdin, process.stdout
    finally:
        process.terminate()
        process.communicate()


def _pushed(batch: PushBatch, entries: IO[str], answers: IO[str]) -> float:
    """Seconds that PouchDB took for the entries of a batch."""
    entries.write(json.dumps([json.loads(sent.payload) for sent in batch.entries]) + "\n")
    entries.flush()
    told = json.loads(answers.readline())
    assert told["written"] == len(batch.entries), told
    return float(told["seconds"])
