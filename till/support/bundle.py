"""One file for whoever helps from afar: a ZIP of JSON and scrubbed logs. Made while the till is at work, or broken."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from local_db.errors import LocalDbError
from local_db.journal_reader import JournalReader
from protocol.errors import ProtocolError
from sync.identity import Identity, load_identity
from sync.pull_process import LOG_FILE as PULL_LOG
from till.logs import FILE as TILL_LOG
from till.scrubbing import Scrubber
from till.support import facts

_MOST_LOG_BYTES = 2_000_000
"""Of one log file, its end."""

READ_ME = """\
积分收银机诊断包 / Support bundle of a till

till.json   版本、设置、运行情况、流水自证、缓存和规则 / versions, settings, health, proof of the journal, cache and rules
log/        日志 / logs

不含：会员、员工、手机号、密码、密钥、链接、小票。日志里可能涉及个人的文字和数字都已换成 <…> 标记：
同一内容在同一个包里标记相同，无法还原。
Not in it: members, staff, phone numbers, PINs, keys, links, receipts. What in a log could be about a person is a mark <...>:
the same for the same text within one bundle, and nobody can undo it.
"""


def write_bundle(
    folder: Path, config: Path | None, out: Path, narrate: Callable[[str], None] = lambda _: None
) -> int:
    """Write the bundle of the till in `folder` to `out`, whole or not at all; its size in bytes. Raises `OSError`.

    A till that cannot be read is what a bundle is for: what fails stands in it as an error.
    """
    with _journal(folder) as (reader, identity, trouble):
        scrubber = _scrubber(folder, reader, identity)
        document = {"bundle": 1, "made_at": datetime.now(UTC).isoformat(timespec="seconds")} | trouble
        for name, ask in _sections(folder, config, reader, identity, scrubber):
            narrate(name)
            document[name] = _told(ask)
    beside = out.with_name(f"{out.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("README.txt", READ_ME)
            packed.writestr("till.json", json.dumps(document, ensure_ascii=False, indent=1))
            for path in _logs(folder):
                packed.writestr(f"log/{path.name}", scrubber.log(_end_of(path)))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(out)
    return out.stat().st_size


def _sections(
    folder: Path, config: Path | None, reader: JournalReader | None, identity: Identity | None, scrubber: Scrubber
) -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "versions", facts.versions
    yield "settings", lambda: facts.settings(folder, config, scrubber)
    yield "machine", lambda: facts.machine(folder)
    yield "devices", lambda: facts.devices(folder, scrubber)
    if reader is not None:
        yield "till", lambda: facts.identity_of(folder, reader, identity, scrubber)
    if reader is not None and identity is not None:
        yield "health", lambda: facts.health(reader)
        yield "cache", lambda: facts.cache(folder, reader, identity)
        yield "journal", lambda: facts.proof(reader, identity, scrubber)


def _told(ask: Callable[[], Any]) -> Any:
    """What is said of an error is its code alone: its sentence may quote what it could not read."""
    try:
        return ask()
    except LocalDbError as error:
        return {"error": error.code}
    except (ProtocolError, msgspec.MsgspecError, OSError, ValueError) as error:
        return {"error": type(error).__name__}


@contextmanager
def _journal(folder: Path) -> Iterator[tuple[JournalReader | None, Identity | None, dict[str, Any]]]:
    """Of a folder without a journal that can be read the first two are None, and the third says why."""
    if not facts.has_journal(folder):
        yield None, None, {"trouble": "not-paired"}
        return
    try:
        opened = JournalReader.open(folder)
    except LocalDbError as error:
        yield None, None, {"trouble": error.code}
        return
    with closing(opened) as reader:
        identity, trouble = None, {}
        try:
            identity = load_identity(reader)
        except LocalDbError as error:
            trouble = {"trouble": error.code}
        yield reader, identity, trouble


def _scrubber(folder: Path, reader: JournalReader | None, identity: Identity | None) -> Scrubber:
    known: list[str] = []
    kept = [identity.terminal, identity.store] if identity else []
    if reader is not None and identity is not None:
        with suppress(LocalDbError, ProtocolError, msgspec.MsgspecError):
            known += facts.people_of(folder, reader, identity)
    return Scrubber(folder, known, kept)


def _logs(folder: Path) -> list[Path]:
    return sorted(path for name in (TILL_LOG, PULL_LOG) for path in folder.glob(f"{name}*") if path.is_file())


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MOST_LOG_BYTES))
        return file.read().decode(errors="replace")
