"""What this coalition forbids its merchants to give points for, or for points, beyond what is always forbidden."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from ledger.problems import DocumentError
from ledger.rule_words import in_both
from ledger.schema import Setting
from points.errors import ProgrammeError
from points.natures import Forbidden, read_forbidden

_KEY = "forbidden"


def forbidden(connection: Connection) -> tuple[Forbidden, ...]:
    """The list as it was set last; empty in books that were told none."""
    found = connection.execute(select(col(Setting.value)).where(col(Setting.key) == _KEY)).scalar_one_or_none()
    return tuple(Forbidden.model_validate(one) for one in json.loads(found)) if found else ()


def set_forbidden(connection: Connection, listed: Sequence[Forbidden]) -> None:
    """Replace the list. Programmes that are published stay; the next version of each is checked against it."""
    connection.execute(delete(Setting).where(col(Setting.key) == _KEY))
    value = json.dumps([one.model_dump(mode="json") for one in listed], ensure_ascii=False)
    connection.execute(insert(Setting).values(key=_KEY, value=value))


def forbidden_in(tables: Sequence[object], source: str) -> tuple[Forbidden, ...]:
    """From the ``[[forbidden]]`` tables of a coalition file. Raises `DocumentError`."""
    try:
        return read_forbidden(tables, source)
    except ProgrammeError as error:
        raise DocumentError("", "", in_both(error.said)) from None
