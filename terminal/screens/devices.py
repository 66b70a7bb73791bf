"""The technician's screen: serial ports, scanner profiles, which is used, and every byte of a test scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import DataTable, RichLog, Static

from terminal import commands
from terminal.bridge import ask_apart
from terminal.commands import Command
from terminal.dialogs.ask import Ask
from terminal.dialogs.menu import Entry, Menu
from terminal.dialogs.template import TemplateDialog, take_template
from terminal.i18n import _, either
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.screens.keys import KeysScreen
from terminal.technician import Port, Profile, Question, Status, Technician
from terminal.text import cut, harmless
from terminal.widgets.panel import quiet, strong
from terminal.words import sentence
from till.events import Event, RawBytesRead, ScanFailed, ScannerChanged
from till.port_words import IN_USE, Seems, seems_text

MOST_LINES = 500
_Found = tuple[Sequence[Port], Sequence[Profile], Status]
KEYBOARD = ""
"""The port reference of a scanner that types."""


class _Unlisted(NamedTuple):
    """The port in use where the system does not list it: unplugged, a serial server, a path of its own."""

    ref: str
    seems: Seems
    description: str = ""
    usb_id: str = ""
    suggested: tuple[str, ...] = ()

    @property
    def device(self) -> str:
        """All that is known of it."""
        return self.ref


WIDTHS = (14, 9, 51)
"""Of the columns at 80."""


class DevicesScreen(TillScreen[None]):
    """Ports above, what comes from the scanner below. `card`: whose technician's card opened it; nobody is signed in by it."""

    KEYS: ClassVar = (
        commands.HELP, commands.ASSIGN, commands.MONITOR, commands.LISTEN, commands.REFRESH, commands.TEMPLATE,
        commands.SCANS, commands.TESTS, commands.MORE, commands.LOCK, commands.BACK,
    )  # fmt: skip
    AUTO_FOCUS = "DataTable"

    CSS = """
    DevicesScreen DataTable { height: 8; background: $background; }
    DevicesScreen Static { height: 2; padding: 0 1; }
    DevicesScreen RichLog { height: 1fr; border: $frame $rule; padding: 0 1; background: $background; }
    DevicesScreen RichLog { border-title-color: $quiet; }
    """

    def __init__(self, card: str = "") -> None:
        super().__init__()
        self._card = card
        self._ports: Sequence[Port] = ()
        self._profiles: Sequence[Profile] = ()
        self._is_monitored = False

    @property
    def _technician(self) -> Technician:
        technician = self.host.technician
        assert technician is not None
        return technician

    def body(self) -> ComposeResult:
        yield Static(markup=False)
        with Horizontal():
            yield DataTable[Text](cursor_type="row")
        yield RichLog(max_lines=MOST_LINES, min_width=0, markup=False, highlight=False, wrap=True)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in zip((_("Port"), _("USB"), _("Seems to be")), WIDTHS, strict=True):
            table.add_column(Text(label), width=width)
        self.query_one(RichLog).border_title = Content(_("Test scan"))
        self.next_line.step = _("Scan something to test; F2 assigns the chosen port, F3 shows raw bytes")
        if self._card:
            self.say(_("Technician's card: {name}. Nobody is signed in by it").format(name=self._card), "success")
        self._read_ports()

    def has_use(self, command: Command) -> bool:
        """A card opens this screen, and nothing that belongs to whoever is signed in."""
        return not self._card or command not in (commands.MORE, commands.LOCK)

    def on_unmount(self) -> None:
        """The monitor costs time on the scanner's thread."""
        if self._is_monitored:
            self._technician.monitor(on=False)

    # --- asked apart ---------------------------------------------------------------------------------------------------

    def action_refresh_ports(self) -> None:
        """F5: what was there may look the same afterwards, so it is said."""
        self._read_ports()
        self.say(_("The list of ports is read again"), "success")

    def _read_ports(self) -> None:
        technician = self._technician
        ask_apart(self, "ports", lambda: (technician.list_ports(), technician.profiles(), technician.status()))

    def on_answered(self, message: Answered) -> None:
        """Ports and status, or the status after an assignment."""
        if message.asked == "ports":
            found = cast("_Found", message.value)
            self._profiles = found[1]
            self._fill(found[0], found[2])
            self._show_status(found[2])
        elif message.asked == "status":
            self._show_status(cast("Status", message.value))
        elif message.asked == "test":
            for row in cast("list[str]", message.value):
                self._write(Content(harmless(row, 200)))
            self._read_ports()
        elif message.asked == "lines":
            self.say(_("Saved: {file}").format(file=harmless(str(message.value), 200)), "success")
        elif message.asked == "template":
            self.say(_("Set up by the template. Start the till anew, then printer and displays follow"), "success")
            self._read_ports()
        else:
            self.say(_("Assigned. Scan something to test it"), "success")
            self._read_ports()

    def on_declined(self, message: Declined) -> None:
        """Said, and the list is read again."""
        self.refuse(message.error)

    def _fill(self, ports: Sequence[Port], status: Status) -> None:
        chosen = self._chosen()
        is_listed = not status.port or any(port.ref == status.port for port in ports)
        self._ports = ports if is_listed else (_Unlisted(status.port, IN_USE), *ports)
        table = self.query_one(DataTable)
        table.clear()
        table.add_row(Text(_("keyboard wedge")), Text(""), Text(_("a scanner that types like a keyboard")))
        for port in self._ports:
            row = (
                harmless(port.device.removeprefix("device:").removeprefix("/dev/")),
                harmless(port.usb_id),
                seems_text(port),
            )
            table.add_row(*(Text(cut(text, width)) for text, width in zip(row, WIDTHS, strict=True)))
        # On what was chosen; at first on what is in use, so that F2 pressed once too often changes nothing.
        wanted = status.port if chosen is None else chosen
        table.move_cursor(row=next((row for row, port in enumerate(self._ports, start=1) if port.ref == wanted), 0))

    def _chosen(self) -> str | None:
        """The reference of the row with the cursor; None before there are any."""
        table = self.query_one(DataTable)
        row = table.cursor_row
        return None if not table.row_count else self._ports[row - 1].ref if 0 < row <= len(self._ports) else KEYBOARD

    def _show_status(self, status: Status) -> None:
        port = harmless(status.port) or _("keyboard wedge")
        state = _("ready") if status.is_online or not status.port else sentence(status.code or "port-missing")
        counted = _("{good} scans, {bad} errors").format(good=status.good_scans, bad=status.errors)
        first = Content.assemble(strong(_("Scanner") + "  "), port, "  ", quiet(harmless(status.profile)))
        self.query_one(Static).update(Content("\n").join([first, quiet(f"{state}  {counted}")]))

    # --- commands ------------------------------------------------------------------------------------------------------

    @on(DataTable.RowSelected)
    def action_assign(self) -> None:
        """F2: which profile, then it is used."""
        row = self.query_one(DataTable).cursor_row
        if row <= 0:
            self._assign(KEYBOARD, self._profiles[0].id if self._profiles else "")
            return
        port = self._ports[row - 1]
        fitting = [profile for profile in self._profiles if profile.id in port.suggested]
        others = [profile for profile in self._profiles if profile.id not in port.suggested]
        entries = [Entry(harmless(either(profile.name)), profile.id) for profile in (*fitting, *others)]
        self.app.push_screen(
            Menu(_("Which scanner?"), entries), lambda chosen: self._assign(port.ref, chosen) if chosen else None
        )

    def _assign(self, ref: str, profile: str) -> None:
        technician = self._technician
        ask_apart(self, "assign", lambda: technician.assign(ref, profile))

    def action_listen(self) -> None:
        """F4: on the chosen port, whatever it seems to be: listening sends nothing."""
        from terminal.screens.listening import ListenScreen

        row = self.query_one(DataTable).cursor_row
        if row <= 0:
            self.say(_("A scanner that types needs no port: scan, and the code is shown below"))
            return
        self.app.push_screen(ListenScreen(self._ports[row - 1]), self._listened)

    def _listened(self, is_assigned: bool | None) -> None:
        if is_assigned:
            self.say(_("Assigned. Scan something to test it"), "success")
        self._read_ports()

    def action_template(self) -> None:
        """F6."""
        self.app.push_screen(TemplateDialog())

    def action_scans(self) -> None:
        """F7."""
        from terminal.screens.scans import ScansScreen

        self.app.push_screen(ScansScreen())

    def action_tests(self) -> None:
        """F8: what may change the scanner is asked for by name."""
        questions: tuple[tuple[str, Question | None], ...] = (
            (_("Who it is: model, firmware"), "identify"),
            (_("Check, nothing changes"), "internal"),
            (_("Check with a beep"), "external"),
            (_("Check with a beep and a test scan"), "interactive"),
            (_("Lock programming codes"), "lock"),
            (_("Let programming codes work again"), "unlock"),
            (_("Press each key once"), None),
        )
        self.app.push_screen(
            Menu(_("Test"), [Entry(label, Entry("", asked)) for label, asked in questions]), self._test
        )

    def _test(self, chosen: Entry[Question | None] | None) -> None:
        if chosen is None:
            return
        question, bench = chosen.value, self.host.workbench
        if question is None:
            self.app.push_screen(KeysScreen(), self._pressed)
        elif bench is not None:
            self._write(quiet(_("Scan any code") if question == "interactive" else _("Asking the scanner")))
            ask_apart(self, "test", lambda: bench.ask(question))

    def _pressed(self, missing: str | None) -> None:
        if missing:
            self.say(_("These keys did not arrive: {keys}. Terminal or window keeps them").format(keys=missing))
        elif missing is not None:
            self.say(_("All keys arrive"), "success")

    def action_monitor(self) -> None:
        """F3."""
        self._is_monitored = not self._is_monitored
        self._technician.monitor(on=self._is_monitored)
        self._write(quiet(_("Raw bytes are shown") if self._is_monitored else _("Raw bytes are not shown any more")))
        if not self._is_monitored:
            question = _("Write what came over the line into a file? Long numbers are hidden in it.")
            self.app.push_screen(Ask(question, yes=_("Write"), no=_("No file")), self._save_lines)

    def _save_lines(self, is_wanted: bool | None) -> None:
        bench = self.host.workbench
        if is_wanted and bench is not None:
            ask_apart(self, "lines", bench.save_lines)

    def action_more(self) -> None:
        """F9."""
        from terminal.screens.more import open_more

        if not self._card:
            open_more(self)

    def action_lock(self) -> None:
        """F10."""
        if not self._card:
            self.host.lock()

    def action_back(self) -> None:
        """Esc: to the counter, or, for who only has this screen, out."""
        if self.app.screen_stack[-2:-1] and isinstance(self.app.screen_stack[-2], TillScreen):
            self.dismiss()
        else:
            self.host.lock()

    # --- what arrives --------------------------------------------------------------------------------------------------

    def code_read(self, text: str) -> None:
        """A template is asked for; a test scan is shown, counted, and used for nothing."""
        if take_template(self, text):
            return
        self._write(Content.assemble((_("Code") + "  ", "$success"), harmless(text)))
        ask_apart(self, "status", self._technician.status)

    def take(self, event: Event) -> None:
        super().take(event)
        match event:
            case RawBytesRead(data):
                self._write(quiet(f"{data.hex(' ')}   {_printable(data)}"))
            case ScanFailed(kind):
                self._write(Content.styled(sentence(kind), "$warning"))
            case ScannerChanged(is_online, code):
                self._write(
                    Content.styled(_("Scanner ready") if is_online else sentence(code or "port-gone"), "$warning")
                )
                self._read_ports()
            case _:
                pass

    def _write(self, content: Content) -> None:
        self.query_one(RichLog).write(Text(content.plain))


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)
