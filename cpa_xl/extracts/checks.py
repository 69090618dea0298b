"""Checks between the rows of an extract: keys, months, areas, sums, jumps, and categories that conditions name.

In: the table `typed` (see `cpa_xl.extracts.rows`), or the counts of a series. Out: faults with their code in
`Findings`. Each check looks for one mistake of the system or person that made the file: a month that is incomplete, a
total among the rows, a percentage in place of a count, a renamed category that no condition counts any more.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cpa_xl.config.conditions import read_condition, texts_compared
from cpa_xl.config.model import Blank, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.figures import count_columns
from cpa_xl.extracts.files.columns import Layout
from cpa_xl.extracts.files.staging import Staging, month_of, sql_name
from cpa_xl.extracts.rows import ExtractReader
from cpa_xl.extracts.values import DATE, OTHERS, TIME, folded
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, TO_CHOOSE_FROM, all_or_few, counted, first_few

SHARE_TIMES, SHARE_FROM = 10, 200
SUM_FROM = 100  # figures with a smaller sum may equal the sum of others by chance
NEARLY = 0.02  # a row that is called a total may be this far from the sum of the others
FEWEST_ASKED = 30  # a share of fewer says little
_TOTAL = r"(?i)(?:(?:grand |sub-?)?totals?|all)\b.*|.*\b(?:total|overall)"
_LISTED = 200


def check_keys(staging: Staging, source: Source, layout: Layout, findings: Findings) -> None:
    """No two rows share their keys (K1)."""
    if not source.keys:
        return
    keys = ", ".join(map(sql_name, source.keys))
    known = " AND ".join(f"{sql_name(key)} IS NOT NULL" for key in source.keys)
    rows = "typed"
    if source.shape is Shape.WIDE:  # `typed` has each of its rows once for each month
        staging.run("CREATE OR REPLACE TEMP TABLE keys AS SELECT DISTINCT _row, {keys} FROM typed", keys=keys)
        rows = "keys"
    count = "SELECT count(*), count(DISTINCT ({keys})) FROM {rows} WHERE {known}"
    [(all_rows, different)] = staging.rows(count, keys=keys, known=known, rows=rows)
    if all_rows == different:
        return
    query = (
        "SELECT list_sort(list(_row)), {keys}, count(*) OVER () FROM {rows} WHERE {known}"
        " GROUP BY {keys} HAVING count(*) > 1 ORDER BY min(_row) LIMIT {most}"
    )
    found = staging.rows(query, keys=keys, rows=rows, known=known, most=str(_LISTED))
    headings = ", ".join(layout.heading(key) for key in source.keys)
    for (first, second, *others), *values, _ in found:
        value = ", ".join(_shown(value) for value in values)
        message = f"'{value}' is already in row {first}"
        if others:
            message += f", and in {counted(len(others), 'more row')}"
        remedy = (
            "Each row must differ in it; leave one."
            if len(values) == 1
            else "No two rows may have the same; leave one."
        )
        findings.add("K1", message, remedy, row=second, column=headings, was=value)
    if found:
        findings.add_unlisted("K1", found[0][-1] - len(found))


def _shown(value: object) -> str:
    return Month(value.year, value.month).label if isinstance(value, date) else str(value)


def check_pairs(staging: Staging, source: Source, layout: Layout, findings: Findings) -> None:
    """The first of two columns never exceeds the second (V4), and is never far below its usual share (V3)."""
    for part, whole in source.at_most:
        _check_share(staging, layout, part, whole, findings)
        query = "SELECT _row, {part}, {whole} FROM typed WHERE {part} > {whole} ORDER BY _row LIMIT {most}"
        found = staging.rows(query, part=sql_name(part), whole=sql_name(whole), most=str(_LISTED))
        names = layout.heading(part), layout.heading(whole)
        for row, more, less in found:
            message = f"{names[0]} is {more:,}, above {names[1]}, which is {less:,}"
            findings.add("V4", message, "Correct one of them.", row=row, column=names[0], was=str(more))


def _check_share(staging: Staging, layout: Layout, part: str, whole: str, findings: Findings) -> None:
    """A part less than a tenth of its usual share (V3): probably a percentage in place of a count."""
    query = (
        "SELECT _row, {part}, {whole}, usual FROM (SELECT *, median({part} / {whole}) OVER () AS usual FROM typed"
        " WHERE {whole} >= {least}) WHERE {part} > 0 AND {times} * {part} / {whole} < usual ORDER BY _row"
    )
    parts = {"part": sql_name(part), "whole": sql_name(whole), "least": str(SHARE_FROM), "times": str(SHARE_TIMES)}
    for row, number, total, usual in staging.rows(query, **parts):
        message = (
            f"{number:,} is {number / total:.1%} of {total:,} ({layout.heading(whole)}), where {usual:.0%} is usual"
        )
        remedy = "Is it a percentage? Write the number."
        findings.add("V3", message, remedy, row=row, column=layout.heading(part), was=str(number))


def check_answers(staging: Staging, source: Source, layout: Layout, findings: Findings) -> None:
    """The numbers asked in a survey (S1): of none, no share follows; of very few, it says little."""
    for _, whole in source.at_most:
        query = "SELECT _row, {whole} FROM typed WHERE {whole} < {few} ORDER BY _row LIMIT {most}"
        heading = layout.heading(whole)
        for row, asked in staging.rows(query, whole=sql_name(whole), few=str(FEWEST_ASKED), most=str(_LISTED)):
            if asked == 0:
                message, remedy = "nobody was asked, so there is no share", "Leave the row out: it is unknown, not 0."
                findings.add("S1", message, remedy, row=row, column=heading, was="0")
            else:
                message = f"a share of {asked:,} says little; {FEWEST_ASKED} or more are usual"
                remedy = "Is the number complete?"
                findings.add("S1", message, remedy, level=Level.WARN, row=row, column=heading, was=f"{asked}")


def check_blanks(staging: Staging, reader: ExtractReader, series: Mapping[str, SeriesSpec], findings: Findings) -> None:
    """Optional columns that are empty altogether, or in the whole last month, though a condition needs them (D2)."""
    for name, column in reader.source.every_column.items():
        if not column.optional:
            continue
        needing = [one.title for one in series.values() if one.where and name in read_condition(
            one.where, reader.source.every_column).columns]  # fmt: skip
        query = (
            "SELECT sum(_times), coalesce(sum(_times) FILTER (WHERE {name} IS NOT NULL), 0),"
            " coalesce(sum(_times) FILTER (WHERE _month = last), 0),"
            " coalesce(sum(_times) FILTER (WHERE _month = last AND {name} IS NOT NULL), 0), max(last)"
            " FROM (SELECT *, max(_month) OVER () AS last FROM weighed)"
        )
        [(rows, filled, in_last, filled_in_last, last)] = staging.rows(query, name=sql_name(name))
        heading, told = reader.layout.heading(name), all_or_few(needing, FEWEST)
        if not needing or rows < FEWEST_ROWS:
            continue
        if not filled:
            message = f"all {rows:,} cells are empty, and {told} depends on it"
        elif not filled_in_last and in_last >= FEWEST_ROWS and filled / rows > 1 - BLANK:
            message = f"all {in_last:,} cells of {month_of(last).label} are empty, and {told} depends on it"
        else:
            continue
        findings.add("D2", message, "Ask for the extract with this column filled.", column=heading)


FEWEST_ROWS = 20  # of fewer rows, all may be empty by chance
BLANK = 0.8  # a column that is empty in more of its cells may be so for a month


def check_date_forms(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Dates of one column in two writings (V2): a spreadsheet that reads the month first turned half of them round."""
    for name, column in reader.source.every_column.items():
        form = column.format
        if column.type is not ColumnType.DATE or form not in DATE or form == "yyyy-mm-dd":
            continue
        table, (pattern, _) = sql_name(f"map_{name}"), DATE[form]
        query = (
            "SELECT regexp_full_match(text, '{pattern}{time}'), count(*), min(text) FROM {table}"
            " WHERE value IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        found = staging.rows(query, pattern=pattern, time=TIME, table=table)
        if len(found) == 2:
            (_, stored, real), (_, written, text) = found
            message = (
                f"{counted(written, 'date')} are texts such as '{text}' and {stored:,} are dates such as '{real}':"
                " a spreadsheet that reads the month first makes dates of those that it can, with day and month swapped"
            )
            remedy = "Ask for the extract again as CSV, and do not open it in a spreadsheet first."
            findings.add("V2", message, remedy, column=reader.layout.heading(name), was=text)


def check_other_places(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """A note on places beside the list of areas (K4), where they count in the total alone."""
    if reader.areas is None or OTHERS not in reader.source.elsewhere:
        return
    rows = "count(DISTINCT _row)" if reader.source.shape is Shape.WIDE else "sum(_times)"
    query = "SELECT _area, {rows} FROM weighed WHERE _area IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    members = reader.areas.areas.members
    places = {area: many for area, many in staging.rows(query, rows=rows) if area not in members}
    if places:
        named = first_few([f"{area} ({rows:,})" for area, rows in places.items()])
        every = counted(sum(places.values()), "row")
        message = f"{every} of places that {reader.areas.name} does not list count in the total alone: {named}"
        findings.add("K4", message, level=Level.NOTE)


def check_unknown(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """A note on cells that are marked as missing (U1): they are unknown, and nothing counts them."""
    wide = reader.source.shape is Shape.WIDE
    columns = {name: column for name, column in reader.source.every_column.items() if column.missing}
    for name in [*columns, *(["count"] if wide and reader.figure.missing else [])]:
        query = "SELECT count(*), min(_row), any_value({text}) FROM typed WHERE {mark}"
        parts = {"text": sql_name(f"_raw_{name}"), "mark": sql_name(f"_mark_{name}")}
        if staging.rows("SELECT 1 FROM weighed WHERE {mark} LIMIT 1", **parts):
            [(many, row, text)] = staging.rows(query, **parts)
            heading = None if wide and name == "count" else reader.layout.heading(name)
            message = f"{counted(many, 'cell')} marked as missing ('{text}'): unknown, and not counted as 0"
            findings.add("U1", message, level=Level.NOTE, row=row, column=heading)
    blank = reader.source.figure.blank
    if wide and blank is not Blank.REFUSE:
        [(many,)] = staging.rows("SELECT count(*) FROM typed WHERE _blank")
        if many:
            what = "counted as none" if blank is Blank.ZERO else "unknown, and not counted as 0"
            findings.add("U1", f"{counted(many, 'empty cell')} among the figures: {what}", level=Level.NOTE)


def check_areas(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Every area of the list has rows (K2)."""
    if reader.areas is None:
        return
    areas_found = {area for (area,) in staging.rows("SELECT DISTINCT _area FROM weighed")}
    if missing := [area for area in reader.areas.areas.members if area not in areas_found]:
        message = f"there is no row for {first_few(missing)}, of {len(reader.areas.areas.members)} areas"
        findings.add("K2", message, "Ask for the extract again, with every area.")


def check_grid(staging: Staging, source: Source, findings: Findings) -> None:
    """Every area (of a wide extract) or period has the same set of rows (F2)."""
    across = source.area if source.shape is Shape.WIDE else source.month
    others = [key for key in source.keys if key != across]
    if across is None or across not in source.keys or not others:
        return
    name, keys = sql_name(across), ", ".join(map(sql_name, others))
    query = (
        "WITH there AS (SELECT DISTINCT {across}, {keys} FROM typed WHERE {known})"
        " SELECT a.{across}, {named} FROM (SELECT DISTINCT {across} FROM there) AS a"
        " CROSS JOIN (SELECT DISTINCT {keys} FROM there) AS k ANTI JOIN there USING ({across}, {keys}) ORDER BY ALL"
    )
    named = ", ".join(f"k.{sql_name(key)}" for key in others)
    lacking: dict[str, list[str]] = {}
    known = " AND ".join(f"{sql_name(key)} IS NOT NULL" for key in source.keys)
    for value, *missing in staging.rows(query, across=name, keys=keys, named=named, known=known):
        lacking.setdefault(_shown(value), []).append(", ".join(map(_shown, missing)))
    for one, rows in lacking.items():
        message = f"{one} lacks {counted(len(rows), 'row')} that others have: {first_few(rows, between='; ')}"
        findings.add("F2", message, "Ask for the extract again: a part of it is missing.")


def check_sums(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """No row is the sum of the others in every month and area (K3)."""
    source = reader.source
    figures = count_columns(source)
    groups = [key for key in source.keys if key != source.month]
    seen = set[str]()
    for key in groups:
        others = [other for other in groups if other != key]
        for within in {tuple(others), tuple(other for other in others if other == source.area)}:
            for value, row in (found for figure in figures for found in _sums(staging, key, within, figure)):
                if value in seen:
                    continue
                seen.add(value)
                message = f"the figures of '{value}' are the sum of the others', so they would count twice"
                remedy = "Leave these rows out, or check that they are not a total."
                findings.add("K3", message, remedy, row=row, column=reader.layout.heading(key), was=value)


def _sums(staging: Staging, key: str, within: Sequence[str], figure: str) -> list[tuple[str, int]]:
    """The values of a key whose figures are always half of the total, each with its first row.

    One that is called a total needs to be near it only, for one figure may be out by a little.
    """
    query = (
        "WITH each AS (SELECT {key} AS key, {within} AS place, _month, sum({figure}) AS figure, min(_row) AS row"
        " FROM typed GROUP BY ALL), beside AS (SELECT *, sum(figure) OVER part AS total, count(*) OVER part AS parts"
        " FROM each WINDOW part AS (PARTITION BY place, _month))"
        " SELECT key, min(row) FROM beside GROUP BY key"
        " HAVING sum(figure) >= {least} AND count(*) >= 2 AND ((min(parts) >= 3 AND bool_and(2 * figure = total))"
        " OR (min(parts) >= 2 AND regexp_full_match(key, '{called}')"
        " AND bool_and(abs(2 * figure - total) <= greatest(2, {nearly} * total))))"
    )
    place = f"row({', '.join(map(sql_name, within))})" if within else "0"
    parts = {"least": str(SUM_FROM), "called": _TOTAL, "nearly": str(NEARLY)}
    rows = staging.rows(query, key=f"{sql_name(key)}::VARCHAR", within=place, figure=sql_name(figure), **parts)
    return [(value, row) for value, row in rows]


@dataclass
class Categories:
    """The texts that conditions name and that a source's files hold, and the series that count something.

    Files of one source share it: a category that one month lacks may be in another.
    """

    there: dict[str, set[str]] = field(default_factory=dict)
    counting: set[str] = field(default_factory=set)

    def add(self, staging: Staging, reader: ExtractReader, series: Mapping[str, SeriesSpec]) -> None:
        """Note what a file holds."""
        columns = {column for one in series.values() for column, _ in _texts_named(one, reader)}
        if reader.source.area is not None and reader.areas is None:
            columns.add(reader.source.area)
        for column in columns:
            query = "SELECT DISTINCT {name} FROM weighed WHERE {name} IS NOT NULL"
            found = {text for (text,) in staging.rows(query, name=sql_name(column))}
            self.there[column] = self.there.get(column, set()) | found
        for name, one in series.items():
            if name not in self.counting and one.where is not None:
                condition = read_condition(one.where, reader.source.every_column).sql("duckdb")
                if staging.rows("SELECT 1 FROM weighed WHERE {condition} LIMIT 1", condition=condition):
                    self.counting.add(name)

    def check(self, reader: ExtractReader, series: Mapping[str, SeriesSpec], findings: Findings) -> None:
        """Every text that a condition names occurs in the files, and every series counts something (D1).

        A text in the column's `values` may be missing, because there may be no such event. Any other missing text
        stops: it is probably renamed. A series without rows is a warning only if rows are events.
        """
        lost: dict[tuple[str, str], list[str]] = {}
        for one in series.values():
            for column, text in set(_texts_named(one, reader)):
                if text not in self.there[column]:
                    lost.setdefault((column, text), []).append(one.title)
        for (column, text), titles in sorted(lost.items()):
            heading = reader.layout.heading(column)
            titled = all_or_few(titles, FEWEST)
            message = f"no row holds '{text}', which {titled} count{'s' if len(titles) == 1 else ''}"
            findings.add("D1", message, _likely(text, sorted(self.there[column])), column=heading, was=text)
        self._check_spellings(reader, series, findings)
        named = {title for titles in lost.values() for title in titles}
        level = Level.WARN if reader.source.shape is Shape.RECORDS else Level.STOP
        for name, one in series.items():
            if one.title not in named and one.where is not None and name not in self.counting:
                message = f"no row belongs to {one.title} ({name}): {one.where}"
                findings.add("D1", message, "Check the condition in measures.yaml against the file.", level=level)

    def _check_spellings(self, reader: ExtractReader, series: Mapping[str, SeriesSpec], findings: Findings) -> None:
        """Texts that differ from those of conditions in capital letters or spaces only, and so count nowhere (D1)."""
        named = {pair for one in series.values() for pair in _texts_named(one, reader)}
        known = {(column, folded(text)): text for column, text in sorted(named)}
        for column, texts in self.there.items():
            if column == reader.source.area and reader.areas is None:
                _check_spellings_of_areas(texts, reader.layout.heading(column), findings)
            for text in sorted(texts):
                meant = known.get((column, folded(text)))
                if meant is not None and (column, text) not in named:
                    message = f"'{text}' is not '{meant}', which conditions name: such rows are not counted"
                    remedy = "Write it alike, or compare lower() of the column in measures.yaml."
                    findings.add(
                        "D1", message, remedy, level=Level.WARN, column=reader.layout.heading(column), was=text
                    )


def _check_spellings_of_areas(places: Collection[str], heading: str, findings: Findings) -> None:
    """Areas without a list that differ in capital letters or spaces only (K4): each counts as one of its own."""
    seen: dict[str, str] = {}
    for place in sorted(places):
        if (other := seen.setdefault(folded(place), place)) != place:
            message = f"'{other}' and '{place}' are counted as two areas"
            findings.add("K4", message, "Give the source a list of areas, or write them alike.",
                         level=Level.WARN, column=heading)  # fmt: skip


def _texts_named(series: SeriesSpec, reader: ExtractReader) -> Iterator[tuple[str, str]]:
    """Each text column and the text that the condition compares it with."""
    if series.where is None:
        return
    columns = reader.source.columns
    for name, text in texts_compared(read_condition(series.where, columns)):
        if columns[name].type is ColumnType.TEXT and text and text not in columns[name].values:
            yield name, text


def _likely(text: str, there: list[str]) -> str:
    """The remedy for a missing text: the similar one that it may be now, or the texts to choose from."""
    spellings = {folded(value): value for value in there}
    if close := difflib.get_close_matches(folded(text), spellings, n=1, cutoff=0.75):
        return f"Is it '{spellings[close[0]]}' now? Then correct the condition in measures.yaml."
    held = first_few([f"'{value}'" for value in there], TO_CHOOSE_FROM)
    return f"The column holds {held}. Correct the condition in measures.yaml."
