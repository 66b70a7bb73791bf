"""A member's vouchers, each with a code of its own: good once, until its last day, for whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection
from starlette.responses import Response

from ledger import rows
from ledger.clock import day_of
from ledger.drawing import svg
from ledger.pages.visit import Visit
from ledger.programmes import kind_names
from ledger.vouchers import Held, held_by
from points.fields import Text
from points.forms import LadderBase, Reward
from points.programme import Programme
from protocol.voucher_codes import make

CODE_VERSION = 8
MOST_CODES = 24
"""Of what one purchase gave: more than that nobody hands out one by one."""


class Use(NamedTuple):
    """What a voucher is good for, and at which merchant."""

    reward: Text
    merchant: str


def uses_of(connection: Connection, programmes: Sequence[Programme], now_us: int) -> dict[str, list[Use]]:
    """By kind: of those that are issued as vouchers, and of which one piece buys something today."""
    today = date.fromisoformat(day_of(now_us))
    names: dict[str, str] = dict(rows.fetch(connection, "SELECT merchant, name FROM merchant"))
    issued = {kind for programme in programmes for kind in programme.issued_kinds}
    found: dict[str, list[Use]] = {}
    for programme in programmes:
        for reward in programme.rewards:
            is_had = _takes_one(reward) and reward.is_on(today)
            for kind in reward.kinds if is_had else ():
                if kind in issued:
                    use = Use(reward.name, names.get(programme.merchant, programme.merchant))
                    found.setdefault(kind, []).append(use)
    return found


def _takes_one(reward: Reward) -> bool:
    return (reward.minimum_points if isinstance(reward, LadderBase) else reward.points) == 1


def vouchers(visit: Visit) -> Response:
    """All that he has, those that end first at the front."""
    with visit.service.database.read() as connection:
        current = visit.service.programmes.current(connection)
        uses = uses_of(connection, current, visit.now_us)
        held = _held(connection, visit, uses)
    return visit.page("vouchers.html", held=held, uses=uses, kinds=kind_names(current))


def voucher(visit: Visit) -> Response:
    """One, by the nonce of its code; who looks for one that is used sees what is left."""
    with visit.service.database.read() as connection:
        current = visit.service.programmes.current(connection)
        uses = uses_of(connection, current, visit.now_us)
        held = _held(connection, visit, uses)
    for one in held:
        for code in one.codes:
            if code.nonce == visit.argument:
                drawing = ""
                with suppress(ValueError):  # a number of a member that has no room in it
                    key = visit.service.keys.current(visit.now_us).private
                    drawing = svg(make(code, key), CODE_VERSION)
                return visit.page(
                    "voucher.html", kind=one.kind, code=code, drawing=drawing, uses=uses[one.kind],
                    kinds=kind_names(current),
                )  # fmt: skip
    return visit.go("/vouchers")


def _held(connection: Connection, visit: Visit, uses: dict[str, list[Use]]) -> list[Held]:
    today = day_of(visit.now_us)
    held = held_by(connection, visit.member, uses, MOST_CODES)
    return [one for one in held if one.codes and not one.codes[0].is_over(today)]
