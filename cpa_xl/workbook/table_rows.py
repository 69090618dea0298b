"""New rows for a table: refuses what is in their way, and plans the cells of each column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import MAX_ROW, bounds, cell_name, has_relative_rows, translate
from cpa_xl.ooxml.cells import cell_style, formula_element
from cpa_xl.ooxml.sheet import FormulaText, Position, Sheet, Span
from cpa_xl.ooxml.tables import Column, Table
from cpa_xl.ooxml.xml import Edit
from cpa_xl.wording import TO_CHOOSE_FROM, first_few

Box = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True)
class Mark:
    """A comment or a link: its kind in words, and its cells."""

    kind: str
    cells: Box

    def refusal(self, table: Table, why: str) -> Refusal:
        """The refusal to write the table's rows because of this mark; `why` ends the sentence."""
        place = f"{cell_name(*self.cells[:2])} has a {self.kind}"
        return Refusal(f"table {table.name} on sheet {table.sheet}: {place}{why}; remove the {self.kind}")


@dataclass(frozen=True)
class ColumnPlan:
    """How to write the cells of one column.

    source: the place of its value in a given row, -1 for a calculated column. formula: the one in row `home`, "" for a
    column with given values.
    array: each cell holds an array formula of one cell. cell_extra: further attributes of calculated cells.
    """

    number: int
    style: str
    source: int = -1
    formula: str = ""
    home: int = 0
    relative: bool = False
    array: bool = False
    cell_extra: str = ""

    def formula_in(self, row: int) -> str:
        """The formula for a row."""
        return translate(self.formula, row - self.home, 0) if self.relative else self.formula


def box(table: Table, *, from_row: int | None = None, to_row: int | None = None) -> Box:
    """The body of a table with its totals row, or only from and to the given rows."""
    return (from_row or table.first_body_row, table.first_col, to_row or table.last_row, table.last_col)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a cell."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def cells_in_box(sheet: Sheet, where: Box, *, formulas: bool = False) -> Iterator[tuple[Position, Span]]:
    """The cells in a box; with `formulas`, only those of rows that may hold formulas."""
    for row in sheet.formula_rows.between(where[0], where[2]) if formulas else sheet.rows.between(where[0], where[2]):
        for cell in sheet.cells_in(row):
            if where[1] <= cell.number <= where[3]:
                yield (row.number, cell.number), cell


def refuse_kind(table: Table, kind: str) -> None:
    """Raise Refusal for a table that a connection fills, and for a table without headers."""
    if kind != "worksheet":
        raise Refusal(f"table {table.name} is filled by a connection ({kind}), which would overwrite new rows")
    refuse_headless(table)


def refuse_headless(table: Table) -> None:
    """Raise Refusal for a table without headers, and for one whose part lists fewer or more columns than it has."""
    wide, listed = table.last_col - table.first_col + 1, len(table.columns)
    if wide != listed:
        raise Refusal(
            f"table {table.name} on sheet {table.sheet} has {wide} columns ({table.ref}), and its part lists {listed}:"
            " the program that saved the workbook last lost the others (exceljs does so with calculated columns); go"
            " back to a copy from before that, and save with another program"
        )
    if not table.header_row:
        raise Refusal(f"table {table.name} shows no header row; switch it on in Excel (Table Design, Header Row)")


def with_found_formulas(sheet: Sheet, table: Table, given: Sequence[str]) -> Table:
    """The table with the formulas of calculated columns that its part does not list.

    LibreOffice does not write which columns are calculated. A column counts as calculated when no values are given for
    it and all its rows hold the same formula. Raises Refusal, which names the cell, when its formulas differ.
    """
    last = table.first_col + len(table.columns) - 1
    formulas: dict[int, dict[int, str]] = {
        number: {}
        for number, column in zip(range(table.first_col, last + 1), table.columns, strict=True)
        if column.formula is None and column.name not in given
    }
    body = box(table, to_row=table.last_body_row)
    for (row, number), cell in cells_in_box(sheet, body, formulas=True) if formulas else ():
        formula = sheet.formula(cell) if number in formulas else None
        if formula is not None and formula.kind != b"dataTable":
            formulas[number][row] = sheet.expanded(formula, (row, number))
    columns = list(table.columns)
    for number, texts in formulas.items():
        if texts:
            columns[number - table.first_col] = Column(
                columns[number - table.first_col].name, _same_formula(table, number, texts)
            )
    return replace(table, columns=tuple(columns))


def _same_formula(table: Table, number: int, texts: Mapping[int, str]) -> str:
    """The formula of the first row that has one; Refusal unless all rows hold copies of it."""
    home, text = next(iter(texts.items()))
    relative = has_relative_rows(text)
    for row in range(table.first_body_row, table.last_body_row + 1):
        wanted = translate(text, row - home, 0) if relative else text
        if texts.get(row) != wanted:
            name = table.columns[number - table.first_col].name
            here = f"={texts[row]}" if row in texts else "no formula"
            raise Refusal(
                f"table {table.name}: no values are given for column {name!r}, and it is not a calculated one: "
                f"{cell_name(row, number)} holds {here}, where {cell_name(home, number)} copied there would read "
                f"={wanted}; let Excel fill one formula down the whole column"
            )
    return text


def refuse_columns(table: Table, columns: Sequence[str]) -> None:
    """Raise Refusal unless `columns` names each column that is not calculated, once."""
    wanted = [column.name for column in table.columns if column.formula is None]
    missing = [name for name in wanted if name not in columns]
    surplus = [name for place, name in enumerate(columns) if name not in wanted or name in columns[:place]]
    if missing or surplus:
        faults = [f"nothing fills its columns {', '.join(missing)}"] if missing else []
        faults += [f"it has no columns {', '.join(surplus)} to fill"] if surplus else []
        raise Refusal(
            f"table {table.name}: {', and '.join(faults)}; it has {first_few(wanted, TO_CHOOSE_FROM)}. Change the"
            " headings of the table, or give the configuration that fits this workbook (--config)"
        )


def checked_rows(table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    """The given rows, or one empty row. Raises Refusal for a row of the wrong length, and for too many rows."""
    rest = iter(rows)
    above = table.first_body_row - 1 + table.totals_row
    place = 0
    for place, row in enumerate(rest, 1):
        if len(row) != len(columns):
            raise Refusal(f"row {place} for table {table.name} has {len(row)} values for {len(columns)} columns")
        if above + place > MAX_ROW:
            end = above + place + sum(1 for _ in rest)
            raise Refusal(f"table {table.name} would end in row {end:,}, and a sheet has {MAX_ROW:,}")
        yield row
    if not place:
        yield [None] * len(columns)


def refuse_obstacles(sheet: Sheet, old: Table, new: Table, others: Sequence[Table]) -> None:
    """Raise Refusal, which names cell or table, when the new rows would damage something."""
    both = box(old, to_row=max(old.last_row, new.last_row))
    place = f"table {old.name} on sheet {old.sheet}"
    for other in others:
        if other.name != old.name and overlap(box(other, from_row=other.first_row), both):
            raise Refusal(f"{place} would grow into table {other.name} ({other.ref}); move one of them")
    merged = sheet.frame.find("mergeCells")
    for element in merged.all("mergeCell") if merged else ():
        if overlap(bounds(element.attributes["ref"]), both):
            raise Refusal(
                f"{place}: cells {element.attributes['ref']} are merged where its rows go; unmerge them in Excel"
            )
    _refuse_content_below(sheet, old, new, place)
    _refuse_arrays(sheet, old, both, place)


def _refuse_content_below(sheet: Sheet, old: Table, new: Table, place: str) -> None:
    if new.last_row <= old.last_row:
        return
    for (row, column), cell in cells_in_box(sheet, box(old, from_row=old.last_row + 1, to_row=new.last_row)):
        if cell.outer > cell.inner:
            raise Refusal(
                f"{place} needs the cells down to row {new.last_row}, and {cell_name(row, column)} below it "
                "is not empty; move what is there"
            )


def _refuse_arrays(sheet: Sheet, old: Table, both: Box, place: str) -> None:
    """Raise Refusal for array formulas in the block, except those that fill one cell of a calculated column."""
    calculated = {old.first_col + index for index, column in enumerate(old.columns) if column.formula is not None}
    for position, ref, kind in array_ranges(sheet):
        if not overlap(ref, both):
            continue
        single = ref[:2] == ref[2:] and kind == b"array"
        if single and position[1] in calculated and position[0] <= old.last_body_row:
            continue
        raise Refusal(
            f"{place}: {cell_name(*position)} holds an array formula or a data table "
            f"that fills {cell_name(*ref[:2])}:{cell_name(*ref[2:])}, where the table's rows go; move it"
        )


def refuse_lost_attachments(old: Table, new: Table, marks: Iterable[Mark]) -> None:
    """Raise Refusal where a comment or a link belongs to rows that come, go, or (the totals) move."""
    first, last = min(new.last_body_row, old.last_body_row) + 1, max(new.last_row, old.last_row)
    for mark in marks if new != old else ():
        if overlap(mark.cells, box(old, from_row=first, to_row=last)):
            raise mark.refusal(old, " where rows are added or removed")


def array_ranges(sheet: Sheet) -> Iterator[tuple[Position, Box, bytes]]:
    """The cells of array formulas and data tables, the cells that they fill, and their kind."""
    for row in sheet.formula_rows if sheet.has_arrays else ():
        for cell in sheet.cells_in(row):
            formula = sheet.formula(cell)
            if formula is not None and formula.kind in (b"array", b"dataTable"):
                place = (row.number, cell.number)
                yield (
                    place,
                    bounds(formula.attributes.get(b"ref", cell_name(*place).encode()).decode()),
                    formula.kind,
                )


def without_shared_formulas(sheet: Sheet, where: Box) -> Sheet:
    """The sheet without shared formulas in the box: their members become separate formulas."""
    touched = set()
    for _, cell in cells_in_box(sheet, where) if sheet.shared_masters else ():
        formula = sheet.formula(cell)
        if formula is not None and formula.kind == b"shared":
            touched.add(formula.attributes[b"si"])
    return sheet.with_edits(list(unshared(sheet, touched)) if touched else [])


def unshared(sheet: Sheet, numbers: set[bytes]) -> Iterator[Edit]:
    """Edits that make the members of these shared formulas separate formulas."""
    for row in sheet.formula_rows:
        for cell in sheet.cells_in(row):
            formula = sheet.formula(cell)
            if formula is None or formula.kind != b"shared" or formula.attributes[b"si"] not in numbers:
                continue
            span = sheet.formula_span(cell)
            text = sheet.expanded(formula, (row.number, cell.number))
            if span is not None:
                yield Edit(span.start, span.end, ordinary(sheet, formula, text))


def ordinary(sheet: Sheet, formula: FormulaText, text: str) -> bytes:
    """A separate <f> with this text; it keeps all attributes that are not about sharing."""
    kept = {name: value for name, value in formula.attributes.items() if name not in (b"t", b"si", b"ref")}
    kept.pop(b"xml:space", None)
    extra = "".join(f' {name.decode()}="{value.decode()}"' for name, value in kept.items())
    return formula_element(text, sheet.prefix.decode(), extra).encode()


@dataclass(frozen=True)
class Body:
    """A table's body in its sheet: its formulas by column and row."""

    sheet: Sheet
    table: Table
    formulas: Mapping[int, Mapping[int, FormulaText]]


def read_body(sheet: Sheet, table: Table) -> Body:
    """The body of a table. Raises Refusal where a column that is not calculated holds a formula."""
    formulas: dict[int, dict[int, FormulaText]] = {}
    for (row, column), cell in cells_in_box(sheet, box(table, to_row=table.last_body_row), formulas=True):
        formula = sheet.formula(cell)
        if formula is None:
            continue
        name, text = (
            table.columns[column - table.first_col].name,
            table.columns[column - table.first_col].formula,
        )
        if text is None:
            raise Refusal(
                f"table {table.name}: {cell_name(row, column)} in column {name!r} holds a formula, and the column "
                "is not a calculated one; let Excel fill the formula down the whole column, or type a value instead"
            )
        formulas.setdefault(column, {})[row] = formula
    return Body(sheet, table, formulas)


def overtyped(body: Body, plans: Iterable[ColumnPlan]) -> Iterator[tuple[Position, str | None, str]]:
    """Cells of calculated columns that hold something else: place, formula (None: a value), name of the column."""
    table, sheet = body.table, body.sheet
    calculated = {plan.number: plan for plan in plans if plan.source < 0}
    for place, cell in cells_in_box(sheet, box(table, to_row=table.last_body_row)) if calculated else ():
        plan = calculated.get(place[1])
        if plan is None:
            continue
        formula = body.formulas.get(place[1], {}).get(place[0])
        text = None if formula is None else sheet.expanded(formula, place)
        filled = (
            formula is not None or sheet.value_span(cell) is not None or b"<is" in sheet.data[cell.inner : cell.end]
        )
        if filled and text != plan.formula_in(place[0]):
            yield place, text, table.columns[place[1] - table.first_col].name


def loses_formulas(sheet: Sheet, old: Table, new: Table) -> bool:
    """Whether the table's new end takes the formula out of a cell."""
    calculated = {old.first_col + index for index, column in enumerate(old.columns) if column.formula is not None}
    first = min(old.last_body_row, new.last_body_row) + 1
    places = [place for place, _ in cells_in_box(sheet, box(old, from_row=first), formulas=True)] if new != old else []
    totals = {column for row, column in places if row > old.last_body_row}
    return any(
        column not in (calculated if row <= new.last_body_row else totals if row == new.last_row else ())
        for row, column in places
    )


def column_plans(body: Body, given: Sequence[str]) -> tuple[ColumnPlan, ...]:
    """How to write each column's cells; a column has the style of its first cell."""
    table, sheet = body.table, body.sheet
    first = table.first_body_row
    plans = []
    for number, column in enumerate(table.columns, table.first_col):
        style = cell_style(sheet, sheet.cell_at(first, number), first, number)
        if column.formula is None:
            plans.append(ColumnPlan(number, style, source=given.index(column.name)))
        else:
            plans.append(_calculated(body, number, style, column.formula))
    return tuple(plans)


def _calculated(body: Body, number: int, style: str, text: str) -> ColumnPlan:
    relative = has_relative_rows(text)
    for row, formula in body.formulas.get(number, {}).items():
        if relative and body.sheet.expanded(formula, (row, number)) != text:
            continue
        cell = body.sheet.cell_at(row, number)
        mark = body.sheet.cell_attributes(cell).get(b"cm", b"").decode() if cell else ""
        extra = f' cm="{mark}"' if mark else ""
        return ColumnPlan(number, style, -1, text, row, relative, formula.kind == b"array", extra)
    if relative:
        column = body.table.columns[number - body.table.first_col]
        raise Refusal(
            f"table {body.table.name}: calculated column {column.name!r}, ={text}, names cells by their place, and "
            "no row has that formula, so other rows cannot be filled; write it with column names, as in [@[x]]"
        )
    return ColumnPlan(number, style, -1, text)
