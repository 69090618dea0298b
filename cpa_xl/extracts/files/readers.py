"""Readers of extracts: CSV files and sheets of workbooks, loaded as text into tables in memory.

`TextFile` and `SheetFile` load a `Staging`: its table `raw` gets each row with its line number, and every cell as text.

DuckDB reads the rows of CSV files. It does not give the line of a row, pads short rows silently, and fails on mixed
line ends. So `TextFile` surveys the lines first, and the two counts of rows must agree. fastexcel reads sheets, and
nanoarrow turns its Arrow data into Python's text.
"""

import codecs
import csv
import hashlib
import re
import shutil
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from tempfile import mkdtemp

from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Fault, FileRefused
from cpa_xl.extracts.files.staging import Staging, sql_name, sql_text, trimmed

TITLE_LINES = 20  # the heading row may come after this many lines of title and comment
DELIMITERS = (",", ";", "\t", "|")
RAGGED_KEPT = 200
SAMPLE = 2_000  # rows that say what the others may be
MOST_IN_CELL = 131_072  # characters of a cell or, in one pass, of a row
SAVE_AGAIN = "Save it again as CSV UTF-8."
_CHUNK = 1 << 18  # fits into the caches of a processor
_BUFFER = 4 << 20  # bytes that a thread reads at a time
_START = 1 << 20  # bytes by which an encoding is guessed
_BESIDE = 4096  # bytes of the part before, in which spaces beside a quotation mark may begin
_TAIL = 1 << 16  # bytes at the end in which the last line is looked for
_BINARY = {
    b"PK\x03\x04": "an Excel workbook (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old or encrypted Excel workbook",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a compressed file",
}

_ENCODINGS = {"cp1252": "Windows-1252", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
# Spaces between a quotation mark and a delimiter: readers differ in what the mark means there.
_SPACED_QUOTES = re.compile(rb'" +[,;\t|\r\n]|[,;\t|\n] +"')
_WORDS = re.compile(r"[^\W\d_]+")
# What people type beside letters: quotation marks, dashes, currencies, small signs.
_TYPED = frozenset("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u2122\u20ac\u00a0\u00a3\u00a7\u00a9\u00ab\u00ae"
                   "\u00b0\u00b1\u00b2\u00b3\u00b7\u00bb\u00bc\u00bd\u00be\u00d7")  # fmt: skip
# Letters that other encodings' usual bytes are in Windows-1252: they mean doubt.
_RARE = frozenset("\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u00d0\u00f0\u00de\u00fe\u00aa\u00ba\u00b5")


@dataclass(frozen=True, slots=True)
class TopRow:
    """One of the first rows of a file: its first line, its cells, and its last line."""

    row: int
    cells: tuple[str, ...]
    rows_to_here: int  # rows from the top, with this one and blank ones
    lines_to_here: int


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row with another number of fields than the heading row."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of loading: the last line with content, the number of lines, and rows of the wrong length."""

    last_row: int
    lines: int
    ragged: tuple[Ragged, ...] = ()
    ragged_in_all: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What the bytes of a file say.

    `odd_ends` says that a blank at the end of a cell may be another character than a space, `spaced_quotes` that there
    are spaces beside quotation marks at the ends of cells.
    """

    sha256: str
    lines: int
    mixed_line_ends: bool
    quotes: bool
    odd_ends: bool
    spaced_quotes: bool


@dataclass
class _Survey:
    rows: int = 0
    width: int = 0
    lines: int = 0
    last_row: int = 0
    multiline: bool = False
    ragged_in_all: int = 0
    ragged: list[Ragged] = field(default_factory=list)
    breaks: list[tuple[int, int]] = field(default_factory=list)  # (first row, what to add for its line)


class TextFile:
    """A CSV file. Raises FileRefused (F4) if it is not text in one of the encodings.

    `encoding` is that of the definition; "auto" takes UTF-8, UTF-16, and Windows-1252 where the bytes leave no doubt.
    `notes` says which one was taken where it is not UTF-8.
    """

    def __init__(self, path: Path, name: str | None = None, encoding: str = "auto") -> None:
        self.name = name or path.name
        self.notes: tuple[str, ...] = ()
        self.path, found = path, _encoding_of(path, self.name, encoding)
        if found != "utf-8" or _ends_as_in_dos(path):
            folder = mkdtemp(prefix="cpa_xl-")  # for the text as UTF-8; goes with this object
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self.path = Path(folder) / "text.csv"
            _transcode(path, self.name, found, self.path)
            self.notes = (f"read as {_ENCODINGS[found]}",) if found in _ENCODINGS else ()
        self.said = _check_bytes(self.path, self.name)
        self.ends_inside_a_line = _ends_inside_a_line(self.path)
        self.sha256 = self.said.sha256 if self.path == path else digest_of(path)

    def tops(self) -> Iterator[tuple[str, Sequence[TopRow]]]:
        """The first rows, split by each delimiter in turn."""
        for delimiter in DELIMITERS:
            with self.path.open(encoding="utf-8-sig", newline="") as handle:
                yield delimiter, list(_top_rows(islice(handle, 10 * TITLE_LINES), delimiter))

    def load(self, staging: Staging, head: TopRow, delimiter: str, columns: Mapping[str, int]) -> Loaded:
        """Make the table `raw`: `_row`, and each of `columns` (name to position) as text without blank ends."""
        survey = self._survey(head, delimiter)
        shift = "n + breaks.shift" if len(survey.breaks) > 1 else f"n + {survey.breaks[0][1] if survey.breaks else 0}"
        breaks = "ASOF JOIN (SELECT unnest(?) AS first, unnest(?) AS shift) AS breaks ON n >= breaks.first"
        many = len(survey.breaks) > 1
        read = (
            "CREATE OR REPLACE TEMP TABLE raw AS SELECT {row} AS _row, {cells} FROM"
            " (SELECT row_number() OVER () AS n, * FROM read_csv(?, auto_detect = false, header = false,"
            " skip = {skip}, delim = '{delimiter}', quote = '\"', escape = '\"', null_padding = true,"
            " parallel = {parallel}, strict_mode = {strict}, columns = {{{types}}})) {breaks}"
        )
        values: list[object] = [str(self.path).replace("[", "[[]")]
        values += [list(column) for column in zip(*survey.breaks, strict=True)] if many else []
        import duckdb  # noqa: PLC0415  # as in `Staging`

        try:
            staging.run_long(
                read, values=values, row=shift, skip=str(head.rows_to_here), delimiter=delimiter,
                cells=", ".join(f"{trimmed(f'c{at}')} AS {sql_name(name)}" for name, at in columns.items()),
                parallel=str(not survey.multiline), strict=str(not self.said.mixed_line_ends),
                types=", ".join(f"'c{at}': 'VARCHAR'" for at in range(survey.width)), breaks=breaks if many else "",
            )  # fmt: skip
        except duckdb.Error as error:
            raise _refused(self.name, f"the rows cannot be read: {str(error).splitlines()[0]}", SAVE_AGAIN) from None
        [(read_rows,)] = staging.rows("SELECT count(*) FROM raw")
        if read_rows != survey.rows:
            raise _refused(self.name, f"{read_rows} rows were read where the file has {survey.rows}", SAVE_AGAIN)
        staging.run("DELETE FROM raw WHERE coalesce({cells}) IS NULL", cells=", ".join(map(sql_name, columns)))
        return Loaded(survey.last_row, survey.lines, tuple(survey.ragged), survey.ragged_in_all)

    def cells_of(self, rows: Collection[int], delimiter: str) -> Mapping[int, tuple[str, ...]]:
        """The cells of some rows, exactly as in the file."""
        found: dict[int, tuple[str, ...]] = {}
        with self.path.open(encoding="utf-8-sig", newline="") as handle:
            line = 0
            for text in handle:
                line += 1
                if line in rows:
                    reader = csv.reader(chain([text], handle), delimiter=delimiter)
                    found[line] = tuple(next(_rows(reader), ()))
                    line += reader.line_num - 1
        return found

    def sample(self, after: int, delimiter: str) -> Sequence[Sequence[str]]:
        """The cells of the first rows below this line; a row that has several lines ends them."""
        with self.path.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(islice(handle, after, after + SAMPLE))
        return [*_rows(csv.reader(lines, delimiter=delimiter))] if len(lines) > 0 else []

    def rows(self, head: TopRow, delimiter: str) -> str:
        """SQL for the lines below the headings that have as many cells; the cells are texts, c0 the first.

        Lines that the engine cannot split so are left out.
        """
        types = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(head.cells)))
        return (
            f"read_csv({sql_text(str(self.path).replace('[', '[[]'))}, auto_detect = false, header = false,"
            f" skip = {head.rows_to_here}, delim = '{delimiter}', quote = '\"', escape = '\"', null_padding = false,"
            f" ignore_errors = true, strict_mode = true, parallel = {not self.said.quotes},"
            f" max_line_size = {MOST_IN_CELL}, buffer_size = {_BUFFER}, columns = {{{types}}})"
        )

    def end(self) -> tuple[str, int]:
        """The last line with anything in it, and the number of empty lines after it."""
        with self.path.open("rb") as handle:
            handle.seek(max(0, self.path.stat().st_size - _TAIL))
            lines = handle.read().split(b"\n")
        below = 0
        while lines and not lines[-1].rstrip(b"\r"):
            lines.pop()
            below += 1
        return lines[-1].decode(errors="replace").rstrip("\r") if lines else "", below - 1 if below else 0

    def blank_lines(self, after: int) -> int:
        """The number of empty lines below this one."""
        with self.path.open("rb") as handle:
            return sum(1 for line in islice(handle, after, None) if not line.rstrip(b"\r\n"))

    def _survey(self, head: TopRow, delimiter: str) -> _Survey:
        """Count the rows below the heading row, and note those with another number of fields."""
        survey = _Survey(width=len(head.cells), lines=head.lines_to_here)
        needed = max(at + 1 for at, cell in enumerate(head.cells) if cell.strip())
        separator = delimiter.encode()
        with self.path.open("rb") as handle:
            for line in islice(handle, head.lines_to_here, None):
                survey.lines += 1
                start = survey.lines
                cells: tuple[str, ...] | None = None
                if b'"' in line:
                    cells = self._quoted_row(line, handle, delimiter, survey)
                    width = len(cells)
                elif not line.rstrip(b"\r\n"):
                    continue
                else:
                    width = line.count(separator) + 1
                survey.rows += 1
                survey.last_row = start
                if not survey.breaks or start - survey.rows != survey.breaks[-1][1]:
                    survey.breaks.append((survey.rows, start - survey.rows))
                if width != len(head.cells):
                    cells = cells or tuple(line.decode().rstrip("\r\n").split(delimiter))
                    _note_ragged(survey, Ragged(start, cells), needed)
        return survey

    def _quoted_row(self, line: bytes, following: Iterator[bytes], delimiter: str, survey: _Survey) -> tuple[str, ...]:
        """The cells of a row with quotation marks, which may extend over the next lines."""
        start = survey.lines
        reader = csv.reader((text.decode() for text in chain([line], following)), delimiter=delimiter, strict=True)
        try:
            cells = tuple(next(reader))
        except csv.Error:
            message = "a quotation mark opens that does not close, or closes in the middle of a cell"
            remedy = "Correct it, or save the file again as CSV UTF-8."
            raise _refused(self.name, message, remedy, row=start) from None
        survey.lines += reader.line_num - 1
        survey.multiline |= reader.line_num > 1
        return cells


def _note_ragged(survey: _Survey, row: Ragged, needed: int) -> None:
    survey.width = max(survey.width, len(row.cells))
    filled = max((at + 1 for at, cell in enumerate(row.cells) if cell.strip()), default=0)
    if filled and (len(row.cells) < needed or filled > needed):
        survey.ragged_in_all += 1
        if len(survey.ragged) < RAGGED_KEPT:
            survey.ragged.append(row)
        else:
            survey.ragged[-1] = row  # always keep the last one: it may be a cut line, or the control line


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows up to the first that csv cannot split into cells (a cell of more than 131,072 characters)."""
    with suppress(csv.Error):
        yield from reader


def _top_rows(lines: Iterable[str], delimiter: str) -> Iterator[TopRow]:
    reader = csv.reader(lines, delimiter=delimiter)
    before = 0
    for number, cells in enumerate(islice(_rows(reader), 2 * TITLE_LINES), start=1):
        if cells:
            yield TopRow(before + 1, tuple(cells), number, reader.line_num)
        before = reader.line_num


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _encoding_of(path: Path, name: str, declared: str) -> str:
    """The encoding in which a file is read: what the definition says, or what its bytes leave no doubt about."""
    with path.open("rb") as handle:
        start = handle.read(_START)
    _refuse_other_formats(name, start)
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if declared == "windows-1252":
        return "cp1252"
    if declared == "utf-16" or (declared == "auto" and marked):
        return "utf-16" if marked else "utf-16-le"
    if _is_utf16(start):
        if declared == "auto":
            return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        raise _refused(name, 'the file is UTF-16 ("Unicode text" in Excel), not UTF-8', SAVE_AGAIN)
    if declared == "auto" and not start.isascii() and not _is_utf8(path) and _is_windows_1252(path):
        return "cp1252"
    return "utf-8"


def _is_utf16(start: bytes) -> bool:
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return marked or start[1:8:2] in (b"\0" * 4, b"\0" * 3) or start[0:8:2] in (b"\0" * 4, b"\0" * 3)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as handle:
        try:
            while chunk := handle.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _is_windows_1252(path: Path) -> bool:
    """Whether every word beyond ASCII is plain English or Western European if the file is Windows-1252.

    Other encodings put other characters there: they give capitals inside words, symbols beside letters, or words with
    more accented letters than others.
    """
    with path.open("rb") as handle:
        for line in handle:
            if line.isascii():
                continue
            try:
                text = line.decode("cp1252")
            except UnicodeDecodeError:
                return False
            if any(not _plain_word(word) for word in _WORDS.findall(text) if not word.isascii()):
                return False
            if any(letter not in _TYPED for letter in _WORDS.sub("", text) if not letter.isascii()):
                return False
    return True


def _plain_word(word: str) -> bool:
    odd = [letter for letter in word if not letter.isascii()]
    inside = any(letter.isupper() and not letter.isascii() for letter in word[1:]) and not word.isupper()
    return not inside and 2 * len(odd) <= len(word) and not _RARE.intersection(odd)


def _ends_as_in_dos(path: Path) -> bool:
    """Whether a file ends with the byte 0x1A, the mark of an end of old systems, which is no row."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 8))
        return handle.read().rstrip(b"\r\n").endswith(b"\x1a")


def _transcode(path: Path, name: str, encoding: str, target: Path) -> None:
    """Write the text of a file as UTF-8, with its line ends as they are."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    at = 0
    with path.open("rb") as source, target.open("wb") as copy:
        try:
            while chunk := source.read(_CHUNK):
                copy.write(decoder.decode(chunk).replace("\x1a", "").encode("utf-8"))
                at += len(chunk)
            copy.write(decoder.decode(b"", final=True).encode("utf-8"))
        except UnicodeError as error:
            if encoding not in _ENCODINGS:
                raise _not_utf8(path, name) from None
            message = f"the file is not {_ENCODINGS[encoding]}, which `encoding` in sources.yaml says: {error}"
            raise _refused(name, message, "Correct `encoding`, or save it again as CSV UTF-8.") from None


def _ends_inside_a_line(path: Path) -> bool:
    """Whether the last byte is no line end: the file may be cut there."""
    with path.open("rb") as handle:
        handle.seek(-1 if path.stat().st_size else 0, 2)
        return handle.read(1) not in (b"\n", b"\r", b"")


def _check_bytes(path: Path, name: str) -> Said:
    """What the bytes of a file say; raises FileRefused unless it is UTF-8 text."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")("strict")
    ends = {b"\r\n": 0, b"\n": 0, b"\r": 0}
    at, held, last = 0, b"", b""
    ascii_so_far = True
    quotes = tabs = spaced = False
    with path.open("rb", buffering=0) as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
            if not (ascii_so_far and chunk.isascii()):
                ascii_so_far = False
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    raise _not_utf8(path, name) from None
            if b"\0" in chunk:
                message = f"byte {at + chunk.index(0) + 1:,} is NUL: the file is damaged, or no text"
                raise _refused(name, message, SAVE_AGAIN)
            at += len(chunk)
            part = held + chunk
            held = part[-1:] if part.endswith(b"\r") else b""  # its line feed may follow
            part = part.removesuffix(held)
            ends[b"\n"] += part.count(b"\n")
            if b"\r" in part:
                ends[b"\r"] += part.count(b"\r")
                ends[b"\r\n"] += part.count(b"\r\n")
            quotes = quotes or b'"' in chunk
            tabs = tabs or b"\t" in chunk
            if quotes:
                spaced = spaced or _SPACED_QUOTES.search(last[-_BESIDE:] + chunk) is not None
            last = chunk
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_utf8(path, name) from None
    if not at:
        raise _refused(name, "the file is empty", "Ask for the extract again.", code="F2")
    both, feeds, returns = ends.values()
    if returns > both or held:
        message = "lines end with a carriage return alone, as on old Macintosh computers"
        raise _refused(name, message, SAVE_AGAIN)
    lines = feeds + (not last.endswith(b"\n"))
    spaced = spaced or re.search(rb'" +$', last[-_BESIDE:]) is not None
    return Said(digest.hexdigest(), lines, 0 < both < feeds, quotes, tabs or not ascii_so_far, spaced)


def _refuse_other_formats(name: str, start: bytes) -> None:
    for mark, what in _BINARY.items():
        if start.startswith(mark):
            raise _refused(name, f"this is {what}, not a CSV file", "Save it as CSV UTF-8.")


def _not_utf8(path: Path, name: str) -> FileRefused:
    """The refusal of a file that is not UTF-8, with the place and the byte's character in Windows-1252."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        byte, row = content[error.start], content.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start + 1:,} (0x{byte:02X}) is not UTF-8"
        remedy = SAVE_AGAIN
        try:
            character = bytes([byte]).decode("cp1252")
            message += f"; in Windows-1252, which the file seems to be, it is '{character}'"
            remedy = f"{SAVE_AGAIN[:-1]}, or give the source `encoding: windows-1252` in sources.yaml."
        except UnicodeDecodeError:
            pass
        return _refused(name, message, remedy, row=row)
    return _refused(name, "the file changed while it was being read", "Try again.")


def _refused(file: str, message: str, remedy: str, row: int | None = None, code: str = "F4") -> FileRefused:
    return FileRefused(Fault(code, Level.STOP, file, message, row, remedy=remedy))
