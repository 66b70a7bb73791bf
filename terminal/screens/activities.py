"""What the member has finished, a questionnaire or a training: chosen from a list, it earns with the sale booked next."""

from __future__ import annotations

from collections.abc import Iterator

from points import Text, counted
from points.counts import done
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _, either
from terminal.screens.base import TillScreen


def choose_activity(screen: TillScreen[None]) -> None:
    """Of those that he has not finished before; one that is chosen already is taken back."""
    entries = list(_entries(screen))
    if screen.work.draft.member is None:
        screen.refuse_code("no-member")
    elif not entries:
        screen.say(_("This member has finished all of them"))
    else:
        screen.app.push_screen(
            Menu(_("What has the member finished?"), entries), lambda chosen: _chosen(screen, chosen)
        )


def _entries(screen: TillScreen[None]) -> Iterator[Entry[str]]:
    member, programme = screen.work.draft.member, screen.counter.store.programme
    for rule in programme.activity_rules:
        if member is not None and not member.counts.get(done(rule.activity)):
            points: Text = counted(programme.kind_by_code[rule.kind], rule.points, is_signed=True)
            mark = "  *" if rule.activity in screen.work.draft.activities else ""
            yield Entry(f"{either(rule.name)}  {either(points)}{mark}", rule.activity)


def _chosen(screen: TillScreen[None], activity: str | None) -> None:
    if activity is not None:
        screen.work.draft = screen.work.draft.with_activity(activity)
