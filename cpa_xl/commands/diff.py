"""Finds the figures, letters, targets, typed cells, formulas and table rows that differ between two workbooks.

Rows of the scorecard, of the comment facts and of the data tables pair up by their keys. Everything else is compared
cell by cell; `aligned` first pairs the rows of a sheet, so that inserted or deleted rows do not shift the others.
Formats, charts and macros are not compared.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path

from cpa_xl.config.model import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.references import FormulaTextError, TokenKind, function_name, read_tokens
from cpa_xl.measures.figures import same
from cpa_xl.ooxml.a1 import A1Reference, Corner, cell_name, rewrite_areas
from cpa_xl.ooxml.sheet import EMPTY, Cell, Position
from cpa_xl.scorecard.rows import specification
from cpa_xl.scorecard.versions import (
    CellDifference,
    CellKind,
    Change,
    Differences,
    Key,
    Listing,
    PieceDifference,
    Records,
    RowDifference,
    RowsDifference,
    Version,
    What,
    table_keys,
)
from cpa_xl.workbook.closed import ClosedWorkbook, Table, Workbook

MOST_PAIRS = 4_000_000  # rows times rows to compare at most; with more, rows pair up by their numbers
CellsByRow = Mapping[int, Mapping[int, Cell]]  # row, column
Fingerprint = tuple[object, ...]  # a row's name, or its typed cells and the places of its formulas
Names = Mapping[int, Fingerprint]


@dataclass(frozen=True)
class Alignment:
    """`pairs` of row numbers, before and after, ascending; rows without a pair are new or gone."""

    pairs: tuple[tuple[int, int], ...]

    def moved(self, row: int) -> int:
        """A row's number after; a row without a pair moves as the paired row above it."""
        place = bisect_right(self._befores, row)
        before, after = self.pairs[place - 1] if place else (0, 0)
        return row + after - before

    @cached_property
    def _befores(self) -> list[int]:
        return [before for before, _ in self.pairs]

    @cached_property
    def shifts(self) -> bool:
        """Whether any row has another number after."""
        return any(before != after for before, after in self.pairs)


@dataclass(frozen=True)
class _Table:
    """A data table of both versions; new entries in a log of refreshes do not count as differences."""

    before: Table
    after: Table
    keys: Key
    pasts: Records
    nows: Records
    log: bool


@dataclass(frozen=True)
class _Pair:
    """The two versions, and what is compared row by row: sheets by their names, and data tables."""

    old: Version
    new: Version
    listings: Mapping[str, tuple[Listing, Listing]]
    tables: tuple[_Table, ...]


@dataclass(frozen=True)
class _Sheet:
    """A sheet of both versions: its cells without those of data tables, and its pairs of rows."""

    name: str
    before: CellsByRow
    after: CellsByRow
    alignment: Alignment
    listings: tuple[Listing, Listing] | tuple[None, None]

    @classmethod
    def of(cls, pair: _Pair, name: str) -> "_Sheet":
        listings = pair.listings.get(name, (None, None))
        before = pair.old.rows(name, (table.before for table in pair.tables))
        after = pair.new.rows(name, (table.after for table in pair.tables))
        names = [{} if one is None else {record.row: key for key, record in one.records.items()} for one in listings]
        return cls(name, before, after, aligned(before, after, *names), listings)

    def differences(self, pair: _Pair, alignments: Mapping[str, Alignment]) -> Iterator[CellDifference]:
        """Its cells that differ, by their place after, or before where they are gone."""
        filled = pair.old.filled(self.name), pair.new.filled(self.name)
        for here, there in sorted(self._places(), key=lambda places: places[1] or places[0] or (0, 0)):
            one, other = _at(self.before, here), _at(self.after, there)
            kind = _kind(one, other, self.name, alignments)
            if kind is CellKind.TYPED and (here in filled[0] or there in filled[1]):
                kind = CellKind.RESULT
            if kind is None or self._shown_by_row(here, there, kind):
                continue
            yield self._told(pair, here, there, kind)

    def _shown_by_row(self, here: Position | None, there: Position | None, kind: CellKind) -> bool:
        """Whether the comparison row by row reports the cell: new and gone rows, results in the others."""
        before, after = self.listings
        if before is None or after is None:
            return False
        past = None if here is None else before.places.get(here)
        now = None if there is None else after.places.get(there)
        went = past is not None and past[0] not in after.records
        came = now is not None and now[0] not in before.records
        return went or came or (kind is CellKind.RESULT and now is not None)

    def _told(self, pair: _Pair, here: Position | None, there: Position | None, kind: CellKind) -> CellDifference:
        version, place, listing = pair.new, there, self.listings[1]
        if place is None:
            version, place, listing = pair.old, here or (0, 0), self.listings[0]
        label = version.label(self.name, place, listing)
        one, other = _at(self.before, here), _at(self.after, there)
        heading = label[-1] if label else ""
        return CellDifference(
            kind, self.name, cell_name(*place), label,
            pair.old.shown(one.value, heading), pair.new.shown(other.value, heading), one.formula, other.formula,
        )  # fmt: skip

    def _places(self) -> Iterator[tuple[Position | None, Position | None]]:
        """Every cell of either version, with its place before and after."""
        for row, later in self.alignment.pairs:
            for column in self.before[row].keys() | self.after[later].keys():
                yield (row, column), (later, column)
        gone = self.before.keys() - {row for row, _ in self.alignment.pairs}
        come = self.after.keys() - {row for _, row in self.alignment.pairs}
        yield from (((row, column), None) for row in gone for column in self.before[row])
        yield from ((None, (row, column)) for row in come for column in self.after[row])


def diff_files(before: Path, after: Path, catalogue: Catalogue) -> Differences:
    """What differs between two workbook files, with the entry of workbooks.yaml that fits at least one of them.

    Where none fits, the notes say why. Raises `Refusal` for a file that cannot be read.
    """
    old, new = ClosedWorkbook.open(before), ClosedWorkbook.open(after)
    spec, notes = _shared_specification(catalogue, {before: old, after: new})
    found = diff(old, new, spec)
    return replace(found, notes=(*notes, *found.notes))


def diff(before: Workbook, after: Workbook, spec: WorkbookSpec | None) -> Differences:
    """What differs between two workbooks; `spec` is their entry of workbooks.yaml, None where they have none.

    The notes name a scorecard that cannot be read (a heading is missing); its cells are compared like all others.
    Raises `Refusal` for a file that cannot be read.
    """
    old, new = Version(before, spec), Version(after, spec)
    notes: list[str] = []
    scorecard = _listing(old, new, Version.scorecard, notes)
    facts = _listing(old, new, Version.facts, notes)
    listings = {both[0].sheet: both for both in (scorecard, facts) if both is not None}
    pair = _Pair(old, new, listings, tuple(_tables(old, new)))
    return Differences(
        scorecard=None if scorecard is None else _listed(pair, *scorecard),
        facts=None if facts is None else _listed(pair, *facts),
        cells=(*_cells(pair), *(cell for table in pair.tables for cell in _table_formulas(table))),
        tables=tuple(_table_rows(pair, table) for table in pair.tables if not table.log),
        pieces=tuple(_pieces(before, after)),
        notes=tuple(notes),
    )


def aligned(before: CellsByRow, after: CellsByRow, names_before: Names, names_after: Names) -> Alignment:
    """The rows paired by their numbers, or by their typed cells where fewer rows differ that way.

    A name in `names_before` or `names_after` identifies a row, even if its cells differ.
    """
    prints = [
        {row: names.get(row) or _print(cells) for row, cells in rows.items()}
        for rows, names in ((before, names_before), (after, names_after))
    ]
    olds, news = (sorted(row for row, mark in marks.items() if mark) for marks in prints)
    by_number = tuple((row, row) for row in sorted(set(olds) & set(news)))

    def cost(pairs: Sequence[tuple[int, int]]) -> int:
        changed = sum(1 for old, new in pairs if prints[0][old] != prints[1][new])
        return changed + len(olds) + len(news) - 2 * len(pairs)

    if not cost(by_number):
        return Alignment(by_number)
    by_content = _by_content(olds, news, prints[0], prints[1])
    return Alignment(by_content if cost(by_content) < cost(by_number) else by_number)


def followed(formula: str, home: str, alignments: Mapping[str, Alignment]) -> str:
    """The formula of a cell on sheet `home`, with its references moved to the rows' new numbers."""

    def corner(old: Corner, move: Callable[[int], int]) -> Corner:
        return old if old.row is None else replace(old, row=move(old.row))

    def moved(area: A1Reference) -> A1Reference | None:
        alignment = alignments.get(area.sheet or home)
        if alignment is None or not alignment.shifts:
            return None
        last = None if area.last is None else corner(area.last, alignment.moved)
        return replace(area, first=corner(area.first, alignment.moved), last=last)

    return rewrite_areas(formula, moved)


def _at(rows: CellsByRow, place: Position | None) -> Cell:
    return EMPTY if place is None else rows.get(place[0], {}).get(place[1], EMPTY)


def _kind(before: Cell, after: Cell, home: str, alignments: Mapping[str, Alignment]) -> CellKind | None:
    """How a cell of the sheet `home` differs; None where it is the same."""
    if before.formula is None and after.formula is None:
        return None if same(before.value, after.value) else CellKind.TYPED
    if after.formula is None:
        return CellKind.LOST
    if before.formula is None:
        return CellKind.NEW
    if not _same_formula(followed(before.formula, home, alignments), after.formula):
        return CellKind.FORMULA
    return None if same(before.value, after.value) else CellKind.RESULT


def _same_formula(one: str, other: str) -> bool:
    """Whether two formulas are the same; spreadsheets spell functions of add-ins in several ways."""
    return one == other or _spelled(one) == _spelled(other)


def _spelled(formula: str) -> str:
    try:
        tokens = list(read_tokens(formula))
    except FormulaTextError:
        return formula
    return "".join(function_name(token.text) if token.kind is TokenKind.CALL else token.text for token in tokens)


def _shared_specification(
    catalogue: Catalogue, books: Mapping[Path, ClosedWorkbook]
) -> tuple[WorkbookSpec | None, tuple[str, ...]]:
    """The entry of workbooks.yaml that fits at least one of the workbooks; or None, with the reasons."""
    notes = []
    for path, book in books.items():
        try:
            return specification(catalogue, book, path, reading=True), ()
        except Refusal as refusal:
            notes.append(f"compared cell by cell: {refusal}")
    return None, tuple(notes)


def _listing(
    old: Version, new: Version, read: Callable[[Version], Listing | None], notes: list[str]
) -> tuple[Listing, Listing] | None:
    try:
        before, after = read(old), read(new)
    except Refusal as refusal:
        notes.append(f"compared cell by cell, not row by row: {refusal}")
        return None
    return None if before is None or after is None else (before, after)


def _tables(old: Version, new: Version) -> Iterator[_Table]:
    for name, spec in new.spec.tables.items() if new.spec is not None else ():
        before, after = old.table(name), new.table(name)
        if before is not None and after is not None:
            common = [column.name for column in after.columns if column in before.columns]
            keys = table_keys(spec, common)
            records = (old.table_records(before, keys), new.table_records(after, keys))
            yield _Table(before, after, keys, *records, log=spec.rows is TableRows.LOG)


def _listed(pair: _Pair, before: Listing, after: Listing) -> RowsDifference:
    rows = tuple(_row_differences(pair, before.records, after.records))
    return RowsDifference(after.sheet, after.keys, tuple(after.titles), len(before.records), len(after.records), rows)


def _row_differences(pair: _Pair, before: Records, after: Records) -> Iterator[RowDifference]:
    """Changed and new rows, in their order after; then the gone ones."""
    for place, record in after.items():
        values = pair.new.shown_cells(record)
        if place not in before:
            yield RowDifference(What.ADDED, place[0], (), {}, values)
            continue
        pasts, past = before[place].cells, pair.old.shown_cells(before[place])
        changes = tuple(
            Change(name, past[name], value, _typed_over(pasts[name], record.cells[name]))
            for name, value in values.items()
            if name in past and not same(past[name], value)
        )
        if changes:
            yield RowDifference(What.CHANGED, place[0], changes, past, values)
    for place, record in before.items():
        if place not in after:
            yield RowDifference(What.REMOVED, place[0], (), pair.old.shown_cells(record), {})


def _typed_over(before: Cell, after: Cell) -> bool:
    return before.formula is not None and after.formula is None


def _cells(pair: _Pair) -> Iterator[CellDifference]:
    """The cells that differ on sheets of both versions, sheet by sheet, from the top.

    The comparison row by row reports the rest: bodies of data tables, new and gone rows of the scorecard or the
    facts, and results in their other rows.
    """
    sheets = [sheet for sheet in pair.new.workbook.sheet_names if sheet in pair.old.workbook.sheet_names]
    compared = {sheet: _Sheet.of(pair, sheet) for sheet in sheets}
    alignments = {sheet: one.alignment for sheet, one in compared.items()}
    for one in compared.values():
        yield from one.differences(pair, alignments)


def _table_formulas(table: _Table) -> Iterator[CellDifference]:
    """Formulas of calculated columns that differ in rows of both versions; the rows hold their results."""
    both = [place for place in table.nows if place in table.pasts]
    moves = Alignment(tuple(sorted((table.pasts[place].row, table.nows[place].row) for place in both)))
    sheet = table.before.sheet
    for place in both:
        past, now = table.pasts[place], table.nows[place]
        for heading in (heading for heading in now.cells if heading in past.cells):
            one, other = past.cells[heading], now.cells[heading]
            kind = _kind(one, other, sheet, {sheet: moves}) if one.formula or other.formula else None
            if kind is not None and kind is not CellKind.RESULT:
                cell = cell_name(now.row, now.columns[heading])
                label = (*place[0], heading)
                yield CellDifference(
                    kind, table.after.sheet, cell, label, one.value, other.value, one.formula, other.formula
                )


def _table_rows(pair: _Pair, table: _Table) -> RowsDifference:
    before, after = (tuple(column.name for column in one.columns) for one in (table.before, table.after))
    return RowsDifference(
        name=table.after.name,
        keys=table.keys,
        fields=after,
        before=len(table.pasts),
        after=len(table.nows),
        rows=tuple(_row_differences(pair, table.pasts, table.nows)),
        columns_added=tuple(heading for heading in after if heading not in before),
        columns_removed=tuple(heading for heading in before if heading not in after),
    )


def _pieces(before: Workbook, after: Workbook) -> Iterator[PieceDifference]:
    yield from _kinds("sheet", dict.fromkeys(before.sheet_names), dict.fromkeys(after.sheet_names))
    tables = ({name: table.sheet for name, table in workbook.tables.items()} for workbook in (before, after))
    yield from _kinds("table", *tables)
    yield from _kinds("name", before.names, after.names)
    if before.date1904 != after.date1904:
        years = ("1904" if workbook.date1904 else "1900" for workbook in (before, after))
        yield PieceDifference("calendar", "the calendar", What.CHANGED, *years)


def _kinds(kind: str, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[PieceDifference]:
    for name in dict.fromkeys((*before, *after)):
        past, now = before.get(name), after.get(name)
        if name not in before:
            yield PieceDifference(kind, name, What.ADDED, None, now)
        elif name not in after:
            yield PieceDifference(kind, name, What.REMOVED, past, None)
        elif past != now:
            yield PieceDifference(kind, name, What.CHANGED, past, now)


def _print(cells: Mapping[int, Cell]) -> Fingerprint:
    return tuple(
        (column, _mark(cell)) for column, cell in sorted(cells.items()) if cell.formula or cell.value not in (None, "")
    )


def _mark(cell: Cell) -> object:
    if cell.formula is not None:
        return ("=",)
    if isinstance(cell.value, CellError):
        return (cell.value.code,)
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return repr(cell.value)
    return f"{cell.value:.12g}"


def _by_content(
    olds: Sequence[int], news: Sequence[int], before: Mapping[int, Fingerprint], after: Mapping[int, Fingerprint]
) -> tuple[tuple[int, int], ...]:
    mine, theirs = [before[row] for row in olds], [after[row] for row in news]
    top = _alike(mine, theirs)
    bottom = _alike(mine[top:][::-1], theirs[top:][::-1])
    ends = len(olds) - bottom, len(news) - bottom
    pairs = list(zip(olds[:top], news[:top], strict=True))
    if (ends[0] - top) * (ends[1] - top) <= MOST_PAIRS:
        pairs += _matched(olds[top : ends[0]], news[top : ends[1]], before, after)
    else:
        pairs += ((row, row) for row in sorted(set(olds[top : ends[0]]) & set(news[top : ends[1]])))
    return (*pairs, *zip(olds[ends[0] :], news[ends[1] :], strict=True))


def _alike(one: Sequence[Fingerprint], other: Sequence[Fingerprint]) -> int:
    """The number of equal rows from the top."""
    parted = (place for place, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs)
    return next(parted, min(len(one), len(other)))


def _matched(
    olds: Sequence[int], news: Sequence[int], before: Mapping[int, Fingerprint], after: Mapping[int, Fingerprint]
) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, [before[row] for row in olds], [after[row] for row in news], autojunk=False)
    pairs: list[tuple[int, int]] = []
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and end - start == last - first):
            pairs += zip(olds[start:end], news[first:last], strict=True)
        elif tag == "replace":
            pairs += _by_first_cell(olds[start:end], news[first:last], before, after)
    return pairs


def _by_first_cell(
    olds: Sequence[int], news: Sequence[int], before: Mapping[int, Fingerprint], after: Mapping[int, Fingerprint]
) -> list[tuple[int, int]]:
    """Pairs of rows with the same first cell, in order: that cell usually names the row."""
    pairs, left = [], list(news)
    for old in olds:
        found = next((place for place, new in enumerate(left) if after[new][0] == before[old][0]), None)
        if found is not None:
            pairs.append((old, left[found]))
            del left[: found + 1]
    return pairs
