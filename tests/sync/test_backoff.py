"""Pauses between tries."""

from __future__ import annotations

from sync.backoff import Backoff, spread


def _upper(_low: float, high: float) -> float:
    return high


def test_the_ceiling_doubles_up_to_a_limit() -> None:
    """0.5, 1, 2 … s, and never more than the limit."""
    backoff = Backoff(first_s=0.5, ceiling_s=30, uniform=_upper)
    assert [backoff.failed() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.succeeded()
    assert backoff.failed() == 0.5


def test_many_failures_stay_finite() -> None:
    """A week offline does not overflow."""
    backoff = Backoff(uniform=_upper)
    assert max(backoff.failed() for _ in range(5_000)) == 30


def test_retry_after_is_waited_first() -> None:
    """What the ledger asked for is a lower bound, and the jitter comes on top."""
    assert Backoff(first_s=1, uniform=_upper).failed(retry_after_s=60) == 61
    assert Backoff(first_s=1, uniform=lambda low, _high: low).failed(retry_after_s=60) == 60


def test_tills_come_back_at_different_moments() -> None:
    """Of a hundred tills that lost the network together, no tenth of the time sees more than three tenths of them."""
    pauses = []
    for _ in range(100):
        backoff = Backoff(first_s=1, ceiling_s=32)
        pauses.append([backoff.failed() for _ in range(6)][-1])
    slots = [sum(slot <= pause / 3.2 < slot + 1 for pause in pauses) for slot in range(10)]
    assert max(slots) <= 30


def test_polls_drift_apart() -> None:
    """A period of 30 s is 24 to 36."""
    assert all(24 <= spread(30) <= 36 for _ in range(200))
