"""Commands that prepare what technicians carry to a shop."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.bundles import BundleWriter, new_archive, new_folder, put_installer, put_programme, read_wheels
from ledger.cli_people import terminal
from ledger.console import Console, command
from ledger.enrolment_files import answer_question
from ledger.sticks import put_beside, put_store, put_tills
from protocol.enrolment_files import MAX_BYTES

_file = click.Path(path_type=Path, exists=True, dir_okay=False)
_wheels = click.option(
    "--wheels", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the wheels of Till, of all it needs, and of pip.",
)  # fmt: skip
_locks = click.option(
    "--lock", "locks", required=True, multiple=True, type=_file,
    help="Files with the hashes that wheels may have: requirements.lock, pip.lock.",
)  # fmt: skip


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", required=True)
@click.option("--url", required=True, help="Where tills reach this ledger.")
@click.option("--name", "names", required=True, multiple=True, help="A till that it sets up: 01号机. Once for each.")
@_wheels
@_locks
@click.option("--template", type=_file, help="The store's template, of `till devices template --save`.")
@click.option("--python", type=_file, help="Python's installer for Windows, for machines without.")
@click.option("--days", type=click.IntRange(1, 30), default=7, show_default=True, help="How long the codes are good.")
@command
def stick(
    console: Console, folder: Path, store: str, url: str, names: tuple[str, ...], wheels: Path,
    locks: tuple[Path, ...], template: Path | None, python: Path | None, days: int,
) -> None:  # fmt: skip
    """Fill the new FOLDER of a USB stick that sets up tills of a store without a network."""
    keys = console.keys()
    ours, all_wheels = read_wheels(wheels, locks)
    with console.books() as database, new_folder(folder) as target:
        writer = BundleWriter(target)
        put_programme(writer, all_wheels)
        put_installer(writer, ours)
        put_store(writer, database, keys, store, lambda: console.now_us)
        put_beside(writer, template, python)
        put_tills(writer, database, keys, store, url, names, days, console.now_us)
        manifest = writer.seal(keys, "stick", ours.version, console.now_us, store)
    console.say(
        f"{len(manifest.files)} files in {folder}, Till {ours.version}, root key {keys.fingerprint}: write it on paper, not on"
        " the stick",
        folder=str(folder), files=len(manifest.files), version=ours.version, root=keys.fingerprint,
    )  # fmt: skip


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_wheels
@_locks
@command
def bundle(console: Console, file: Path, wheels: Path, locks: tuple[Path, ...]) -> None:
    """Write the new FILE that `till upgrade` takes."""
    keys = console.keys()
    ours, all_wheels = read_wheels(wheels, locks)
    with new_archive(file) as target:
        writer = BundleWriter(target)
        put_programme(writer, all_wheels)
        manifest = writer.seal(keys, "upgrade", ours.version, console.now_us)
    console.say(
        f"Till {ours.version} in {file}, root key {keys.fingerprint}",
        file=str(file), files=len(manifest.files), version=ours.version, root=keys.fingerprint,
    )  # fmt: skip


@terminal.command("answer")
@click.argument("question", type=_file)
@click.argument("answer", type=click.Path(path_type=Path, dir_okay=False))
@command
def terminal_answer(console: Console, question: Path, answer: Path) -> None:
    """Pair a till that has no network: its QUESTION was carried here, the ANSWER is carried back."""
    with question.open("rb") as file:
        data = file.read(MAX_BYTES)
    keys = console.keys()
    with console.books() as database, database.write() as connection:
        name, signed = answer_question(connection, keys, data, console.now_us)
    answer.write_bytes(signed)
    console.say(f"{name} is paired once it has {answer}", terminal=name, file=str(answer))
