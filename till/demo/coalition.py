"""What the demo's script knows of its coalition: who is there to play with. Read from the file that the ledger was given."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass


@dataclass(frozen=True)
class DemoStore:
    """A store of the demo: people who can sign in, members who come, products on its shelves."""

    cashier: tuple[str, str]
    """(工号, PIN)."""
    manager: tuple[str, str]
    technician: tuple[str, str]
    members: tuple[str, ...]
    regulars: tuple[str, ...]
    """Those who usually redeem here: points are set aside for them."""
    pins: dict[str, str]
    """Of the members who have one."""
    products: tuple[str, ...]


def demo_stores(coalition: bytes) -> dict[str, str]:
    """Kind of merchant → a store of that kind, in the order of the file."""
    return {row["industry"]: row["id"] for row in tomllib.loads(coalition.decode("utf-8"))["store"]}


def read_demo_store(coalition: bytes, store: str) -> DemoStore:
    """The store with this id."""
    document = tomllib.loads(coalition.decode("utf-8"))
    found = next(row for row in document["store"] if row["id"] == store)

    def somebody(role: str) -> tuple[str, str]:
        person = next(person for person in found["staff"] if role in person["roles"])
        return person["staff"], person["pin"]

    return DemoStore(
        cashier=somebody("cashier"),
        manager=somebody("manager"),
        technician=somebody("technician"),
        members=tuple(row["member"] for row in document["member"] if row.get("status", "active") == "active"),
        regulars=tuple(
            row["member"]
            for row in document["member"]
            if any(usual["store"] == store for usual in row.get("usual", ()))
        ),
        pins={row["member"]: row["pin"] for row in document["member"] if "pin" in row},
        products=tuple(row["code"] for row in document["product"] if row["merchant"] == found["merchant"]),
    )
