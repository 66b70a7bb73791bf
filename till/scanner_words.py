"""What a technician reads of a scanner: how sure a family is, what became of a command, what a check found."""

from __future__ import annotations

from typing import Final

from devices.health import HealthReport, HealthStep, Verdict
from devices.profiles import ScannerProfile
from devices.replies import Outcome
from till.i18n import _, msg

_SURENESS: Final = {
    "vector": msg("checked frames"),
    "manual": msg("vendor's manual"),
    "community": msg("public code"),
    "on-site": msg("confirm at the device"),
}
OUTCOMES: Final[dict[Outcome, str]] = {
    Outcome.DONE: msg("done: the scanner says so itself"),
    Outcome.SENT: msg("sent; this family answers nothing, so look and listen"),
    Outcome.REFUSED: msg("the scanner refuses: locked already, or not in this mode"),
    Outcome.UNKNOWN_COMMAND: msg("the scanner does not know this command: another model, try another profile"),
    Outcome.SILENT: msg("no answer: another family, other line settings, or switched off"),
    Outcome.OFFLINE: msg("the port is away"),
    Outcome.UNSUPPORTED: msg("this family has no such command, or no source gives it"),
}
_STEPS: Final = {
    "port": msg("port"),
    "line": msg("line"),
    "identify": msg("who it is"),
    "health": msg("its own check"),
    "beep": msg("beep"),
    "scan": msg("test scan"),
}
VERDICTS: Final[dict[Verdict, str]] = {
    Verdict.PASS: msg("PASS"),
    Verdict.FAIL: msg("FAIL"),
    Verdict.SKIPPED: msg("SKIPPED"),
}


def sureness(profile: ScannerProfile) -> str:
    """`seen at a device 2026-11-22`, or what the profile rests on."""
    if profile.confirmed:
        return _("seen at a device {day}").format(day=profile.confirmed.isoformat())
    return _(_SURENESS[profile.status])


def step_row(step: HealthStep) -> str:
    """`PASS  who it is  HR52  (120 ms)`."""
    verdict, name, detail = _(VERDICTS[step.verdict]), _(_STEPS[step.name]), _detail(step)
    return f"{verdict}  {name}  {detail}".rstrip() + f"  ({step.duration_ms} ms)"


def report_rows(report: HealthReport) -> list[str]:
    """Every step, and the verdict of all."""
    return [
        *(step_row(step) for step in report.steps),
        _("all: {verdict}").format(verdict=_(VERDICTS[report.verdict])),
    ]


def line_words(profile: ScannerProfile) -> str:
    """`9600 8N1`, and how a code ends."""
    if profile.is_keyboard:
        return _("keys, as a keyboard")
    line = profile.line
    ends = _(" or ").join(profile.framing.terminators) or _("silence")
    flow = "  RTS/CTS" if line.rtscts else ""
    settings = f"{line.baud} {line.bytesize}{line.parity}{line.stopbits}{flow}"
    return _("{line}, a code ends with {ends}").format(line=settings, ends=ends)


def _detail(step: HealthStep) -> str:
    if step.name == "line":
        return _("{n} damaged").format(n=step.detail)
    if step.name == "scan":
        return _scan_words(step.detail)
    known = {str(outcome): sentence for outcome, sentence in OUTCOMES.items()}
    return _(known[step.detail]) if step.detail in known else step.detail.replace("\n", "; ")


def _scan_words(detail: str) -> str:
    if detail == "no-scan":
        return _("nobody scanned anything")
    if detail == "unreadable":
        return _("what came makes no text: baud rate, parity, or charset")
    length, _space, kind = detail.partition(" ")
    counted = _("{n} characters").format(n=length)
    return f"{counted} {kind}".rstrip()
