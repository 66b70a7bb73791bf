"""The scanner beeps what the counter thinks of a code: two beeps that mean two things would confuse who stands there."""

from __future__ import annotations

from protocol.codes import member_code
from tests.terminal.stage import MEMBER, MILK, Stage


async def test_a_code_that_is_taken_beeps_good_and_one_that_is_refused_beeps_bad(stage: Stage) -> None:
    """A member and a product; then a code of nobody, and one that pays."""
    async with stage.run():
        await stage.sign_in("1023")
        for code in (member_code(MEMBER), MILK, "NOTHING-OF-OURS"):
            await stage.scan(code)
        assert stage.scanner.beeps == [True, True, False]


async def test_a_scan_that_a_screen_has_no_use_for_beeps_bad(stage: Stage) -> None:
    """While nobody is signed in."""
    async with stage.run():
        await stage.scan(MILK)
        assert stage.scanner.beeps == [False]
