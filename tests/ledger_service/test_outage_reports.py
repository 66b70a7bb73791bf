"""What tills found when they tried whether they would survive an outage: the newest of each is kept, and told to its store."""

from __future__ import annotations

import msgspec

from ledger.enrolment import end
from protocol.outage import OutageCheck, OutageReport, OutageReports, Result
from tests.ledger_service.town import NOW_US, OTHER_STORE, SigningTill, Town

DAY_US = 86_400_000_000


def report(till: SigningTill, at: int, rehearsal: Result = "pass") -> OutageReport:
    check = OutageCheck(name="rehearsal", result=rehearsal, code=f"rehearsal-{rehearsal}")
    return OutageReport(
        terminal=till.terminal, terminal_name="02号机", at=at, version="1", result=rehearsal, checks=(check,)
    )


async def told(till: SigningTill) -> OutageReports:
    return (await till.ask("GET", "/v1/outage-reports")).read(OutageReports)


async def test_the_newest_report_of_each_till_is_told_to_its_store(town: Town) -> None:
    """In whatever order they come; who never tried it is named, who has ended and who stands elsewhere is not."""
    first, silent, gone, elsewhere = (
        town.till(),
        town.till(),
        town.till(),
        town.till(OTHER_STORE),
    )
    newest = report(first, NOW_US, "fail")
    for sent in (report(first, NOW_US - 2 * DAY_US), newest, report(first, NOW_US - DAY_US)):
        assert (await first.ask("POST", "/v1/outage-report", sent)).status == 200
    for other in (gone, elsewhere):
        assert (await other.ask("POST", "/v1/outage-report", report(other, NOW_US))).status == 200
    with town.database.write() as connection:
        end(connection, gone.terminal, "retired")
    assert await told(silent) == OutageReports(reports=(newest,), silent=(silent.terminal,))


async def test_when_a_rehearsal_passed_last_is_remembered(town: Town) -> None:
    """Also when the newest check failed, and when the one that passed comes late."""
    till = town.till()
    for sent in (report(till, NOW_US, "fail"), report(till, NOW_US - DAY_US), report(till, NOW_US - 2 * DAY_US)):
        await till.ask("POST", "/v1/outage-report", sent)
    with town.database.read() as connection:
        row = connection.exec_driver_sql("SELECT at, result, rehearsed_at FROM outage_report").one()
    assert tuple(row) == (NOW_US, "fail", NOW_US - DAY_US)


async def test_a_till_reports_for_itself_alone_and_within_bounds(town: Town) -> None:
    """Neither for another one nor without end."""
    till, other = town.till(), town.till()
    mine = report(till, NOW_US)
    for sent in (report(other, NOW_US), msgspec.structs.replace(mine, checks=mine.checks * 65)):
        assert (await till.ask("POST", "/v1/outage-report", sent)).status == 400
    assert (await told(till)).reports == ()
