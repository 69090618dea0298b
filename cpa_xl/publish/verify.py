"""Verifies that a published copy and its statement agree, and reports each difference.

There are three independent proofs: the hashes of the file and its parts, the sheet about the copy against the
statement, and the scorecard against figures recalculated from the tables in the file.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.config.model import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.kept import not_calculated, outdated
from cpa_xl.measures.figures import REWORKED, same
from cpa_xl.measures.suppression import CONFIDENTIAL
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.sheet import value_at
from cpa_xl.publish.cover import about_rows, cells, cover_rows
from cpa_xl.publish.freeze.freeze import Checker
from cpa_xl.publish.freeze.work import Stripping
from cpa_xl.publish.statement import (
    ABOUT,
    Plain,
    figures,
    look_digests,
    part_digests,
    read,
    sheet_digests,
    statement_of,
)
from cpa_xl.scorecard.rows import NOTHING, specification
from cpa_xl.wording import first_few
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import COVER

PARTS_NAMED = 10  # who asks what happened to a file goes through its parts
_TARGETS = "Targets"  # the table of agreed targets, where a workbook has one
_LOOKS = {  # keys of the statement: what is said where they differ
    "formats": "numbers are written otherwise (number formats, or cells of another kind) than",
    "hidden": "other rows or columns are hidden, or the sheet itself, than",
    "comments": "comments say something else than",
}
_COMPARED = {"target": "Target", "actual": "Actual", "rag": "RAG"}  # field of the scorecard: heading of the recomputed

Scorecard = Callable[..., object]
"""Works out a scorecard from measures, monthly counts, as-of month, targets, two more tables; each with headings."""


@dataclass(frozen=True)
class _Figure:
    """A field of a row of the scorecard."""

    measure: str
    field: str

    def __str__(self) -> str:
        return f"measure {self.measure}, {self.field}"


@dataclass(frozen=True)
class Verification:
    """The differences (none where copy and statement agree), and what was compared.

    saved_again: how the file differs from the published one. This alone is no difference in what readers see: every
    program that saves a file writes it in its own way.
    """

    workbook: Path
    differences: tuple[str, ...]
    looked_at: tuple[str, ...]
    saved_again: str = ""

    @property
    def agrees(self) -> bool:
        """Whether file, sheet, statement and figures say the same, and the file is the one that was published."""
        return not self.differences and not self.saved_again


def verify(path: Path, catalogue: Catalogue, scorecard: Scorecard, checker: Checker | None = None) -> Verification:
    """Compare a published copy with the statement beside it; with a `checker`, its formulas with what they show.

    Raises `Refusal` where one of the two files cannot be read.
    """
    beside = statement_of(path)
    try:
        statement = read(beside.read_bytes(), str(beside))
    except OSError as error:
        raise Refusal(f"the statement {beside} cannot be read ({error.strerror}); it belongs beside the copy") from None
    copy = ClosedWorkbook.open(path)
    try:
        spec = specification(catalogue, copy, path, reading=True)
    except Refusal:
        spec = None
    file = _File.of(copy, statement, path)
    differences = [*file.differences(), *_sheet_differences(copy, statement), *_about_differences(copy, statement)]
    differences += _figure_differences(copy, spec, statement) if spec is not None else []
    if differences and file.same:
        differences.append("the file is the one that was published, so that the statement is what was changed")
    elif differences and file.stated.get("file") != path.name:
        differences.append(f"the statement was written for {file.stated.get('file')}")
    looked = [f"{len(copy.package.names)} parts", f"{len(copy.sheet_names)} sheets"]
    if spec is not None:
        veiled = _veiled(copy, catalogue, spec)
        recomputed = [found for found in _recomputed(copy, spec, scorecard) if found[0].measure not in veiled]
        differences += [difference for _, difference in recomputed if difference]
        looked.append(f"{len(recomputed)} figures recalculated from the tables in the file")
        if veiled:
            looked.append(f"not those of measures with suppressed counts: {', '.join(sorted(veiled))}")
    found, others = _beside(statement, path)
    looked += found
    differences += others
    differences += [f"{cell.sheet}!{cell.cell}: {outdated(copy, cell)}" for cell in not_calculated(copy)]
    if checker is not None:
        differences += _contradictions(copy, checker)
    return Verification(path, tuple(differences), tuple(looked), file.saved_again)


def _beside(statement: Plain, path: Path) -> tuple[list[str], list[str]]:
    """Page and PDF that are still beside the copy: which were compared, and which differ from the published ones."""
    stated = {
        name: digest
        for name, digest in _mapping(statement.get("beside")).items()
        if name and Path(name).name == name and path.with_name(name).is_file()
    }
    others = [
        f"{name} is not the file that was published with it"
        for name, digest in stated.items()
        if hashlib.sha256(path.with_name(name).read_bytes()).hexdigest() != digest
    ]
    copy = Path(str(_mapping(statement.get("workbook")).get("file"))).stem
    strange = [one for one in _mapping(statement.get("beside")) if Path(one).stem != copy]
    others += [f"the statement names {name}, which does not go with {copy}" for name in strange]
    others += [] if "beside" in statement else ["the statement lacks 'beside'"]
    return list(stated), others


@dataclass(frozen=True)
class _File:
    """The file against what the statement says of it: whether its bytes are the same, and which parts are not."""

    path: Path
    stated: Plain
    same: bool
    others: tuple[str, ...]
    whole: bool  # none of the sheets has its own bytes, as any program leaves them that saves a workbook

    @classmethod
    def of(cls, copy: ClosedWorkbook, statement: Plain, path: Path) -> "_File":
        """The file of a copy."""
        stated = dict(_mapping(statement.get("workbook")))
        parts, found = _mapping(stated.get("parts")), part_digests(copy.package)
        others = tuple(name for name in dict.fromkeys((*parts, *found)) if parts.get(name) != found.get(name))
        core = {tab.part for tab in Stripping(copy.package).worksheets()} | {copy.package.workbook_part}
        same = stated.get("sha256") == hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(path, stated, same, others, core <= set(others))

    def differences(self) -> Iterator[str]:
        """Signs that a person changed the file, or what the statement says of it."""
        if not {"sha256", "parts"} <= self.stated.keys():
            yield "the statement lacks the hashes of the file"
        elif self.same and self.others:
            yield f"the statement has other hashes of the parts {_some(self.others)}"
        elif self.others and not self.whole:
            yield f"the file is not the one that was published; parts that differ: {_some(self.others)}"

    @property
    def saved_again(self) -> str:
        """How the whole file differs where a program saved it; "" where it does not."""
        if self.same or (self.others and not self.whole):
            return ""
        return f"every sheet was rewritten; parts that differ: {_some(self.others)}" if self.others else "packed anew"


def _sheet_differences(copy: ClosedWorkbook, statement: Plain) -> Iterator[str]:
    """Sheets that show something else: by their cells, and by what else is seen of them."""
    yield from (f"the statement lacks {key!r}" for key in ("sheets", "looks") if key not in statement)
    then, now = _mapping(statement.get("sheets")), sheet_digests(copy)
    looked, look = _mapping(statement.get("looks")), look_digests(copy)
    for sheet in dict.fromkeys((*then, *now)):
        if sheet not in now:
            yield f"sheet {sheet} is not there any more"
        elif sheet not in then:
            yield f"sheet {sheet} was added"
        else:
            yield from _changes(copy, sheet, cells=then[sheet] != now[sheet])
            before, after = _mapping(looked.get(sheet)), look.get(sheet, {})
            changed = (
                words for key, words in _LOOKS.items() if "looks" in statement and before.get(key) != after.get(key)
            )
            yield from (f"sheet {sheet}: {words} when it was published" for words in changed)


def _changes(copy: ClosedWorkbook, sheet: str, *, cells: bool) -> Iterator[str]:
    lost = sum(cell.formula is not None and cell.value is None for cell in copy.cells(sheet).values())
    if lost:
        yield (
            f"sheet {sheet}: {lost:,} formulas have no value, as a program leaves them that does not calculate; open"
            " and save it in Excel or LibreOffice first"
        )
    elif cells:
        yield f"sheet {sheet} shows something else than when it was published"


def _contradictions(copy: ClosedWorkbook, checker: Checker) -> Iterator[str]:
    """Formulas whose result differs from their cell: at the next calculation the figures would change."""
    for (sheet, row, column), why in sorted(checker.contradicted(copy).items()):
        yield f"{sheet}!{cell_name(row, column)}: {why}"


def _some(names: Sequence[str]) -> str:
    return first_few(names, PARTS_NAMED) or "none"


def _about_differences(copy: ClosedWorkbook, statement: Plain) -> Iterator[str]:
    """What the sheets about the copy say otherwise than the statement."""
    if ABOUT not in copy.sheet_names:
        yield f"the sheet {ABOUT} is not there any more"
        return
    try:
        stated = {ABOUT: cells(about_rows(statement))}
        if statement["cover"] and COVER in copy.sheet_names:  # a missing one is reported with the other sheets
            stated[COVER] = cells(cover_rows(statement, copy.sheet_names))
    except (KeyError, TypeError) as error:
        yield f"the statement lacks {error}"
        return
    for sheet, texts in stated.items():
        shown = {place: cell.value for place, cell in copy.cells(sheet).items() if cell.value not in (None, "")}
        for place in sorted(texts.keys() | shown.keys()):
            if texts.get(place) != shown.get(place):
                yield (
                    f"{sheet}, {cell_name(*place)}: the sheet says {shown.get(place, 'nothing')!r}, the statement"
                    f" {texts.get(place, 'nothing')!r}"
                )


def _figure_differences(copy: ClosedWorkbook, spec: WorkbookSpec, statement: Plain) -> Iterator[str]:
    """Rows of the scorecard that show something else than the statement says."""
    listed = statement.get("figures")
    then = {str(row.get("id")): row for row in listed if isinstance(row, dict)} if isinstance(listed, list) else {}
    now = {str(row.get("id")): row for row in figures(copy, spec)}
    for measure in dict.fromkeys((*then, *now)):
        if measure not in now or measure not in then:
            yield f"measure {measure} is {'not in the copy' if measure in then else 'not in the statement'}"
            continue
        for field, value in then[measure].items():
            if not same(value, now[measure].get(field), REWORKED):
                yield (
                    f"measure {measure}, {field}: the copy shows {now[measure].get(field)!r}, the statement says"
                    f" {value!r}"
                )


def _veiled(copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec) -> frozenset[str]:
    """The measures of the copy with suppressed counts: they cannot be calculated from it."""
    hidden = {
        str(heads[place])
        for name, table in spec.tables.items()
        if table.rows in (TableRows.MONTHS, TableRows.QUARTERS)
        and any(name.casefold() == one.casefold() for one in copy.tables)
        for heads, *rows in (_block(copy, name),)
        for row in rows
        for place, value in enumerate(row)
        if value == CONFIDENTIAL
    }
    titles = {
        name: {catalogue.series[series].title for series in measure.figure.series}
        for name, measure in catalogue.measures.items()
        if measure.figure is not None
    }
    return frozenset(name for name, used in titles.items() if not used.isdisjoint(hidden))


def _recomputed(copy: ClosedWorkbook, spec: WorkbookSpec, scorecard: Scorecard) -> Iterator[tuple[_Figure, str]]:
    """Each figure of the scorecard that the tables in the file give, with what differs ("" where nothing does)."""
    tables, listed = _tables(copy, spec), figures(copy, spec)
    if tables is None or not listed:  # an attached workbook may have another scorecard
        return
    found = scorecard(*tables)
    if not isinstance(found, list | tuple):
        return
    heads = [str(head) for head in found[0]]
    again = {str(row[0]): dict(zip(heads, row, strict=False)) for row in found[1:]}
    for row in listed:
        other = again.get(str(row.get("id")))
        for field, heading in _COMPARED.items() if other else ():
            shown, made = row.get(field), other[heading] if other else None
            made = made.code if isinstance(made, CellError) else made
            place = _Figure(str(row.get("id")), field)
            alike = same(shown, None if made == NOTHING and shown is None else made, REWORKED)
            message = f"{place}: the scorecard shows {shown!r}, the tables in the file give {made!r}"
            yield place, "" if alike else message


def _tables(copy: ClosedWorkbook, spec: WorkbookSpec) -> list[object] | None:
    """The tables that a scorecard is calculated from; None where the copy lacks one of them."""
    by_kind = {kind: [name for name, table in spec.tables.items() if table.rows is kind] for kind in TableRows}
    measures, monthly, quarters, years = (
        by_kind[kind] for kind in (TableRows.MEASURES, TableRows.MONTHS, TableRows.QUARTERS, TableRows.YEARS)
    )
    table_names = {name.casefold() for name in copy.tables}
    wanted = [*measures[:1], *monthly[:1], *quarters[:2], *years[:1]]
    if (
        not measures
        or not monthly
        or spec.scorecard is None
        or any(name.casefold() not in table_names for name in wanted)
    ):
        return None
    try:
        sheet, row, column = copy.named_cell(spec.as_of)
    except Refusal:
        return None
    as_of = value_at(copy.cells(sheet), (row, column))
    targets = _block(copy, _TARGETS) if _TARGETS.casefold() in table_names else None
    others = [_block(copy, name) if name else None for name in (*quarters[:2], "", "")[:2]]
    others += [_block(copy, name) for name in years[:1]]
    return [_block(copy, measures[0]), _block(copy, monthly[0]), as_of, targets, *others]


def _block(copy: ClosedWorkbook, name: str) -> list[list[object]]:
    table = next(table for key, table in copy.tables.items() if key.casefold() == name.casefold())
    cells = copy.cells(table.sheet)
    return [
        [
            cells[row, column].value if (row, column) in cells else None
            for column in range(table.first_col, table.last_col + 1)
        ]
        for row in range(table.first_row, table.last_body_row + 1)
    ]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
