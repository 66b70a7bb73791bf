"""The business day at the counter: a restaurant whose day ends at five."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from protocol.ids import bucket_of, new_id
from tests.desks import TestDesk, grants, member_row, payloads
from tests.till.test_redeeming import wanting
from tests.till.test_selling import identified
from till import i18n
from till.counter import Counter
from till.draft import MemberProof, SaleDraft
from till.redeeming import redeem_and_commit, standing
from till.report_sections import report_sections
from till.report_words import all_rows
from till.selling import commit_sale, quote_draft
from till.shift_report import shift_report
from till.shifts import close_shift
from till.voiding import return_reservation, void_sale

Make = Callable[..., TestDesk]
TO_TWO_AT_NIGHT_S = 14 * 3_600
TO_FIVE_S = 3 * 3_600
TODAY, TOMORROW = "2026-09-15", "2026-09-16"


def late_desk(desk_with: Make, day_ends: str = "05:00") -> TestDesk:
    """At noon of the fifteenth, then two at night; the ledger was heard."""
    test = desk_with(members=[member_row(points=5_000)], day_ends=day_ends, static_daily_points=1_000)
    test.clocks.pass_s(TO_TWO_AT_NIGHT_S)
    return test


def test_every_entry_carries_the_day_of_its_moment(desk_with: Make) -> None:
    """Sale, void, return and closing: at two it is yesterday, at five today."""
    test = late_desk(desk_with)
    receipt = commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    void_sale(test.desk, test.manager, receipt.id)
    return_reservation(test.desk, new_id(0, bucket_of("1000000001"), 7), "1000000001")
    assert [entry["business_day"] for entry in payloads(test.desk)] == [TODAY] * 4
    test.clocks.pass_s(TO_FIVE_S)
    close_shift(test.desk, test.manager)
    assert payloads(test.desk)[-1]["business_day"] == TOMORROW


def test_the_report_of_a_shift_says_its_days(desk_with: Make) -> None:
    """A shift goes on past the end of a day: it is one shift, and says both."""
    test = late_desk(desk_with)
    assert shift_report(test.desk.journal, test.manager.shift).days == [TODAY]
    test.clocks.pass_s(TO_FIVE_S)
    commit_sale(test.desk, test.manager, identified(test).with_amount(100_00))
    report = shift_report(test.desk.journal, test.manager.shift)
    assert report.days == [TODAY, TOMORROW]
    i18n.use("zh-CN")
    counter = Counter(test.desk, lambda: None)  # type: ignore[arg-type,return-value]  # no link is asked for
    said = {row.label: row.value for row in all_rows(report_sections(report, None, counter.local))}
    assert said["营业日"] == "2026-09-15, 2026-09-16"


def test_the_wall_shows_the_time_and_the_rules_see_the_day(desk_with: Make) -> None:
    """What is earned at two at night ends as if it had been earned before midnight."""
    test, midnight = late_desk(desk_with), late_desk(desk_with, "00:00")
    counter = Counter(test.desk, lambda: None)  # type: ignore[arg-type,return-value]
    assert counter.local() == "2026-09-16 02:00:00"
    late, early = (quote_draft(one.desk, identified(one).with_amount(100_00)) for one in (test, midnight))
    assert late is not None
    assert early is not None
    ends = [
        award.expires_on.isoformat() for quoted in (late, early) for award in quoted.quote.awards if award.expires_on
    ]
    assert [one[-2:] for one in ends] == ["15", "16"]


def test_the_static_limit_is_that_of_the_stores_day(desk_with: Make) -> None:
    """Taken at noon it is taken at two at night, and whole again at five."""
    test = desk_with(members=[member_row(points=5_000)], day_ends="05:00", static_daily_points=1_000)
    test.ledger.answer = grants
    redeem_and_commit(test.desk, test.manager, by_card(test), is_online=True)
    test.clocks.pass_s(TO_TWO_AT_NIGHT_S)
    assert stands(test) == "pin"
    test.clocks.pass_s(TO_FIVE_S)
    assert stands(test) == ""


def by_card(test: TestDesk) -> SaleDraft:
    return replace(wanting(test), proof=MemberProof("static"))


def stands(test: TestDesk) -> str:
    draft = by_card(test)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    return standing(test.desk, draft, quoted.offers[0], 1_000, is_online=True).needs
