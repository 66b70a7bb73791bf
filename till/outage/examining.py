"""断网能撑住吗: everything looked at and rehearsed, in the order in which a person would mend it; the outcome kept and sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from config.settings import Settings
from local_db.journal_reader import JournalReader
from protocol.outage import OutageCheck, OutageReport, Result
from sync.errors import KeyUnreadableError
from sync.identity import Identity, load_key
from sync.probing import Probed, probe
from sync.training import own_identity
from till.app import DISTRIBUTION
from till.composition import resumed_clock
from till.outage import checks, devices, rehearsal
from till.outage.checks import timed
from till.outage.devices import ScannerAtWork
from till.outage.network import network

Told = Callable[[str], object]


def examine(
    folder: Path, settings: Settings, *, scanner: ScannerAtWork | None = None, by: str = "", rehearses: bool = True,
    told: Told = lambda _step: None,
) -> OutageReport:  # fmt: skip
    """Look at everything and rehearse. `told` gets what is being done, as a code of `till.outage.words.STEPS`.

    The till may be open meanwhile. Takes seconds where all is well, a minute where everything is waited for.

    Raises `sync.training.NotEnrolledError`, `FinalSyncError` for a
    till that has ended, and `local_db` errors for a journal that cannot be read.
    """
    identity = own_identity(folder)
    found = list(_examined(folder, settings, identity, scanner, told))
    if rehearses:
        found += rehearsal.rehearse(folder, settings, lambda step: told(f"rehearsal-{step}"))
    else:
        found.append(checks.check(rehearsal.NAME, "skipped", "unasked"))
    with closing(JournalReader.open(folder)) as journal:
        now_us = resumed_clock(journal).now_us()
    return OutageReport(
        terminal=identity.terminal, terminal_name=identity.name, at=now_us, by=by, version=version(DISTRIBUTION),
        result=_result(found), checks=tuple(found),
    )  # fmt: skip


def _examined(
    folder: Path, settings: Settings, identity: Identity, scanner: ScannerAtWork | None, told: Told
) -> Iterator[OutageCheck]:
    told("devices")
    yield timed(lambda: devices.scanner(settings, scanner))
    yield timed(lambda: devices.printer(settings))
    told("disk")
    yield timed(lambda: checks.disk(folder))
    told("network")
    probed = _probed(folder, identity)
    with closing(JournalReader.open(folder)) as journal:
        clock = resumed_clock(journal)
        now_us = clock.now_us()
        told("till")
        yield checks.clock(clock, probed)
        yield timed(lambda: checks.journal(journal, now_us))
        yield from checks.cache(folder, journal, identity, now_us)
        yield checks.keys(folder, identity, now_us)
    yield from network(probed)


def _probed(folder: Path, identity: Identity) -> Probed:
    try:
        return probe(identity, load_key(folder, identity.public))
    except KeyUnreadableError:  # the check of the keys says so
        return Probed(cause="not-recognised")


def _result(found: list[OutageCheck]) -> Result:
    results = {one.result for one in found if not one.name.startswith("net-")}
    if "fail" in results:
        return "fail"
    return next(one.result for one in found if one.name == rehearsal.NAME)
