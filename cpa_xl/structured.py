"""Structured references: the cells that `[...]` behind a table's name means.

The forms are those of Microsoft's page "Using structured references with Excel tables": `[Column]`, `[[First]:[Last]]`,
`[#All]`, `[#Headers]`, `[#Data]`, `[#Totals]`, `[#This Row]` (typed as @), several of them together, and the escapes
'[ '] '# '' in the names of columns.
"""

import re

from cpa_xl.tablexml import Table

_ITEM = re.compile(r"\s*(?:\[((?:[^\[\]']|'.)*)\]|([^\[\],:\s][^\[\],:]*))\s*[,:]?", re.DOTALL)


def table_bounds(table: Table, specification: str, sheet: str, row: int) -> tuple[int, int, int, int] | str:
    """First row, first column, last row, last column that `[...]` means, seen from a cell; or why it means none."""
    parts, columns = _read_specification(specification[1:-1])
    rows = _table_rows(table, parts, sheet, row)
    if isinstance(rows, str):
        return rows
    numbers = []
    for column in columns:
        number = _column_of(table, column)
        if number is None:
            there = ", ".join(known.name for known in table.columns)
            return f"the table {table.name} has no column {column!r}; it has {there}"
        numbers.append(number)
    first, last = (min(numbers), max(numbers)) if numbers else (table.first_col, table.last_col)
    return rows[0], first, rows[1], last


def _read_specification(inner: str) -> tuple[frozenset[str], list[str]]:
    """Special items (lower case, without #) and columns (first and last, or one, or none)."""
    if inner.startswith("@"):
        parts, columns = _read_specification(inner[1:])
        return parts | {"this row"}, columns
    if not inner.strip():
        return frozenset(), []
    in_brackets = inner.lstrip().startswith("[")
    items = [item[1] or item[2] for item in _ITEM.finditer(inner)] if in_brackets else [inner]
    parts = frozenset(item.strip()[1:].lower() for item in items if item.strip().startswith("#"))
    columns = [re.sub(r"'(.)", r"\1", item) for item in items if not item.strip().startswith("#")]
    return parts, columns


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
            return f"the formula stands in no row of the table {table.name}"
        return f"the table {table.name} has no #{part.title()}"
    chosen = [spans[part] for part in parts] or [body]
    return min(span[0] for span in chosen), max(span[1] for span in chosen)


def _column_of(table: Table, name: str) -> int | None:
    for number, column in enumerate(table.columns, start=table.first_col):
        if column.name.casefold() == name.casefold():
            return number
    return None
