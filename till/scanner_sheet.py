"""The sheet that lies beside a scanner while it is set up: one HTML page for each family, to print on A4.

Programming codes are drawn only where a source prints them as the text of a QR code; for the others it says which code of the
vendor's manual to scan.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Final

from devices.hearing import TEST_CODE
from devices.profiles import ScannerProfile, SetupStep
from devices.qr import qr_matrix, qr_png
from till.i18n import _, either, language
from till.scanner_words import line_words, sureness

_STYLE: Final = """
@page { size: A4; margin: 18mm }
body { font: 14px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #000; background: #fff; margin: 8mm auto;
  max-width: 174mm }
section { break-after: page } section:last-child { break-after: auto }
h1 { font-size: 22px; margin: 0 } h2 { font-size: 16px; margin: 18px 0 6px }
table { border-collapse: collapse; width: 100% } th, td { border: 1px solid #888; padding: 3px 8px; text-align: left }
th { width: 7em; font-weight: normal; background: #eee } li { margin: 6px 0; break-inside: avoid }
img { display: block; width: 40mm; margin: 6px 0; image-rendering: pixelated } code { font: 13px monospace }
small { color: #444 } .blank { border-bottom: 1px solid #000; display: inline-block; min-width: 40mm }
"""


def sheet(profiles: Sequence[ScannerProfile]) -> str:
    """A whole HTML document without anything from outside, a page for each family, in the language in use."""
    title = escape(_("Setting up scanners"))
    pages = "\n".join(_page(profile) for profile in profiles)
    return (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{pages}\n</body></html>\n"
    )


def _page(profile: ScannerProfile) -> str:
    rows = {
        _("Profile"): profile.id,
        _("Models"): ", ".join(profile.models) or "–",
        _("Line"): line_words(profile),
        _("How sure"): sureness(profile),
        _("Source"): profile.source,
    }
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows.items())
    steps = "".join(f"<li>{_step(step)}</li>" for step in profile.setup)
    must = _("Both cases, the zeros and the two hanzi must arrive as they stand here.")
    blanks = " ".join(_blank(name) for name in (_("Store and till"), _("Day"), _("Name")))
    parts = (
        f"<h1>{escape(either(profile.name))}</h1><table>{table}</table>",
        _heading(_("Steps")) + f"<ol>{steps}</ol>",
        _heading(_("Test code")) + f"{_qr(TEST_CODE)}<code>{escape(TEST_CODE)}</code>",
        f"<p>{escape(must)}</p><p>{blanks}</p>",
    )
    return "<section>" + "".join(parts) + "</section>"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _step(step: SetupStep) -> str:
    text = escape(either(step))
    if not step.code:
        return text
    return f"{text}{_qr(step.code)}<code>{escape(step.code)}</code><br><small>{escape(step.source)}</small>"


def _qr(text: str) -> str:
    picture = base64.b64encode(qr_png(qr_matrix(text, "M"), scale=6)).decode()
    return f'<img alt="QR" src="data:image/png;base64,{picture}">'


def _blank(name: str) -> str:
    return f'{escape(name)} <span class="blank">&nbsp;</span>'
