"""Many seeds, over several processes; each twice where it is checked that a seed replays exactly."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from simulation.coalition import Template, build
from simulation.seed import Result, play, workshop
from simulation.signatures import Signatures
from simulation.world import Finding

DIFFERS = "I13 a seed replays exactly"


class Plan(NamedTuple):
    """What every seed of a campaign is played with. `breaks`: a variant that is broken on purpose."""

    tills: int = 3
    operations: int = 200
    is_checked: bool = True
    """Each seed twice, and the traces compared."""
    breaks: str = ""

    def line(self, seed: int) -> str:
        """The one line that plays a seed again."""
        broken = f" --break {self.breaks}" if self.breaks else ""
        return f"till simulate --seed {seed} --tills {self.tills} --operations {self.operations}{broken}"


@dataclass
class Report:
    """What a campaign came to."""

    plan: Plan
    seeds: int = 0
    events: int = 0
    virtual_s: float = 0.0
    wall_s: float = 0.0
    operations: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def take(self, result: Result) -> None:
        """One seed more."""
        self.seeds += 1
        self.events += result.events
        self.virtual_s += result.virtual_s
        for name in ("operations", "refusals", "outcomes", "faults", "checks"):
            getattr(self, name).update(getattr(result, name))
        if result.findings:
            found = [finding._asdict() for finding in result.findings]
            self.failures.append({"seed": result.seed, "replay": self.plan.line(result.seed), "found": found})

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "seeds": self.seeds, "tills": self.plan.tills, "operations": self.plan.operations, "events": self.events,
            "virtual_s": round(self.virtual_s), "seconds": round(self.wall_s, 1), "did": dict(self.operations),
            "refused": dict(self.refusals), "outcomes": dict(self.outcomes), "faults": dict(self.faults),
            "checked": dict(self.checks), "failures": self.failures,
        }  # fmt: skip

    def text(self) -> str:
        """For a person."""
        per_s = self.seeds / self.wall_s if self.wall_s else 0.0
        played = f"{self.seeds} seeds of {self.plan.tills} tills and {self.plan.operations} operations"
        speed = f"{self.wall_s:.1f} s, {per_s:.2f} seeds a second"
        lines = [
            f"{played}: {self.events:,} events in {self.virtual_s / 3_600:.1f} virtual hours; {speed}",
            _line("did", self.operations), _line("entries", self.outcomes), _line("faults", self.faults),
            _line("checked", self.checks),
        ]  # fmt: skip
        for failure in self.failures:
            lines += [failure["replay"], *(f"    {found['promise']}: {found['what']}" for found in failure["found"])]
        return "\n".join(
            [*lines, f"{len(self.failures)} seeds broke a promise" if self.failures else "every promise held"]
        )


def run(seeds: Iterable[int], plan: Plan, jobs: int, tell: Callable[[Report], None] = lambda _report: None) -> Report:
    """Play them. `tell` is called after each."""
    report, started = Report(plan), time.monotonic()
    for result in _results(seeds, plan, jobs):
        report.take(result)
        report.wall_s = time.monotonic() - started
        tell(report)
    return report


def _results(seeds: Iterable[int], plan: Plan, jobs: int) -> Iterator[Result]:
    with workshop() as folder:
        template = build(folder, plan.tills)
        work = partial(_play, plan=plan, template=template)
        if jobs <= 1:
            yield from map(work, seeds)
            return
        with multiprocessing.get_context("spawn").Pool(jobs) as pool:
            yield from pool.imap_unordered(partial(_play_there, plan=plan, folder=template.folder), seeds)


def _play(seed: int, plan: Plan, template: Template) -> Result:
    signatures = Signatures()
    result = play(seed, plan.operations, template, breaks=plan.breaks, signatures=signatures)
    if plan.is_checked and not result.findings:
        again = play(seed, plan.operations, template, breaks=plan.breaks, signatures=signatures)
        if again.trace != result.trace:
            result.findings.append(Finding(DIFFERS, f"{result.trace[:16]} and {again.trace[:16]}"))
        result.checks[DIFFERS] += 1
    return result


def _play_there(seed: int, plan: Plan, folder: Any) -> Result:
    """In another process: the keys come from their names, so the template is found again by its folder."""
    from simulation.coalition import keys_of_the_coalition

    return _play(seed, plan, Template(folder, keys_of_the_coalition(), plan.tills))


def _line(name: str, counted: Counter[str]) -> str:
    return f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in sorted(counted.items()))
