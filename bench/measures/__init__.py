"""One file a measurement, by its name in `NAMES`; each has `measure(workshop)`, which yields figures."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from bench.figures import Figure
from bench.workshop import Workshop

NAMES = (
    "quote", "journal", "line", "scan", "key", "start", "memory", "lookup", "outage", "push", "pouchdb", "reserve",
    "bootstrap", "nothing",
)  # fmt: skip


def measure(name: str, workshop: Workshop) -> Iterator[Figure]:
    """The figures of one measurement, as they come."""
    yield from import_module(f"bench.measures.{name}").measure(workshop)
