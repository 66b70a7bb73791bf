"""What every command shares: where the till is, how to answer, and how it ends."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, NoReturn, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from local_db.journal import JournalReader

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Exit(IntEnum):
    """How a command ends."""

    OK = 0
    FOUND = 1
    """It ran, and found something that should not be."""
    USAGE = 2
    NOT_REACHABLE = 3
    REFUSED = 4


@dataclass(frozen=True)
class Place:
    """Which till is meant, and the language of the answer."""

    folder: Path
    config: Path | None
    language: Literal["zh-CN", "en"] | None


pass_place = click.make_pass_decorator(Place)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, for programs.")


def say(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    """The answer: one JSON object, or the text for a person."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str) if as_json else text)


def end(code: Exit, sentence: str = "") -> NoReturn:
    """End the command; the sentence goes to stderr."""
    if sentence:
        click.echo(sentence, err=True)
    sys.exit(code)


def speak(place: Place, *, even_if_broken: bool = False) -> None:
    """Answer in the language that was asked for, else in that of the till's settings; Chinese where these are broken."""
    from config.settings import Settings, SettingsError, read_settings
    from till.i18n import use

    try:
        use(place.language or read_settings(place.folder, place.config).language)
    except SettingsError as error:
        if not even_if_broken:
            end(Exit.USAGE, str(error))
        use(Settings().language)


def open_journal(place: Place, file: Path | None = None) -> JournalReader:
    """The journal of a till, or `file`, for reading. Raises `NotPairedError` where there is none, and `local_db` errors."""
    from local_db.journal import FILE, JournalReader
    from local_db.journal_reader import read_journal
    from protocol.training import TERMINAL_PREFIX
    from till.errors import NotPairedError
    from till.training_words import mark_in_full

    if file is not None:
        return read_journal(file)
    if not (place.folder / FILE).exists():
        raise NotPairedError(place.folder)
    reader = JournalReader.open(place.folder)
    # A command reads journals of which nothing else can be read any more, so not by decoding the identity.
    if f'"terminal":"{TERMINAL_PREFIX}' in (reader.fact("identity") or ""):
        click.echo(mark_in_full(), err=True)
    return reader


def has_ended(code: str) -> str:
    """Of a terminal that sells nothing more (`sync.errors.ENDING`)."""
    from till.i18n import _

    return _("this till has ended ({code}): it sells nothing more. `till enrol CODE` pairs the folder anew").format(
        code=code
    )


def with_journal(command: Callable[Concatenate[Place, _P], _R]) -> Callable[Concatenate[Place, _P], _R]:
    """Answer in the language of the till; end with a sentence, not a traceback, when the folder has no readable journal."""

    @functools.wraps(command)
    def wrapped(place: Place, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        from local_db.errors import AnotherTillError, LocalDbError
        from sync.errors import ENDING, KeyUnreadableError
        from till.errors import NotPairedError, RefusedError
        from till.i18n import _

        speak(place)
        try:
            return command(place, *args, **kwargs)
        except AnotherTillError:
            end(Exit.REFUSED, _("another till is running in {folder}; close it first").format(folder=place.folder))
        except NotPairedError as error:
            sentence = _("{folder} is no till yet: pair it with `till enrol CODE`, or try `till demo`")
            end(Exit.REFUSED, sentence.format(folder=error.facts["folder"]))
        except RefusedError as error:
            end(Exit.REFUSED, has_ended(error.code) if error.code in ENDING else str(error))
        except KeyUnreadableError:
            sentence = _(
                "the key of this till cannot be read, so it cannot prove who it is. Its journal can be read; `till enrol"
                " CODE` pairs it anew"
            )
            end(Exit.REFUSED, sentence)
        except LocalDbError as error:
            end(Exit.FOUND, f"{error.code}: {error}")

    return wrapped
