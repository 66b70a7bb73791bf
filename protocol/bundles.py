"""Bundles: what a coalition hands out to be installed, on a USB stick (`stick`) or to upgrade (`upgrade`).

The manifest is signed by the root key itself, with a purpose for each: what is installed can do all that a till can, so a
working key is not enough. `till/installer` reads it with the standard library alone, before anything of it is used.
"""

from __future__ import annotations

from typing import Literal

from protocol.canonical import Count, Micros, Model, Name

Purpose = Literal["stick", "upgrade"]


class BundleFile(Model, kw_only=True):
    """One file. `path` has `/` between its parts; `sha256` is in hex."""

    path: str
    size: Count
    sha256: str


class Manifest(Model, kw_only=True):
    """All files of a bundle but the manifest itself. `version`: of Till. Of two bundles the one made later is the newer."""

    version: Name
    made_at: Micros
    store: str = ""
    """Of a stick: whose members, rules and staff are on it."""
    files: tuple[BundleFile, ...]


class InvitedTill(Model, kw_only=True):
    """One till that a stick sets up: what people call it, and its one-time code as it is printed."""

    name: Name
    invitation: str


class InvitedTills(Model, kw_only=True):
    """Of a stick: `enrolment.json`."""

    tills: tuple[InvitedTill, ...]


DOCUMENTS, TILLS, TEMPLATE, SNAPSHOT = "documents.json", "enrolment.json", "template.toml", "snapshot"
"""On a stick: a `DocumentsAnswer`, the `InvitedTills`, the store's template, and the folder of the snapshot's parts."""
