"""What is said when there is no exchange with the ledger, or a till has ended: to the counter, and by the commands.

A sentence for a code says what happened and what would help. They lie in this room because commands say them too.
"""

from __future__ import annotations

from typing import Final

from till.i18n import _, msg

LEDGER: Final = {
    "enrolment-unreadable": msg("Not an enrolment code. Copy the whole line that begins with E1."),
    "enrolment-unknown": msg("The ledger does not know this enrolment code. Ask for a new one."),
    "enrolment-used": msg("This enrolment code was used for another till. Ask for a new one."),
    "enrolment-expired": msg("This enrolment code has expired. Ask for a new one."),
    "already-enrolled": msg("This computer is a till already."),
    "bad-answer": msg("The ledger's answer makes no sense. Tell the technician."),
    "unplugged": msg("The network cable is not plugged in."),
    "dns": msg("The ledger's name is not found. Check the network."),
    "certificate-time": msg("The clock and the ledger's certificate do not agree. Set the clock."),
    "certificate": msg("The ledger's certificate is not trusted. Tell the technician."),
    "no-answer": msg("The ledger does not answer."),
    "portal": msg("The Wi-Fi wants a log-in. Tell the technician."),
    "not-the-ledger": msg("Somebody else answers in the ledger's place. Tell the technician."),
    "not-recognised": msg("The ledger does not know this till. Tell the technician."),
    "server-error": msg("The ledger has a problem of its own. It is tried again."),
    "too-many": msg("The ledger is busy. It is tried again."),
    "revoked": msg("This till was revoked: no points here. Tell the manager; pair it anew: F9."),
    "terminal-revoked": msg("This till was revoked: no points here. Tell the manager; pair it anew: F9."),
    "terminal-lost": msg("This till was declared lost: no points here. Tell the manager; pair it anew: F9."),
    "terminal-retired": msg("This till was retired: no points here. Tell the manager; pair it anew: F9."),
    "key-unreadable": msg("The key of this till is gone; its journal is kept. Technician: pair it anew (F9)."),
    "version": msg("This program is too old for the ledger. Tell the technician."),
    "journal-behind": msg("The files are an older copy: no points here. Technician: pair this till anew (F9)."),
    "journal-forked": msg(
        "The ledger has another journal of this till: no points here. Technician: pair it anew (F9)."
    ),
    "journal": msg("The ledger has another journal of this till: no points here. Technician: pair it anew (F9)."),
    "refused": msg("The ledger refuses. Tell the technician; the log says why."),
    "protocol": msg("What was received cannot be believed. Tell the technician."),
}

STORE_TILLS: Final = {
    "end-till-pin": msg("The ledger says: staff number or PIN is wrong."),
    "end-till-role": msg("Only a technician or the manager of this store ends a till."),
    "end-till-ended": msg("This till has ended already."),
    "unknown-terminal": msg("This store has no such till."),
    "retire-shift-open": msg(
        "A shift is open at this till. Close it first (F8): points set aside here go back with it."
    ),
    "support-not-written": msg("The file could not be written: {why}. Free some space; or run: till support FILE."),
    "retire-waiting": msg("{waiting} entries are not sent yet. Wait for the network first: till sync now."),
}


def sentence_for(code: str, **facts: object) -> str:
    """The sentence for a code, or the code where it has none."""
    known = (LEDGER | STORE_TILLS).get(code)
    return _(known).format(**facts) if known else code


def said_of(error: Exception) -> str:
    """Of a refusal or of a failed exchange."""
    code = str(getattr(error, "code", "") or getattr(error, "cause", "") or "protocol")
    return sentence_for(code, **(getattr(error, "facts", None) or {}))
