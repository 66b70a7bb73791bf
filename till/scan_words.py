"""The way of a scan, told: in rows for a screen and a command, and as steps from its bytes to the ledger's outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from local_db.device_log import Counted, ScanRow
from local_db.journal_reader import JournalReader
from till.i18n import _, msg
from till.outcome_words import in_words

_KINDS: Final = {
    "member": msg("member code"),
    "dynamic": msg("member's phone code"),
    "authorisation": msg("phone's permission"),
    "voucher": msg("voucher"),
    "product": msg("product"),
    "scale-label": msg("scale label"),
    "enrolment": msg("pairing code"),
    "technician": msg("technician's card"),
    "template": msg("template"),
    "payment": msg("payment code"),
    "check-digit": msg("misread"),
    "too-long": msg("too long"),
    "foreign": msg("unknown code"),
    "coupon": msg("coupon"),
}

_SCREENS: Final = {
    "CounterScreen": msg("at the counter"),
    "RedeemScreen": msg("redeeming"),
    "RefundScreen": msg("at a refund"),
    "SignInScreen": msg("signing in"),
    "DevicesScreen": msg("on the technician's screen"),
    "ScansScreen": msg("on the technician's screen"),
}
"""Those on which most is scanned; the others by their own names."""

COUNTS: Final = {
    "scans": msg("{n} scans"),
    "refused": msg("{n} refused"),
    "repeats": msg("{n} repeats"),
    "overlong": msg("{n} too long"),
    "incomplete": msg("{n} cut off"),
    "lost": msg("{n} times unplugged"),
}
"""What is counted of a device, in the order in which it is read."""


SAID: Final = "notice"
"""The code of a scan that a screen did not use and said why, in a sentence without a code."""


class TracedScan(NamedTuple):
    """A scan, and the status of its entry: `booked`, `waiting`, …; empty where no entry came of it."""

    scan: ScanRow
    outcome: str


class DeviceMonth(NamedTuple):
    """One device in one month: its counts by what is counted."""

    device: str
    month: str
    counts: dict[str, int]


def traced(rows: Sequence[ScanRow], journal: JournalReader) -> list[TracedScan]:
    """With what the journal knows of their entries."""
    outcomes = journal.outcomes([row.seq for row in rows if row.seq])
    return [
        TracedScan(row, (outcomes[row.seq].status if row.seq in outcomes else "waiting") if row.seq else "")
        for row in rows
    ]


def kind_text(scan: ScanRow) -> str:
    """`product 6900001000013`; of a code that pays the kind alone."""
    return f"{_(_KINDS.get(scan.kind, scan.kind))} {scan.shown}".rstrip()


def became(one: TracedScan) -> str:
    """What came of it, in few words: refused and why, its entry and what the ledger says, or nothing."""
    if one.scan.code == SAID:
        return _("not used: the screen said why")
    if one.scan.code:
        return _("refused: {code}").format(code=one.scan.code)
    if one.outcome:
        return _("entry {seq}: {outcome}").format(seq=one.scan.seq, outcome=in_words(one.outcome))
    return _("no entry")


def steps(one: TracedScan, at: str) -> list[str]:
    """Every step of one scan; `at`: its time as the store reads it."""
    scan = one.scan
    read = _("{n} bytes from {device}").format(n=scan.size, device=scan.device)
    answer = _("{ms} ms after its last byte").format(ms=f"{scan.answer_us / 1000:.1f}") if scan.answer_us else ""
    return [
        f"#{scan.number}  {at}",
        f"{read}  {scan.symbology}".rstrip(),
        kind_text(scan),
        f"{_(_SCREENS.get(scan.screen, scan.screen))}  {answer}".rstrip(),
        became(one),
    ]


def by_device(counted: Sequence[Counted]) -> list[DeviceMonth]:
    """Counts gathered by device and month, the newest month first."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for one in counted:
        found.setdefault((one.device, one.month), {})[one.what] = one.times
    return [DeviceMonth(device, month, counts) for (device, month), counts in found.items()]


def counts_text(counts: dict[str, int]) -> str:
    """`1,204 scans, 3 refused`."""
    return ", ".join(_(words).format(n=f"{counts[what]:,}") for what, words in COUNTS.items() if what in counts)
