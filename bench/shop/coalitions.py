"""A coalition of one invented supermarket with as many stores and members as a bench wants, as the ledger's own TOML file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from config import data

MERCHANT = "qingsui"
KIND = "points"
MANAGER, MANAGER_PIN = "1001", "2468"
FIRST_MEMBER = 2_000_000_000


class Joining(NamedTuple):
    """Who joins: a 10-digit `member`, a `tier` of the supermarket's programme, points that he brings."""

    member: str
    tier: str = ""
    points: int = 0


class Floor(NamedTuple):
    """Bounds in points of what a till may redeem without the ledger; none at all by default."""

    per_redemption: int = 0
    per_member: int = 0
    per_terminal: int = 0


def member_no(place: int) -> str:
    """The number of the bench's `place`-th member."""
    return str(FIRST_MEMBER + place)


def store_id(place: int) -> str:
    """The id of the bench's `place`-th store, from 1."""
    return f"store-{place:02d}"


def write_coalition(
    path: Path, stores: int, members: Iterable[Joining] = (), floor: Floor | None = None, static_daily_points: int = 0
) -> None:
    """`static_daily_points`: what a plain card may redeem a day."""
    programme = str(data("programmes") / "supermarket.toml")
    tables = [_line("name", "测量联盟")]
    tables += _table("merchant", {"id": MERCHANT, "name": "青穗超市", "programme": programme})
    for place in range(1, stores + 1):
        store: dict[str, object] = {
            "id": store_id(place), "merchant": MERCHANT, "name": f"{place}号店", "industry": "supermarket",
            "static_daily_points": static_daily_points,
            "floor": (floor or Floor())._asdict() | {"balance_age_s": 400 * 86_400},
        }  # fmt: skip
        tables += _table("store", store)
        tables += _table("store.staff", {
            "staff": MANAGER, "name": "赵敏", "roles": ["cashier", "supervisor", "manager"], "pin": MANAGER_PIN,
        })  # fmt: skip
    for joining in members:
        tables += _table("member", {"member": joining.member, "name": "赵钱孙", "tier": joining.tier})
        if joining.points:
            tables += _table("member.opening", {"points": joining.points, "issuer": MERCHANT})
    path.write_text("\n".join(tables) + "\n", encoding="utf-8")


def _table(name: str, values: Mapping[str, object]) -> list[str]:
    return ["", f"[[{name}]]", *(_line(key, value) for key, value in values.items())]


def _line(key: str, value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(_line(name, part) for name, part in value.items())
        return f"{key} = {{ {inner} }}"
    # A JSON string, integer or list of strings is a TOML one too.
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
