"""What the way to the ledger is like, in checks: the steps that were tried, and the verdict."""

from __future__ import annotations

from protocol.outage import OutageCheck, Result
from sync.probing import Probed
from till.outage.checks import check

_RESULTS: dict[bool | None, Result] = {True: "pass", False: "fail", None: "skipped"}


def network(probed: Probed) -> list[OutageCheck]:
    """The verdict first: what a person reads; behind it the steps."""
    verdict = probed.verdict
    told = check(
        "network", "pass" if verdict in ("fine", "slow") else "fail", verdict,
        lost=probed.lost, sent=probed.sent, ms=probed.median_ms, slowest=probed.slowest_ms,
    )  # fmt: skip
    steps = [check(f"net-{tried.step}", _RESULTS[tried.is_ok], ms=tried.took_ms) for tried in probed.steps]
    return [told, *steps]
