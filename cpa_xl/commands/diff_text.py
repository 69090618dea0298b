"""Differences between two workbooks as lines of text: the scorecard first, with figures as it prints them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from cpa_xl.errors import CellError
from cpa_xl.measures.figures import plain_number, same
from cpa_xl.ooxml.sheet import Value
from cpa_xl.scorecard.versions import (
    CellDifference,
    CellKind,
    Change,
    DateText,
    Differences,
    PieceDifference,
    RowDifference,
    RowsDifference,
    What,
)
from cpa_xl.wording import counted, first_few

LISTED = 10  # rows or cells of one kind that are listed
THE_REST = "; --json has them all"
LONGEST = 70  # characters of a text that a line shows
COMMENT = 110  # characters of a comment, which has its own line
FINGERPRINT = 12  # characters of the SHA-256 of an extract
CONTEXT = 16  # characters before the place where two texts part, at least
DIGITS = range(6, 18)  # significant digits of a calculated number: as few as show the difference

# Fields with a printed text in another field; and fields that follow from others (the status from the letter), which
# a line shows only when no other one changed.
PRINTED = {"target": "target_text", "actual": "latest", "value": "text"}
LEADING = ("target", "actual", "value", "rag", "period")
FOLLOWING = ("target_text", "latest", "text", "status", "reason", "as_of")
WORDS = {
    "value": "",
    "rag": "letter",
    "target_text": "printed target",
    "latest": "printed figure",
    "text": "as printed",
}
NO_FIGURE = "–"


def difference_lines(found: Differences, before: str, after: str) -> Iterator[str]:
    """The differences, one line for each row or cell; one line where there is none."""
    if not found.any:
        yield f"No difference between {before} and {after}: figures, letters, targets, typed cells, formulas and tables"
        return
    yield f"{before} -> {after}"
    yield from (f"note: {note}" for note in found.notes)
    for part in (found.scorecard, found.facts):
        if part is not None and part.any:
            yield f"{part.name}: {len(part.rows):,} of {counted(part.after, 'row')} differ"
            width = max(len(", ".join(row.key)) for row in part.rows)
            for row in part.rows:
                yield from _row_lines(row, width, part.fields)
    for title, cells in (
        ("Typed cells", found.typed),
        ("Formulas", found.formulas),
        ("Other calculated cells", found.results),
    ):
        if cells:
            yield f"{title}: {len(cells):,} {'differs' if len(cells) == 1 else 'differ'}"
            yield from _capped([_cell_line(cell) for cell in cells])
    for table in found.tables:
        yield from _table_lines(table) if table.any else ()
    yield from (_piece_line(piece) for piece in found.pieces)


def _capped(every: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in every[:LISTED])
    if len(every) > LISTED:
        yield f"  and {len(every) - LISTED:,} more{THE_REST}"


# Rows of the scorecard and of the comment facts.


def _row_lines(row: RowDifference, width: int, fields: Sequence[str]) -> Iterator[str]:
    key = ", ".join(row.key).ljust(width)
    if row.what is not What.CHANGED:
        cells = row.after if row.what is What.ADDED else row.before
        figures = [f"{_word(field)} {_figure(cells, field)}".strip() for field in LEADING if _held(cells, field)]
        yield f"  {key}  {'new row' if row.what is What.ADDED else 'row gone'}: {', '.join(figures) or 'no figure'}"
        return
    changes = {change.field: change for change in row.changes}
    yield f"  {key}  {'   '.join(_row_pieces(row, changes, fields))}"
    if (comment := changes.get("comment")) is not None:
        before, after = _parted(_text(comment.before), _text(comment.after), COMMENT)
        yield f"  {' ' * width}  - {before}"
        yield f"  {' ' * width}  + {after}"


def _row_pieces(row: RowDifference, changes: Mapping[str, Change], fields: Sequence[str]) -> Iterator[str]:
    """The changes of a row; the letter also when only a figure or target changed."""
    moved = any(field in changes for field in ("target", "actual"))
    for field in LEADING:
        if field in changes or (field == "rag" and moved and _held(row.after, field)):
            yield f"{_word(field)} {_figures(row, field)}".strip() + _typed_over(changes.get(field))
    leading = any(field in changes for field in LEADING)
    for field, change in changes.items():
        follows = field in FOLLOWING or field not in fields
        if field == "comment":
            yield "comment changed" + _typed_over(change)
        elif field not in LEADING and not (leading and follows and not change.typed_over):
            yield f"{_word(field)} {_arrow(change.before, change.after)}" + _typed_over(change)


def _typed_over(change: Change | None) -> str:
    return ", typed over its formula" if change is not None and change.typed_over else ""


def _word(field: str) -> str:
    return WORDS.get(field, field.replace("_", " "))


def _held(cells: Mapping[str, Value], field: str) -> bool:
    return cells.get(field) not in (None, "", NO_FIGURE)


def _figure(cells: Mapping[str, Value], field: str) -> str:
    """A figure as the scorecard prints it, or its plain value where the scorecard prints none."""
    value, printed = cells.get(field), cells.get(PRINTED.get(field, ""))
    if isinstance(printed, str) and printed:
        return printed
    if isinstance(value, float):
        return plain_number(value)
    return NO_FIGURE if value in (None, "") else _text(value)


def _figures(row: RowDifference, field: str) -> str:
    """Both figures as printed; with their exact values where they print alike."""
    before, after = _figure(row.before, field), _figure(row.after, field)
    past, now = row.before.get(field), row.after.get(field)
    if before != after or same(past, now):
        return f"{before} -> {after}"
    return f"{before} -> {after} ({_arrow(past, now)})" if isinstance(now, float) else _arrow(past, now)


# Data tables.


def _table_lines(table: RowsDifference) -> Iterator[str]:
    counts = [f"{len(table.of(what)):,} {what.value}" for what in What if table.of(what)]
    for what, columns in (("new", table.columns_added), ("gone", table.columns_removed)):
        counts += [f"{what} column {column}" for column in columns]
    yield f"Table {table.name}: {counted(table.before, 'row')} before, {table.after:,} now; {', '.join(counts)}"
    for what in (What.ADDED, What.REMOVED):
        if rows := table.of(what):
            named = first_few([", ".join(row.key) for row in rows], LISTED, between="; ")
            yield f"  {what.value}: {named}{THE_REST if len(rows) > LISTED else ''}"
    yield from _capped([f"{', '.join(row.key)}: {_changes(row)}" for row in table.of(What.CHANGED)])


def _changes(row: RowDifference) -> str:
    return "; ".join(
        f"{change.field} {_arrow(change.before, change.after)}{_typed_over(change)}" for change in row.changes
    )


# Cells, sheets, names.


def _cell_line(cell: CellDifference) -> str:
    place = f"{cell.sheet}!{cell.cell}" + (f" ({', '.join(cell.label)})" if cell.label else "")
    before, after = f"={cell.formula_before}", f"={cell.formula_after}"
    match cell.kind:
        case CellKind.LOST if cell.after in (None, ""):
            return f"{place}: formula lost: the cell is empty, it held {_cut(before)}"
        case CellKind.LOST:
            return f"{place}: formula lost: {_quoted(cell.after)} is typed over {_cut(before)}"
        case CellKind.NEW:
            past = "in an empty cell" if cell.before in (None, "") else f"in place of {_quoted(cell.before)}"
            return f"{place}: formula new: {_cut(after)} {past}"
        case CellKind.FORMULA:
            return f"{place}: formula changed: {' -> '.join(_parted(before, after))}"
        case _:
            return f"{place}: {_arrow(cell.before, cell.after, exact=cell.kind is CellKind.TYPED)}"


def _piece_line(piece: PieceDifference) -> str:
    name = piece.name if piece.kind == "calendar" else f"{piece.kind} {piece.name}"
    if piece.what is not What.CHANGED:
        return f"{name[:1].upper()}{name[1:]} is {'new' if piece.what is What.ADDED else 'gone'}"
    verb = {"name": "refers to", "table": "is on sheet", "calendar": "begins in"}.get(piece.kind, "is")
    return f"{name[:1].upper()}{name[1:]} {verb} {piece.before} -> {piece.after}"


# Values.


def _text(value: Value) -> str:
    """A value in a line: numbers in full, text as it is."""
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value)
    return "empty" if value in (None, "") else str(value)


def _number(value: float, digits: int = 15) -> str:
    return f"{value:,.{15 if value == int(value) else digits}g}"


def _quoted(value: Value) -> str:
    if isinstance(value, str) and value and not isinstance(value, DateText):
        return f'"{value[:FINGERPRINT]}…"' if re.fullmatch("[0-9a-f]{64}", value) else f'"{_cut(value)}"'
    return _text(value)


def _arrow(before: Value, after: Value, *, exact: bool = False) -> str:
    """Both values: long texts from where they part, numbers with enough digits to show the difference."""
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > LONGEST:
        return " -> ".join(f'"{text}"' if text else "empty" for text in _parted(before, after))
    if isinstance(before, float) and isinstance(after, float) and not exact:
        for digits in DIGITS:
            texts = [_number(value, digits) for value in (before, after)]
            if texts[0] != texts[1]:
                return " -> ".join(texts)
    return f"{_quoted(before)} -> {_quoted(after)}"


def _cut(text: str, longest: int = LONGEST) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _parted(before: str, after: str, longest: int = LONGEST) -> tuple[str, str]:
    """The part of two texts that differs, with a few words around it."""
    before, after = before.replace("\n", " "), after.replace("\n", " ")
    shorter = min(len(before), len(after))
    start = _alike(before, after)
    tail = min(_alike(before[::-1], after[::-1]), shorter - start)
    begin = 0 if start <= 2 * CONTEXT else _word_start(before, start - CONTEXT)
    end = 0 if tail <= 2 * CONTEXT else len(before) - _word_end(before, len(before) - tail + CONTEXT)

    def part(text: str) -> str:
        shown = _cut(text[begin : len(text) - end], longest).removesuffix("…")
        whole = begin + len(shown) >= len(text)
        return ("…" if begin else "") + shown + ("" if whole else "…")

    return part(before), part(after)


def _alike(one: str, other: str) -> int:
    """The number of characters that two texts share at their start."""
    parts = (place for place, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs)
    return next(parts, min(len(one), len(other)))


def _word_start(text: str, place: int) -> int:
    """The start of the word at that place, unless it is far off (in a formula)."""
    found = text.rfind(" ", place - CONTEXT, place) + 1
    return found or place


def _word_end(text: str, place: int) -> int:
    """The end of the word at that place, unless it is far off."""
    found = text.find(" ", place, place + CONTEXT)
    return place if found < 0 else found
