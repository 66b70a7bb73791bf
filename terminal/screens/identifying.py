"""Who stands at the counter, once a code or a look-up has said so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from terminal.dialogs.ask import Ask
from terminal.i18n import _
from terminal.words import name_of

if TYPE_CHECKING:
    from terminal.screens.counter import CounterScreen
    from till.draft import MemberProof
    from till.members import MemberView


def take_member(
    screen: CounterScreen, member: MemberView, proof: MemberProof | None, then: Callable[[], None]
) -> None:
    """He is the member of this sale, and `then` goes on. The one who is already goes on as he is.

    Another one in the middle of a sale is asked for: two people of a queue hold out their phones, and points go to one.
    """
    work = screen.work
    before = work.draft.member

    def change() -> None:
        work.draft = work.draft.with_member(member, proof)
        then()

    def answered(is_right: bool | None) -> None:
        if is_right:
            change()

    if before is not None and before.member == member.member:
        then()
    elif before is None or not work.has_begun:
        change()
    else:
        question = _("This sale is {before}'s. Change it to {member}? Amount and products stay").format(
            before=name_of(before), member=name_of(member)
        )
        screen.app.push_screen(Ask(question, yes=_("Change"), no=_("Keep the first")), answered)
