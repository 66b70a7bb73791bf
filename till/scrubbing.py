"""What leaves this machine in a log: no name, no number of a person, no code, no key, no link.

Nothing of that should be in a log at all. But a log has what exceptions say, of other people's libraries too, and a support
bundle goes to strangers. So nothing is looked for that must go; what may stay is short and known: our sentences, which are
English, and short numbers. All else becomes a mark, the same for the same text within one bundle, so that a reader still sees
that two lines are about one thing. The marks are keyed with a secret that nobody keeps: they cannot be tried out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

_KEEPS = ("entry ", "entries ", "line ", "port ", "engine ", "pid ")
"""Words behind which a longer number is one of ours: a seq, a line of code."""

_LONGEST_NUMBER = 3
"""Digits. A PIN has four."""

_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [A-Za-z_.]+ )(.*)$", re.DOTALL)
_RAISED = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?:: .*)?$", re.DOTALL)
"""The last line of a traceback: which error, and what it says. What it says is anybody's."""
_FRAME = re.compile(r'^  File "([^"]*)", line (\d+), in (.*)$')
_FRAMED = ("Traceback ", "During handling", "The above exception", "  File ", "    ")

_SECRETS = re.compile(
    r"(?P<code>\b(?:[EW]1 |[DVT]1:|M1(?=\d)).*$)"
    r"|(?P<link>(?i:\b[a-z][a-z0-9+.-]*://)[^\s'\"<>)\]]*)"
    r"|(?P<mail>[^\s@'\":/]+@[^\s@'\"]+)"
    r"|(?P<text>[^\x00-\x7f]+|(?:\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})+)"
    r"|(?P<token>[A-Za-z0-9+/=_-]*\d[A-Za-z0-9+/=_-]*|[A-Za-z+/=_-]{24,}|\b[A-Z]{8,}\b)",
    re.MULTILINE,
)
_ADDRESS = re.compile(r"(?i)^([a-z][a-z0-9+.-]*://)(?:[^/?#]*@)?([^/?#]*)")
_DIGITS = re.compile(r"\d+")
_OPAQUE = re.compile(r"[A-Z0-9]{8,}|.{16,}")
_A_NAME_OF_OURS = re.compile(r"[a-z_/-]+")


class Scrubber:
    """Of one bundle. `known`: names and numbers that this till knows to be people's. `kept`: our own names for things."""

    def __init__(self, folder: Path, known: Iterable[str] = (), kept: Iterable[str] = ()) -> None:
        self._key = secrets.token_bytes(32)
        self._kept = frozenset(kept)
        self._folder = str(folder.resolve())
        names = sorted({name for name in known if len(name) > 1}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, names))) if names else None

    def log(self, text: str) -> str:
        """A log file, line by line; of tracebacks the frames and the kind of error."""
        return "\n".join(self._line(line) for line in text.split("\n"))

    def text(self, text: str) -> str:
        """Any other text: a setting, a finding."""
        text = text.replace(self._folder, "(folder)").replace(str(Path.home()), "~")
        if self._known is not None:
            text = self._known.sub(lambda found: self._mark("name", found[0]), text)
        return _SECRETS.sub(self._hidden, text)

    def _line(self, line: str) -> str:
        if (stamped := _STAMP.match(line)) is not None:
            return stamped[1] + self.text(stamped[2])
        if (frame := _FRAME.match(line)) is not None:
            short = "/".join(re.split(r"[/\\]", frame[1])[-2:])
            return f'  File "{self.text(short)}", line {frame[2]}, in {self.text(frame[3])}'
        if line.startswith(_FRAMED):
            return self.text(line)
        raised = _RAISED.match(line)
        return raised[1] if raised is not None and raised[1] not in ("", line) else self._rest(line)

    def _rest(self, line: str) -> str:
        """A line that no logger begins: the rest of a message, or a word alone, which may be the kind of an error."""
        if not line or re.fullmatch(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt)", line):
            return line
        return self._mark("line", line)

    def _hidden(self, found: re.Match[str]) -> str:
        kind, text = str(found.lastgroup), found[0]
        if kind == "link":
            return self._address(text)
        if kind != "token":
            return self._mark(kind, text)
        if text in self._kept or _A_NAME_OF_OURS.fullmatch(text):
            return text
        if _OPAQUE.fullmatch(text):
            return self._mark(kind, text)
        before = found.string[: found.start()]
        return _DIGITS.sub(lambda number: self._number(number[0], before), text)

    def _address(self, text: str) -> str:
        """Whom we speak to, and nothing of what was asked: a link is a secret."""
        address = _ADDRESS.match(text)
        assert address is not None
        rest = text[address.end() :]
        return f"{address[1]}{address[2]}" + (f"/{self._mark('path', rest)}" if rest.strip("/") else "")

    def _number(self, digits: str, before: str) -> str:
        if len(digits) <= _LONGEST_NUMBER or before.endswith(_KEEPS):
            return digits
        return self._mark("number", digits)

    def _mark(self, kind: str, text: str) -> str:
        return f"<{kind} {hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:4]}>"
