"""When to try again: full jitter, so that the tills of a chain do not come back all at once after an outage.

The next pause is drawn evenly from 0 to a ceiling that doubles (AWS Architecture Blog, "Exponential Backoff And Jitter",
2015); what the ledger asked for by `Retry-After` is waited first, and the jitter comes on top of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom

Uniform = Callable[[float, float], float]

_uniform: Uniform = SystemRandom().uniform


@dataclass
class Backoff:
    """Pauses in seconds. `uniform` is handed in by tests."""

    first_s: float = 0.5
    ceiling_s: float = 30.0
    uniform: Uniform = field(default=_uniform, repr=False)
    _failures: int = 0

    def failed(self, retry_after_s: float = 0) -> float:
        """How long to wait after one more failure."""
        ceiling = min(self.ceiling_s, self.first_s * 2**self._failures)
        self._failures = min(self._failures + 1, 30)
        return retry_after_s + self.uniform(0, ceiling)

    def succeeded(self) -> None:
        """The next failure begins anew."""
        self._failures = 0


def spread(period_s: float, uniform: Uniform = _uniform) -> float:
    """A period with a fifth of jitter on both sides: tills that were started together drift apart."""
    return uniform(period_s * 0.8, period_s * 1.2)
