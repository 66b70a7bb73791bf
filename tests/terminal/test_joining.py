"""办会员 by keys: ten seconds, a sentence, and the sale goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from protocol.phone_keys import phone_key
from terminal.dialogs.join import Join
from terminal.dialogs.look_up import LookUp
from terminal.screens.counter import CounterScreen
from tests.desks import member_row
from tests.terminal.stage import MILK, ONLINE, OTHER, Stage, make_stage
from tests.terminal.test_sale import sales

NUMBER, PHONE = "2000000001", "13800001234"
MOST_KEYS = 14
"""F5, eleven digits, Enter, F2. With an amount and Enter behind it the sale has earned."""


@pytest.fixture
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """王芳 at the counter of a till that has a number for a new member, and no network."""
    made = make_stage(tmp_path_factory.mktemp("till"))
    made.desk.put_members(
        member_row(OTHER, 40, name="李*", last4="8888", phone_key=phone_key("13900008888", bytes(16)))
    )
    made.desk.give_numbers(NUMBER)
    async with made.run():
        await made.sign_in("1023")
        yield made
    made.close()


async def to_the_sentence(stage: Stage, phone: str = PHONE) -> None:
    await stage.press(f"{{f5}}{phone}\n")
    await stage.until(lambda: stage.shows(Join))


async def test_a_new_member_in_fourteen_keys(stage: Stage) -> None:
    """A phone that nobody has, the sentence, yes; and what was scanned before earns for him."""
    await stage.scan(MILK)
    keys = ["{f5}", *PHONE, "\n", "{f2}"]
    assert len(keys) == MOST_KEYS
    await stage.press("".join(keys[:-1]))
    await stage.until(lambda: stage.shows(Join))
    assert "138 0000 1234" in stage.said()
    assert "青穗超市 may keep your phone number" in stage.said()
    assert "The ledger was not asked" in stage.said()
    await stage.press(keys[-1])
    await stage.until(lambda: stage.shows(CounterScreen) and "New member: this sale earns already" in stage.said())
    await stage.press("\n")
    await stage.until(lambda: bool(sales(stage)))
    assert [(sale["member"], sale["gross_fen"]) for sale in sales(stage)] == [(NUMBER, 650)]


async def test_the_name_is_masked_at_once(stage: Stage) -> None:
    """Typed in full, shown and kept as every name is."""
    await to_the_sentence(stage)
    await stage.press("王小明{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "王*明 ends 1234" in stage.said()


async def test_enter_agrees_to_nothing(stage: Stage) -> None:
    """Whoever presses Enter by habit has made nobody a member."""
    await to_the_sentence(stage)
    await stage.press("\n\n")
    assert "The member agrees: F2" in stage.said()
    assert stage.desk.desk.journal.of_type("joined", 1) == []


async def test_another_number_is_typed_after_esc(stage: Stage) -> None:
    """He reads it back and it was wrong."""
    await to_the_sentence(stage)
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(LookUp))
    await stage.press("13800001235\n")
    await stage.until(lambda: stage.shows(Join))
    assert "138 0000 1235" in stage.said()


async def test_what_happens_meanwhile_is_shown_below_both_dialogs(stage: Stage) -> None:
    """Two of them lie on the counter: neither hands it to the other."""
    await to_the_sentence(stage)
    await stage.go(ONLINE)
    assert stage.shows(Join)
    await stage.press("{escape}{escape}")
    await stage.until(lambda: "Offline" not in stage.said())


async def test_f2_twice_makes_one_member(stage: Stage) -> None:
    """A key that bounces."""
    await to_the_sentence(stage)
    await stage.press("{f2}{f2}")
    await stage.until(lambda: not stage.shows(Join))
    await stage.settle()
    assert len(stage.desk.desk.journal.of_type("joined", 5)) == 1


async def test_without_a_number_it_is_not_offered(stage: Stage) -> None:
    """The second one to join: the sentence for a phone that nobody has, as it was."""
    await to_the_sentence(stage)
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))
    await stage.press("{escape}{f5}13800001299\n")
    await stage.until(lambda: "Not found offline" in stage.said())
    assert stage.shows(LookUp)


async def test_who_was_asked_for_by_something_else_does_not_join(stage: Stage) -> None:
    """A member number is no phone."""
    await stage.press("{f5}1999999999\n")
    await stage.until(lambda: "Not found offline" in stage.said())
    assert stage.shows(LookUp)


async def test_in_the_middle_of_another_members_sale_it_asks(stage: Stage) -> None:
    """He who stands there is not replaced in silence."""
    await stage.scan_member(OTHER)
    await stage.scan(MILK)
    await to_the_sentence(stage)
    await stage.press("{f2}")
    await stage.until(lambda: "This sale is 李*'s" in stage.said())
