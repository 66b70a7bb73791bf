"""`till support`: one file for whoever helps from afar, without anybody's data in it."""

from __future__ import annotations

from pathlib import Path

import click

from till.commands.options import Exit, Place, end, json_option, pass_place, say, speak
from till.i18n import _, msg

_READING = {
    "journal": msg("reading the journal, this may take a minute"),
}


@click.command()
@click.argument("out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_place
def support(place: Place, out: Path, as_json: bool) -> None:
    """Write logs, settings, health, versions and the proof of the journal to FILE, a ZIP: no personal data, no secrets.

    Works while the counter is open, and on a till that is broken.
    """
    from till.support.bundle import write_bundle

    speak(place, even_if_broken=True)

    def narrate(section: str) -> None:
        if section in _READING:
            click.echo(_(_READING[section]), err=True)

    if not place.folder.is_dir():
        end(Exit.USAGE, _("there is no folder {folder}").format(folder=place.folder))
    try:
        size = write_bundle(place.folder, place.config, out, narrate)
    except OSError as error:
        end(Exit.REFUSED, _("{file} cannot be written: {why}").format(file=out, why=error.strerror))
    sentence = _("{file}, {n} kB: send it to whoever helps. Nobody's names, numbers or codes are in it")
    say({"file": str(out), "bytes": size}, sentence.format(file=out, n=max(1, size // 1_000)), as_json=as_json)
