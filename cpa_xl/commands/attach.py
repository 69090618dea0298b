"""Attach puts data sheets and tables into a copy of your own workbook; detach takes them out of it again.

Neither writes the workbook itself. All parts of the copy are the workbook's own, byte for byte, except four that list
the new parts: content types, links, sheets and names, cell formats. These get elements of ours between their own.
Detach takes these elements out and leaves every other byte alone.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.config.model import Catalogue, TableRows, TableSpec, WorkbookSpec
from cpa_xl.errors import Refusal
from cpa_xl.formulas.references import Mentions, find_mentions
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.insert import (
    KEPT_NAME,
    MARK,
    NewTable,
    cell_sheet,
    marked_name,
    new_sheet_part,
    sheet_start,
    table_sheet,
    unsuitable,
    unused_table_number,
    vocabulary,
    with_earlier_calculation,
    with_hidden_names,
    with_month_format,
    with_name,
    with_new_sheet,
    without_marked_name,
    without_month_format,
    without_sheets,
    without_typed_parts,
)
from cpa_xl.ooxml.package import Package, PartDifference, compare, write_whole
from cpa_xl.ooxml.sheet import Position
from cpa_xl.scorecard.tables import headings
from cpa_xl.wording import first_few
from cpa_xl.workbook.closed import ClosedWorkbook, refuse_if_open
from cpa_xl.workbook.table_move import without_calculation_chain

CPA_SHEET = "CPA data"  # holds the as-of month, and which tables were added
AS_OF_CELL: Position = (1, 2)
FIRST_TABLE: Position = (4, 1)  # the list of added tables begins here
TABLES_NOTE = (
    "Data tables that cpa_xl attach added and cpa_xl refresh fills; cpa_xl detach takes them and this sheet out again:"
)
ATTACHED, DETACHED = " (attached)", " (detached)"

_LONGEST_SHEET_NAME = 31
_TABLE_NAME = re.compile(r"(?![A-Za-z]{1,3}[0-9]+$|[Rr][0-9]*[Cc][0-9]*$|[RrCc]$)(?:[^\W\d]|\\)[\w.\\]{0,254}")
_MONTHS: Mapping[TableRows, frozenset[str]] = {  # headings over dates
    TableRows.MEASURES: frozenset(("Provisional from",)),
    TableRows.MILESTONES: frozenset(("Month",)),
    TableRows.EXTRACTS: frozenset(("First month", "Last month")),
    TableRows.LOG: frozenset(("As of",)),
}
_TAKEN_ALONG = ("table", "printerSettings")  # what an added sheet may lead to; a user added anything else


@dataclass(frozen=True)
class Attachment:
    """What attach added or detach took out: the written file, its sheets and tables, and the parts that differ."""

    workbook: Path
    sheets: tuple[str, ...]
    tables: tuple[str, ...]
    parts: tuple[PartDifference, ...]
    backup: Path | None = None


def attach(
    path: Path, catalogue: Catalogue, *, entry: str | None = None, out: Path | None = None, as_of: Month | None = None
) -> Attachment:
    """Add the tables of an entry of workbooks.yaml, each on its own sheet, to a copy of the workbook at `path`.

    The copy is `out`, or "NAME (attached).xlsx" beside the workbook; an earlier file with that name becomes a backup.
    `as_of` goes into the as-of cell. Raises Refusal, and writes nothing, where a name is taken or the workbook cannot
    take sheets.
    """
    name, spec = _chosen(catalogue, entry)
    refuse_if_open(path)
    target = _target(path, out, ATTACHED)
    workbook = ClosedWorkbook.open(path)
    _refuse_unsuitable(workbook.package)
    sheets = {table: table[:_LONGEST_SHEET_NAME] for table in spec.tables}
    _refuse_names(name, spec, sheets)
    _refuse_taken(workbook, name, spec, sheets)
    _refuse_headings(catalogue, spec)
    package = _with_tables(workbook.package, catalogue, spec, sheets, as_of)
    return _written(workbook, package, target, (CPA_SHEET, *sheets.values()), tuple(spec.tables))


def _chosen(catalogue: Catalogue, entry: str | None) -> tuple[str, WorkbookSpec]:
    names = ", ".join(catalogue.workbooks)
    if entry is None and len(catalogue.workbooks) != 1:
        raise Refusal(f"workbooks.yaml has {len(catalogue.workbooks)} entries ({names}); say which one with --as")
    chosen = entry or next(iter(catalogue.workbooks))
    if chosen not in catalogue.workbooks:
        raise Refusal(f"workbooks.yaml has no entry {chosen!r}; it has {names}")
    return chosen, catalogue.workbooks[chosen]


def _target(path: Path, out: Path | None, mark: str) -> Path:
    """The path of the copy; a file that a user may need is never overwritten."""
    if out is None:
        stem = path.stem.removesuffix(ATTACHED) if mark == DETACHED else path.stem
        return path.with_name(f"{stem}{mark}{path.suffix}")
    if out.suffix.casefold() != path.suffix.casefold():
        raise Refusal(f"{out} must end in {path.suffix}, as {path} does; the copy is a workbook of the same kind")
    if out.exists():
        raise Refusal(f"{out} exists already; name a new file, so that nothing of yours is written over")
    return out


def _refuse_unsuitable(package: Package) -> None:
    why = unsuitable(package)
    if why is not None:
        raise Refusal(f"{package.path}: {why}")


def _refuse_taken(workbook: ClosedWorkbook, name: str, spec: WorkbookSpec, sheets: Mapping[str, str]) -> None:
    path, root = workbook.path, workbook.package.root(workbook.package.workbook_part)
    tables = {table.name.casefold(): f"a table on sheet {table.sheet}" for table in workbook.tables.values()}
    if all(table.casefold() in tables for table in spec.tables):
        raise Refusal(f"{path} has the tables of {name} already; refresh it as it is")
    tables |= {one.attributes["name"].casefold(): f"={one.text}" for one in root.walk() if one.name == "definedName"}
    for what, wanted in (*(("the table", table) for table in spec.tables), ("the as-of name", spec.as_of)):
        if wanted.casefold() in tables:
            raise Refusal(
                f"{path}: {what} {wanted} cannot be added, that name is taken ({tables[wanted.casefold()]}); rename"
                " one: there in Excel (Formulas, Name Manager), or here in workbooks.yaml"
            )
    tabs = {one.attributes["name"].casefold() for listing in root.all("sheets") for one in listing.all("sheet")}
    for sheet in (CPA_SHEET, *sheets.values()):
        if sheet.casefold() in tabs:
            raise Refusal(f"{path}: the sheet {sheet} cannot be added, there is one of that name; rename it in Excel")


def _refuse_names(name: str, spec: WorkbookSpec, sheets: Mapping[str, str]) -> None:
    for table in (*spec.tables, spec.as_of):
        if not _TABLE_NAME.fullmatch(table):
            raise Refusal(f"workbooks.yaml: {name}: Excel accepts no table or name {table!r}; change it")
    if len({sheet.casefold() for sheet in (CPA_SHEET, *sheets.values())}) <= len(sheets):
        raise Refusal(f"workbooks.yaml: {name}: two tables need a sheet of the same name; rename one of them")


def _refuse_headings(catalogue: Catalogue, spec: WorkbookSpec) -> None:
    for table, rows in spec.tables.items():
        heads = [heading.casefold() for heading in headings(catalogue, rows)]
        twice = [heading for heading in headings(catalogue, rows) if heads.count(heading.casefold()) > 1]
        if twice:
            raise Refusal(f"table {table} would have two columns {twice[0]!r}; give one series another title")


def _month_headings(table: TableSpec) -> frozenset[str]:
    if table.rows is TableRows.YEARS:
        return frozenset()
    return frozenset((table.key or "",)) if table.rows.holds_facts else _MONTHS.get(table.rows, frozenset())


def _with_tables(
    package: Package, catalogue: Catalogue, spec: WorkbookSpec, sheets: Mapping[str, str], as_of: Month | None
) -> Package:
    words = vocabulary(package)
    package, style = with_month_format(package)
    cells: dict[Position, object] = {(1, 1): "As of", AS_OF_CELL: as_of and as_of.first_day}
    cells[FIRST_TABLE[0] - 1, 1] = TABLES_NOTE
    cells |= {(row, FIRST_TABLE[1]): table for row, table in enumerate(sheets, FIRST_TABLE[0])}
    data = cell_sheet(cells, words, style, cell_name(*AS_OF_CELL))
    package = with_new_sheet(package, CPA_SHEET, new_sheet_part(package), data)
    package = with_name(package, spec.as_of, f"'{CPA_SHEET}'!$B$1")
    for table, sheet in sheets.items():
        rows = spec.tables[table]
        number = unused_table_number(package)
        new = NewTable(table, number, headings(catalogue, rows), _month_headings(rows))
        part = new_sheet_part(package)
        package = with_new_sheet(package, sheet, part, table_sheet(new, words, style, "rId1"), new)
    return package


def _written(
    workbook: ClosedWorkbook, package: Package, target: Path, sheets: tuple[str, ...], tables: tuple[str, ...]
) -> Attachment:
    backup = target.with_name(f"{target.stem}.backup{target.suffix}") if target.exists() else None
    if backup is not None:
        refuse_if_open(target)
        package.checked()  # a refusal here comes before the backup
        write_whole(backup, (target.read_bytes(),))
    package.save(target)
    return Attachment(target, sheets, tables, compare(workbook.package, package), backup)


def detach(path: Path, *, out: Path | None = None) -> Attachment:
    """Take out of a copy of the workbook at `path` what attach added.

    Parts that no other program has saved since are those of the original, byte for byte. The copy is `out`, or
    "NAME (detached).xlsx" beside the workbook. Raises Refusal, and writes nothing, where attach added nothing, the
    added sheets hold anything else, or the rest of the workbook refers to them.
    """
    refuse_if_open(path)
    target = _target(path, out, DETACHED)
    package = with_hidden_names(ClosedWorkbook.open(path).package, KEPT_NAME, ())  # no cell that stays reads what goes
    workbook = ClosedWorkbook(package)
    _refuse_unsuitable(package)
    name = marked_name(package)
    if name is None:
        raise Refusal(f"{path} has no sheets to take out: no name in it says {MARK!r}")
    home, *_ = workbook.named_cell(name.attributes["name"])
    tables = _listed_tables(workbook, home)
    sheets = tuple(dict.fromkeys((home, *(workbook.tables[table].sheet for table in tables))))
    parts = _sheet_parts(package)
    own = _own_parts(workbook, {sheet: parts[sheet] for sheet in sheets}, tables)
    _refuse_additions(workbook, home, tables, sheets)
    _refuse_mentions(workbook, sheets, (*tables, name.attributes["name"]), own)
    untouched = _untouched(package, parts, sheets)
    if any(cell.formula for sheet in sheets for cell in workbook.cells(sheet).values()):
        package = without_calculation_chain(package)
    package = with_earlier_calculation(package) if untouched else package
    package = without_sheets(without_marked_name(package), sheets, in_place=untouched)
    package = without_typed_parts(package, own)
    package = without_month_format(package) if untouched else package
    return _written(workbook, package, target, sheets, tables)


def _untouched(package: Package, parts: Mapping[str, str], sheets: tuple[str, ...]) -> bool:
    """Whether the sheets are as attach and refresh leave them: no other program has saved the workbook since."""
    start = sheet_start(vocabulary(package))
    ours = all(package.text(parts[sheet]).startswith(start) for sheet in sheets)
    return ours and tuple(parts)[-len(sheets) :] == sheets


def _listed_tables(workbook: ClosedWorkbook, home: str) -> tuple[str, ...]:
    """The added tables, from the list on the sheet of the as-of month."""
    cells, (row, column) = workbook.cells(home), FIRST_TABLE
    there = {table.casefold(): table for table in workbook.tables}
    tables = []
    while (cell := cells.get((row, column))) is not None and cell.value not in (None, ""):
        table = there.get(str(cell.value).casefold())
        if table is None:
            raise Refusal(
                f"{workbook.path}, sheet {home}, {cell_name(row, column)}: there is no table {cell.value} any more;"
                " write the name that it has now, or delete the line"
            )
        tables.append(table)
        row += 1
    return tuple(tables)


def _sheet_parts(package: Package) -> dict[str, str]:
    links = {link.id: link.target for link in package.relationships(package.workbook_part)}
    listing = package.root(package.workbook_part).find("sheets")
    entries = listing.all("sheet") if listing else []
    return {entry.attributes["name"]: links.get(entry.attribute("id") or "", "") for entry in entries}


def _own_parts(workbook: ClosedWorkbook, sheets: Mapping[str, str], tables: Collection[str]) -> tuple[str, ...]:
    """The parts of the sheets and of all they lead to; Refusal where these are not all from attach or Excel."""
    package, parts = workbook.package, list(sheets.values())
    for sheet, part in sheets.items():
        for link in package.relationships(part):
            if link.external or not any(link.is_a(kind) for kind in _TAKEN_ALONG):
                kind = link.type.rpartition("/")[2]
                raise Refusal(
                    f"{workbook.path}: sheet {sheet} has something that attach did not add ({kind}); "
                    "move it to another sheet in Excel first"
                )
            parts.append(link.target)
        foreign = [one.name for one in workbook.tables.values() if one.sheet == sheet and one.name not in tables]
        if foreign:
            raise Refusal(
                f"{workbook.path}: the table {foreign[0]} is on sheet {sheet}, which would be taken out; "
                "move it to another sheet in Excel first"
            )
    return tuple(parts)


def _refuse_additions(workbook: ClosedWorkbook, home: str, tables: tuple[str, ...], sheets: Collection[str]) -> None:
    ours = {(1, 1), AS_OF_CELL, (FIRST_TABLE[0] - 1, 1)}
    ours |= {(row, FIRST_TABLE[1]) for row in range(FIRST_TABLE[0], FIRST_TABLE[0] + len(tables))}
    for sheet in sheets:
        areas = [workbook.tables[table] for table in tables if workbook.tables[table].sheet == sheet]
        for (row, column), cell in workbook.cells(sheet).items():
            inside = any(
                one.first_row <= row <= one.last_row and one.first_col <= column <= one.last_col for one in areas
            )
            empty = cell.value is None and cell.formula is None
            if not (empty or inside or (sheet == home and (row, column) in ours)):
                raise Refusal(
                    f"{workbook.path}: cell {cell_name(row, column)} on sheet {sheet} holds something that attach did"
                    " not put there; move it to another sheet in Excel first"
                )


def _refuse_mentions(
    workbook: ClosedWorkbook, sheets: Collection[str], names: Collection[str], own: Collection[str]
) -> None:
    package, wanted = workbook.package, Mentions(sheets, names)
    found = []
    tabs = list(_sheet_parts(package))
    for listing in package.root(package.workbook_part).all("definedNames"):
        for element in listing.children:
            place = element.attributes.get("localSheetId")
            ours = element.attributes.get("comment", "").startswith(MARK) or (place and tabs[int(place)] in sheets)
            if not ours and wanted.of_element(element):
                found.append(f"the name {element.attributes['name']} (={element.text})")
    found += find_mentions(workbook, wanted, _sheet_parts(package), own)
    if found:
        raise Refusal(
            f"{workbook.path} refers to what would be taken out: {first_few(found)}; "
            "delete that in Excel first, or turn it into values (copy, paste values)"
        )
