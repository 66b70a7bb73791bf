"""The composition root: what makes a till out of a folder.

Everything that is heavy is imported inside, when it is needed: `till --version` and the first paint do not wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.settings import Settings
from local_db.cache import CacheReader
from local_db.connections import till_lock
from local_db.errors import LocalDbError
from local_db.journal import Journal
from local_db.journal_reader import JournalReader
from protocol import canonical
from protocol.errors import SignatureError
from protocol.ranges import CodeRange
from protocol.training import is_training
from sync import events as background
from sync.agent import SyncAgent
from sync.errors import KeyUnreadableError
from sync.identity import ENDED_FACT, Identity, load_identity, load_key
from sync.machine import THIS_MACHINE, Machine
from till import allowances, events
from till.clock import Heard, TillClock
from till.counter import Counter
from till.customer_side import CustomerSide
from till.desk import Desk
from till.errors import NotPairedError, RefusedError
from till.logs import logging_to
from till.outage import keeping as outage_reports
from till.own_codes import OwnCodes
from till.printing import PrinterPost
from till.pulse import Pulse
from till.scanners import ScannerPost
from till.store import read_store
from till.tutorial import keeping as tutorials
from till.voiding import return_reservation
from till.workbench import Workbench

_log = logging.getLogger(__name__)
HEARD_FACT = "clock_heard"
"""What the clocks said when the ledger was heard last."""
CACHE_FACT = "cache"


@dataclass(frozen=True)
class Till:
    """A running till: the counter, its devices, and the background."""

    counter: Counter
    scanner: ScannerPost
    printer: PrinterPost
    customer: CustomerSide
    agent: SyncAgent
    workbench: Workbench


@contextmanager
def open_till(
    folder: Path, settings: Settings, clock: TillClock | None = None, machine: Machine = THIS_MACHINE
) -> Iterator[Till]:
    """A till at work, alone in its folder until the context ends. `clock` and `machine`: others than this machine's.

    Raises `NotPairedError`, and the errors of `local_db` for a folder that is in use or damaged.
    """
    with till_lock(folder), logging_to(folder):
        journal = Journal.open(folder)
        try:
            yield from _run(folder, settings, journal, clock, machine)
        finally:
            journal.close()


def _run(
    folder: Path, settings: Settings, journal: Journal, clock: TillClock | None, machine: Machine
) -> Iterator[Till]:
    identity = load_identity(journal)
    if identity is None:
        raise NotPairedError(folder)
    assembly = Assembly(folder, settings, journal, identity, clock, machine)
    assembly.use_cache()
    assembly.agent.start()
    assembly.workbench.start()
    assembly.scanner.start()
    assembly.printer.start()
    beats = assembly.pulse.heartbeats()
    if not is_training(identity.terminal):  # what is only practised is nobody's trouble
        beats.start()
    assembly.customer.start()
    try:
        yield Till(
            assembly.counter, assembly.scanner, assembly.printer, assembly.customer, assembly.agent, assembly.workbench
        )  # fmt: skip
    finally:
        assembly.customer.stop()
        assembly.printer.stop()
        assembly.workbench.stop()
        assembly.scanner.stop()
        beats.stop()
        assembly.agent.stop()
        assembly.close()


class Assembly:
    """The parts of one till, wired. What the background tells is taken up here and passed on as the counter's events.

    `machine` and `clock`: those of this machine, unless a simulation is all of it.
    """

    def __init__(
        self, folder: Path, settings: Settings, journal: Journal, identity: Identity, clock: TillClock | None,
        machine: Machine = THIS_MACHINE,
    ) -> None:  # fmt: skip
        self._folder, self._journal, self._identity = folder, journal, identity
        self._reader: CacheReader | None = None
        self._former: CacheReader | None = None
        ended = journal.fact(ENDED_FACT) or ""
        key = _key(folder, identity, ended)
        clock = resumed_clock(journal, clock)
        self.agent = SyncAgent(
            folder, journal, identity, key, self._take, online_timeout_s=settings.online_timeout_ms / 1000,
            poll_s=settings.poll_s, clock=clock.now_us, machine=machine,
        )  # fmt: skip
        self._desk = Desk(
            folder=folder, terminal=identity.terminal, terminal_name=identity.name, key=key, keys=identity.ring(),
            journal=journal, clock=clock, ledger=self.agent, random_bits=machine.random_bits,
            ended=ended,
        )  # fmt: skip
        self.counter = Counter(self._desk, lambda: self.agent.link)
        self.scanner = ScannerPost(folder, settings, self._number, OwnCodes(self._ranges))
        self.workbench = Workbench(folder, self.scanner, self._desk, self.counter)
        self.printer = PrinterPost(settings, self.counter)
        self._told_later = (outage_reports.sent_later(folder), tutorials.sent_later(folder))
        self.pulse = Pulse(folder, self._desk, self.counter, self.scanner.status)
        self.customer = CustomerSide(settings, self.counter)

    def use_cache(self) -> None:
        """Open the cache file that the journal names, and read the store from it.

        A cache that is missing, damaged or not the ledger's is no disaster: the background rebuilds it, and what was read of
        the store stays in use.
        """
        name = self._journal.fact(CACHE_FACT)
        reader = store = None
        try:
            if name:
                reader = CacheReader.open(self._folder / name)
                known = self._desk.store if self._desk.is_ready else None
                store = read_store(reader.documents(), self._desk.keys, self._identity.store, known)
        except (LocalDbError, SignatureError) as error:
            _log.warning("the cache %s is not used: %s", name, error)
            if reader is not None:
                reader.close()
            reader = None
            self.agent.rebuild()
        self._desk.use_cache(reader, store)
        # The counter may be reading from the one before this very moment; nobody reads from the one before that.
        self._former, former = self._reader, self._former
        self._reader = reader
        if former is not None:
            former.close()

    def _number(self, event: events.Event) -> None:
        """What the scanner tells passes the trail on its way to the counter."""
        self.counter.tell(self.workbench.trail.number(event))

    def close(self) -> None:
        """Close the cache."""
        for reader in (self._reader, self._former):
            if reader is not None:
                reader.close()

    def _ranges(self) -> Sequence[CodeRange]:
        """What cards this store has, as far as that is known."""
        return self._desk.store.settings.ranges if self._desk.is_ready else ()

    def _take(self, event: background.Event) -> None:
        match event:
            case background.LinkChanged(link=link):
                if link.is_reachable:
                    for told in self._told_later:
                        told.heard()
                if link.as_of_us:
                    self._desk.seen_until(link.as_of_us)
                self.counter.tell(events.LinkChanged(link))
            case background.OutcomesMarked(outcomes=outcomes, again=again):
                self.counter.tell(events.OutcomesArrived(outcomes, again))
            case background.DecisionsMarked(decisions=decisions):
                self.counter.tell(events.DecisionsArrived(decisions))
            case background.CacheChanged(is_whole=False, members=members):
                self.counter.tell(events.MembersChanged(members))
            case background.CacheChanged():
                self.use_cache()
                self.counter.tell(events.StoreChanged())
            case background.KeysLearned(keys=keys):
                self._desk.keys = keys
                self.use_cache()
                self.counter.tell(events.StoreChanged())
            case _:
                self._take_of_desk(event)

    def _take_of_desk(self, event: background.Event) -> None:
        """What the counter is not told of: it meets it when it acts."""
        match event:
            case background.TerminalEnded(code=code):
                self._desk.ended = code
            case background.OffsetMeasured(offset_us=offset_us, bound_us=bound_us):
                reading = self._desk.clock.heard(offset_us, bound_us)
                self._journal.set_fact(HEARD_FACT, canonical.encode(reading).decode())
            case background.ReservationFound(id=reservation, member=member):
                if self._desk.is_ready:
                    return_reservation(self._desk, reservation, member)
            case background.LedgerRestored():
                # What it set aside here it may not remember: all goes back, and is asked for anew.
                self._journal.set_fact(allowances.SHIFT_FACT, "")
                allowances.tend(self._desk, is_caught_up=False)
            case background.ReservationsChecked(is_caught_up=is_caught_up):
                allowances.tend(self._desk, is_caught_up=is_caught_up)


def _key(folder: Path, identity: Identity, ended: str) -> Ed25519PrivateKey:
    """Of a terminal that was revoked the key is gone, and why is the better answer."""
    try:
        return load_key(folder, identity.public)
    except KeyUnreadableError as error:
        raise (RefusedError(ended) if ended else error) from None


def resumed_clock(journal: JournalReader, clock: TillClock | None = None) -> TillClock:
    """The clock of this till (`clock`, else this machine's), going on from the journal's last entry."""
    clock = clock or TillClock()
    heard, last = journal.fact(HEARD_FACT), journal.last()
    clock.resume(canonical.decode(heard.encode(), Heard) if heard else None, last.occurred_at if last else 0)
    return clock
