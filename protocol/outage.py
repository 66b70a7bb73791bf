"""Whether a till would survive an outage: what was checked, what came of it, and when. Kept at the till, sent to the ledger."""

from __future__ import annotations

from typing import Literal

from protocol.canonical import Count, Micros, Model, Name, Text

Result = Literal["pass", "fail", "skipped"]

MAX_CHECKS = 64


class OutageCheck(Model, kw_only=True):
    """One thing that was looked at. `code` and `facts` are for the sentence that says what was found and what to do."""

    name: Name
    result: Result
    code: Name
    facts: dict[str, Text] = {}
    took_ms: Count = 0


class OutageReport(Model, kw_only=True):
    """`result`: `pass` where nothing failed and the rehearsal passed; `skipped` where nothing failed and it could not be held.

    `by`: who asked for it, by 工号; empty where it was asked for from the command line.
    """

    terminal: Name
    terminal_name: Name
    at: Micros
    by: str = ""
    version: Name
    result: Result
    checks: tuple[OutageCheck, ...]


class OutageReports(Model, kw_only=True):
    """The newest report of each till of a store that has sent one, by terminal. `silent`: tills at work that never sent one."""

    reports: tuple[OutageReport, ...]
    silent: tuple[Name, ...] = ()


class OutageReportKept(Model, kw_only=True):
    """The ledger has the report of this moment."""

    at: Micros
