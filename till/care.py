"""What is done to the folder of a till as a whole: pairing it, looking after its store's tills, a bundle for who helps.

All of it may take a while and asks the ledger: never on a screen's thread. Nothing is imported before it is needed: this is
made before the first paint.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocol.fleet import EndTillRequest, Status, StoreTill, TillEnded
    from sync.client import LedgerClient
    from sync.leaving import Left


@dataclass(frozen=True)
class Standing:
    """How the till of a folder stands: `ended` by which code, empty while it is at work; what it has not sent."""

    terminal: str
    name: str
    ended: str
    waiting: int
    waiting_fen: int


@dataclass(frozen=True)
class Listed:
    """The tills of the store; `own` is the one that asked."""

    own: str
    tills: tuple[StoreTill, ...]

    def with_own(self, status: Status) -> Listed:
        """The same with this till ended: the ledger tells it nothing more."""
        from msgspec.structs import replace

        tills = tuple(replace(one, status=status) if one.terminal == self.own else one for one in self.tills)
        return Listed(self.own, tills)


class Care:
    """Of one folder. Called, it pairs: the counter's `pair`."""

    def __init__(self, folder: Path, config: Path | None = None) -> None:
        self._folder, self._config = folder, config

    def __call__(self, code: str, name: str) -> list[str]:
        """Make this folder a till, as `till.pairing.pair` does; what has to be done besides, a sentence each."""
        from till.pairing import pair
        from till.pairing_words import left_words, replaced_words

        said: list[str] = []

        def left(one: Left) -> None:
            said.extend(left_words(one))

        pair(
            self._folder, code, name, left, lambda terminal, behind: said.extend(replaced_words(terminal, behind))
        )  # fmt: skip
        return said

    def standing(self) -> Standing | None:
        """Of who is here; None for a folder that is no till. Raises `local_db` errors."""
        from local_db.journal_reader import FILE, JournalReader
        from sync.identity import ENDED_FACT, load_identity

        if not (self._folder / FILE).exists():
            return None
        with closing(JournalReader.open(self._folder)) as journal:
            identity = load_identity(journal)
            if identity is None:
                return None
            waiting = journal.waiting_sums()
            ended = journal.fact(ENDED_FACT) or ""
            return Standing(identity.terminal, identity.name, ended, waiting.entries, waiting.amount_fen)

    def store_tills(self) -> Listed:
        """All tills of this store. Raises `SyncError`, `local_db` errors."""
        from protocol.fleet import TILLS_PATH, StoreTills

        with self._client() as client:
            return Listed(client.identity.terminal, client.ask(TILLS_PATH, None, StoreTills).tills)

    def end_till(self, request: EndTillRequest) -> TillEnded:
        """End one of them. This one is retired only when nothing is left to do here.

        Raises `RefusedError` (`retire-shift-open`, `retire-waiting`), `SyncError`, `local_db` errors.
        """
        from protocol.fleet import END_PATH, TillEnded

        with self._client() as client:
            if request.terminal == client.identity.terminal:
                self._need_nothing_left()
            return client.ask(END_PATH, request, TillEnded)

    def write_support(self) -> Path:
        """A support bundle in the folder, named after the moment. Raises `RefusedError("support-not-written")`."""
        from till.errors import RefusedError
        from till.support.bundle import write_bundle

        out = self._folder / f"support-{time.strftime('%Y%m%d-%H%M%S')}.zip"
        try:
            write_bundle(self._folder, self._config, out)
        except OSError as error:
            raise RefusedError("support-not-written", why=error.strerror) from error
        return out

    def _need_nothing_left(self) -> None:
        from local_db.journal_reader import JournalReader
        from till.errors import RefusedError
        from till.shifts import open_shift_of

        with closing(JournalReader.open(self._folder)) as journal:
            if open_shift_of(journal)[0]:
                raise RefusedError("retire-shift-open")
            if waiting := journal.waiting():
                raise RefusedError("retire-waiting", waiting=waiting)

    def _client(self) -> LedgerClient:
        from local_db.journal_reader import FILE, JournalReader
        from sync.client import LedgerClient
        from sync.identity import load_identity, load_key
        from till.errors import NotPairedError

        if not (self._folder / FILE).exists():
            raise NotPairedError(self._folder)
        with closing(JournalReader.open(self._folder)) as journal:
            identity = load_identity(journal)
        if identity is None:
            raise NotPairedError(self._folder)
        return LedgerClient(identity, load_key(self._folder, identity.public))


def ended_by(*codes: str) -> str:
    """The first of these codes that ends a till; empty where none does."""
    from sync.errors import ENDING

    return next((code for code in codes if code in ENDING), "")


def can_be_paired_anew(error: Exception) -> bool:
    """Whether a folder whose till cannot be opened for this reason can become another till: its journal can be read."""
    from sync.errors import ENDING, KeyUnreadableError
    from till.errors import RefusedError

    return isinstance(error, KeyUnreadableError) or (
        isinstance(error, RefusedError) and error.code in ENDING and error.code != "journal-damaged"
    )
