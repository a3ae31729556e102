"""Read a file of any size piece by piece, on all cores, in memory that does not grow.

Each piece is read and reduced on its own; only what it was reduced to is kept. What holds for
the whole file is decided on the first piece and checked against the facts of all: where they
speak otherwise, the file is read again.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from geoprofiles.errors import GeoprofilesError, InputError
from geoprofiles.read.blocks import BLOCK, Block, NotUnicodeError, read_blocks
from geoprofiles.read.columns import Layout, find_layout
from geoprofiles.read.incidents import is_passed_over
from geoprofiles.read.inputs import Item
from geoprofiles.read.pieces import (
    Decisions,
    Piece,
    PieceFacts,
    decisions_of,
    facts_on_file,
    read_piece,
)
from geoprofiles.read.reader import Reader
from geoprofiles.read.tables import Table

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True)
class Crew:
    """Threads that work on pieces."""

    pool: Executor
    workers: int


class Collector(Protocol[R_contra]):
    """What takes in the results of pieces, in order."""

    def add(self, result: R_contra) -> None:
        """Take in the result of the next piece."""


C = TypeVar("C", bound=Collector[Any])


@dataclass(frozen=True)
class Reading:
    """How a user wants files to be read; as for :func:`geoprofiles.read_incidents`."""

    columns: Mapping[str, str]
    source_crs: Any = None
    encoding: str | None = None
    delimiter: str | None = None
    carried: tuple[str, ...] = ("incident_id", "category")
    """Columns wanted besides dates and coordinates."""
    block: int = BLOCK
    """Bytes of a file in one piece."""


@dataclass
class Scanned(Generic[C]):
    """A file that was read piece by piece."""

    item: Item
    street: bool
    digest: str
    """Of the content, unpacked."""
    facts: dict[str, Any]
    result: C
    """What the pieces were collected to, in order."""


@dataclass(frozen=True)
class Numbered:
    """A piece, and what it needs to be told apart from the others of its file."""

    piece: Piece
    street: bool
    name: str


def scan_item(
    item: Item,
    reading: Reading,
    reduce: Callable[[Numbered], R],
    start: Callable[[], C],
    *,
    crew: Crew | None = None,
    notes: list[str],
    progress: Callable[[int, int], None] | None = None,
) -> Scanned[C] | None:
    """Read one file piece by piece, and reduce each.

    Parameters
    ----------
    item : Item
        The file.
    reading : Reading
        How to read it.
    reduce : callable
        Called with each piece, on any thread; it must not change anything but what it returns.
    start : callable
        Makes what takes in the results; called anew where the file has to be read again.
    crew : Crew, optional
        Who works on the pieces; the caller where not said.
    notes : list of str
        Sentences are added to it.
    progress : callable, optional
        Called with the bytes read from the disk and all there are.

    Returns
    -------
    Scanned or None
        None for a file that is passed over: of another kind, or without rows.

    Raises
    ------
    InputError
        If the file cannot be read; rows are those of the whole file.
    """
    decisions: Decisions | None = None
    assumed: str | None = None
    for _ in range(4):  # encoding, then decisions, each at most once
        collected = start()
        attempt = _Attempt(item, reading, reduce, collected, crew, (decisions, assumed), progress)
        try:
            with Reader(item) as reader:
                if not attempt.run(reader, notes):
                    return None
                source, digest = reader.facts, reader.digest
        except NotUnicodeError:
            assumed = "cp1252"
            continue
        layout, facts = attempt.layout, attempt.facts
        if layout is None:
            return None
        final, remarks = decisions_of(facts, layout, source_crs=reading.source_crs, file=item.name)
        if final != attempt.decisions:
            decisions = final
            continue
        known = facts_on_file(
            item.name, source, attempt.table, layout, facts, final.system, remarks
        )
        return Scanned(item, layout.street, digest, known, collected)
    raise GeoprofilesError(f"{item.name} reads otherwise each time: a fault of geoprofiles.")


class _Attempt(Generic[R]):
    """One reading of a file, under decisions that may prove wrong."""

    def __init__(
        self,
        item: Item,
        reading: Reading,
        reduce: Callable[[Numbered], R],
        collected: Collector[R],
        crew: Crew | None,
        known: tuple[Decisions | None, str | None],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.item, self.reading, self.reduce = item, reading, reduce
        self.decisions, self.assumed = known
        self.crew, self.progress = crew, progress
        self.layout: Layout | None = None
        self.table: dict[str, Any] = {}
        self.facts = PieceFacts()
        self.collected = collected
        self._waiting: collections.deque[Future[tuple[PieceFacts, R]]] = collections.deque()

    def run(self, reader: Reader, notes: list[str]) -> bool:
        """Read all pieces; return whether there were any."""
        blocks = read_blocks(
            reader,
            encoding=self.reading.encoding,
            delimiter=self.reading.delimiter,
            assumed=self.assumed,
            size=self.reading.block,
        )
        for block in self._in_rows(blocks):
            if self.layout is None:
                if not self._begin(_table(block), block.last, notes):
                    return False
            else:
                self._submit(self.layout, block)
            if self.progress is not None:
                self.progress(reader.packed, reader.total)
        while self._waiting:
            self._take()
        if self.assumed is not None:
            self.table["encoding"] = self.assumed
        return True

    def _in_rows(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Let rows named in errors be those of the file, not of what is left of it."""
        try:
            yield from blocks
        except InputError as error:
            while self._waiting:
                self._take()
            raise self._shifted(error) from error

    def _shifted(self, error: InputError) -> InputError:
        row = None if error.row is None else error.row + self.facts.rows
        return InputError(
            error.problem, file=error.file, row=row, column=error.column, remedy=error.remedy
        )

    def _begin(self, table: Table, last: bool, notes: list[str]) -> bool:
        """Read the first piece, and decide by it."""
        if is_passed_over(self.item, table, notes):
            return False
        self.layout, self.table = find_layout(table, self.reading.columns), dict(table.facts)
        self._street = self.layout.street
        piece = read_piece(
            table,
            self.layout,
            source_crs=self.reading.source_crs,
            decisions=self.decisions,
            whole=last,
            carried=self.reading.carried,
            keyed=True,
        )
        if self.decisions is None:
            months = {name: seen.month_first for name, seen in piece.facts.dates.items()}
            self.decisions = Decisions(piece.located.source_crs, months)
        self._keep(piece.facts, self.reduce(self._numbered(piece)))
        return True

    def _numbered(self, piece: Piece) -> Numbered:
        return Numbered(piece, self._street, self.item.name)

    def _submit(self, layout: Layout, block: Block) -> None:
        if self.crew is None:
            self._waiting.append(_done(self._work, layout, block))
            self._take()
            return
        self._waiting.append(self.crew.pool.submit(self._work, layout, block))
        while len(self._waiting) > self.crew.workers:
            self._take()

    def _work(self, layout: Layout, block: Block) -> tuple[PieceFacts, R]:
        piece = read_piece(
            _table(block),
            layout,
            source_crs=self.reading.source_crs,
            decisions=self.decisions,
            carried=self.reading.carried,
            keyed=True,
        )
        return piece.facts, self.reduce(self._numbered(piece))

    def _take(self) -> None:
        try:
            self._keep(*self._waiting.popleft().result())
        except InputError as error:
            # Rows were counted from the start of the piece.
            raise self._shifted(error) from error

    def _keep(self, facts: PieceFacts, result: R) -> None:
        if facts.first_bad_month is not None:
            row = facts.first_bad_month + self.facts.rows
            facts = dataclasses.replace(facts, first_bad_month=row)
        self.facts = self.facts + facts
        self.collected.add(result)


def _table(block: Block) -> Table:
    if block.table is not None:
        return block.table
    head = block.head
    if head is None:
        raise GeoprofilesError("a block has neither a head nor a table: a fault of geoprofiles")
    return head.table(block.body, head.first_row, last=block.last)


def _done(work: Callable[..., R], *given: Any) -> Future[R]:
    """Do the work here and now; an error waits, as it would from a thread."""
    future: Future[R] = Future()
    try:
        future.set_result(work(*given))
    except Exception as error:
        future.set_exception(error)
    return future


@contextmanager
def kept_input(item: Item) -> Iterator[Item]:
    """Keep standard input on disk while it is read, since it may have to be read twice."""
    import shutil
    import sys
    import tempfile
    from pathlib import Path

    if item.path != "-":
        yield item
        return
    with tempfile.TemporaryDirectory(prefix="geoprofiles-") as folder:
        path = Path(folder) / "input"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield dataclasses.replace(item, path=str(path))
