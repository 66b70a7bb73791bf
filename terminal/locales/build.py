"""`python -m terminal.locales.build`: extract the messages, bring the catalogues up to date, compile them.

There are three: the counter's; that of the ledger's page for members, whose room is not imported here but read; and
that of what the lower rooms find wrong, which the counter's commands and the ledger both look up.

Needs Babel (development extra). With `--check` nothing is written: exit code 1 when something would change or is not
translated.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from till.i18n import DOMAIN, FOLDER


class Book(NamedTuple):
    """One catalogue: what it is called, where it lies, and the rooms whose messages are in it."""

    domain: str
    folder: Path
    rooms: tuple[Path, ...]


_LEDGER = Path(__file__).parents[2] / "ledger"
COUNTER: Final = Book(DOMAIN, FOLDER, (Path(__file__).parents[1], FOLDER.parent))
"""The screens, and what the commands print in the same words."""
PAGE: Final = Book("ledger", _LEDGER / "locales", (_LEDGER,))
_ROOT = Path(__file__).parents[2]
RULES: Final = Book(
    "points", _ROOT / "points" / "locales", tuple(_ROOT / room for room in ("points", "protocol", "local_db"))
)
"""What the lower rooms find wrong, with a programme or with a journal."""
BOOKS: Final = (COUNTER, PAGE, RULES)
METHODS: Final = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS: Final = {"_": None, "msg": None, "Sentence": None, "Wrong": None}
LANGUAGES: Final = ("zh_CN",)
WIDTH: Final = 118
UNDATED: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""So that the same messages compile to the same bytes on any day."""


def template(book: Book = COUNTER) -> Catalog:
    """All messages of the rooms, each with the files that use it."""
    catalog = Catalog(project=book.domain, charset="utf-8", fuzzy=False)
    for room in book.rooms:
        found = extract_from_dir(room, method_map=METHODS, keywords=KEYWORDS, comment_tags=())
        for file, _line, message, _comments, _context in sorted(found, key=lambda one: (one[0], one[1])):
            catalog.add(message, locations=[(f"{room.name}/{file}", 0)])
    return catalog


def po_file(language: str, book: Book = COUNTER) -> Path:
    """What translators edit."""
    return book.folder / language / "LC_MESSAGES" / f"{book.domain}.po"


def updated(language: str, book: Book = COUNTER) -> Catalog:
    """The catalogue of a language with exactly the messages of the rooms; what was translated stays so."""
    path = po_file(language, book)
    known = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    catalog = Catalog(locale=language, project=book.domain, charset="utf-8", fuzzy=False)
    for message in template(book):
        if message.id:
            said = known.get(message.id)
            # A message that changed needs a translator, not a guess.
            catalog.add(message.id, said.string if said else "", locations=message.locations)
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """The text of a catalogue, the same for the same messages."""
    text = io.BytesIO()
    write_po(
        text, catalog, width=WIDTH, omit_header=False, sort_output=False, include_lineno=False, ignore_obsolete=True
    )
    dated = ("POT-Creation-Date", "PO-Revision-Date")
    lines = [
        one for one in text.getvalue().decode().splitlines() if not one.startswith(tuple(f'"{d}' for d in dated))
    ]
    return ("\n".join(lines) + "\n").encode()


def as_mo(catalog: Catalog) -> bytes:
    """What gettext reads."""
    compiled = io.BytesIO()
    catalog.creation_date = catalog.revision_date = UNDATED
    write_mo(compiled, catalog)
    return compiled.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """Messages without a translation."""
    return [str(message.id) for message in catalog if message.id and not message.string]


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare."""
    stale: list[str] = []
    for language, book in product(LANGUAGES, BOOKS):
        catalog = updated(language, book)
        po = po_file(language, book)
        stale += [f"{language}: not translated: {message}" for message in missing(catalog)]
        text = as_po(catalog)
        # Compiled from what is read back, so that the two files say the same.
        compiled = as_mo(read_po(io.BytesIO(text), locale=language))
        for path, data in ((po, text), (po.with_suffix(".mo"), compiled)):
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            elif not path.exists() or path.read_bytes() != data:
                stale.append(f"{path.name} is not what the source says; run python -m terminal.locales.build")
    for line in stale:
        print(line, file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
