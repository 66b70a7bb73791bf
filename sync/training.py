"""A folder to train in: beside a till's own files, with a key, a journal and a terminal of its own.

The till's own journal is opened for reading alone, for who it is and whom it trusts. What is made here is known as training by
its id (`protocol.training`); nothing in the folder leads back.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from local_db.connections import till_lock
from local_db.journal import Journal
from local_db.journal_reader import FILE, JournalReader
from protocol import canonical
from protocol.signing import public_bytes
from protocol.training import TRAINING_PATH, Purpose, TrainingAnswer, TrainingMember, TrainingRequest, is_training
from sync.client import LedgerClient
from sync.errors import FinalSyncError
from sync.identity import ENDED_FACT, Identity, load_identity, load_key, make_key, save_identity
from sync.machine import THIS_MACHINE, Machine

FOLDERS: Final[dict[Purpose, str]] = {"training": "training", "rehearsal": "rehearsal"}
"""In the folder of the till."""

MEMBERS_FACT: Final = "training_members"


class Begun(NamedTuple):
    """Where to train, as whom, and with whom."""

    folder: Path
    identity: Identity
    kind: str
    members: tuple[TrainingMember, ...]


class NotEnrolledError(FinalSyncError):
    """There is no till whose training this could be."""

    def __init__(self) -> None:
        super().__init__("not-paired", "no till is enrolled here")


def own_identity(folder: Path) -> Identity:
    """Of the till at work in a folder, read beside it. Raises `NotEnrolledError`, `FinalSyncError` once it has ended."""
    if not (folder / FILE).exists():
        raise NotEnrolledError
    with closing(JournalReader.open(folder)) as reader:
        identity = load_identity(reader)
        if identity is None:
            raise NotEnrolledError
        if ended := reader.fact(ENDED_FACT):
            raise FinalSyncError(ended, "this till has ended")
    return identity


def begin(folder: Path, purpose: Purpose, machine: Machine = THIS_MACHINE) -> Begun:
    """A new training folder of the till in `folder`; the one before it is deleted, here and at the ledger.

    Waits for the network. Raises `SyncError`; `AnotherTillError` while somebody trains there; other errors of `local_db`.
    """
    identity = own_identity(folder)
    place = folder / FOLDERS[purpose]
    fresh = place.with_name(f"{place.name}.new")
    with till_lock(place):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        request = TrainingRequest(public=public_bytes(make_key(fresh)), name=identity.name, purpose=purpose)
        with LedgerClient(identity, load_key(folder, identity.public), machine=machine) as client:
            answer = client.begin_training(request)
        trainee = _trainee(identity, request, answer)
        with closing(Journal.open(fresh)) as journal:
            save_identity(journal, trainee)
            journal.set_fact(MEMBERS_FACT, canonical.encode(answer).decode())
    shutil.rmtree(place)
    fresh.replace(place)
    return Begun(place, trainee, answer.kind, answer.members)


def begun(folder: Path, purpose: Purpose = "training") -> Begun | None:
    """The training folder that there is, or None."""
    place = folder / FOLDERS[purpose]
    if not (place / FILE).exists():
        return None
    with closing(JournalReader.open(place)) as reader:
        identity, fact = load_identity(reader), reader.fact(MEMBERS_FACT)
    if identity is None or not fact or not is_training(identity.terminal):
        return None
    answer = msgspec.json.decode(fact, type=TrainingAnswer)
    return Begun(place, identity, answer.kind, answer.members)


def sales_in(folder: Path) -> int:
    """How many sales the journal of a training folder has, read by a connection of its own."""
    with closing(JournalReader.open(folder)) as reader:
        return len(reader.of_type("sale", 1_000))


def clear(folder: Path, begun: Begun, machine: Machine = THIS_MACHINE) -> None:
    """Delete a training folder and its book at the ledger. The folder goes in any case. Raises `SyncError`."""
    shutil.rmtree(begun.folder, ignore_errors=True)
    identity = own_identity(folder)
    with LedgerClient(identity, load_key(folder, identity.public), machine=machine) as client:
        client.clear_training(begun.identity.terminal)


def _trainee(identity: Identity, request: TrainingRequest, answer: TrainingAnswer) -> Identity:
    """Raises `FinalSyncError` for an answer that makes anything else of it than a training terminal of the same ledger."""
    enrolled = answer.enrolled
    if not is_training(enrolled.terminal) or enrolled.root_public != identity.root_public:
        raise FinalSyncError("bad-answer", f"{enrolled.terminal[:64]!r} is no training terminal of our ledger")
    return Identity(
        terminal=enrolled.terminal,
        store=enrolled.store,
        name=enrolled.name,
        url=f"{identity.url}{TRAINING_PATH}/{enrolled.terminal}",
        public=request.public,
        root_public=identity.root_public,
        certificates=enrolled.certificates,
    )
