"""Excel tables: reads and resizes their parts, and finds the cells of structured references and names.

`table_bounds` reads the forms of Microsoft's page "Using structured references with Excel tables". These are
`[Column]`, `[[First]:[Last]]`, `[#All]`, `[#Headers]`, `[#Data]`, `[#Totals]`, `[#This Row]` (typed as @), and several
of them together. Names of columns may have the escapes '[ '] '# ''. `NamedAreas` finds the cells of a reference
outside the cells (in a chart, a pivot table), through names and tables.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cpa_xl.ooxml.a1 import A1Reference, bounds, range_name, rewrite_areas
from cpa_xl.ooxml.sheet import Value, decoded
from cpa_xl.ooxml.xml import Edit, Element, set_attribute, splice

_ITEM = re.compile(r"\s*(?:\[((?:[^\[\]']|'.)*)\]|([^\[\],:\s][^\[\],:]*))\s*[,:]?", re.DOTALL)
_DEEPEST = 16  # names that refer to names; Excel's own are two or three deep
_WORD = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    |(?<![\w.$'!\]:])(?:(?P<sheet>'(?:[^']|'')*'|\[\d+\]|[\w.]+)!)?
     (?P<word>[^\W\d][\w.?\\]*)(?P<brackets>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])?(?![\w.?\\(!$:'\[])
    |(?P<quoted>'(?:[^']|'')*')""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Column:
    """A column of a table; `formula` is its calculated-column formula as in the file, without "="."""

    name: str
    formula: str | None = None


@dataclass(frozen=True)
class Table:
    """A named table and its place: rows and columns count from 1 and include the header and totals rows.

    header_marked: False where the part says that there is no header row, and the first row holds the headings (as
    exceljs leaves it).
    """

    name: str
    sheet: str
    first_row: int
    first_col: int
    last_row: int
    last_col: int
    columns: tuple[Column, ...]
    totals_row: bool = False
    header_row: bool = True
    header_marked: bool = True

    @property
    def first_body_row(self) -> int:
        """The first row under the header."""
        return self.first_row + self.header_row

    @property
    def last_body_row(self) -> int:
        """The last row above the totals."""
        return self.last_row - self.totals_row

    @property
    def ref(self) -> str:
        """The range of the whole table."""
        return range_name(self.first_row, self.first_col, self.last_row, self.last_col)


@dataclass(frozen=True)
class NamedAreas:
    """Names and tables of a workbook, which resolve references; all keys are in lower case.

    names: by the sheet they belong to ("" for the whole workbook) and their own name, without "=".
    """

    names: Mapping[tuple[str, str], str]
    tables: Mapping[str, Table]

    def areas(self, formula: str) -> tuple[A1Reference, ...] | None:
        """The areas that a reference means; None where a function computes it, it moves, or it means no cells."""
        return areas_of(self._spelled_out(formula))

    def may_reach(self, formula: str, sheets: Collection[str]) -> bool:
        """Whether a reference may reach cells of these sheets: it names one of them, or its cells are unknown."""
        text, wanted, found = self._spelled_out(formula), {sheet.casefold() for sheet in sheets}, False

        def look(area: A1Reference) -> None:
            nonlocal found
            several = area.sheet is None or ":" in area.sheet  # from one sheet to another
            found = found or several or (area.sheet or "").casefold() in wanted

        rewrite_areas(text, look)
        return found or "indirect(" in text.casefold()

    def _spelled_out(self, formula: str, depth: int = 0) -> str:
        """The reference with its names replaced by their meaning, and columns of tables by their cells."""

        def meaning(match: re.Match[str]) -> str:
            word, sheet = match["word"], (match["sheet"] or "").strip("'").replace("''", "'")
            if word is None:
                return match[0]
            if match["brackets"] or (word.casefold() in self.tables and not sheet):
                return self._cells(word, match["brackets"] or "[]") or match[0]
            key = word.casefold()
            text = self.names.get((sheet.casefold(), key), self.names.get(("", key)))
            return match[0] if text is None or depth == _DEEPEST else f"({self._spelled_out(text, depth + 1)})"

        return _WORD.sub(meaning, formula)

    def _cells(self, table: str, specification: str) -> str | None:
        found = self.tables.get(table.casefold())
        if found is None:
            return None
        place = table_bounds(found, specification, "", 0)
        quoted = found.sheet.replace("'", "''")
        return None if isinstance(place, str) else f"'{quoted}'!{range_name(*place)}"


def read_table(root: Element, sheet: str) -> Table:
    """The table that a part describes. Raises ValueError or KeyError when the part describes none."""
    first_row, first_col, last_row, last_col = bounds(root.attributes["ref"])
    listing = root.find("tableColumns")
    return Table(
        name=root.attributes.get("displayName") or root.attributes["name"],
        sheet=sheet,
        first_row=first_row,
        first_col=first_col,
        last_row=last_row,
        last_col=last_col,
        columns=tuple(_column(element) for element in (listing.all("tableColumn") if listing else ())),
        totals_row=root.attributes.get("totalsRowCount", "0") != "0",
        header_row=root.attributes.get("headerRowCount", "1") != "0",
    )


def same_heading(value: Value, name: str) -> bool:
    """Whether a heading cell shows the name of its column; spaces and ends of lines count as one space."""
    shown = f"{value:.15g}" if isinstance(value, float) else value
    return isinstance(shown, str) and " ".join(shown.split()).casefold() == " ".join(name.split()).casefold()


def has_leftovers(root: Element) -> bool:
    """Whether the table has a filter (rows may be hidden), or a mark that it has no row yet."""
    return "insertRow" in root.attributes or any(element.name == "filterColumn" for element in root.walk())


def filtered_columns(root: Element) -> list[int]:
    """The columns of a table, from 0 on, by whose values it is filtered; a filter button without filter is none."""
    found = [one for one in root.walk() if one.name == "filterColumn" and one.children]
    return [int(one.attributes.get("colId", "0")) for one in found]


def resized(text: bytes, root: Element, table: Table) -> bytes:
    """The part of a table with a new end, without filters, sort order and the mark of an empty table."""
    edits = set_attribute(text, root.start, "ref", table.ref)
    for mark in ("insertRow", "insertRowShift", *(() if table.header_marked else ("headerRowCount",))):
        edits += set_attribute(text, root.start, mark, None)
    for element in root.walk():
        if element.name == "autoFilter":
            last_row = table.last_body_row
            ref = range_name(table.first_row, table.first_col, last_row, table.last_col)
            edits += set_attribute(text, element.start, "ref", ref)
        if element.name in ("filterColumn", "sortState"):
            edits.append(Edit(element.start, element.end, b""))
    return splice(text, edits)


def table_bounds(table: Table, specification: str, sheet: str, row: int) -> tuple[int, int, int, int] | str:
    """First row, first column, last row, last column of `[...]` in a formula of that cell; or why there are none."""
    parts, columns = _read_specification(specification[1:-1])
    rows = _table_rows(table, parts, sheet, row)
    if isinstance(rows, str):
        return rows
    numbers = []
    for column in columns:
        number = _column_of(table, column)
        if number is None:
            names = ", ".join(known.name for known in table.columns)
            return f"the table {table.name} has no column {column!r}; it has {names}"
        numbers.append(number)
    first, last = (min(numbers), max(numbers)) if numbers else (table.first_col, table.last_col)
    return rows[0], first, rows[1], last


def areas_of(formula: str) -> tuple[A1Reference, ...] | None:
    """The areas that a reference names; None when it holds anything else (a name, a function, several sheets)."""
    found: list[A1Reference] = []

    def take(area: A1Reference) -> str:
        found.append(area)
        return ""

    rest = rewrite_areas(formula, take)
    if rest.strip("(), ") or not all(area.sheet and ":" not in area.sheet for area in found):
        return None
    return tuple(found)


def _column(element: Element) -> Column:
    formula = element.find("calculatedColumnFormula")
    return Column(decoded(element.attributes["name"]), formula.text if formula else None)


@lru_cache(maxsize=4096)  # thousands of formulas name the same columns
def _read_specification(inner: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Special items (lower case, without #) and columns (first and last, or one, or none)."""
    if inner.startswith("@"):
        parts, columns = _read_specification(inner[1:])
        return parts | {"this row"}, columns
    if not inner.strip():
        return frozenset(), ()
    in_brackets = inner.lstrip().startswith("[")
    items = [item[1] or item[2] for item in _ITEM.finditer(inner)] if in_brackets else [inner]
    parts = frozenset(item.strip()[1:].lower() for item in items if item.strip().startswith("#"))
    named = (item for item in items if not item.strip().startswith("#"))
    return parts, tuple(re.sub(r"'(.)", r"\1", item) for item in named)


def _table_rows(table: Table, parts: frozenset[str], sheet: str, row: int) -> tuple[int, int] | str:
    body = (table.first_body_row, table.last_body_row)
    spans = {"all": (table.first_row, table.last_row), "data": body}
    if table.header_row:
        spans["headers"] = (table.first_row, table.first_row)
    if table.totals_row:
        spans["totals"] = (table.last_row, table.last_row)
    if sheet == table.sheet and body[0] <= row <= body[1]:
        spans["this row"] = (row, row)
    for part in sorted(parts - spans.keys()):
        if part == "this row":
            return f"the formula is in no row of the table {table.name}"
        return f"the table {table.name} has no #{part.title()}"
    chosen = [spans[part] for part in parts] or [body]
    return min(span[0] for span in chosen), max(span[1] for span in chosen)


def _column_of(table: Table, name: str) -> int | None:
    for number, column in enumerate(table.columns, start=table.first_col):
        if column.name.casefold() == name.casefold():
            return number
    return None
