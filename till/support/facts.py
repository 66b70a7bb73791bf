"""What is told of a till in its support bundle: section by section, each of facts that are named here one by one.

Nothing is copied that was not named: a new field of a setting or of a document is not in the bundle before somebody thought
of it. What cannot be read is an answer too.
"""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import msgspec

from config.settings import SettingsError, read_settings
from local_db.cache import CacheReader
from local_db.connections import till_lock
from local_db.device_log import DeviceLogReader
from local_db.errors import AnotherTillError, LocalDbError
from local_db.journal import FILE
from local_db.journal_reader import JournalReader
from points import ENGINE
from protocol import PROTOCOL_VERSION, canonical
from protocol.documents import Document, ProgrammeText, Staff
from protocol.errors import ProtocolError
from protocol.signing import key_id
from sync import cache_files
from sync.errors import KeyUnreadableError
from sync.identity import ENDED_FACT, Identity, load_key
from till.app import DISTRIBUTION
from till.clock import Heard, TillClock
from till.composition import HEARD_FACT, resumed_clock
from till.journal_proof import findings_of, is_signed
from till.scrubbing import Scrubber

_OUR_FILES = ("journal.db", "cache-", "terminal.key", "till.", "pull.", "journal-", "devices.db", "support-")
_LAST_SCANS = 200
_LAST_HEADS = 20
_PACKAGES = 200

Facts = dict[str, Any]


def versions() -> Facts:
    """Program, Python, system, database, and every package that is installed beside it."""
    found = {one.metadata["Name"]: one.version for one in distributions() if one.metadata["Name"]}
    return {
        "till": found.get(DISTRIBUTION, ""), "protocol": PROTOCOL_VERSION, "engine": ENGINE,
        "python": platform.python_version(), "system": platform.platform(), "sqlite": sqlite3.sqlite_version,
        "packages": dict(sorted(found.items())[:_PACKAGES]),
    }  # fmt: skip


def settings(folder: Path, file: Path | None, scrubber: Scrubber) -> Facts:
    """Those of this machine. An address may have a password in it: it goes, host and port stay."""
    try:
        told = msgspec.to_builtins(read_settings(folder, file))
    except SettingsError as error:
        return {"error": scrubber.text(str(error))}
    return {name: scrubber.text(value) if isinstance(value, str) else value for name, value in told.items()}


def machine(folder: Path) -> Facts:
    """Disk, the till's own files with their sizes, whether a till is at work here."""
    disk = shutil.disk_usage(folder)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    ours = [path for path in files if path.name.startswith(_OUR_FILES)]
    try:
        with till_lock(folder):
            is_open = False
    except AnotherTillError:
        is_open = True
    except LocalDbError as error:
        return {"error": error.code}
    return {
        "is_open": is_open, "disk_free_bytes": disk.free, "disk_bytes": disk.total,
        "files": {path.name: path.stat().st_size for path in ours}, "other_files": len(files) - len(ours),
    }  # fmt: skip


def identity_of(folder: Path, reader: JournalReader, identity: Identity | None, scrubber: Scrubber) -> Facts:
    """Which till this is, and whether it can still prove it. Not what people call it: that may be a person's name."""
    if identity is None:
        return {"is_paired": False}
    try:
        load_key(folder, identity.public)
        key = "ok"
    except KeyUnreadableError as error:
        key = error.code
    return {
        "is_paired": True, "terminal": identity.terminal, "store": identity.store, "ledger": scrubber.text(identity.url),
        "root": key_id(identity.root_public), "key": key_id(identity.public), "key_file": key,
        "ended": reader.fact(ENDED_FACT) or "",
    }  # fmt: skip


def proof(reader: JournalReader, identity: Identity, scrubber: Scrubber) -> Facts:
    """The journal proved by itself: its heads, its counts, every contradiction, and the ledger's newest receipt."""
    last = reader.last()
    newest = reader.entries(max(1, last.seq - _LAST_HEADS + 1), _LAST_HEADS) if last else []
    receipt = reader.checkpoint()
    return {
        "entries": last.seq if last else 0, "genesis": identity.genesis().hex(),
        "heads": [{"seq": row.seq, "hash": row.hash.hex(), "signature": row.signature.hex()} for row in newest],
        "head_is_signed": last is None or is_signed(last, identity), **reader.tally(),
        "findings": [scrubber.text(str(one)) for one in findings_of(reader, identity)],
        "receipt": msgspec.json.decode(receipt) if receipt else None,
    }  # fmt: skip


def health(reader: JournalReader, clock: TillClock | None = None) -> Facts:
    """What waits, what a person has to look at, and how far the clock can be relied on."""
    waiting, told = reader.waiting_sums(), reader.quarantined()
    heard = reader.fact(HEARD_FACT)
    last = canonical.decode(heard.encode(), Heard) if heard else None
    # What clocks doubt is asked of a clock that goes on from this journal; it writes nothing.
    running = resumed_clock(reader, clock)
    return {
        "waiting": {"entries": waiting.entries, "amount_fen": waiting.amount_fen, "since_us": waiting.since_us},
        "sent": reader.sent(), "for_a_person": dict(Counter(one.reason or one.status for one in told)),
        "epochs": len(reader.epochs()), "told_differently": [one.seq for one, _now in reader.told_differently()],
        "clock": {
            "now_us": running.now_us(), "doubt": running.doubt, "offset_us": last.offset_us if last else None,
            "bound_us": last.bound_us if last else None, "heard_at_us": last.wall + last.offset_us if last else None,
        },
    }  # fmt: skip


def cache(folder: Path, reader: JournalReader, identity: Identity) -> Facts:
    """What the ledger said last: how much, how old, and until when it may be relied on."""
    path = cache_files.current_file(folder, reader.fact(cache_files.FACT))
    if path is None:
        return {"file": ""}
    with closing(CacheReader.open(path)) as opened:
        as_of = opened.fact("as_of")
        return {
            "file": path.name, "as_of_us": int(as_of) if as_of else None, "members": opened.member_count(),
            "documents": list(_documents(opened, identity)),
        }  # fmt: skip


def _documents(opened: CacheReader, identity: Identity) -> Iterator[Facts]:
    ring = identity.ring()
    for one in opened.documents():
        told: Facts = {"kind": one.kind, "number": one.number}
        try:
            document = ring.open(one.signed, "document", Document)
            told |= {"valid_until": document.valid_until} | _of_content(document)
        except (ProtocolError, msgspec.MsgspecError) as error:
            told["error"] = type(error).__name__
        yield told


def _of_content(document: Document) -> Facts:
    if document.kind == "programme":
        text = msgspec.json.decode(document.content, type=ProgrammeText)
        return {"id": text.programme, "version": text.version, "engine": text.engine}
    if document.kind == "staff":
        staff = msgspec.json.decode(document.content, type=Staff).staff
        return {"roles": dict(Counter(role for person in staff for role in person.roles))}
    return {}


def devices(folder: Path, scrubber: Scrubber) -> Facts:
    """What was counted of each device, month by month, and how the newest scans went: of a code its kind and size alone."""
    log = DeviceLogReader(folder)
    return {
        "counted": [
            {"device": scrubber.text(one.device), "month": one.month, "what": one.what, "times": one.times}
            for one in log.counted()
        ],
        "scans": [
            {
                "number": one.number, "at": one.at, "device": scrubber.text(one.device), "size": one.size, "kind": one.kind,
                "symbology": one.symbology, "screen": one.screen, "code": one.code, "answer_us": one.answer_us,
                "seq": one.seq,
            }
            for one in log.scans(_LAST_SCANS)
        ],
    }  # fmt: skip


def people_of(folder: Path, reader: JournalReader, identity: Identity) -> Iterator[str]:
    """Names and numbers that this till knows to be people's, for the logs: staff, and who was in its newest sales."""
    path = cache_files.current_file(folder, reader.fact(cache_files.FACT))
    if path is None:
        return
    with closing(CacheReader.open(path)) as opened:
        for one in opened.documents():
            if one.kind == "staff":
                staff = msgspec.json.decode(
                    identity.ring().open(one.signed, "document", Document).content, type=Staff
                )
                yield from (text for person in staff.staff for text in (person.name, person.staff))
        last = reader.last_seq()
        for member in {row.member for row in reader.entries(max(1, last - 1_000), 1_001) if row.member}:
            yield member
            if (row := opened.member(member)) is not None:
                yield row.name


def has_journal(folder: Path) -> bool:
    """Whether there is one at all."""
    return (folder / FILE).exists()
