"""`till journal`: what happened at this till, from its own evidence. Works while the counter is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from points.sentences import Sentence
from till.commands.options import Exit, Place, end, json_option, open_journal, pass_place, say, with_journal
from till.i18n import _, of_rules
from till.outcome_words import in_words

if TYPE_CHECKING:
    from local_db.journal import JournalReader
    from protocol.chain_check import Witness
    from protocol.signing import Signed

_file_option = click.option(
    "--journal",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Another journal's file: of a terminal that has ended, or an export.",
)


@click.group()
def journal() -> None:
    """The journal of this till: verify it, read it, carry it away."""


@journal.command()
@click.option(
    "--receipt",
    "receipts",
    type=(click.IntRange(1), str),
    multiple=True,
    metavar="NUMBER CODE",
    help="What a receipt says: its number and its code. It proves everything up to it.",
)
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="TEXT",
    help="What somebody else has: a receipt's QR code (W1 ...), a checkpoint of the ledger, or a file with such lines.",
)
@click.option(
    "--mend",
    "is_mending",
    is_flag=True,
    help="First put right what lies beside the entries and can be told again. The counter must be closed.",
)
@_file_option
@json_option
@pass_place
@with_journal
def verify(
    place: Place, receipts: tuple[tuple[int, str], ...], witnesses: tuple[str, ...], is_mending: bool, file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Check every entry and the chain over them, and against witnesses; exit 1 when something contradicts."""
    if is_mending and file is not None:
        raise click.UsageError(_("--mend is for the journal of this till"))
    held = _read_witnesses(witnesses)
    if file is not None and not _is_database(file):
        if receipts:
            raise click.UsageError(_("an export is held against --witness"))
        document = _of_export(file, held)
    else:
        mended = _mend(place) if is_mending else []
        document = _of_journal(open_journal(place, file), place, receipts, held) | {"mended": mended}
    for key in ("findings", "mended"):
        document[key] = [_told(one) for one in document.get(key, ())]
    findings, mended = document["findings"], document["mended"]
    whole = _("{n} entries, the chain is whole").format(n=document["entries"])
    lines = [_("mended: {what}").format(what=one) for one in mended] + (findings or [whole])
    say(document, "\n".join(lines), as_json=as_json)
    if findings:
        end(Exit.FOUND)


def _told(finding: str) -> str:
    return finding.in_words(of_rules) if isinstance(finding, Sentence) else finding


def _of_journal(
    reader: JournalReader, place: Place, receipts: tuple[tuple[int, str], ...], held: list[Witness | Signed]
) -> dict[str, Any]:
    from sync.identity import load_identity
    from till.errors import NotPairedError
    from till.journal_proof import findings_of, is_signed, unsigned_head

    identity = load_identity(reader)
    if identity is None:
        raise NotPairedError(place.folder)
    findings = findings_of(reader, identity, held)
    findings += [said for seq, code in receipts if (said := _against(reader, identity.terminal, seq, code))]
    last = reader.last()
    if last is not None and not is_signed(last, identity):
        findings.append(unsigned_head(last))
    return {"entries": last.seq if last else 0, "findings": findings, "waiting": reader.waiting()}


def _of_export(file: Path, held: list[Witness | Signed]) -> dict[str, Any]:
    """A file of lines that proves itself: neither this till's journal nor its key is needed."""
    from protocol.journal_export import check_journal

    with file.open("rb") as lines:
        findings = list(check_journal(lines, held))
    with file.open("rb") as lines:
        count = sum(b'"line":"entry"' in line for line in lines)
    return {"entries": count, "findings": findings}


def _is_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(16) == b"SQLite format 3\0"


def _read_witnesses(texts: tuple[str, ...]) -> list[Witness | Signed]:
    from protocol.chain_check import read_witnesses

    found: list[Witness | Signed] = []
    for text in texts:
        is_file = len(text) < 256 and Path(text).is_file()
        said = read_witnesses(Path(text).read_text(encoding="utf-8", errors="replace") if is_file else text)
        if not said:
            raise click.UsageError(_("no witness in {text}").format(text=repr(text[:80])))
        found += said
    return found


def _mend(place: Place) -> list[str]:
    from contextlib import closing

    from local_db.connections import till_lock
    from local_db.journal import Journal

    open_journal(place).close()  # a folder without one stays without
    with till_lock(place.folder), closing(Journal.open(place.folder)) as opened:
        return opened.mend()


def _against(reader: JournalReader, terminal: str, seq: int, code: str) -> str:
    """What a customer's receipt contradicts; empty where it agrees."""
    from protocol.chain import Head

    rows = reader.entries(seq, 1)
    if not rows or rows[0].seq != seq:
        return _("entry {seq}: a receipt has it, the journal has not").format(seq=seq)
    own = Head(terminal=terminal, seq=seq, hash=rows[0].hash.hex()).short_code
    if own == code.strip().upper():
        return ""
    return _("entry {seq}: the receipt's code is {code}, the journal's {own}").format(seq=seq, code=code, own=own)


@journal.command()
@click.option("--from", "first", default=0, help="From this seq on; default: the last 20.")
@click.option("--limit", default=20, show_default=True)
@_file_option
@json_option
@pass_place
@with_journal
def show(place: Place, first: int, limit: int, file: Path | None, as_json: bool) -> None:
    """Print entries with what has become of them."""
    reader = open_journal(place, file)
    last = reader.last()
    start = first or max(1, (last.seq if last else 0) - limit + 1)
    lines = list(_described(reader, start, limit))
    text = "\n".join(
        f"{line['seq']:>7}  {line['type']:<13}{line['member']:<12}{in_words(line['outcome'])}" for line in lines
    )
    say({"entries": lines}, text or _("no entries"), as_json=as_json)


def _described(reader: JournalReader, start: int, limit: int) -> Iterator[dict[str, Any]]:
    rows = reader.entries(start, limit)
    outcomes = reader.outcomes([row.seq for row in rows])
    for row in rows:
        outcome = outcomes.get(row.seq)
        described = f"{outcome.status} {outcome.reason}".strip() if outcome else "waiting"
        yield {
            "seq": row.seq, "id": str(row.id), "type": row.type, "member": row.member, "occurred_at": row.occurred_at,
            "hash": row.hash.hex(), "outcome": described, "payload": row.payload.decode(errors="replace"),
        }  # fmt: skip


@journal.command()
@click.argument("out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@_file_option
@pass_place
@with_journal
def export(place: Place, out: Path, file: Path | None) -> None:
    """Write all that is readable to FILE, one JSON line per entry: to carry to the ledger, or to keep as proof."""
    from local_db.export import export as write
    from sync.identity import load_identity
    from till.errors import NotPairedError

    reader = open_journal(place, file)
    identity = load_identity(reader)
    if identity is None:
        raise NotPairedError(place.folder)
    count = write(reader, out, identity.journal_line())
    click.echo(_("{n} entries written to {file}").format(n=count, file=out), err=True)
