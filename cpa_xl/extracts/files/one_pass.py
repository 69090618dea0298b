"""Reads a text or Parquet file of records once: equal rows become one row with the number of them.

In: an opened file, its source and layout. Out: the view `together`: each row has the texts that figures, areas and
months depend on, and `_times`, the number of rows of the file that have them. What depends on single rows is decided
here: keys differ, cells of other columns hold what these take, every line is a row. Wherever one of these is in doubt,
`Doubt` is raised, and careful reading says what is wrong in which row.

Rows are proved, not trusted: the engine leaves out lines that it cannot split into the right number of cells, and the
number of rows that it gives must be the number of lines.
"""

import csv
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.config.model import ColumnType, Overlap, Repeated, Shape, Source, SourceColumn
from cpa_xl.extracts.files.columns import Layout
from cpa_xl.extracts.files.readers import SAMPLE, Loaded, TextFile
from cpa_xl.extracts.files.sheets import ParquetFile
from cpa_xl.extracts.files.staging import BLANKS, SEEN, Staging, sql_name, sql_text, trimmed

MOST_TEXTS = 20_000  # different texts of a column that are checked one by one
KEYS_WITH_ROWS = 2_000_000  # of more, 100 bytes for each are too much
KEYS_AT_A_TIME = 500_000  # so many are compared within the caches of a processor
LARGE = 32 << 20  # bytes of a file from which several threads read it
MOST_THREADS = 4  # each takes memory
MOST_DIFFERENT = 0.6  # of the first rows; with more, to put equal ones together gains nothing
# Dates with two digits for day and month: their pattern, and where month and year are (from 1, and how many).
_FIXED: Mapping[str, tuple[str, tuple[tuple[int, int], ...]]] = {
    "dd/mm/yyyy": ("[0-9]{2}/[0-9]{2}/[0-9]{4}", ((4, 7),)),
    "mm/dd/yyyy": ("[0-9]{2}/[0-9]{2}/[0-9]{4}", ((1, 2), (7, 4))),
    "yyyy-mm-dd": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", ((1, 7),)),
}
_STORED = re.compile("[0-9]{4}-")  # how a date begins that a sheet or a database wrote
_DATE = 10  # characters of such a date
_FINE, _ODD, _EMPTY = 0, 1, 2  # what `_odd` adds up


class Doubt(Exception):  # no error: a question to the careful reading
    """One pass cannot judge something; the text says what."""


@dataclass(frozen=True)
class _Days:
    """How the dates of the month's column are put together where all have two digits for day and month.

    `months` are SQL for the parts of a date that say its month, `day` for the date, `rest` for what comes after it.
    """

    pattern: str
    months: Sequence[str]
    day: str
    rest: str | None


@dataclass(frozen=True)
class OnePass:
    """One pass over a file. `counted_by` names the columns on which figures depend.

    `takes` says whether there is nothing to say about a text in a column, `typed_cell` gives SQL for the value of a
    text, and `time` is the pattern of what may come after a date. `tell` gets the part of the file that is read.
    """

    source: Source
    file: TextFile | ParquetFile
    layout: Layout
    counted_by: frozenset[str]
    takes: Callable[[str, str | None], bool]
    typed_cell: Callable[[SourceColumn, str], str | None]
    time: str
    tell: Callable[[float], None]

    @cached_property
    def columns(self) -> Sequence[str]:
        """The columns in `together`: those on which figures depend, with months and areas.

        A column of months is judged as a whole: it may hold financial years.
        """
        source = self.source
        needed = {*self.counted_by, source.month, source.quarter, source.area, source.split}
        months = (name for name, column in source.columns.items() if column.type is ColumnType.MONTH)
        needed.update(months)
        return [name for name in source.columns if name in needed]

    def load(self, staging: Staging) -> tuple[Loaded, Sequence[str], int]:
        """Make `together`; gives the lines of the file, the cells of its control line, and its rows. Raises Doubt."""
        self._refuse_kinds()
        last, below = self.file.end()
        control = self._control_line(last)
        read = self._read(control)
        sample = self.file.sample(self.layout.head.lines_to_here, self.layout.delimiter)
        self._look_first(sample)
        days = self._days(sample)
        rows = self._group(staging, read, days)
        self._prove(rows, bool(control), below)
        self._check_texts(staging, days)
        blank = self._make_view(staging, days)
        if blank and isinstance(self.file, ParquetFile):
            raise Doubt("a row is empty, and no line of a text")
        rows -= blank
        if not self._keys_with_rows:
            self._number_keys(staging, read)
        lines = self.file.said.lines
        return Loaded(lines - below, lines), control, rows

    def keep_keys(self, staging: Staging) -> None:
        """Keep the numbers of the keys where rows of two files may not have the same."""
        if self._kept:
            staging.run("CREATE TEMP TABLE IF NOT EXISTS all_keys (number UBIGINT)")
            staging.run("INSERT INTO all_keys FROM key_numbers")

    def _part(self, step: int) -> Callable[[float], None]:
        """Tells how much is done, where this step reads the file once."""
        steps = 2 if self._keys and not self._keys_with_rows else 1
        return lambda part: self.tell((step + part) / steps)

    @property
    def _threads(self) -> int:
        """How many threads read the file."""
        return min(MOST_THREADS, os.cpu_count() or 1) if self.file.path.stat().st_size > LARGE else 1

    @property
    def _keys(self) -> Sequence[str]:
        """The columns that together must differ in every row."""
        return () if self.source.repeated is Repeated.COUNT else self.source.keys

    @property
    def _kept(self) -> bool:
        """Whether keys must differ from those of other files."""
        return bool(self._keys) and self.source.many and self.source.overlap is not Overlap.LATER

    @property
    def _keys_with_rows(self) -> bool:
        """Whether keys are compared while rows are put together: this is quicker, and takes memory for each key."""
        return bool(self._keys) and not self._kept and self.file.said.lines <= KEYS_WITH_ROWS

    def _number(self) -> tuple[str, str]:
        """SQL for 64 bits that say the keys of a row, and for whether it has them all."""
        keys = [self._cell(key) for key in self._keys]
        return f"hash({', '.join(keys)})", " AND ".join(f"{key} IS NOT NULL" for key in keys)

    @cached_property
    def _plain(self) -> Sequence[str]:
        """Columns beside those in `together` that take any text."""
        beside = {name: column for name, column in self.source.columns.items() if name not in self.columns}
        return [name for name, column in beside.items() if _takes_any_text(column)]

    @cached_property
    def _checked(self) -> Sequence[str]:
        """Columns beside those in `together`, each text of which must be checked."""
        return [name for name in self.source.columns if name not in self.columns and name not in self._plain]

    def _cell(self, name: str | None) -> str:
        """SQL for the text of a column as it is in the file."""
        return f"c{self.layout.columns[name or '']}"

    def _refuse_kinds(self) -> None:
        """Doubt what only careful reading knows."""
        source, said = self.source, self.file.said
        if source.shape is not Shape.RECORDS or source.month is None:
            raise Doubt("it does not hold records with a date")
        if source.joined is not None or source.footer or source.totals or source.at_most:
            raise Doubt("its definition has second files, a footer, totals or pairs")
        if said.mixed_line_ends:
            raise Doubt("its lines end in two ways")
        if said.spaced_quotes:
            raise Doubt("there are spaces beside its quotation marks")
        if self.layout.head.rows_to_here != self.layout.head.lines_to_here:
            raise Doubt("a row above the headings has several lines")
        if not all(_takes_any_text(source.columns[key]) for key in self._keys):
            raise Doubt("two keys may be the same in two writings")

    def _control_line(self, last: str) -> Sequence[str]:
        """The cells of the control line, which is the last line with anything in it; none if the source has none."""
        word = self.source.trailer
        if word is None:
            return ()
        if isinstance(self.file, ParquetFile):
            raise Doubt("a control line is no line there")
        try:
            cells = next(csv.reader([last], delimiter=self.layout.delimiter, strict=True), [])
        except csv.Error:
            cells = []
        first = cells[0].strip(BLANKS) if cells else ""
        # Other code asks in both ways.
        if not first.casefold().startswith(word.casefold()) or not first.upper().startswith(word.upper()):
            raise Doubt("its last line is no control line")
        return cells

    def _read(self, control: Sequence[str]) -> str:
        """SQL for the rows of the file, without the control line."""
        read = self.file.rows(self.layout.head, self.layout.delimiter)
        if len(control) < len(self.layout.head.cells):  # then it is no row
            return read
        return f"(FROM {read} WHERE c0 IS DISTINCT FROM {sql_text(control[0])})"

    def _look_first(self, sample: Sequence[Sequence[str]]) -> None:
        """Doubt a file in which hardly two rows are equal."""
        places = [at for name, at in self.layout.columns.items() if name in self.columns and name != self.source.month]
        different = {tuple(cells[at] for at in places if at < len(cells)) for cells in sample}
        if len(sample) == SAMPLE and len(different) > MOST_DIFFERENT * len(sample):
            raise Doubt("hardly two of its rows are equal")

    def _days(self, sample: Sequence[Sequence[str]]) -> _Days | None:
        """How the dates of the first rows are written; None where each date is put together by itself."""
        name = self.source.month
        column = self.source.columns[name or ""]
        if column.type is not ColumnType.DATE or name in self.counted_by or not _is_plain(column):
            return None
        cell, place = self._cell(name), self.layout.columns[name or ""]
        texts = {cells[place] for cells in sample if place < len(cells) and cells[place]}
        for pattern, places in (_FIXED.get(column.format, _FIXED["yyyy-mm-dd"]), _FIXED["yyyy-mm-dd"]):
            if texts and all(re.match(pattern, text) for text in texts):
                months = [f"substring({{day}}, {at}, {length})" for at, length in places]
                if all(len(text) == _DATE for text in texts):
                    return _Days(pattern, months, cell, None)
                return _Days(pattern, months, f"substring({cell}, 1, {_DATE})", f"substring({cell}, {_DATE + 1})")
        return None

    def _grouped(self, days: _Days | None) -> Sequence[str]:
        """The columns by whose texts rows are put together, without the one of dates."""
        return [name for name in self.columns if days is None or name != self.source.month]

    def _group(self, staging: Staging, read: str, days: _Days | None) -> int:
        """Make the table `passed`; returns the number of rows.

        Its rows of `_set` 0 are the equal rows together. Those of further sets have the texts of other columns.
        """
        cells = {sql_name(name): self._cell(name) for name in self._grouped(days)}
        if days is not None:
            cells |= {f"_month_{at}": month.format(day=days.day) for at, month in enumerate(days.months)}
        cells["_odd"] = self._odd()
        sets = [list(cells)]
        beside = {} if days is None else {"_day": days.day} | ({"_rest": days.rest} if days.rest else {})
        beside |= {sql_name(name): self._cell(name) for name in self._checked}
        sets += [[name] for name in beside]
        having = ""
        if self._keys_with_rows:
            number, known = self._number()
            beside["_number"] = f"CASE WHEN {known} THEN {number} END"
            sets.append(["_number"])
            having = "HAVING grouping(_number) = 1 OR (count(*) > 1 AND _number IS NOT NULL)"
        which = " ".join(f"WHEN grouping({own[0]}) = 0 THEN {at}" for at, own in enumerate(sets))
        grouped = ", ".join(f"{cell} AS {name}" for name, cell in (cells | beside).items())
        together = ", ".join(f"({', '.join(own)})" for own in sets)
        make = (
            "CREATE OR REPLACE TEMP TABLE passed AS SELECT {grouped}, CASE {which} END AS _set, count(*) AS _times"
            " FROM {read} GROUP BY GROUPING SETS ({together}) {having}"
        )
        with staging.threads(self._threads):
            staging.run_long(
                make, self._part(0), grouped=grouped, which=which, read=read, together=together, having=having
            )
        if having and staging.rows("SELECT 1 FROM passed WHERE _set = {place}", place=str(len(sets) - 1)):
            raise Doubt("two rows have the same key")
        [(rows,)] = staging.rows("SELECT coalesce(sum(_times), 0) FROM passed WHERE _set = 0")
        return int(rows)

    def _odd(self) -> str:
        """SQL for what is wrong with single cells of a row: ODD if one is, EMPTY if those beside `together` are."""
        word = self.source.trailer
        required = [name for name in self._plain if not self.source.columns[name].optional]
        needed = dict.fromkeys([*self._keys, *required])
        each = [self._is_fine(name) for name in needed] + ([] if word is None else [_is_no_control_line(word)])
        beside = [*map(self._cell, [*self._plain, *self._checked]), *([] if word is None else ["c0"])]
        empty = f"CASE WHEN coalesce({', '.join(beside)}) IS NULL THEN {_EMPTY} ELSE {_FINE} END"
        if not beside:
            empty = f"CASE WHEN c0 IS NULL THEN {_EMPTY} ELSE {_EMPTY} END"
        if not each:
            return empty
        quick, careful = (" AND ".join(parts) for parts in zip(*each, strict=True))
        slowly = f"CASE WHEN {careful} THEN {_FINE} ELSE {_ODD} END + {empty}"
        return f"CASE WHEN {quick} THEN {_FINE if required else empty} ELSE {slowly} END"

    def _is_fine(self, name: str) -> tuple[str, str]:
        """SQL for whether a cell of a plain column is not empty unless it may be, and a key has no blanks at its ends.

        First what shows nearly every cell to be fine and is quick, then what is so of every fine cell.
        """
        cell, optional = self._cell(name), self.source.columns[name].optional
        quick = f"{cell} >= '!' AND {cell} < chr(127)"
        if name not in self._keys:
            return quick, f"{trimmed(cell)} IS NOT NULL"
        quick += f" AND NOT ends_with({cell}, ' ')"
        if self.file.said.odd_ends:  # a cell that is ASCII has no other blank at its end
            quick += f" AND NOT ends_with({cell}, chr(9)) AND strlen({cell}) = length({cell})"
        known = "TRUE" if optional else f"{cell} IS NOT NULL"
        return quick, f"({trimmed(cell)} IS NOT DISTINCT FROM {cell} AND {known})"

    def _prove(self, rows: int, control: bool, below: int) -> None:
        """Doubt unless every line below the headings is a row; empty ones and the control line are none."""
        first = self.layout.head.lines_to_here
        lines = self.file.said.lines - first - control
        if rows not in (lines, lines - below) and rows != lines - self.file.blank_lines(first):
            raise Doubt("a line is no row with as many cells as there are headings")

    def _check_texts(self, staging: Staging, days: _Days | None) -> None:
        """Doubt texts that their columns do not take."""
        if days is not None:
            self._check_days(staging, days)
        first = 1 if days is None else 2 if days.rest is None else 3
        for place, name in enumerate(self._checked, start=first):
            texts = {None if text is None else text.strip(BLANKS) or None for text in _texts(staging, name, place)}
            if not all(self.takes(name, text) for text in texts):
                raise Doubt(f"a cell of {name} is not what the column takes")
            stored = {_STORED.match(text) is not None for text in texts if text is not None}
            if self.source.columns[name].type is ColumnType.DATE and len(stored) > 1:
                raise Doubt("dates are written in two ways")

    def _check_days(self, staging: Staging, days: _Days) -> None:
        """Doubt dates that are no days, or are not written as the first ones are."""
        value = self.typed_cell(self.source.columns[self.source.month or ""], "_day")
        right = f"regexp_full_match(_day, '{days.pattern}') AND ({value}) IS NOT NULL"
        query = "SELECT 1 FROM passed WHERE _set = 1 AND _day IS NOT NULL AND NOT coalesce({right}, FALSE) LIMIT 1"
        if staging.rows(query, right=right):
            raise Doubt("a date is none, or is written in another way than the first ones")
        if days.rest is not None and not all(
            re.fullmatch(self.time, text or "") for text in _texts(staging, "_rest", 2)
        ):
            raise Doubt("what comes after a date is no time")

    def _make_view(self, staging: Staging, days: _Days | None) -> int:
        """Make the view `together`; returns the number of rows without anything in them, which it leaves out.

        Each row has the last date of its month: more is asked of no date.
        """
        names = self._grouped(days)
        months = [] if days is None else [f"_month_{at}" for at in range(len(days.months))]
        nothing = " AND ".join(f"{one} IS NULL" for one in [*map(sql_name, names), *months])
        blank = f"(_odd >= {_EMPTY} AND {nothing})"
        odd = f"(_odd IN ({_ODD}, {_ODD + _EMPTY}) AND NOT {blank})"
        query = (
            "SELECT coalesce(sum(_times) FILTER (WHERE {blank}), 0), count(*) FILTER (WHERE {odd})"
            " FROM passed WHERE _set = 0"
        )
        [(left_out, odd_rows)] = staging.rows(query, blank=blank, odd=odd)
        if odd_rows:
            raise Doubt("a cell is empty, a key has blanks at its ends, or a row begins as a control line does")
        odd_ends, join = self.file.said.odd_ends, ""
        cells = [f"{trimmed(sql_name(name), odd_ends=odd_ends)} AS {sql_name(name)}" for name in names]
        if days is not None:
            cells.append(f"days.text AS {sql_name(self.source.month or '')}")
            parts = [f"{month.format(day='_day')} AS {name}" for month, name in zip(days.months, months, strict=True)]
            last = "(SELECT {parts}, max(_day) AS text FROM passed WHERE _set = 1 GROUP BY ALL) AS days"
            join = f"LEFT JOIN {last.format(parts=', '.join(parts))} USING ({', '.join(months)})"
        make = (
            "CREATE OR REPLACE TEMP VIEW together AS SELECT _times, {cells}"
            " FROM (FROM passed WHERE _set = 0 AND NOT {blank}) AS passed {join}"
        )
        staging.run(make, cells=", ".join(cells), blank=blank, join=join)
        return int(left_out)

    def _number_keys(self, staging: Staging, read: str) -> None:
        """Make the table `key_numbers`, 64 bits for the keys of each row; doubt two that are the same.

        Two keys that differ hardly ever share a number, and then careful reading finds that they differ.
        """
        if not self._keys:
            return
        number, known = self._number()
        make = "CREATE OR REPLACE TEMP TABLE key_numbers AS SELECT {number} AS number FROM {read} WHERE {known}"
        with staging.threads(self._threads):
            staging.run_long(make, self._part(1), number=number, read=read, known=known)
        if _equal_numbers(staging, "key_numbers"):
            raise Doubt("two rows have the same key")


def equal_keys_between_files(staging: Staging) -> bool:
    """Whether keys that were kept may be the same as those of another file, whichever way the two were read."""
    staging.run("CREATE TEMP TABLE IF NOT EXISTS all_keys (number UBIGINT)")
    [(kept,)] = staging.rows("SELECT count(*) FROM all_keys")
    if not kept:  # the careful reading compares its files itself
        return False
    staging.run(SEEN)
    return _equal_numbers(staging, "(FROM all_keys UNION ALL SELECT key AS number FROM seen)")


def _equal_numbers(staging: Staging, table: str) -> bool:
    [(many,)] = staging.rows("SELECT count(*) FROM {table}", table=table)
    parts = max(1, round(many / KEYS_AT_A_TIME))
    for part in range(parts):
        within = f"number BETWEEN {part * 2**64 // parts} AND {(part + 1) * 2**64 // parts - 1}"
        query = "SELECT 1 FROM {table} WHERE {within} GROUP BY number HAVING count(*) > 1 LIMIT 1"
        if staging.rows(query, table=table, within=within):
            return True
    return False


def _texts(staging: Staging, name: str, place: int) -> Iterator[str | None]:
    """The different texts of a column that is the set `place`. Raises Doubt if they are many."""
    query = "SELECT {name} FROM passed WHERE _set = {place} LIMIT {most}"
    texts = staging.rows(query, name=sql_name(name), place=str(place), most=str(MOST_TEXTS + 1))
    if len(texts) > MOST_TEXTS:
        raise Doubt(f"{name} has very many different texts")
    yield from (text for (text,) in texts)


def _is_no_control_line(word: str) -> tuple[str, str]:
    """SQL for whether the first cell of a row does not begin as a control line does; as `OnePass._is_fine`."""
    begins = f"starts_with(upper(coalesce({trimmed('c0')}, '')), upper({sql_text(word)}))"
    first = word[0]
    if not first.isascii() or not first.isalnum():
        return f"NOT {begins}", f"NOT {begins}"
    letters = sorted({first.upper(), first.lower()})
    same = " OR ".join(f"(c0 >= '{letter}' AND c0 < chr({ord(letter) + 1}))" for letter in letters)
    return f"c0 >= '!' AND c0 < chr(127) AND NOT ({same})", f"NOT {begins}"


def _takes_any_text(column: SourceColumn) -> bool:
    return column.type is ColumnType.TEXT and not column.values and _is_plain(column)


def _is_plain(column: SourceColumn) -> bool:
    """Whether the text of a cell is its value, or that of its type."""
    return not (column.codes or column.pattern or column.missing)
