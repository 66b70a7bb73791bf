"""What is said of this machine: its files, its scanner, its receipt printer (docs/technician.md explains every code)."""

from __future__ import annotations

from typing import Final

from terminal.i18n import msg

FILES: Final = {
    "another-till": msg("Another till is running in this folder. Close it first."),
    "storage": msg("The till's files cannot be used. Tell the technician; taking money is not affected."),
    "storage-full": msg(
        "The till's disk is full: no points for now. Tell the manager; taking money is not affected."
    ),
    "storage-failed": msg(
        "The till's disk has failed: no points for now. Call the technician; money is not affected."
    ),
    "journal-damaged": msg("The till's journal is damaged. Stop here, call the technician: till journal export."),
    "cache-full": msg("The till's disk is full: balances stay as they are. Sales go on; tell the technician."),
    "cache-failed": msg("Balances cannot be refreshed on this till. Sales go on; tell the technician."),
    "cache-damaged": msg("The till's data are being loaded again. Please wait a minute."),
    "newer-schema": msg("A newer version has written these files. Tell the technician to update the program."),
}

DEVICES: Final = {
    "device": msg("The device has a problem. Tell the technician."),
    "port": msg("The scanner's port has a problem. Tell the technician."),
    "no-printer": msg("This till has no receipt printer. A technician assigns one (till printer assign)."),
    "printer-missing": msg(
        "The receipt printer is not there. Check its cable and power; receipts come by themselves then."
    ),
    "printer-silent": msg(
        "The receipt printer does not answer: is it switched on? Receipts come by themselves then."
    ),
    "printer-paper-out": msg("The receipt printer has no paper. Put some in; receipts come by themselves then."),
    "printer-cover-open": msg("The receipt printer is open. Close it; receipts come by themselves then."),
    "printer-offline": msg("The receipt printer is paused. Press its button; receipts come by themselves then."),
    "printer-fault": msg(
        "The receipt printer reports a fault. Switch it off and on; a jam in the cutter is the usual cause."
    ),
    "printer-stalled": msg(
        "The receipt printer takes no more data. Check paper and power; receipts come by themselves then."
    ),
    "printer-forbidden": msg("This account may not use the receipt printer. Tell the technician."),
    "printer-taken": msg("Another program uses the receipt printer. Close it."),
    "report-given-up": msg("The report was not printed: the printer was not ready. F8, then F7 prints it."),
    "receipt-given-up": msg("Receipt {seq} was not printed: the printer was not ready. F7 twice prints it again."),
    "printer-paper-low": msg("The receipt printer's paper is nearly at its end."),
    "display-missing": msg("The customer display is not there. Check its cable; sales go on."),
    "display-stalled": msg("The customer display takes no more data. Check its power; sales go on."),
    "display-forbidden": msg("This account may not use the customer display. Tell the technician; sales go on."),
    "display-taken": msg("Another program uses the customer display. Close it; sales go on."),
    "screen-taken": msg("Another program uses the number of the second screen. Tell the technician; sales go on."),
    "pin-pad-missing": msg("The member's keypad is not there. Check its cable, or scan the member's code."),
    "pin-pad-stalled": msg("The member's keypad takes no data. Check its power, or scan the member's code."),
    "pin-pad-forbidden": msg(
        "This account may not use the member's keypad. Scan the member's code; tell the technician."
    ),
    "pin-pad-taken": msg("Another program uses the member's keypad. Close it, or scan the member's code."),
    "scanner-back": msg("The scanner is there again."),
    "scanner-moved": msg("The scanner is there again, in another socket."),
    "register-back": msg("The cash register gets scans again."),
    "register-missing": msg(
        "The line to the cash register is not there: it gets no scans. Check the cable, then scan again."
    ),
    "register-stalled": msg("The cash register takes no scans. Is its program open? Then scan again."),
    "register-forbidden": msg("This account may not use the line to the cash register. Tell the technician."),
    "register-taken": msg("Another program uses the line to the cash register. Close it, then scan again."),
    "register-trouble": msg("The line to the cash register has a problem. Tell the technician."),
    "register-is-scanner": msg("The scanner's own port cannot be the cash register's. Choose another one."),
    "port-missing": msg("The scanner is not there. Check its cable; it comes back by itself."),
    "port-socket-empty": msg("The scanner's USB socket is empty. Put the plug back into the one where it was."),
    "port-exchanged": msg("Another scanner of this model is plugged in. Technician: F9, Devices, F2 takes it."),
    "port-other-model": msg(
        "Another device is in the scanner's USB socket. Put the scanner back there, or tell the technician."
    ),
    "port-ambiguous": msg(
        "Two devices look like the scanner. Put it back into its own USB socket, or tell the technician."
    ),
    "port-shared": msg("Another program reads the scanner too: codes come in pieces. Close that program."),
    "port-forbidden": msg("This account may not open the port. Technician: add it to the group dialout."),
    "port-taken": msg("Another program uses the scanner's port. Close it."),
    "port-invalid": msg("This does not name a port."),
    "setting-refused": msg("The port refuses the settings of this profile. Choose another one."),
    "port-stalled": msg("The scanner takes no more data. Check its handshake setting."),
    "port-gone": msg("The scanner is unplugged. Check its cable; it comes back by itself."),
    "profile-bad": msg("A scanner profile cannot be read. Tell the technician."),
    "profile-unknown": msg("There is no such scanner profile."),
    "qr-too-long": msg("This is too long for a QR code on this screen."),
    "scanner-state": msg("The scanner is not ready. Assign it once more."),
}

MACHINE: Final = FILES | DEVICES
