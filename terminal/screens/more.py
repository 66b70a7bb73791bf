"""F9: what is not needed in every sale."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

from terminal import i18n
from terminal.commands import MANAGERS
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.screens.homes import SELLING
from terminal.screens.store_tills import care_of
from terminal.text import harmless
from terminal.themes import THEMES
from till.appointments import is_booked
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from terminal.app import TillApp
    from till.shifts import Session

TECHNICIANS = ("technician",)
LOOK_AFTER = ("technician", "manager")


def open_more(screen: TillScreen[None]) -> None:
    """The menu, for whoever is signed in."""
    app = screen.host
    session = app.work.session if app.work else None
    entries: list[Entry[Callable[[], None]]] = [
        Entry(_("Language: 中文 / English"), lambda: _switch_language(app)),
        Entry(_("Theme: dark, light, high contrast, ASCII"), lambda: _next_theme(app)),
        Entry(_("What waits for a manager"), lambda: _open_quarantine(app)),
    ]
    if session is not None and is_one_of(session, MANAGERS):
        entries.append(Entry(_("What redeeming offline costs"), lambda: _open_floor_table(app)))
        entries += [_freeing(screen, session, one.staff) for one in screen.counter.pins.locked()]
    if session is not None and is_one_of(session, TECHNICIANS) and app.technician is not None:
        entries.append(Entry(_("Devices"), lambda: _open_devices(app)))
    if care_of(app) is not None and session is not None and is_one_of(session, LOOK_AFTER):
        entries.append(Entry(_("Tills of this store"), lambda: _open_store_tills(app)))
    if app.outages is not None and not screen.is_training and _may_examine(screen, session):
        entries.append(Entry(_("Will this till survive an outage?"), lambda: _open_outage(app)))
    if session is not None and is_one_of(session, MANAGERS) and not screen.is_training:
        entries.append(Entry(_("The whole store: its day over all tills"), lambda: _open_store_report(app)))
    entries += _of_sales(screen, session)
    if screen.is_training:
        entries.append(Entry(_("End the training"), screen.action_leave))
    elif app.train is not None and session is not None and not session.shift and is_one_of(session, MANAGERS):
        entries.append(Entry(_("Train: nothing counts"), lambda: _train(screen)))
    if app.train is not None and session is not None and not session.shift and is_one_of(session, SELLING):
        entries.append(Entry(_("First day: twelve tasks, three minutes"), lambda: _train(screen, is_tutorial=True)))
    if not screen.is_training:
        entries.append(Entry(_("Quit the program"), screen.action_leave))
    app.push_screen(Menu(_("More"), entries), lambda chosen: chosen() if chosen else None)


def _of_sales(screen: TillScreen[None], session: Session | None) -> list[Entry[Callable[[], None]]]:
    """What is done with customers, in an open shift."""
    entries: list[Entry[Callable[[], None]]] = []
    is_selling = session is not None and session.shift and is_one_of(session, SELLING)
    if is_selling:
        entries.append(Entry(_("My points are missing: look up a sale"), lambda: _trace(screen.host)))
        approvals = screen.counter.store.settings.approvals
        if approvals.late_credit_days:
            entries.append(Entry(_("Late credit: a sale that had no member"), lambda: _give(screen, "credit_late")))
        if approvals.manual_points:
            entries.append(Entry(_("Points by hand"), lambda: _give(screen, "give_by_hand")))
    programme = screen.counter.store.programme if is_selling else None
    if programme and programme.activity_rules:
        entries.append(Entry(_("Finished: questionnaire, training"), lambda: _choose_activity(screen)))
    if programme and any(is_booked(programme, reward.id) for reward in programme.rewards):
        entries.append(Entry(_("Services: booked, missed, done"), lambda: _open_services(screen.host)))
    if is_selling and screen.counter.store.settings.member_page:
        entries.append(Entry(_("Member's page: QR code"), lambda: _show_link(screen)))
    if is_selling and screen.counter.store.settings.households:
        entries.append(Entry(_("Household points"), lambda: _draw_from_household(screen)))
    return entries


def _freeing(screen: TillScreen[None], session: Session, staff: str) -> Entry[Callable[[], None]]:
    def free() -> None:
        try:
            screen.counter.pins.free(session, staff)
        except REFUSALS as error:
            screen.refuse(error)
        else:
            screen.say(_("{staff} may type the PIN again").format(staff=harmless(staff, 16)), "success")

    return Entry(_("Free the locked PIN of {staff}").format(staff=harmless(staff, 16)), free)


def _trace(app: TillApp) -> None:
    from terminal.screens.tracing import TracingScreen

    app.push_screen(TracingScreen())


def _give(screen: TillScreen[None], how: Literal["credit_late", "give_by_hand"]) -> None:
    from terminal.screens import giving

    getattr(giving, how)(screen)


def is_one_of(session: Session, roles: Iterable[str]) -> bool:
    """Whether who is signed in holds one of `roles`."""
    return any(role in session.roles for role in roles)


def _may_examine(screen: TillScreen[None], session: Session | None) -> bool:
    """Also who opened the devices with the technician's card, without being signed in."""
    from terminal.screens.devices import DevicesScreen

    return isinstance(screen, DevicesScreen) or (
        session is not None and is_one_of(session, (*MANAGERS, *TECHNICIANS))
    )


def _open_outage(app: TillApp) -> None:
    from terminal.screens.outage import OutageScreen

    app.push_screen(OutageScreen())


def _train(screen: TillScreen[None], *, is_tutorial: bool = False) -> None:
    from terminal.screens.training import TrainingScreen

    screen.host.push_screen(TrainingScreen(is_tutorial=is_tutorial))


def _switch_language(app: TillApp) -> None:
    app.speak("en" if i18n.language() == "zh-CN" else "zh-CN")


def _next_theme(app: TillApp) -> None:
    names = [theme.name for theme in THEMES]
    app.wear(names[(names.index(app.theme) + 1) % len(names)])


def _open_quarantine(app: TillApp) -> None:
    from terminal.screens.quarantine import QuarantineScreen

    app.push_screen(QuarantineScreen())


def _open_floor_table(app: TillApp) -> None:
    from terminal.screens.floor_table import FloorTableScreen

    app.push_screen(FloorTableScreen())


def _open_store_tills(app: TillApp) -> None:
    from terminal.screens.store_tills import StoreTillsScreen

    if (care := care_of(app)) is not None:
        app.push_screen(StoreTillsScreen(care))


def _open_store_report(app: TillApp) -> None:
    from terminal.screens.store_report import StoreReportScreen

    app.push_screen(StoreReportScreen())


def _choose_activity(screen: TillScreen[None]) -> None:
    from terminal.screens.activities import choose_activity

    choose_activity(screen)


def _open_services(app: TillApp) -> None:
    from terminal.screens.services import ServicesScreen

    app.push_screen(ServicesScreen())


def _show_link(screen: TillScreen[None]) -> None:
    from terminal.screens.linking import show_link

    show_link(screen)


def _draw_from_household(screen: TillScreen[None]) -> None:
    from terminal.screens.sharing import draw_from_household

    draw_from_household(screen)


def _open_devices(app: TillApp) -> None:
    from terminal.screens.devices import DevicesScreen

    app.push_screen(DevicesScreen())
