"""Following a chain from its genesis, entry by entry, whoever keeps it; and the witnesses that it is held against."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from points.sentences import Sentence
from protocol import canonical
from protocol.chain import Head, link
from protocol.checkpoints import open_checkpoint
from protocol.errors import ProtocolError, SignatureError
from protocol.signing import KeyRing, Signed, verify_bytes

MAX_WITNESS = 90
"""Characters of a QR code of version 4 at level M that has capitals, digits and a few signs only: what a till can show."""

MIN_CODE = 8
_WITNESS = re.compile(r"W1 ([0-9A-Za-z_-]{1,64}) ([0-9]{1,16}) ([A-Z2-7a-z]{8,52})")
_CHECKPOINT = re.compile(r'\{"body":.*"purpose":"checkpoint".*\}')


class Witness(NamedTuple):
    """Somebody saw that entry `seq` of a chain had a hash that begins with `code`, in base32. 8 characters are 40 bits, the 52
    of a QR code are all of it."""

    terminal: str
    seq: int
    code: str

    def __str__(self) -> str:
        return f"W1 {self.terminal.upper()} {self.seq} {self.code}"

    @property
    def short(self) -> Witness:
        """As it is printed for people: eight characters of the hash."""
        return self._replace(code=self.code[:MIN_CODE])

    def fits(self, hash_: bytes) -> bool:
        """Whether an entry with this hash is the one that was seen."""
        return code_of(hash_).startswith(self.code)


def code_of(hash_: bytes) -> str:
    """All of a hash in base32."""
    return base64.b32encode(hash_).decode().rstrip("=")


def witness_of(terminal: str, seq: int, hash_: bytes) -> Witness:
    """For a receipt: as much of the hash as a till's screen can show. Ids of terminals have no capitals."""
    room = MAX_WITNESS - len(str(Witness(terminal, seq, "")))
    return Witness(terminal, seq, code_of(hash_)[: max(MIN_CODE, room)])


def read_witnesses(text: str) -> list[Witness | Signed]:
    """All that a text has of them: receipts' codes (`W1 …`) and checkpoints of the ledger, a line each."""
    found: list[Witness | Signed] = [
        Witness(terminal.lower(), int(seq), code.upper()) for terminal, seq, code in _WITNESS.findall(text)
    ]
    for line in _CHECKPOINT.findall(text):
        try:
            found.append(canonical.decode(line.encode(), Signed))
        except (msgspec.MsgspecError, ProtocolError):
            continue
    return found


def opened(witnesses: Iterable[Witness | Signed], ring: KeyRing) -> tuple[list[Witness], list[str]]:
    """Witnesses of any kind as one kind, and a sentence for each that proves nothing."""
    good, findings = list[Witness](), list[str]()
    for one in witnesses:
        if isinstance(one, Witness):
            good.append(one)
            continue
        try:
            said = open_checkpoint(one, ring)
        except SignatureError as error:
            findings.append(Sentence("a checkpoint proves nothing: {why}", why=str(error)))
            continue
        if said.seq:
            good.append(Witness(said.terminal, said.seq, code_of(bytes.fromhex(said.head))))
    return good, findings


class ChainCheck:
    """Entries are handed over in the order in which they lie; each answers a sentence for what is wrong with it.

    `public`: the terminal's key, with which every head is then verified (100 µs each).
    """

    def __init__(
        self, terminal: str, genesis: bytes, public: bytes | None = None, witnesses: Iterable[Witness] = ()
    ) -> None:
        self._terminal, self._previous, self._public = terminal, genesis, public
        self._expected = 1
        self._witnesses: dict[int, list[Witness]] = {}
        for one in witnesses:
            self._witnesses.setdefault(one.seq, []).append(one)

    def take(self, seq: int, hash_of_payload: bytes, hash_: bytes, signature: bytes) -> Iterator[str]:
        """The next entry."""
        if seq != self._expected:
            yield Sentence("entry {seq} is missing", seq=self._expected)
        if link(self._previous, self._terminal, seq, hash_of_payload) != hash_:
            yield Sentence("entry {seq}: does not continue the chain", seq=seq)
        elif self._public is not None and not self._is_signed(seq, hash_, signature):
            yield Sentence("entry {seq}: is not signed by this terminal", seq=seq)
        yield from self._against(seq, hash_)
        self._previous, self._expected = hash_, seq + 1

    def end(self, known: int = 0) -> Iterator[str]:
        """After the last entry; `known`: a seq that is known to have been there."""
        if self._expected <= known:
            yield Sentence(
                "entry {seq} is missing, and all after it: entry {known} was there", seq=self._expected, known=known
            )
        for seq in sorted(seq for seq in self._witnesses if seq >= self._expected):
            yield Sentence("entry {seq} is missing: a witness has seen entry {seen}", seq=self._expected, seen=seq)
        for seq in (seq for seq in self._witnesses if seq < 1):
            yield Sentence("a witness of entry {seq}, which is none", seq=seq)

    def _against(self, seq: int, hash_: bytes) -> Iterator[str]:
        for one in self._witnesses.pop(seq, ()):
            if one.terminal != self._terminal:
                yield Sentence(
                    "a witness is of terminal {other}, not of {own}", other=one.terminal, own=self._terminal
                )
            elif not one.fits(hash_):
                seen, here = one.code[:MIN_CODE], code_of(hash_)[:MIN_CODE]
                yield Sentence(
                    "entry {seq}: the witness has seen {seen}, here is {here}", seq=seq, seen=seen, here=here
                )

    def _is_signed(self, seq: int, hash_: bytes, signature: bytes) -> bool:
        head = Head(terminal=self._terminal, seq=seq, hash=hash_.hex())
        try:
            verify_bytes(self._public or b"", signature, head.signed_bytes())
        except SignatureError:
            return False
        return True
