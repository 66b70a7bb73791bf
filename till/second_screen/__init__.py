"""The page of the second screen: its files, and a view of the customer as the JSON that it draws."""

from __future__ import annotations

import base64
import html
from importlib.resources import files
from typing import Final

import msgspec

from devices.qr import qr_matrix, qr_png
from devices.second_screen import PageFile
from till.customer_view import CustomerView
from till.i18n import _, language

_KINDS: Final = {
    "screen.html": "text/html; charset=utf-8",
    "screen.css": "text/css; charset=utf-8",
    "screen.js": "text/javascript; charset=utf-8",
}


def page_files() -> dict[str, PageFile]:
    """By path. What the page says while no till is there is in it already, in the language in use."""
    found = {f"/{name}": PageFile(kind, (files(__name__) / name).read_bytes()) for name, kind in _KINDS.items()}
    page = found.pop("/screen.html")
    words = {b"LANGUAGE": language(), b"AWAY": _("One moment, please"), b"PIN": _("PIN")}
    data = page.data
    for place, word in words.items():
        data = data.replace(b"{" + place + b"}", html.escape(word).encode())
    return {"/": PageFile(page.kind, data), **found}


def page_json(view: CustomerView) -> str:
    """On one line. Raises `devices.errors.QrTooLongError`."""
    document = msgspec.to_builtins(view)
    del document["pole"]
    if view.qr:
        picture = qr_png(qr_matrix(view.qr, "M"), scale=8)
        document["qr"] = "data:image/png;base64," + base64.b64encode(picture).decode()
    return msgspec.json.encode(document).decode()
