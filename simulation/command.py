"""What `till simulate` runs, found by its entry point: the command line is below this room."""

from __future__ import annotations

from collections.abc import Callable

from simulation.campaign import Plan, Report, run
from simulation.coalition import build
from simulation.seed import play, workshop


def simulate(
    seeds: range, *, tills: int, operations: int, jobs: int, breaks: str, narrate: Callable[[str], None], trace: bool
) -> Report:
    """Play `seeds`. `trace`: narrate every event of each, played once; else the progress, a line every ten seeds."""
    plan = Plan(tills, operations, is_checked=not trace, breaks=breaks)
    if not trace:
        return run(seeds, plan, jobs, lambda report: _progress(report, narrate))
    report = Report(plan)
    with workshop() as folder:
        template = build(folder, tills)
        for seed in seeds:
            report.take(play(seed, operations, template, narrate, breaks=breaks))
    return report


def _progress(report: Report, narrate: Callable[[str], None]) -> None:
    if report.seeds % 10 == 0:
        narrate(f"{report.seeds} seeds, {len(report.failures)} failures, {report.wall_s:.0f} s")
