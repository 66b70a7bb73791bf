"""What the ledger has given in writing, and whether it stands by it.

With every word about our chain it signs a checkpoint (`protocol.checkpoints`): how much of the chain it has, and what its log
of all entries is. The newest is kept in the journal. A ledger that later knows less was restored from a copy of its books,
whether it knows it or not: it is shown the checkpoint, counts another epoch from then on, and is sent again what it lacks. One
that will not have it so has rewritten something; then a person is told, and sales go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from local_db.journal import Journal
from protocol import canonical
from protocol.checkpoints import Checkpoint, LogProof, check_next, check_proof, open_checkpoint
from protocol.errors import ProofError, ProtocolError, SignatureError
from protocol.push import MAX_BATCH, Outcome, PushAnswer
from protocol.signing import KeyRing, Signed
from sync.errors import FinalSyncError, LedgerRewrittenError
from sync.machine import THIS_MACHINE, Machine

if TYPE_CHECKING:
    from sync.client import LedgerClient

PROVED = "proved"
"""The journal's fact with the newest checkpoint whose log was proved to continue the one before, and to have our entry."""

PROVE_EVERY_S = 600.0

_log = logging.getLogger("sync")

Began = Callable[[str, int], None]


class LedgerReceipts:
    """Of one run. `began` is told the epoch and how many outcomes the ledger had forgotten, in the caller's thread."""

    def __init__(
        self, journal: Journal, began: Began = lambda _epoch, _entries: None, machine: Machine = THIS_MACHINE
    ) -> None:
        self._journal, self._began, self._machine = journal, began, machine
        self._proved_at: float | None = None
        self.rewritten = ""
        """What the ledger says that it cannot have signed before; empty while it stands by its word."""

    def heard(self, client: LedgerClient, answer: PushAnswer) -> bytes:
        """Take up what an answer says about chain and log; the checkpoint to keep, empty where there is none.

        Nothing of the answer is marked before: where the ledger's books were restored, it belongs to another epoch. Raises
        `FinalSyncError("bad-answer")`, and what a call raises.
        """
        if answer.checkpoint is None:
            return b""
        said = self._checked(client, answer)
        known = self._known(client.ring)
        if known is not None and said.epoch == known.epoch:
            try:
                check_next(known, said)
            except ProofError as error:
                answer, said = self._shown(client, known, str(error))
                if said.epoch == known.epoch:
                    self.rewritten = str(error)
                    return b""  # what proves it stays
        if said.epoch not in self._journal.epochs()[-1:]:
            self._begin(client, said)
        assert answer.checkpoint is not None
        return canonical.encode(answer.checkpoint)

    def prove(self, client: LedgerClient) -> None:
        """Once in a while: that the log continues the one we know, and has our newest entry.

        Raises `LedgerRewrittenError`, and what a call raises.
        """
        if self.rewritten:
            raise LedgerRewrittenError(self.rewritten)
        now = self._machine.monotonic()
        if self._proved_at is not None and now < self._proved_at + PROVE_EVERY_S:
            return
        known = self._proved(client.ring)
        try:
            proof = client.proof(known.size if known is not None else 0)
        except FinalSyncError as error:
            if error.code != "log-shorter":
                raise
            assert known is not None
            self._show(client, known, str(error))
            return
        self._proved_at = now
        if self._holds(client, known, proof):
            self._journal.set_fact(PROVED, canonical.encode(proof).decode())

    def _holds(self, client: LedgerClient, known: Checkpoint | None, proof: LogProof) -> bool:
        try:
            said = open_checkpoint(proof.checkpoint, client.ring)
            rows = self._journal.entries(said.logged, 1) if said.logged else []
            own = rows[0].hash if rows and rows[0].seq == said.logged else None
            check_proof(known if known is None or known.epoch == said.epoch else None, proof, client.ring, own)
        except SignatureError as error:
            raise FinalSyncError("bad-answer", str(error)) from None
        except ProofError as error:
            if known is None:
                raise LedgerRewrittenError(str(error)) from None
            self._show(client, known, str(error))
            return False
        return True

    def _show(self, client: LedgerClient, known: Checkpoint, why: str) -> None:
        answer, said = self._shown(client, known, why)
        if said.epoch == known.epoch:
            self.rewritten = why
            raise LedgerRewrittenError(why)
        if checkpoint := self.heard(client, answer):
            self._journal.keep_checkpoint(checkpoint)

    def _checked(self, client: LedgerClient, answer: PushAnswer) -> Checkpoint:
        assert answer.checkpoint is not None
        try:
            said = open_checkpoint(answer.checkpoint, client.ring)
        except SignatureError as error:
            raise FinalSyncError("bad-answer", str(error)) from None
        stated = said.terminal, said.seq, said.head
        if stated != (client.identity.terminal, answer.acknowledged, answer.head):
            raise FinalSyncError("bad-answer", "a checkpoint of something else than the answer says")
        return said

    def _shown(self, client: LedgerClient, known: Checkpoint, why: str) -> tuple[PushAnswer, Checkpoint]:
        """Show the ledger what it signed. It answers from another epoch, or it has rewritten its books and stands by that."""
        _log.error("the ledger forgot: %s", why)
        evidence = self._evidence(client.ring, known)
        answer = client.forgotten(evidence)
        return answer, self._checked(client, answer)

    def _evidence(self, ring: KeyRing, known: Checkpoint) -> Signed:
        for signed in (_signed(self._journal.checkpoint() or b""), self._proof_kept()):
            if signed is not None and open_checkpoint(signed, ring) == known:
                return signed
        raise LedgerRewrittenError("and the checkpoint is not in the journal any more")

    def _begin(self, client: LedgerClient, said: Checkpoint) -> None:
        """From now on outcomes and positions are those of another epoch.

        What its books have of us beyond the newest batch has the outcome that it had: a batch is answered before the next is
        sent, so only the newest can have been received and not booked when the copy was made.
        """
        first, told = 1, tuple[Outcome, ...]()
        if said.seq and self._journal.epochs():
            first = max(1, said.seq - MAX_BATCH + 1)
            told = client.outcomes(first).outcomes
        count = self._journal.begin_epoch(said.epoch, first, told, self._machine.wall_us())
        if len(self._journal.epochs()) > 1:
            _log.error("the ledger's books were restored: epoch %s, %d outcomes forgotten", said.epoch, count)
            self._began(said.epoch, count)

    def _known(self, ring: KeyRing) -> Checkpoint | None:
        return _opened(_signed(self._journal.checkpoint() or b""), ring)

    def _proved(self, ring: KeyRing) -> Checkpoint | None:
        """Of the present epoch."""
        found = _opened(self._proof_kept(), ring)
        return found if found is not None and found.epoch in self._journal.epochs()[-1:] else None

    def _proof_kept(self) -> Signed | None:
        text = self._journal.fact(PROVED)
        try:
            return canonical.decode(text.encode(), LogProof).checkpoint if text else None
        except (msgspec.MsgspecError, ProtocolError):
            return None


def _signed(document: bytes) -> Signed | None:
    try:
        return canonical.decode(document, Signed) if document else None
    except (msgspec.MsgspecError, ProtocolError):
        return None


def _opened(signed: Signed | None, ring: KeyRing) -> Checkpoint | None:
    """What was kept; a key that nobody certified any more proves nothing."""
    try:
        return open_checkpoint(signed, ring) if signed is not None else None
    except SignatureError:
        return None
