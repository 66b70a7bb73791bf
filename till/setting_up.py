"""Setting up a till from what a stick brought: settings, who it is, what it knows. `till.installer` checked it before."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import msgspec

from config.settings import FILE, write_settings
from devices.ports import list_ports
from local_db.connections import till_lock
from local_db.journal import FILE as JOURNAL
from local_db.journal import JournalReader
from protocol import canonical
from protocol.bundles import SNAPSHOT, TEMPLATE, TILLS, InvitedTill, InvitedTills
from protocol.errors import NotCanonicalError
from sync.errors import TransientSyncError
from sync.identity import load_identity
from sync.prepared import SETUP, accept, prepare, prepared, question, use_prepared
from till import templates
from till.errors import RefusedError
from till.pairing import pair


class Answered(Enum):
    """How the ledger's answer came."""

    ONLINE = "online"
    CARRIED = "carried"
    NOT_YET = "not-yet"
    """The till is set up, and sells nothing before it is paired."""


class SetUp(NamedTuple):
    """What a till has become. `question`: the file that has to be carried to the ledger; None where it is paired.

    `unplugged`: the device of the template that was not found, so that no device of it is assigned yet.
    """

    answered: Answered
    name: str
    terminal: str = ""
    members: int = 0
    question: Path | None = None
    unplugged: str = ""


def load(folder: Path, brought: Path, carried: Path, name: str) -> SetUp:
    """Set up the till in `folder` from the checked copy `brought` of a stick; `carried` is on the stick itself.

    Raises `RefusedError` (`already-a-till`, `no-stick`, `which-till`, `no-room`, `template-…` for one that cannot be read), and
    what `pair_prepared` raises, but for a ledger that does not answer.
    """
    with till_lock(folder):
        if _is_till(folder):
            raise RefusedError("already-a-till", folder=str(folder))
        till = _chosen(brought, name)
        unplugged = _use_template(folder, brought / TEMPLATE)
        prepare(folder, brought, brought / SNAPSHOT, till)
    try:
        done = pair_prepared(folder, None)
    except TransientSyncError:
        answer = carried / f"answer-{_plain(till.name)}.json"
        if answer.exists():
            done = pair_prepared(folder, answer)
        else:
            done = SetUp(Answered.NOT_YET, till.name, question=_ask(folder, till, carried))
    return done._replace(unplugged=unplugged)


def pair_prepared(folder: Path, answer: Path | None) -> SetUp:
    """Pair a till that was set up: with the `answer` that was carried here, or by asking the ledger.

    Raises `RefusedError("not-set-up")`, `SignatureError`, `sync` and `local_db` errors, `OSError`.
    """
    till = prepared(folder)
    if till is None:
        raise RefusedError("not-set-up", folder=str(folder))
    if answer is None:
        # Cut off behind the answer, the till is paired and only its cache is missing.
        terminal = _terminal(folder) or pair(folder, till.invitation, till.name).terminal
    else:
        with till_lock(folder):
            terminal = accept(folder, till, answer.read_bytes()).terminal
    with till_lock(folder):
        members = use_prepared(folder)
    return SetUp(Answered.ONLINE if answer is None else Answered.CARRIED, till.name, terminal, members)


def _use_template(folder: Path, template: Path) -> str:
    """The settings of a new till; those that are there stay. A device that is not plugged in yet is left out and named, and
    the template is kept for it.
    """
    if not template.exists() or (folder / FILE).exists():
        return ""
    found, unplugged = templates.read_file(template), ""
    try:
        settings = templates.applied(found, list_ports())
    except RefusedError as error:
        unplugged = str(error.facts.get("usb") or error.facts.get("port") or error.code)
        settings = templates.applied({name: found[name] for name in found if not name.endswith("_port")}, ())
        shutil.copyfile(template, folder / templates.FILE)
    write_settings(folder, settings)
    return unplugged


def _ask(folder: Path, till: InvitedTill, carried: Path) -> Path:
    """The question, on the stick; where that takes nothing more, in the folder of the till."""
    data, name = question(folder, till), f"question-{_plain(till.name)}.json"
    for place in (carried, folder / SETUP):
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        except OSError:
            continue
        return place / name
    raise RefusedError("no-room", folder=str(folder))


def _chosen(brought: Path, name: str) -> InvitedTill:
    try:
        tills = canonical.decode((brought / TILLS).read_bytes(), InvitedTills).tills
    except (OSError, msgspec.MsgspecError, NotCanonicalError):
        raise RefusedError("no-stick", folder=str(brought)) from None
    fitting = [till for till in tills if name in ("", till.name)]
    if len(fitting) != 1:
        raise RefusedError("which-till", names=" ".join(till.name for till in tills))
    return fitting[0]


def _is_till(folder: Path) -> bool:
    return bool(_terminal(folder)) and prepared(folder) is None


def _terminal(folder: Path) -> str:
    if not (folder / JOURNAL).exists():
        return ""
    with closing(JournalReader.open(folder)) as journal:
        identity = load_identity(journal)
    return identity.terminal if identity else ""


def _plain(name: str) -> str:
    """A name as a part of a file's name, on every system."""
    return re.sub(r"[^\w-]", "_", name)
