"""CheckHealth of UnifiedPOS for a scanner: steps one after the other, none of which blocks.

Internal changes nothing, External makes the scanner beep, Interactive asks somebody to scan. What a scanner does not answer
is skipped, never passed: nobody knows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class HealthCheckLevel(StrEnum):
    """How much a check may do."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    INTERACTIVE = "interactive"


class Verdict(StrEnum):
    """Of a step, and of a whole check."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SKIPPED = "skipped"


class Finding(NamedTuple):
    """What a step found. `detail` is a code (`silent`, `port-missing`), or what the scanner said."""

    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HealthStep:
    """One step, with how long it took."""

    name: str
    verdict: Verdict
    detail: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What was found, in the order of the steps."""

    level: HealthCheckLevel
    steps: tuple[HealthStep, ...]

    @property
    def verdict(self) -> Verdict:
        """FAIL when a step failed, PASS when one passed and none failed, SKIPPED when nobody knows anything."""
        found = {step.verdict for step in self.steps}
        return next((verdict for verdict in (Verdict.FAIL, Verdict.PASS) if verdict in found), Verdict.SKIPPED)


Step = tuple[str, Callable[[], "Future[Finding]"]]


def check(level: HealthCheckLevel, steps: Sequence[Step]) -> Future[HealthReport]:
    """Take the steps in turn. The future ends when the last one does; its callbacks run on the port's thread."""
    done: Future[HealthReport] = Future()
    taken: list[HealthStep] = []

    def go_on(position: int) -> None:
        if position == len(steps):
            done.set_result(HealthReport(level, tuple(taken)))
            return
        name, begin = steps[position]
        began_ns = time.monotonic_ns()

        def note(found: Future[Finding]) -> None:
            verdict, detail = found.result()
            taken.append(HealthStep(name, verdict, detail, (time.monotonic_ns() - began_ns) // 1_000_000))
            go_on(position + 1)

        begin().add_done_callback(note)

    go_on(0)
    return done


def known(verdict: Verdict, detail: str = "") -> Future[Finding]:
    """A step that needs no waiting."""
    found: Future[Finding] = Future()
    found.set_result(Finding(verdict, detail))
    return found
