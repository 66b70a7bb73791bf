"""Verifying an export of the books, and witnesses against it, with nothing else at hand."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ledger.export import FIRST, PURPOSE, ExportEnd, ExportHead, ExportLine, linked
from protocol import canonical
from protocol.chain import Head, genesis, payload_hash
from protocol.chain_check import ChainCheck, Witness
from protocol.checkpoints import open_checkpoint
from protocol.errors import ProtocolError, SignatureError
from protocol.merkle import Growing, leaf_hash
from protocol.signing import KeyRing, Signed, key_id, verify_bytes


class _Broken(Exception):  # noqa: N818  # no error: the check ends here
    """What is wrong with a line."""


def check_export(lines: Iterable[bytes], witnesses: Iterable[Witness | Signed] = (), root: str = "") -> Iterator[str]:
    """A sentence for each contradiction, the first one first; a line that is not what was written ends the check.

    `root`: the fingerprint of the ledger's root key, where it is known.
    """
    books = _Books()
    try:
        yield from _read(lines, books, root)
    except _Broken as broken:
        yield str(broken)
        return
    yield from books.findings(list(witnesses))


def _read(lines: Iterable[bytes], books: _Books, root: str) -> Iterator[str]:
    link, count = FIRST, 0
    for number, data in enumerate(lines, 1):
        line = _decoded(number, data)
        if books.end is not None:
            raise _Broken(f"line {number}: it stands behind the end")
        if line.end is not None:
            if line.table or line.row or line.head or line.link:
                raise _Broken(f"line {number}: more than the end")
            books.close(number, line.end, count, link)
            continue
        link, count = linked(link, line), count + 1
        if link.hex() != line.link:
            raise _Broken(f"line {number}: was changed, moved, or the line before it is missing{_named(line)}")
        if (line.head is not None) != (number == 1):
            raise _Broken(f"line {number}: the first line says whose books these are, and no other")
        if line.head is not None:
            books.open(line.head, root)
        else:
            yield from books.take(number, line.table, line.row)
    if books.end is None:
        raise _Broken(f"line {count + 1} is missing, and all after it: the end is not there")


def _decoded(number: int, data: bytes) -> ExportLine:
    try:
        if not data.endswith(b"\n"):
            raise _Broken(f"line {number}: it is cut off")
        return canonical.decode(data[:-1], ExportLine)
    except (msgspec.MsgspecError, ProtocolError, UnicodeDecodeError) as error:
        raise _Broken(f"line {number}: cannot be read: {error}") from None


def _named(line: ExportLine) -> str:
    return f" ({line.table} {line.row.get('terminal', '')} {line.row.get('seq', '')})" if line.table else ""


class _Books:
    """What the lines say, as far as it has to be held against each other."""

    def __init__(self) -> None:
        self.end: ExportEnd | None = None
        self._ring: KeyRing | None = None
        self._terminals: dict[str, tuple[bytes, int, bytes, bytes]] = {}
        self._hashes: dict[str, list[bytes]] = {}
        self._chains: dict[str, ChainCheck] = {}
        self._log = Growing()
        self._roots: dict[int, bytes] = {}
        self._sums: tuple[Any, dict[str, int]] = (None, {})

    def open(self, head: ExportHead, root: str) -> None:
        try:
            self._ring = KeyRing(head.root_public, head.certificates)
        except SignatureError as error:
            raise _Broken(f"line 1: {error}") from None
        if root and key_id(head.root_public) != root:
            raise _Broken(f"line 1: the books of another ledger, {key_id(head.root_public)}")

    def close(self, number: int, signed: Signed, count: int, link: bytes) -> None:
        if self._ring is None:
            raise _Broken(f"line {number}: the end, and nothing before it")
        try:
            self.end = self._ring.open(signed, PURPOSE, ExportEnd)
        except SignatureError as error:
            raise _Broken(f"line {number}: {error}") from None
        if (self.end.lines, self.end.link) != (count, link.hex()):
            raise _Broken(f"line {number}: the ledger signed {self.end.lines} other lines than these {count}")

    def take(self, number: int, table: str, row: dict[str, Any]) -> Iterator[str]:
        """A row. What it contradicts names its line."""
        found: Iterable[str] = ()
        if table == "terminal":
            public, head = base64.b64decode(row["public"]), base64.b64decode(row["head"])
            self._terminals[row["terminal"]] = public, row["head_seq"], head, base64.b64decode(row["head_signature"])
            self._chains[row["terminal"]] = ChainCheck(row["terminal"], genesis(row["terminal"], public))
        elif table == "received":
            found = self._received(row)
        elif table == "log_run":
            found = self._logged(row)
        elif table == "posting":
            found = self._posted((row["bucket"], row["entry"]), row["kind"], row["points"])
        yield from (f"line {number}: {sentence}" for sentence in found)

    def findings(self, witnesses: list[Witness | Signed]) -> Iterator[str]:
        """After the last line."""
        yield from self._posted(None, "", 0)
        for terminal, (public, seq, head, signature) in self._terminals.items():
            yield from self._head(terminal, public, seq, head, signature)
        assert self.end is not None
        if (self._log.size, self._log.root.hex()) != (self.end.size, self.end.root):
            yield f"the log of {self._log.size} entries is not the one of {self.end.size} that the ledger signed"
        for one in witnesses:
            yield from self._seen(one) if isinstance(one, Witness) else self._promised(one)

    def _received(self, row: dict[str, Any]) -> Iterator[str]:
        chain = self._chains.get(row["terminal"])
        if chain is None:
            yield f"an entry of terminal {row['terminal']}, which is not there"
            return
        hash_, stated = base64.b64decode(row["hash"]), base64.b64decode(row["payload_hash"])
        yield from (
            f"terminal {row['terminal']}, {sentence}"
            for sentence in chain.take(
                row["seq"], stated or payload_hash(base64.b64decode(row["payload"])), hash_, b""
            )
        )
        self._hashes.setdefault(row["terminal"], []).append(hash_)

    def _head(self, terminal: str, public: bytes, seq: int, head: bytes, signature: bytes) -> Iterator[str]:
        hashes = self._hashes.get(terminal, [])
        if len(hashes) != seq or (seq and hashes[-1] != head):
            yield f"terminal {terminal}: the chain ends at entry {len(hashes)}, the signed head is at {seq}"
        elif seq:
            try:
                verify_bytes(public, signature, Head(terminal=terminal, seq=seq, hash=head.hex()).signed_bytes())
            except SignatureError:
                yield f"terminal {terminal}: the head at entry {seq} is not signed by it"

    def _logged(self, row: dict[str, Any]) -> Iterator[str]:
        hashes = self._hashes.get(row["terminal"], [])
        if row["first"] != self._log.size or row["first_seq"] + row["count"] - 1 > len(hashes):
            yield f"the log goes on at {row['first']} with what is not there"
            return
        for hash_ in hashes[row["first_seq"] - 1 : row["first_seq"] - 1 + row["count"]]:
            self._log.append(leaf_hash(hash_))
        self._roots[self._log.size] = self._log.root

    def _posted(self, key: object, kind: str, points: int) -> Iterator[str]:
        """Postings come entry by entry; those of one sum to zero per kind."""
        former, sums = self._sums
        if former is not None and former != key:
            for name, rest in sums.items():
                if rest:
                    yield f"postings of {name!r} of the entry before sum to {rest}, not to zero"
        if former != key:
            sums = {}
        sums[kind] = sums.get(kind, 0) + points
        self._sums = key, sums

    def _seen(self, one: Witness) -> Iterator[str]:
        hashes = self._hashes.get(one.terminal, [])
        if not 0 < one.seq <= len(hashes):
            yield f"terminal {one.terminal}: entry {len(hashes) + 1} is missing: a witness has seen entry {one.seq}"
        elif not one.fits(hashes[one.seq - 1]):
            yield f"terminal {one.terminal}, entry {one.seq}: the witness has seen another one"

    def _promised(self, signed: Signed) -> Iterator[str]:
        """A checkpoint: the chain and the log were so far, and are so still. Of another epoch, it may have been forgotten."""
        assert self._ring is not None
        assert self.end is not None
        try:
            said = open_checkpoint(signed, self._ring)
        except SignatureError as error:
            yield f"a checkpoint proves nothing: {error}"
            return
        hashes = self._hashes.get(said.terminal, [])
        if said.seq > len(hashes) or (said.seq and hashes[said.seq - 1].hex() != said.head):
            yield f"terminal {said.terminal}: the ledger acknowledged entry {said.seq}, and it is not the one here"
        if said.epoch != self.end.epoch:
            yield f"a checkpoint of epoch {said.epoch}: the books were restored since, epoch {self.end.epoch}"
        elif said.size and self._roots.get(said.size, b"").hex() != said.root:
            yield f"the log of {said.size} entries is not the one that the ledger signed"
