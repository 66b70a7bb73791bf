"""The checks in words: what was looked at, what was found, and what to do about it. A test walks over all codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from protocol.outage import OutageCheck, OutageReport, OutageReports
from till.i18n import _, msg
from till.report_words import ReportRow
from till.text import cells, harmless

QR_CHARACTERS: Final = 90
"""Capitals, digits and a few signs in a code of version 4 at level M: what a till can show at 80x24."""

NAMES: Final = {
    "scanner": msg("Scanner"), "printer": msg("Receipt printer"), "disk": msg("Disk"), "clock": msg("Clock"),
    "journal": msg("Journal"), "cache": msg("Members and balances"), "rules": msg("Rules"), "staff": msg("Staff"),
    "keys": msg("Keys"), "network": msg("Network"), "net-cable": msg("  cable"), "net-name": msg("  name of the ledger"),
    "net-connect": msg("  connection"), "net-tls": msg("  certificate"), "net-ledger": msg("  ledger"),
    "rehearsal": msg("Rehearsal"), "rehearsal-begin": msg("  own book"), "rehearsal-cut": msg("  cable pulled"),
    "rehearsal-sell": msg("  sales offline"), "rehearsal-redeem": msg("  redeemed offline"),
    "rehearsal-restart": msg("  restart offline"),
    "rehearsal-push": msg("  sent afterwards"), "rehearsal-compare": msg("  compared"), "rehearsal-clear": msg("  deleted"),
}  # fmt: skip

STEPS: Final = {
    "devices": msg("Looking at the devices"), "disk": msg("Writing to the disk"), "network": msg("Trying the network"),
    "till": msg("Looking at clock, members, rules and keys"), "rehearsal-begin": msg("Rehearsal: making a book for it"),
    "rehearsal-cut": msg("Rehearsal: pulling its cable"), "rehearsal-sell": msg("Rehearsal: selling offline"),
    "rehearsal-redeem": msg("Rehearsal: redeeming offline"),
    "rehearsal-restart": msg("Rehearsal: starting again offline"), "rehearsal-push": msg("Rehearsal: sending what was sold"),
    "rehearsal-compare": msg("Rehearsal: comparing point by point"), "rehearsal-clear": msg("Rehearsal: deleting all of it"),
}  # fmt: skip

RESULTS: Final = {"pass": msg("PASS"), "fail": msg("FAIL"), "skipped": msg("SKIPPED")}

_LATER: Final = msg("not judged: something before it failed")
_REHEARSE_AGAIN: Final = msg(
    "try once more; if it fails again, do not rely on this till offline and tell the technician"
)

FOUND: Final[dict[str, tuple[str, str]]] = {
    "scanner-pass": (msg("is there, {good} codes read"), ""),
    "scanner-there": (msg("is there; while the counter is open it is also seen whether it is read"), ""),
    "scanner-wedge": (msg("types like a keyboard: scan one code to see that it works"), ""),
    "scanner-away": (msg("is not there ({why})"), msg("plug it in, or assign it (F9, Devices); codes can be typed meanwhile")),
    "scanner-noisy": (msg("{errors} damaged codes, {good} good ones"), msg("another cable, or the profile that fits")),
    "scanner-unwell": (msg("says of itself that it is not well: {why}"), msg("start it again; if it stays so, exchange it")),
    "printer-there": (msg("is there; whether it has paper, a test print tells"), ""),
    "printer-none": (msg("none is assigned"), ""),
    "printer-away": (msg("is not there ({why})"), msg("switch it on, look at its cable; sales go on without paper")),
    "disk-pass": (msg("{mb} MB free, a write takes {ms} ms"), ""),
    "disk-failed": (msg("cannot be written: {why}"), msg("do not sell on; call the technician, the disk may be dying")),
    "disk-full": (msg("{mb} MB free, {least} are needed"), msg("delete what is not the till's")),
    "disk-slow": (msg("a write takes {ms} ms: every sale waits for it"), msg("find what else writes, or change the disk")),
    "clock-pass": (msg("{seconds} s from the ledger's"), ""),
    "clock-off": (msg("{seconds} s from the ledger's"), msg("set date, time and zone; let the network keep them")),
    "clock-jump": (msg("it was changed since the ledger was heard"), msg("set it right; connect to the network for a minute")),
    "clock-drift": (msg("the ledger was not heard for so long that it may be off"), msg("connect to the network for a minute")),
    "clock-skipped": (msg("not compared: the ledger did not answer"), ""),
    "journal-pass": (msg("all of it is at the ledger"), ""),
    "journal-waiting": (msg("{n} entries wait, the first one for {hours} h"),
                        msg("connect to the network: they are on this disk alone")),
    "journal-ended": (msg("this till has ended ({code_})"), msg("pair it anew")),
    "cache-pass": (msg("{hours} h old, {members} members"), ""),
    "cache-old": (msg("{hours} h old, {members} members"), msg("connect to the network until the status says that all is new")),
    "cache-none": (msg("not loaded yet"), msg("connect to the network until members have been loaded")),
    "cache-damaged": (msg("cannot be read"), msg("open the counter with the network: it is loaded anew by itself")),
    "rules-pass": (msg("are in force for another {days} days offline"), ""),
    "rules-none": (msg("have not arrived"), msg("connect to the network; the operator publishes them")),
    "rules-suspended": (msg("the shop or its rules are suspended"), msg("ask the operator")),
    "rules-engine": (msg("newer rules need a newer program"), msg("update this till (till upgrade)")),
    "rules-ending": (msg("are in force for {days} days more: then nothing is redeemed"), msg("connect to the network")),
    "rules-skipped": (_LATER, ""),
    "staff-pass": (msg("{n} people can sign in offline"), ""),
    "staff-nobody": (msg("nobody here could open a shift"), msg("the operator loads the staff of the store")),
    "staff-skipped": (_LATER, ""),
    "keys-pass": (msg("readable; the ledger's are valid for {days} days"), ""),
    "keys-own": (msg("this till's own key cannot be read"), msg("pair this till anew; its journal is kept")),
    "keys-ending": (msg("the ledger's are valid for {days} days more"), msg("connect to the network: new ones come")),
    "network-fine": (msg("fine: {sent} connections, none lost, {ms} ms"), ""),
    "network-slow": (msg("slow: {ms} ms, up to {slowest} ms; sales do not wait for it, online redemptions may"), ""),
    "network-lossy": (msg("{lost} of {sent} connections were lost"), msg("look at cable, plug and Wi-Fi")),
    "network-unplugged": (msg("no network at all"), msg("plug in the cable, switch on the router or the Wi-Fi")),
    "network-dns": (msg("there is a network, but no name is found"), msg("restart the router; set another DNS server")),
    "network-certificate-time": (msg("the certificate does not fit the clock"), msg("set date and time")),
    "network-certificate": (msg("somebody stands between till and ledger"), msg("use another network; tell the operator")),
    "network-no-answer": (msg("the ledger does not answer"), msg("wait; look at the firewall; ask the operator")),
    "network-portal": (msg("the Wi-Fi wants somebody to log in"), msg("log in with a browser, or use another network")),
    "network-not-the-ledger": (msg("somebody else answers as the ledger"), msg("use another network; tell the operator")),
    "network-not-recognised": (msg("the ledger does not know this till's key"), msg("pair this till anew")),
    "network-server-error": (msg("the ledger has a problem"), msg("wait; tell the operator")),
    "network-too-many": (msg("the ledger has too much to do"), msg("try again in a few minutes")),
    "network-revoked": (msg("this till was revoked"), msg("ask the operator")),
    "network-version": (msg("the ledger needs a newer program"), msg("update this till (till upgrade)")),
    "network-refused": (msg("the ledger refuses what this till asks"), msg("tell the operator")),
    "rehearsal-pass": (msg("{n} sales offline, {points} points, all booked as printed; sent in {ms} ms"), ""),
    "rehearsal-fail": (msg("did not come out as it must"), _REHEARSE_AGAIN),
    "rehearsal-skipped": (msg("not held"), msg("rehearse once the network is there")),
    "rehearsal-unasked": (msg("not asked for"), msg("rehearse: only that shows it")),
    "rehearsal-begin-offline": (msg("the ledger cannot be reached ({why})"), msg("rehearse once the network is there")),
    "rehearsal-begin-refused": (msg("refused ({why})"), msg("tell the operator: the ledger has to offer training books")),
    "rehearsal-cut-no-member": (msg("its member did not arrive within {seconds} s"), _REHEARSE_AGAIN),
    "rehearsal-cut-not-seen": (msg("the outage was not noticed within {seconds} s"), _REHEARSE_AGAIN),
    "rehearsal-sell-not-stored": (msg("{n} of {wanted} sales are in the journal"), _REHEARSE_AGAIN),
    "rehearsal-sell-no-member": (msg("its member was not found"), _REHEARSE_AGAIN),
    "rehearsal-cut-not-set-aside": (msg("no points were set aside within {seconds} s"), _REHEARSE_AGAIN),
    "rehearsal-redeem-pass": (msg("{points} points that were set aside before"), ""),
    "rehearsal-redeem-off": (msg("this store sets no points aside: offline only what the floor carries is redeemed"), ""),
    "rehearsal-redeem-nothing": (msg("no reward within what is set aside"), ""),
    "rehearsal-redeem-authority": (msg("stood on something else than what was set aside ({why})"), _REHEARSE_AGAIN),
    "rehearsal-redeem-not-stored": (msg("{n} of {wanted} sales are in the journal"), _REHEARSE_AGAIN),
    "rehearsal-redeem-no-member": (msg("its member was not found"), _REHEARSE_AGAIN),
    "rehearsal-restart-not-stored": (msg("{n} of {wanted} sales are in the journal"), _REHEARSE_AGAIN),
    "rehearsal-restart-no-member": (msg("its member was not found"), _REHEARSE_AGAIN),
    "rehearsal-restart-not-ready": (msg("did not open within {seconds} s"), _REHEARSE_AGAIN),
    "rehearsal-restart-shift": (msg("the open shift was not found again"), _REHEARSE_AGAIN),
    "rehearsal-push-not-sent": (msg("not everything was booked within {seconds} s"), _REHEARSE_AGAIN),
    "rehearsal-push-refused-entry": (msg("{n} entries were refused ({why})"), _REHEARSE_AGAIN),
    "rehearsal-compare-differs": (msg("the book has {booked} points, receipts promised {promised}"), _REHEARSE_AGAIN),
    "rehearsal-compare-shown-differs": (msg("this till shows other points than the book"), _REHEARSE_AGAIN),
    "rehearsal-clear-later": (msg("the book is deleted with the next rehearsal ({why})"), ""),
}  # fmt: skip
"""By code: what was found, and what to do where it is not as it should be."""

GENERAL: Final = {"pass": msg("done"), "fail": msg("failed"), "skipped": _LATER, "refused": msg("refused ({why})")}
"""Of steps that need no sentence of their own."""


class Line(NamedTuple):
    """One check as people read it; `remedy` is empty where nothing is to be done."""

    result: str
    name: str
    found: str
    remedy: str
    is_step: bool


def line_of(check: OutageCheck) -> Line:
    """In words."""
    found, remedy = FOUND.get(check.code, (GENERAL.get(check.code.rpartition("-")[2], GENERAL[check.result]), ""))
    if check.code.startswith("net-") and check.result == "pass":
        found = msg("done, {ms} ms")
    facts = {name: harmless(text) for name, text in check.facts.items()}
    is_to_do = check.result != "pass"
    return Line(
        _(RESULTS[check.result]), _(NAMES.get(check.name, check.name)), _(found).format_map(_Known(facts)),
        _(remedy) if remedy and is_to_do else "", _(NAMES.get(check.name, "")).startswith(" "),
    )  # fmt: skip


def verdict(report: OutageReport) -> str:
    """In one sentence."""
    failed = [check for check in report.checks if check.result == "fail" and not _is_step(check)]
    if [check.name for check in failed] == ["network"]:
        return _("The network does not work now, so no outage was rehearsed; nothing else is wrong")
    if failed:
        first = _(NAMES.get(failed[0].name, failed[0].name)).strip()
        return _("Not ready for an outage: {n} to mend, first: {first}").format(n=len(failed), first=first)
    if report.result == "pass":
        return _("This till survives an outage: everything was checked and rehearsed")
    return _("Nothing wrong was found, but the outage was not rehearsed")


def text_lines(report: OutageReport, local: Callable[[int], str]) -> Iterator[str]:
    """The report for a person, on paper or in a terminal."""
    yield _("Will this till survive an outage?")
    yield f"{harmless(report.terminal_name)} ({report.terminal})  {local(report.at)[:16]}  {report.by}".rstrip()
    yield verdict(report)
    yield ""
    width = max(cells(_(result)) for result in RESULTS.values())
    for check in report.checks:
        line = line_of(check)
        yield f"{padded(line.result, width)}  {line.name}: {line.found}"
        if line.remedy:
            yield " " * (width + 2) + "-> " + line.remedy
    yield ""
    yield qr_text(report)


def store_lines(told: OutageReports, local: Callable[[int], str]) -> Iterator[str]:
    """A line for each till of the store: those that never tried it first, then what failed, then the others."""
    for terminal in told.silent:
        yield f"{terminal}  " + _("never checked")
    order = {"fail": 0, "skipped": 1, "pass": 2}
    for report in sorted(told.reports, key=lambda one: (order[one.result], one.at)):
        yield summary(report, local)


def summary(report: OutageReport, local: Callable[[int], str]) -> str:
    """One line: which till, when, what came of it."""
    name = f"{harmless(report.terminal_name)} ({report.terminal})"
    return f"{name}  {local(report.at)[:16]}  {_(RESULTS[report.result])}  {verdict(report)}"


def report_row(report: OutageReport | None, local: Callable[[int], str]) -> ReportRow:
    """For the report of a shift."""
    label = _("Ready for an outage")
    if report is None:
        return ReportRow(label, _("never checked"), "warning")
    said = f"{local(report.at)[:16]}  {_(RESULTS[report.result])}"
    return ReportRow(label, said, "detail" if report.result == "pass" else "warning")


def qr_text(report: OutageReport) -> str:
    """`O1 TILL SECONDS RESULT CODES`: what failed, as many codes as a code on the screen can hold, and how many more."""
    failed = [check.code.upper() for check in report.checks if check.result == "fail" and not _is_step(check)]
    text = f"O1 {report.terminal.upper()} {report.at // 1_000_000} {report.result.upper()}"
    for place, code in enumerate(failed):
        more = f" +{len(failed) - place}"
        if len(text) + 1 + len(code) + (len(more) if place + 1 < len(failed) else 0) > QR_CHARACTERS:
            return text + more
        text += f" {code}"
    return text


def _is_step(check: OutageCheck) -> bool:
    """Part of a check that is told before it."""
    return check.name.startswith(("net-", "rehearsal-"))


def padded(text: str, width: int) -> str:
    """At least so many cells wide."""
    return text + " " * max(0, width - cells(text))


class _Known(dict[str, str]):
    """A report of another version may lack a fact."""

    def __missing__(self, key: str) -> str:
        return f"?{key}"
