"""The replay itself, small: real tills, a real ledger process, invented trade."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from bench.replay import play as playing
from bench.replay.play import Replayed, play
from bench.replay.promises import differences
from bench.synthetic import synthetic_baskets
from ledger.database import Database


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """200 baskets at two tills."""
    return play(
        tmp_path_factory.mktemp("town"), "synthetic", synthetic_baskets(200, seed=3), 2, 3, lambda _text: None
    )


def test_receipts_and_ledger_agree(replayed: Replayed) -> None:
    """After outages and lost answers every receipt stands in the books, and every till shows what the ledger holds."""
    assert replayed.differences == []
    assert replayed.outages > 0


def test_everything_happens(replayed: Replayed) -> None:
    """The counts are of real trade: every basket a sale, some with rewards, every entry with an outcome."""
    assert replayed.sales == 200
    assert replayed.awarded > 1_000
    assert replayed.redeemed.get("online", 0) > 1_000
    assert sum(replayed.outcomes.values()) == replayed.entries
    assert replayed.booked == replayed.sales + replayed.voids
    assert replayed.shortfall <= replayed.redeemed.get("floor", 0)


def test_a_wrong_receipt_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One point less in the books than on one receipt is told."""

    def with_a_wrong_book(database: Database, *rest: object) -> list[str]:
        with database.write() as connection:
            connection.execute(
                text("UPDATE posting SET points = points + 1 WHERE account = 'issuance' AND entry IN"
                     " (SELECT id FROM entry WHERE type = 'sale' LIMIT 1)")
            )  # fmt: skip
        return differences(database, *rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(playing, "differences", with_a_wrong_book)
    found = play(tmp_path, "synthetic", synthetic_baskets(12, seed=5), 1, 5, lambda _text: None).differences
    assert any(sentence.startswith("receipt ") for sentence in found)
