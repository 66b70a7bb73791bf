"""`till services`: the words of the screen, without a screen, and one JSON object for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Settings
from local_db.cache import CacheWriter
from points import Choice
from protocol.codes import member_code
from protocol.entries import Appointment
from protocol.feed import Balance
from tests.desks import MEMBER, documents_of, member_row
from tests.till.test_composition import Shop
from till import i18n
from till.cli import main
from till.composition import Till, open_till
from till.counter import Counter
from till.draft import SaleDraft
from till.scanning import MemberIdentified
from till.selling import commit_sale
from till.shifts import Session


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


def booked(till: Till, day: str) -> None:
    """A consultation of that day."""
    counter: Counter = till.counter
    session = counter.open_shift(Session("1001", "赵敏", ("manager",)))
    scanned = counter.scan(member_code(MEMBER), SaleDraft())
    assert isinstance(scanned, MemberIdentified)
    draft = SaleDraft().with_member(scanned.member, scanned.proof).with_choice(Choice("consult-issue", 20, "points"))
    draft = replace(draft, appointment=Appointment(at=f"{day}T14:30", by="1023"))
    commit_sale(counter._desk, session, draft, "online")


def said(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["--data-dir", str(folder), *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_it_lists_what_is_open(tmp_path: Path) -> None:
    """In columns, by when they are; one that was to be long ago is missed. It works while the counter is open."""
    shop = Shop(tmp_path)
    with closing(CacheWriter.open(tmp_path / "cache-1.db")) as cache:
        documents = documents_of(shop.working, "later")
        cache.put_documents(documents, [], len(documents))
        cache.apply([member_row(position=11, balances={"points": Balance(available=900)})], {}, set(), 0)
    with open_till(tmp_path, Settings()) as till:
        assert said(tmp_path, "--lang", "zh-CN", "services").strip() == "没有待完成的预约"
        booked(till, "2199-11-28")
        booked(till, "2021-03-01")
        lines = said(tmp_path, "--lang", "zh-CN", "services").splitlines()
        assert [line.split() for line in lines] == [
            ["2021-03-01", "14:30", "张*丰", "设计咨询", "王芳", "1023", "未到店"],
            ["2199-11-28", "14:30", "张*丰", "设计咨询", "王芳", "1023", "待到店"],
        ]
        assert "missed" in said(tmp_path, "--lang", "en", "services")
        told = json.loads(said(tmp_path, "services", "--json"))
        assert [(one["at"], one["state"], one["member"]) for one in told["services"]] == [
            ("2021-03-01T14:30", "missed", MEMBER),
            ("2199-11-28T14:30", "booked", MEMBER),
        ]
        assert json.loads(said(tmp_path, "services", "--all", "--json"))["services"] == told["services"]
