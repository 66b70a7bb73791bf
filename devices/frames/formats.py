"""The formats by the name that a profile gives."""

from __future__ import annotations

from devices.frames import ReplyFormat
from devices.frames.bcc import BccFormat
from devices.frames.datalogic import DatalogicFormat
from devices.frames.grow import GrowFormat
from devices.frames.honeywell import HoneywellFormat
from devices.frames.mindeo import MindeoFormat
from devices.frames.newland import NewlandFormat
from devices.frames.ssi import SsiFormat

FORMATS: dict[str, ReplyFormat | None] = {
    "none": None,
    "bcc": BccFormat(),
    "datalogic": DatalogicFormat(),
    "grow": GrowFormat(),
    "honeywell": HoneywellFormat(),
    "mindeo": MindeoFormat(),
    "newland": NewlandFormat(),
    "ssi": SsiFormat(),
}
