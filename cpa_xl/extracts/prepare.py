"""Loads one extract into the table `raw`, and makes ready what its definition says before any cell is looked at.

In: an opened file and its source. Out: the table `raw` with the rows that count, as text, and what the definition took
out of it: the lines below the rows, rows that are not chosen, declared totals, repeated rows. Faults of the file (F1,
F2, F5, F6, K1, K5, T1) go to the findings.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import ColumnType, Joined, Overlap, Repeated, Shape, Source, SourceColumn
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import EXAMPLES, FileRefused, Findings
from cpa_xl.extracts.files.columns import ExtractFile, Layout, find_layout, normal
from cpa_xl.extracts.files.find import Found, open_file
from cpa_xl.extracts.files.one_pass import Doubt, OnePass
from cpa_xl.extracts.files.readers import Loaded
from cpa_xl.extracts.files.staging import SEEN, Staging, sql_name
from cpa_xl.extracts.rows import ExtractReader
from cpa_xl.extracts.values import is_mark
from cpa_xl.measures.figures import same_figure
from cpa_xl.wording import FEWEST, TO_CHOOSE_FROM, counted, first_few

ROW_LIMITS = {65_536: ".xls", 1_048_576: ".xlsx"}  # the most rows that a sheet of the kind holds
COLUMN_LIMITS = {256: ".xls", 16_384: ".xlsx"}

_NUMBER = re.compile(r"(?<![0-9])[0-9]+(?![0-9])")
_AGAIN = "Ask for the extract again."


@dataclass
class Prepared:
    """A loaded extract: its layout, its declared totals (cells by column, with their row), and what to say about it.

    `below` is the row of the first line below the rows, and whole rows below it.
    """

    layout: Layout
    totals: list[tuple[int, Mapping[str, str | None]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    foot: str = ""
    below: tuple[int, Sequence[int]] = 0, ()


def prepare(
    staging: Staging, source: Source, file: ExtractFile, seconds: Sequence[Found], findings: Findings
) -> Prepared | None:
    """Load a file's rows into the table `raw` as text; None, with faults, if its headings or lines prevent that.

    `seconds` are the files that `joined` of the source names. Checks what does not depend on the meaning of cells.
    """
    layout = find_layout(source, file, findings)
    if layout is None:
        return None
    first = {"_first": 0} if source.trailer or source.footer else {}
    try:
        loaded = file.load(staging, layout.head, layout.delimiter, first | dict(layout.positions))
    except FileRefused as refused:
        findings.add_fault(refused.fault)
        return None
    prepared = Prepared(layout, notes=list(file.notes))
    _check_limits(layout, loaded, findings)
    _drop_repeated_headings(staging, layout, findings)
    loaded = _cut_footer(staging, source, file, prepared, loaded)
    _check_below_footer(source, prepared, findings)
    if source.trailer:
        end = _control_line(staging, source.trailer, loaded, findings)
        if end is not None:
            [(there,)] = staging.rows("SELECT count(*) FROM raw")
            _check_control_line(there, source.trailer, end, file.cells_of({end}, layout.delimiter)[end], findings)
    _check_widths(staging, source.trailer, layout, loaded, findings)
    [(rows,)] = staging.rows("SELECT count(*) FROM raw")
    if not rows:
        findings.add("F2", "there is no row below the headings", _AGAIN, row=layout.head.row)
    if not rows or loaded.ragged_in_all > len(loaded.ragged):
        return None
    if source.joined is not None and not _join(staging, source.joined, prepared, seconds, findings):
        return None
    if source.rows is not None and not _choose_rows(staging, source, prepared.layout, findings):
        return None
    _take_totals(staging, source, prepared)
    _drop_repeated_rows(staging, source, prepared)
    _compare_with_other_files(staging, source, file.name, prepared, findings)
    return prepared


def prepare_at_once(staging: Staging, one: OnePass, findings: Findings) -> Prepared:
    """Make `together`: equal rows as one, `_times` their number. Raises Doubt wherever one pass does not decide all."""
    source, layout = one.source, one.layout
    loaded, cells, rows = one.load(staging)
    _check_limits(layout, loaded, findings)
    if source.trailer:
        _check_control_line(rows, source.trailer, loaded.last_row, cells, findings)
    if source.rows is not None:
        names = [name for name in layout.columns if name in one.columns]
        if _rows_like_headings(staging, "together", "_times", layout, names):
            raise Doubt("a row repeats the headings")
        staging.run("CREATE OR REPLACE TEMP TABLE raw AS FROM together")
        rows *= _choose_rows(staging, source, layout, findings)
        staging.run("CREATE OR REPLACE TEMP VIEW together AS FROM raw")
    if not rows:
        raise Doubt("no row counts")
    if findings.codes():
        raise Doubt("its length or its control line is not what it should be")
    return Prepared(layout, notes=list(one.file.notes))


def title_note(file: ExtractFile, prepared: Prepared) -> str:
    """The text above the heading row and below the rows: a title, or a remark such as "SYNTHETIC sample data"."""
    layout = prepared.layout
    rows = next((rows for delimiter, rows in file.tops() if delimiter == layout.delimiter), ())
    above = (", ".join(cell.strip() for cell in row.cells if cell.strip()) for row in rows if row.row < layout.head.row)
    texts = [text.lstrip("# ") for text in above if text and not text.startswith("sep=")]
    return "; ".join([*texts, *([prepared.foot] if prepared.foot else []), *prepared.notes])[:250]


def check_totals(staging: Staging, reader: ExtractReader, prepared: Prepared, findings: Findings) -> None:
    """The rows add up to the declared totals (T1). A total over an unknown figure cannot be checked, and says so."""
    agreed = 0
    _check_totals_are_there(reader.source, prepared, findings)
    for row, cells in prepared.totals:
        _check_texts_of_total(reader, row, cells, findings)
        where, values = _part_of_total(reader, cells)
        for name, total, found, unknown in _added(staging, reader, cells, where, values):
            heading = reader.layout.heading(name)
            if unknown:
                message = f"the total {total:,} cannot be checked: figures that it adds up are unknown"
                findings.add("T1", message, level=Level.NOTE, row=row, column=heading)
            elif found is None and not same_figure(0, float(total)):
                message = f"the total says {total:,}, but no row belongs to it: {_named_in_total(reader, cells)}"
                remedy = "Name its other texts in `totals` in sources.yaml too, or ask for the extract again."
                findings.add("T1", message, remedy, row=row, column=heading, was=f"{total}")
            elif not same_figure(float(found or 0), float(total)):
                message = f"the total says {total:,}, but the rows add up to {found:,}"
                remedy = "Rows or figures are missing or wrong: ask for the extract again."
                findings.add("T1", message, remedy, row=row, column=heading, was=f"{total}")
            else:
                agreed += 1
    if agreed:
        prepared.notes.append(f"{counted(agreed, 'total')} checked")


def _check_limits(layout: Layout, loaded: Loaded, findings: Findings) -> None:
    remedy = "Ask for the extract again as CSV."
    for rows, kind in ROW_LIMITS.items():
        if rows in (loaded.lines, loaded.last_row):
            message = f"the file ends at row {rows:,}, where a sheet of an {kind} file ends: rows are probably lost"
            findings.add("F1", message, remedy)
    for columns, kind in COLUMN_LIMITS.items():
        if columns == len(layout.head.cells):
            message = f"the file has {columns:,} columns, all that an {kind} sheet can hold: columns are probably lost"
            findings.add("F1", message, remedy)


def _drop_repeated_headings(staging: Staging, layout: Layout, findings: Findings) -> None:
    """Report and drop rows that repeat the headings: two extracts pasted together, or page headings."""
    names = list(layout.columns)
    repeated = _rows_like_headings(staging, "raw", "_row", layout, names)
    for row in repeated:
        message = f"this row repeats the headings of row {layout.head.row}"
        findings.add("F5", message, "Leave one extract in the file, with one heading row.", row=row)
    staging.run("DELETE FROM raw WHERE list_contains(?::BIGINT[], _row)", [repeated])


def _rows_like_headings(
    staging: Staging, rows: str, number: str, layout: Layout, names: Sequence[str]
) -> Sequence[int]:
    """The number of each row whose cells in these columns are the headings."""
    same = " AND ".join(f"lower({sql_name(name)}) = lower(?)" for name in names)
    query = "SELECT {number} FROM {rows} WHERE {same} ORDER BY 1"
    headings = [layout.heading(name) for name in names]
    return [at for (at,) in staging.rows(query, headings, number=number, rows=rows, same=same)]


def _cut_footer(staging: Staging, source: Source, file: ExtractFile, prepared: Prepared, loaded: Loaded) -> Loaded:
    """Take the lines below the rows out of `raw`: from the first that begins with a word of `footer` on."""
    if not source.footer:
        return loaded
    begins = " OR ".join("starts_with(upper(_first), upper(?))" for _ in source.footer)
    [(row,)] = staging.rows("SELECT min(_row) FROM raw WHERE {begins}", list(source.footer), begins=begins)
    if row is None:
        return loaded
    needed = [name for name, column in source.columns.items() if not column.optional]
    filled = " AND ".join(f"{sql_name(name)} IS NOT NULL" for name in needed) or "FALSE"
    query = "SELECT _row FROM raw WHERE _row > ? AND {filled} AND NOT coalesce({begins}, FALSE) ORDER BY 1"
    whole = staging.rows(query, [row, *source.footer], filled=filled, begins=begins)
    prepared.below = row, [one for (one,) in whole]
    lines = file.cells_of(range(row, loaded.last_row + 1), prepared.layout.delimiter)
    prepared.foot = "; ".join(text for cells in lines.values() if (text := ", ".join(filter(None, cells)).strip()))
    staging.run("DELETE FROM raw WHERE _row >= ?", [row])
    ragged = tuple(one for one in loaded.ragged if one.row < row)
    [(last,)] = staging.rows("SELECT coalesce(max(_row), 0) FROM raw")
    below = len(loaded.ragged) - len(ragged)
    return replace(loaded, last_row=last, ragged=ragged, ragged_in_all=loaded.ragged_in_all - below)


def _check_below_footer(source: Source, prepared: Prepared, findings: Findings) -> None:
    """Lines below the rows fill few cells; whole rows there would be lost (F2)."""
    row, whole = prepared.below
    if whole:
        words = " or ".join(f"'{word}'" for word in source.footer)
        message = f"{counted(len(whole), 'whole row')} below row {row}, which begins with {words} as the last lines do"
        remedy = "Leave that line out, or correct `footer` in sources.yaml."
        findings.add("F2", message, remedy, row=whole[0])


def _control_line(staging: Staging, word: str, loaded: Loaded, findings: Findings) -> int | None:
    """The row of the control line, after removing it from `raw`; None, with a fault, if it is not the last row."""
    found = "starts_with(upper(_first), upper(?))"
    rows: list[int] = [
        row for (row,) in staging.rows("SELECT _row FROM raw WHERE {found} ORDER BY _row", [word], found=found)
    ]
    staging.run("DELETE FROM raw WHERE {found}", [word], found=found)
    if not rows:
        end = f"the file is cut off after row {loaded.last_row}"
        findings.add("F2", f"there is no last line '{word}' with the number of rows: {end}", _AGAIN)
        return None
    if len(rows) > 1 or rows[0] != loaded.last_row:
        findings.add("F2", f"'{word}' is not the last line: there are rows below it", _AGAIN, row=rows[0])
        return None
    return rows[0]


def _check_control_line(there: int, word: str, row: int, cells: Sequence[str], findings: Findings) -> None:
    """Report a control line whose number differs from the number of rows."""
    text = " ".join(cell.strip() for cell in cells if cell.strip())
    numbers = _NUMBER.findall(text[len(word) :])
    message = None
    if len(numbers) != 1:
        message = f"the last line does not give one number of rows: '{text}'"
    elif int(numbers[0]) != there:
        message = f"the last line says {int(numbers[0]):,} rows, but {there:,} are there"
    if message:
        findings.add("F2", message, _AGAIN, row=row, was=text)


def _check_widths(staging: Staging, trailer: str | None, layout: Layout, loaded: Loaded, findings: Findings) -> None:
    """Report rows with too few or too many fields, except the control line, and remove them from `raw`."""
    wanted = layout.width
    odd = [
        ragged for ragged in loaded.ragged
        if not (trailer and ragged.cells[0].strip().casefold().startswith(trailer.casefold()))
    ]  # fmt: skip
    for ragged in odd:
        fields = len(ragged.cells)
        if fields < wanted and ragged.row == loaded.last_row:
            message = f"the last row breaks off after {fields} of {wanted} fields"
            findings.add("F2", message, "Ask for the extract again: it is cut off.", row=ragged.row)
        elif fields < wanted:
            message = (
                f"the row has {fields} fields where the headings are {wanted}: a cell is missing,"
                " and the cells after it are left of their headings"
            )
            findings.add("F6", message, "Put the missing cell back, empty or not.", row=ragged.row)
        else:
            message = (
                f"the row has {fields} fields where the headings are {wanted}: there is one cell too many,"
                " and the cells after it are right of their headings"
            )
            findings.add("F6", message, "Put cells that hold a comma in quotation marks.", row=ragged.row)
    findings.add_unlisted("F6", max(0, loaded.ragged_in_all - len(loaded.ragged)))
    staging.run("DELETE FROM raw WHERE list_contains(?::BIGINT[], _row)", [[ragged.row for ragged in odd]])


def _choose_rows(staging: Staging, source: Source, layout: Layout, findings: Findings) -> bool:
    """Leave only the rows in `raw` for which the source's condition holds; False, with a fault, if there is none."""
    condition = read_condition(source.rows or "", source.every_column)
    held = _texts_of(staging, condition.columns)
    staging.run("DELETE FROM raw WHERE NOT coalesce({condition}, FALSE)", condition=f"({condition.sql('duckdb')})")
    [(rows,)] = staging.rows("SELECT count(*) FROM raw")
    if rows:
        return True
    there = "; ".join(f"{layout.heading(name)} holds {texts}" for name, texts in held.items())
    message = f"no row fits the source's `rows` ({source.rows}): {there}"
    findings.add("D1", message, "Correct `rows` in sources.yaml, or ask for the extract again.")
    return False


def _texts_of(staging: Staging, columns: Iterable[str]) -> Mapping[str, str]:
    """The first texts of some columns, for a message."""
    found = {}
    for name in sorted(columns):
        query = "SELECT DISTINCT {name} FROM raw WHERE {name} IS NOT NULL ORDER BY 1 LIMIT 50"
        found[name] = first_few([f"'{text}'" for (text,) in staging.rows(query, name=sql_name(name))], TO_CHOOSE_FROM)
    return found


def _join(staging: Staging, joined: Joined, prepared: Prepared, seconds: Sequence[Found], findings: Findings) -> bool:
    """Give each row of `raw` the columns of the second files' row with its key; False, with a fault, if one lacks."""
    headings = _load_seconds(staging, joined, seconds, findings)
    if headings is None:
        return False
    key = sql_name(joined.by)
    lacking = staging.rows(
        "SELECT min(_row), {key}, count(*) OVER () FROM raw ANTI JOIN joined USING ({key}) WHERE {key} IS NOT NULL"
        " GROUP BY {key} ORDER BY 1 LIMIT 5", key=key,
    )  # fmt: skip
    if lacking:
        row, _, many = lacking[0]
        examples = first_few([f"'{text}'" for _, text, _ in lacking], FEWEST)
        message = f"{counted(many, 'key')} of this file without a row in the second file: {examples}"
        heading = prepared.layout.heading(joined.by)
        findings.add("K5", message, "Put both files of the same period in the folder.", row=row, column=heading)
        return False
    columns = ", ".join(f"joined.{sql_name(name)}" for name in joined.columns)
    staging.run(
        "CREATE OR REPLACE TEMP TABLE raw AS SELECT raw.*, {columns} FROM raw LEFT JOIN joined USING ({key})",
        columns=columns, key=key,
    )  # fmt: skip
    prepared.layout = replace(prepared.layout, joined=headings)
    return True


def _load_seconds(
    staging: Staging, joined: Joined, seconds: Sequence[Found], findings: Findings
) -> Mapping[str, str] | None:
    """Make the table `joined` from the second files, and give the headings of its columns; None, with a fault."""
    named = (joined.files,) if isinstance(joined.files, str) else joined.files
    patterns = " or ".join(f"'{pattern}'" for pattern in named)
    if not seconds:
        findings.add("F3", f"no file fits {patterns}, which has more columns for its rows", "Put it in the folder.")
        return None
    by = SourceColumn(header=joined.key, aliases=joined.aliases, type=ColumnType.TEXT)
    columns = {joined.by: by, **joined.columns}
    whole = Source(title="second file", files=joined.files, shape=Shape.RECORDS, columns=columns, keys=(joined.by,))
    headings: Mapping[str, str] = {}
    names = ", ".join(map(sql_name, columns))
    staging.run("CREATE OR REPLACE TEMP TABLE joined AS SELECT {texts} LIMIT 0", texts=", ".join(
        f"NULL::VARCHAR AS {sql_name(name)}" for name in columns))  # fmt: skip
    staging.run("ALTER TABLE raw RENAME TO kept")
    for second in seconds:
        try:
            [file] = open_file(second, whole)
            own = Findings(second.name)
            layout = find_layout(whole, file, own)
            if layout is None:
                for fault in own.listed():
                    findings.add_fault(fault)
                return None
            loaded = file.load(staging, layout.head, layout.delimiter, layout.positions)
            _check_widths(staging, None, layout, loaded, own)
            if own.codes():
                findings.add_fault(own.listed()[0])
                return None
        except FileRefused as refused:
            findings.add_fault(refused.fault)
            return None
        staging.run("INSERT INTO joined SELECT {names} FROM raw", names=names)
        headings = {name: layout.heading(name) for name in joined.columns}
    staging.run("DROP TABLE raw")
    staging.run("ALTER TABLE kept RENAME TO raw")
    twice = staging.rows(
        "SELECT {key}, count(*) OVER () FROM joined WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1"
        " ORDER BY 1 LIMIT 5", key=sql_name(joined.by),
    )  # fmt: skip
    if twice:
        examples = first_few([f"'{text}'" for text, _ in twice], FEWEST)
        message = f"{counted(twice[0][1], 'key')} twice in the second file ({patterns}): {examples}"
        findings.add("K5", message, "Each key has one row there; leave one.")
        return None
    return headings


def _take_totals(staging: Staging, source: Source, prepared: Prepared) -> None:
    """Move the declared total rows from `raw` to the prepared extract."""
    for name, texts in source.totals.items():
        query = "SELECT DISTINCT {name} FROM raw WHERE {name} IS NOT NULL"
        there = [text for (text,) in staging.rows(query, name=sql_name(name))]
        wanted = [text for text in there if _is_total(text, texts)]
        if not wanted:
            continue
        own = [*source.every_column, *(f"m{at}" for at in prepared.layout.months)]
        found = "SELECT _row, {own} FROM raw WHERE list_contains(?::VARCHAR[], {name}) ORDER BY _row"
        for row, *cells in staging.rows(found, [wanted], own=", ".join(map(sql_name, own)), name=sql_name(name)):
            prepared.totals.append((row, dict(zip_longest(own, cells))))
        staging.run("DELETE FROM raw WHERE list_contains(?::VARCHAR[], {name})", [wanted], name=sql_name(name))


def _is_total(text: str, totals: Sequence[str]) -> bool:
    return normal(text) in {normal(total) for total in totals}


def _drop_repeated_rows(staging: Staging, source: Source, prepared: Prepared) -> None:
    """Of rows with the same keys, keep the first or the last one where the source says so."""
    if source.repeated not in (Repeated.FIRST, Repeated.LAST) or not source.keys:
        return
    keys = ", ".join(map(sql_name, source.keys))
    known = " AND ".join(f"{sql_name(key)} IS NOT NULL" for key in source.keys)
    which = "min" if source.repeated is Repeated.FIRST else "max"
    kept = "SELECT {which}(_row) FROM raw WHERE {known} GROUP BY {keys}"
    parts = {"kept": kept.format(which=which, known=known, keys=keys), "known": known}
    [(dropped,)] = staging.rows("SELECT count(*) FROM raw WHERE {known} AND _row NOT IN ({kept})", **parts)
    if dropped:
        staging.run("DELETE FROM raw WHERE {known} AND _row NOT IN ({kept})", **parts)
        prepared.notes.append(f"{counted(dropped, 'repeated row')} left out, the {source.repeated} kept")


def _compare_with_other_files(
    staging: Staging, source: Source, name: str, prepared: Prepared, findings: Findings
) -> None:
    """Rows of events whose keys an earlier file of the source has: a fault (K1), or left out where that one counts.

    `seen` keeps a number of 64 bits for the keys of each row, the file and the row.
    """
    apart = not source.many or source.overlap is Overlap.LATER or source.repeated is Repeated.COUNT
    if apart or not source.keys or source.shape is not Shape.RECORDS:
        return
    keys = ", ".join(map(sql_name, source.keys))
    parts = {"key": f"hash({keys})", "known": " AND ".join(f"{sql_name(key)} IS NOT NULL" for key in source.keys)}
    staging.run(SEEN)
    if source.repeated is Repeated.REFUSE:
        query = (
            "SELECT _row, file, row, concat_ws(', ', {keys}), count(*) OVER () FROM raw JOIN seen ON {key} = seen.key"
            " WHERE {known} ORDER BY 1 LIMIT {most}"
        )
        found = staging.rows(query, keys=keys, most=str(EXAMPLES), **parts)
        headings = ", ".join(prepared.layout.heading(key) for key in source.keys)
        for row, other, at, value, _ in found:
            message = f"'{value}' is already in row {at} of {other}"
            findings.add("K1", message, "Each row must differ in it; leave one.", row=row, column=headings, was=value)
        if found:
            findings.add_unlisted("K1", found[0][-1] - len(found))
    else:
        [(dropped,)] = staging.rows(
            "SELECT count(*) FROM raw WHERE {known} AND {key} IN (SELECT key FROM seen)", **parts
        )
        if dropped:
            staging.run("DELETE FROM raw WHERE {known} AND {key} IN (SELECT key FROM seen)", **parts)
            which = "later" if source.repeated is Repeated.LAST else "earlier"
            prepared.notes.append(f"{counted(dropped, 'row')} left out, as {which} files have them")
    staging.run("INSERT INTO seen SELECT {key}, ?, _row FROM raw WHERE {known}", [name], **parts)


def _check_totals_are_there(source: Source, prepared: Prepared, findings: Findings) -> None:
    """A warning where a file has none of the total rows that its source names (T1)."""
    if source.totals and not prepared.totals:
        texts = first_few([f"'{text}'" for texts in source.totals.values() for text in texts], TO_CHOOSE_FROM)
        message = f"there is no total row ({texts}), so nothing says whether the file is whole"
        findings.add("T1", message, "Is its end cut off? Else take `totals` out in sources.yaml.", level=Level.WARN)


def _check_texts_of_total(reader: ExtractReader, row: int, cells: Mapping[str, str | None], findings: Findings) -> None:
    """The figures of a total row are numbers, as those of other rows are; marks and blanks are no faults."""
    for name in _figures_of(reader):
        text = cells.get(name)
        fault = None if text is None or is_mark(text) else reader.check(name, text)
        if fault is not None and fault.code != "V4":  # a total may be above the largest figure of a row
            heading = reader.layout.heading(name)
            findings.add(fault.code, fault.message, fault.remedy, row=row, column=heading, was=text)


def _named_in_total(reader: ExtractReader, cells: Mapping[str, str | None]) -> str:
    """What a total's row says beside its figures, for a message."""
    named = [
        f"{reader.layout.heading(name)} '{text}'"
        for name, column in reader.source.every_column.items()
        if (text := cells.get(name)) is not None and not column.type.is_number
    ]
    return first_few(named, TO_CHOOSE_FROM)


def _figures_of(reader: ExtractReader) -> Sequence[str]:
    """The columns in memory that hold figures."""
    if reader.source.shape is Shape.WIDE:
        return reader.month_columns()
    return [name for name, column in reader.source.every_column.items() if column.type.is_number]


def _part_of_total(reader: ExtractReader, cells: Mapping[str, str | None]) -> tuple[str, list[object]]:
    """SQL for the rows that a total adds up: those with the same other texts, areas and months as its own row."""
    conditions, values = ["TRUE"], list[object]()
    source = reader.source
    for name, column in source.every_column.items():
        text = cells.get(name)
        if text is None or column.type.is_number or _is_total(text, source.totals.get(name, ())):
            continue
        if not any(map(str.isalnum, text)):  # a dash where a text would be
            continue
        conditions.append(f"{sql_name(name)} IS NOT DISTINCT FROM ?")
        values.append(reader.value(name, text))
    return " AND ".join(conditions), values


def _added(
    staging: Staging, reader: ExtractReader, cells: Mapping[str, str | None], where: str, values: Sequence[object]
) -> Iterable[tuple[str, float, float | None, int]]:
    """For each figure of a total: its column, the total, the sum of the rows, and how many of their figures lack."""
    query = "SELECT sum({name}), count(*) - count({name}) FROM typed WHERE {where} {place}"
    wide = reader.source.shape is Shape.WIDE
    for name in _figures_of(reader):
        total = reader.figure_of(name, cells.get(name))
        if total is None:
            continue
        place = f"AND _place = '{name}'" if wide else ""
        figure = sql_name("count" if wide else name)
        [(found, unknown)] = staging.rows(query, values, name=figure, where=where, place=place)
        yield name, total, found, unknown
