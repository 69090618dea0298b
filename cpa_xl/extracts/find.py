"""Finds which file of a folder belongs to which source, and loads it.

In: a folder and the sources. Out: each source's file with its rows in the table `raw`, or faults of the file itself
(F1 to F6).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cpa_xl.config.model import Source
from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.columns import ExtractFile, Layout, find_layout, recognises
from cpa_xl.extracts.faults import ExtractsRefused, Fault, FileRefused, Findings
from cpa_xl.extracts.readers import SUFFIXES, Loaded, SheetFile, Staging, TextFile, sql_name
from cpa_xl.measures.periods import SHORT, Month

__all__ = ["Extract", "ExtractsRefused", "Fault", "Level", "choose_files", "load_extract", "month_in_name"]

ROW_LIMITS = {65_536: ".xls", 1_048_576: ".xlsx"}  # the most rows that a sheet of the kind holds
COLUMN_LIMITS = {256: ".xls", 16_384: ".xlsx"}

_TEXT = (".csv", ".txt", ".tsv")
_MONTH_NUMBERS = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.]?(0[1-9]|1[0-2])(?![-_.]?[0-9])")
_MONTH_NAME = re.compile(rf"(?i)(?<![a-z])({'|'.join(SHORT)})[a-z]*[-_ ]?((?:19|20)[0-9]{{2}})(?![0-9])")
_NUMBER = re.compile(r"(?<![0-9])[0-9]+(?![0-9])")


@dataclass(frozen=True)
class Extract:
    """A file that is read: its source and SHA-256, its rows and months, and the text above its headings (`note`)."""

    source: str
    title: str
    file: str
    sha256: str
    rows: int
    first: Month
    last: Month
    note: str = ""


def choose_files(
    sources: Mapping[str, Source], wanted: Collection[str], folder: Path
) -> tuple[Mapping[str, tuple[ExtractFile, ...]], tuple[Fault, ...]]:
    """The opened files of each wanted source (several for `many`), and the faults of files (F3, F4, F5).

    A file belongs to a source if its name fits; if the names of two sources fit, its headings decide. Files of a source
    of `many` may lie in sub-folders. Raises Refusal if the folder does not exist.
    """
    if not folder.is_dir():
        raise Refusal(f"{folder}: there is no such folder; name the folder that holds the extracts")
    paths = sorted(_files_in(folder))
    if any(sources[name].many for name in wanted):
        paths += sorted(path for below in folder.iterdir() if below.is_dir() for path in _files_below(below))
    faults: list[Fault] = []
    claims: dict[str, list[ExtractFile]] = {name: [] for name in wanted}
    for path in paths:
        names = [name for name, source in sources.items() if _fits(path, source) and _may_lie(path, folder, source)]
        if not any(name in wanted for name in names):
            continue
        try:
            for name, file in _claim(path, names, sources, faults).items():
                if name in claims:
                    claims[name].append(file)
        except FileRefused as refused:
            faults.append(refused.fault)
    chosen = {name: tuple(files) for name, files in claims.items() if len(files) == 1 or (files and sources[name].many)}
    faults += [_two_files(sources[name], files) for name, files in claims.items() if files and name not in chosen]
    contested = {fault.file for fault in faults}  # each is named already: nothing to say about its sources
    for name, files in claims.items():
        if not files and not any(_fits(Path(file), sources[name]) for file in contested):
            faults.append(_no_file(name, sources[name], folder, [path for path in paths if path.parent == folder]))
    return chosen, tuple(faults)


def _files_in(folder: Path) -> list[Path]:
    """The files of a folder that may be extracts: not hidden, and not what Excel keeps beside an open workbook."""
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(("~$", "."))]


def _files_below(folder: Path) -> list[Path]:
    """The files of a folder and of the folders in it, at any depth; hidden folders are left out."""
    if folder.name.startswith("."):
        return []
    deeper = (path for below in folder.iterdir() if below.is_dir() for path in _files_below(below))
    return [*_files_in(folder), *deeper]


def _may_lie(path: Path, folder: Path, source: Source) -> bool:
    """Only sources of many files are read from sub-folders."""
    return source.many or path.parent == folder


def _fits(path: Path, source: Source) -> bool:
    return fnmatchcase(path.name.casefold(), source.files.casefold())


def _open(path: Path, source: Source) -> ExtractFile:
    try:
        return SheetFile(path, source.sheet) if path.suffix.casefold() in SUFFIXES else TextFile(path)
    except OSError as error:
        message = f"the file cannot be read ({error.strerror or error})"
        raise FileRefused(Fault("F4", Level.STOP, path.name, message, remedy="Close it where it is open.")) from None


def _claim(
    path: Path, names: Sequence[str], sources: Mapping[str, Source], faults: list[Fault]
) -> Mapping[str, ExtractFile]:
    """The sources of a file; if its name fits several, those whose headings it has."""
    files = {name: _open(path, sources[name]) for name in names}
    if len(names) == 1:
        return files
    claimed = {name: file for name, file in files.items() if recognises(sources[name], file)}
    if len(claimed) > 1:
        titles = " and ".join(f"'{sources[name].files}' ({name})" for name in claimed)
        message = f"two sources take this file: its name and its headings fit {titles}"
        faults.append(Fault("F3", Level.STOP, path.name, message, remedy="Narrow `files` in sources.yaml."))
        return {}
    return claimed or {names[0]: files[names[0]]}


def _two_files(source: Source, files: Sequence[ExtractFile]) -> Fault:
    names = " and ".join(file.name for file in files)
    message = f"{len(files)} files fit '{source.files}' ({source.title}): {names}"
    return Fault("F3", Level.STOP, files[0].name, message, remedy="Leave the one to be read in the folder.")


def _no_file(name: str, source: Source, folder: Path, paths: Sequence[Path]) -> Fault:
    """The fault of a source without a file; the remedy names a file that has its headings, if there is one."""
    message = f"no file fits '{source.files}' ({source.title})"
    for path in paths:
        if path.suffix.casefold() not in (*_TEXT, *SUFFIXES):
            continue
        try:
            if recognises(source, _open(path, source)):
                remedy = f"{path.name} has its headings: rename it, or change `files` of {name} in sources.yaml."
                return Fault("F3", Level.STOP, folder.name, message, remedy=remedy)
        except FileRefused:
            continue
    names = ", ".join(path.name for path in paths[:10]) or "no file"
    return Fault("F3", Level.STOP, folder.name, message, remedy=f"Put it in the folder, which holds {names}.")


def title_note(file: ExtractFile, layout: Layout) -> str:
    """The text above the heading row: a title, or a remark such as "SYNTHETIC sample data"."""
    rows = next((rows for delimiter, rows in file.tops() if delimiter == layout.delimiter), ())
    above = (", ".join(cell.strip() for cell in row.cells if cell.strip()) for row in rows if row.row < layout.head.row)
    return "; ".join(text.lstrip("# ") for text in above if text)[:250]


def load_extract(staging: Staging, source: Source, file: ExtractFile, findings: Findings) -> Layout | None:
    """Load a file's rows into the table `raw` as text; None, with faults, if its headings or lines prevent that.

    Checks what does not depend on the meaning of cells: F1, F2 (the control line, a cut line), F5, F6.
    """
    layout = find_layout(source, file, findings)
    if layout is None:
        return None
    try:
        first = {"_first": 0} if source.trailer else {}
        loaded = file.load(staging, layout.head, layout.delimiter, first | dict(layout.positions))
    except FileRefused as refused:
        findings.add_fault(refused.fault)
        return None
    _check_limits(layout, loaded, findings)
    _drop_repeated_headings(staging, layout, findings)
    if source.trailer:
        end = _control_line(staging, source.trailer, loaded, findings)
        if end is not None:
            _check_control_line(staging, source.trailer, end, file.cells_of({end}, layout.delimiter)[end], findings)
    _check_widths(staging, source.trailer, layout, loaded, findings)
    [(rows,)] = staging.rows("SELECT count(*) FROM raw")
    if not rows:
        findings.add("F2", "there is no row below the headings", "Ask for the extract again.", row=layout.head.row)
    return layout if rows and loaded.ragged_in_all <= len(loaded.ragged) else None


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
    same = " AND ".join(f"lower({sql_name(name)}) = lower(?)" for name in layout.columns)
    headings = [layout.heading(name) for name in layout.columns]
    for (row,) in staging.rows("SELECT _row FROM raw WHERE {same} ORDER BY _row", headings, same=same):
        message = f"this row repeats the headings of row {layout.head.row}"
        findings.add("F5", message, "Leave one extract in the file, with one heading row.", row=row)
    staging.run("DELETE FROM raw WHERE {same}", headings, same=same)


def _control_line(staging: Staging, word: str, loaded: Loaded, findings: Findings) -> int | None:
    """The row of the control line, after removing it from `raw`; None, with a fault, if it is not the last row."""
    found = "starts_with(upper(_first), upper(?))"
    rows: list[int] = [
        row for (row,) in staging.rows("SELECT _row FROM raw WHERE {found} ORDER BY _row", [word], found=found)
    ]
    staging.run("DELETE FROM raw WHERE {found}", [word], found=found)
    again = "Ask for the extract again."
    if not rows:
        end = f"the file is cut off after row {loaded.last_row}"
        findings.add("F2", f"there is no last line '{word}' with the number of rows: {end}", again)
        return None
    if len(rows) > 1 or rows[0] != loaded.last_row:
        findings.add("F2", f"'{word}' is not the last line: there are rows below it", again, row=rows[0])
        return None
    return rows[0]


def _check_control_line(staging: Staging, word: str, row: int, cells: Sequence[str], findings: Findings) -> None:
    """Report a control line whose number differs from the number of rows in `raw`."""
    text = " ".join(cell.strip() for cell in cells if cell.strip())
    numbers = _NUMBER.findall(text[len(word) :])
    [(there,)] = staging.rows("SELECT count(*) FROM raw")
    message = None
    if len(numbers) != 1:
        message = f"the last line does not give one number of rows: '{text}'"
    elif int(numbers[0]) != there:
        message = f"the last line says {int(numbers[0]):,} rows, but {there:,} are there"
    if message:
        findings.add("F2", message, "Ask for the extract again.", row=row, was=text)


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


def month_in_name(name: str) -> Month | None:
    """The last month in a file's name ("recorded_crime_2009-01.csv", "Crime Jan 2009.csv"); None if it has none."""
    numbers = [Month(int(year), int(month)) for year, month in _MONTH_NUMBERS.findall(name)]
    named = [Month(int(year), SHORT.index(month.title()) + 1) for month, year in _MONTH_NAME.findall(name)]
    return max(numbers + named, default=None)
