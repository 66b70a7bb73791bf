"""主管授权 on the screen: why by its number, then the supervisor's number and PIN; the cashier stays signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.documents import ApprovalPolicy
from terminal.dialogs.approve import Approve
from terminal.dialogs.menu import Menu
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from tests.desks import payloads
from tests.terminal.stage import Stage, make_stage
from till import i18n

POLICY = ApprovalPolicy(redemption_points=200, void_minutes=10)


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Stage]:
    """A store that keeps large redemptions and late voids from its cashiers."""
    made = make_stage(tmp_path / "strict", approvals=POLICY)
    yield made
    made.close()
    i18n.use("en")


async def late_void(stage: Stage, staff: str) -> None:
    """Sold, eleven minutes ago; F3, and a yes to the question."""
    await stage.sign_in(staff)
    await stage.scan_member()
    await stage.press("10\n")
    await stage.until(lambda: len(payloads(stage.desk.desk)) == 2)
    stage.desk.clocks.pass_s(11 * 60)
    await stage.press("{f3}{f2}")
    await stage.until(lambda: stage.shows(Menu))


async def test_a_late_void_with_the_pin_of_a_supervisor(strict: Stage) -> None:
    """The reason by its number, his number, his PIN: voided, and the cashier goes on."""
    async with strict.run():
        await late_void(strict, "1023")
        assert "late void" in strict.said()
        await strict.press("2")
        await strict.until(lambda: strict.shows(Approve))
        await strict.press("1001\n1001\n")
        await strict.until(lambda: strict.shows(CounterScreen) and len(payloads(strict.desk.desk)) == 3)
        void = payloads(strict.desk.desk)[-1]
        assert (void["type"], void["by"]) == ("void", "1023")
        assert void["approval"] == {"allows": ["void"], "by": "1001", "how": "pin", "reason": "mistake"}
        assert "Taken back" in strict.said()


async def test_a_wrong_pin_is_typed_anew_and_esc_does_nothing(strict: Stage) -> None:
    """The tries that are left are said; nothing is written."""
    async with strict.run():
        await late_void(strict, "1023")
        await strict.press("1")
        await strict.until(lambda: strict.shows(Approve))
        await strict.press("1001\n9999\n")
        await strict.until(lambda: "4 tries left" in strict.said())
        await strict.press("{escape}")
        await strict.until(lambda: strict.shows(CounterScreen))
        assert len(payloads(strict.desk.desk)) == 2


async def test_a_scanned_card_names_and_the_pin_proves(strict: Stage) -> None:
    """The card fills the number in; without the PIN nothing happens; with it the entry says that the card was there."""
    async with strict.run():
        await late_void(strict, "1023")
        await strict.press("1")
        await strict.until(lambda: strict.shows(Approve))
        await strict.scan("1001")
        await strict.press("\n")
        await strict.settle()
        assert strict.shows(Approve)
        await strict.press("1001\n")
        await strict.until(lambda: len(payloads(strict.desk.desk)) == 3)
        assert payloads(strict.desk.desk)[-1]["approval"]["how"] == "card"


async def test_the_manager_himself_is_asked_why_and_no_pin(strict: Stage) -> None:
    """A one-person shop: one key more, and it says that he approved it himself."""
    async with strict.run():
        await late_void(strict, "1001")
        await strict.press("3")
        await strict.until(lambda: len(payloads(strict.desk.desk)) == 3)
        approval = payloads(strict.desk.desk)[-1]["approval"]
        assert (approval["by"], approval["how"], approval["reason"]) == ("1001", "self", "no-code")


async def test_a_reason_in_words_and_no_phone_number_in_it(strict: Stage) -> None:
    """`Something else` asks for words, and refuses a phone number with a sentence."""
    async with strict.run():
        await late_void(strict, "1001")
        await strict.press("7")
        await strict.until(lambda: strict.shows(Approve))
        await strict.press("rang 13900000001\n")
        await strict.until(lambda: "No phone or card numbers" in strict.said())
        await strict.press("{ctrl+u}gone home\n")
        await strict.until(lambda: len(payloads(strict.desk.desk)) == 3)
        assert payloads(strict.desk.desk)[-1]["approval"]["words"] == "gone home"


async def test_a_large_redemption_is_approved_before_the_member_proves_himself(strict: Stage) -> None:
    """F2 on the page with the terms asks the supervisor; then F2 once more redeems."""
    async with strict.run():
        await strict.sign_in("1023")
        await strict.scan(strict.dynamic_code())
        await strict.press("128.50{f2}3")
        await strict.until(lambda: strict.shows(DisclosureScreen))
        await strict.press("{f2}")
        await strict.until(lambda: strict.shows(Menu))
        await strict.press("1")
        await strict.until(lambda: strict.shows(Approve))
        await strict.press("1001\n1001\n")
        await strict.until(lambda: strict.shows(DisclosureScreen) and "Approved by 1001" in strict.said())
        await strict.press("{f2}")
        await strict.until(lambda: strict.shows(CounterScreen))
        sale = payloads(strict.desk.desk)[-1]
        assert (sale["approval"]["by"], sale["redemptions"][0]["points"]) == ("1001", 300)
