"""Checks between the rows of an extract: keys, months, areas, sums, jumps, and categories that conditions name.

In: the table `typed` (see `cpa_xl.extracts.rows`), or the counts of a series. Out: faults with their code in
`Findings`. Each check looks for one mistake of the system or person that made the file: a month that is incomplete, a
total among the rows, a percentage in place of a count, a renamed category that no condition counts any more.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from statistics import NormalDist, median

from cpa_xl.config.conditions import read_condition, texts_compared
from cpa_xl.config.model import Blank, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.figures.neighbours import (
    Category,
    MonthlyCounts,
    check_vanished,
    count_columns,
    figure_of_rows,
    totals_of,
)
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
FEWEST_SHARES, SHARES = 3, 8  # the periods before by which a share is judged
YEAR_TIMES = (3.0, 5.5)  # times the usual number asked: four quarters together, perhaps of a larger sample
FEW_TIMES, FEW_STOPS = 3, 10  # a number asked that is such a part of the usual one
UNLIKE, UNLIKE_STOPS, UNLIKE_BY = 3.3, 8, 0.2  # standard errors, and the change, of a share turned round
ALIKE, ALIKE_STOPS = 0.0012, 1e-7  # chances of shares that differ so little
ROLLING = 0.02  # how far revised figures of a survey may be from those known
PERCENT, PERCENT_STOPS = 100, 1e-4  # where no part exceeds 100 of many, such shares are percentages
_TOTAL = r"(?i)(?:(?:grand |sub-?)?totals?|all)\b.*|.*\b(?:total|overall)"
_LISTED = 200
_FEW_VALUES = 20
_MONTHS = 12  # a category that is missing for so long deserves a note


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


Totals = Mapping[Month, float]


def share_pairs(source: Source, series: Mapping[str, SeriesSpec]) -> Iterator[tuple[str, str]]:
    """The series that are a part and its whole: sums of the columns of `at_most`, of the same rows."""
    for part, whole in source.at_most:
        for name, one in series.items():
            others = (key for key, other in series.items() if other.sum == whole and other.where == one.where)
            if one.sum == part and (of := next(others, None)) is not None:
                yield name, of


def check_shares(source: Source, series: Mapping[str, SeriesSpec], counts: Mapping[str, MonthlyCounts],
                 findings: Findings) -> None:  # fmt: skip
    """The shares of a survey by period (S1): the last one beside those before it, and all of them beside chance.

    The last period may have asked some four times as many (four quarters together) or hardly anybody, or count those
    who did not agree. Shares of independent samples differ at least as binomial chance makes them; those of
    overlapping periods, and percentages in place of numbers, do not.
    """
    asked: set[str] = set()
    for part, whole in share_pairs(source, series):
        parts, wholes = totals_of(counts[part]), totals_of(counts[whole])
        months = sorted(month for month in parts if wholes.get(month, 0) > 0 and 0 <= parts[month] <= wholes[month])
        if len(months) <= FEWEST_SHARES:
            continue
        *before, last = months
        before = before[-SHARES:]
        title, others = series[part].title, [wholes[month] for month in before]
        if whole not in asked and _asked_unlike(series[whole].title, last, wholes[last], median(others), findings):
            asked.add(whole)
        if whole not in asked:
            shares = [parts[month] / wholes[month] for month in before]
            _turned_round(title, last, (parts[last], wholes[last]), (median(shares), sum(others)), findings)
            _too_alike(title, series[whole].title, [(parts[month], wholes[month]) for month in months], findings)


def _asked_unlike(title: str, last: Month, now: float, usual: float, findings: Findings) -> bool:
    """Whether the number asked is many times, or a small part of, the usual one (S1)."""
    times = now / usual if usual else 1
    if (now <= usual and times * FEW_TIMES > 1) or usual <= now < YEAR_TIMES[0] * usual:
        return False
    level, remedy = Level.STOP, "Ask for the numbers of this period alone."
    message = f"{title} is {now:,.0f} in {last.label}, where some {usual:,.0f} are usual"
    if times < 1:
        remedy = "Is the number complete?"
        level = Level.STOP if times * FEW_STOPS <= 1 else Level.WARN
    elif times <= YEAR_TIMES[1]:
        message += ": it seems to count four periods together"
    findings.add("S1", message, remedy, level=level)
    return True


def _turned_round(
    title: str, last: Month, now: tuple[float, float], before: tuple[float, float], findings: Findings
) -> None:
    """A share that is what the usual one leaves (S1): the number of those who did not agree.

    `now` has the part and its whole, `before` the usual share and the number asked.
    """
    (part, whole), (usual, others) = now, before
    share = part / whole
    error = sqrt(usual * (1 - usual) * (1 / whole + 1 / others))
    differs, off = abs(share - usual), abs(share - (1 - usual))
    if not error or differs < UNLIKE * error or off > max(2 * error, differs / 4):
        return
    level = Level.STOP if differs >= UNLIKE_STOPS * error and differs >= UNLIKE_BY else Level.WARN
    message = f"{title} is {share:.1%} in {last.label}, where {usual:.1%} is usual: it seems to count those who did not"
    findings.add("S1", message, "Ask which answers it counts.", level=level)


def _too_alike(title: str, whole: str, pairs: Sequence[tuple[float, float]], findings: Findings) -> None:
    """Shares that differ less from period to period than chance makes shares of so many differ (S1)."""
    all_together = sum(part for part, _ in pairs) / sum(asked for _, asked in pairs)
    between = all_together * (1 - all_together)
    if not between:
        return
    square = sum(
        (part / asked - other / before) ** 2 / (between * (1 / asked + 1 / before))
        for (part, asked), (other, before) in zip(pairs[1:], pairs[:-1], strict=True)
    )
    free = len(pairs) - 1  # Wilson and Hilferty's normal form of chi-square
    chance = NormalDist().cdf(((square / free) ** (1 / 3) - 1 + 2 / (9 * free)) / sqrt(2 / (9 * free)))
    if chance < ALIKE:
        message = f"the shares of {title} in {whole} differ less from period to period than chance makes them differ"
        remedy = "Is each figure of several periods together, or a percentage? Ask for the numbers of each period."
        percent = all(part <= PERCENT for part, _ in pairs) and min(asked for _, asked in pairs) > 2 * PERCENT
        certain = chance < (PERCENT_STOPS if percent else ALIKE_STOPS)
        findings.add("S1", message, remedy, level=Level.STOP if certain else Level.WARN)


def shares_under_other_names(
    titles: tuple[str, str], known: tuple[Totals, Totals], now: tuple[Totals, Totals], step: int
) -> Iterator[str]:
    """Sentences on known figures of a part and its whole that come again in another sense.

    The part may be a percentage now, or those who did not agree; both may be sums of the last twelve months.
    """
    (parts, wholes), (new, of) = known, now
    months = [month for month in new if month in of and month in parts and wholes.get(month)
              and (new[month], of[month]) != (parts[month], wholes[month])]  # fmt: skip
    if not months:
        return
    year = [[month - step * back for back in range(12 // step)] for month in months]
    rolling = [
        (of[month], sum(wholes[one] for one in run))
        for month, run in zip(months, year, strict=True)
        if all(one in wholes for one in run) and len(run) > 1
    ]
    if rolling and all(abs(found - total) <= ROLLING * total for found, total in rolling):
        yield f"the figures of {titles[0]} and {titles[1]} are those known of twelve months together"
    elif all(abs(new[month] - 100 * parts[month] / wholes[month]) <= 1 and new[month] != parts[month]
             and wholes[month] > 2 * PERCENT for month in months):  # fmt: skip
        yield f"the figures of {titles[0]} are those known as percentages of {titles[1]}"
    elif all(
        abs(new[month] / of[month] - 1 + parts[month] / wholes[month]) <= ROLLING
        and abs(2 * parts[month] / wholes[month] - 1) > 2 * ROLLING
        for month in months if of[month]
    ):  # fmt: skip
        yield f"the figures of {titles[0]} are what those known leave of {titles[1]}: they seem to count the others"


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


def categories_of(source: Source, series: Mapping[str, SeriesSpec]) -> list[str]:
    """The columns of categories: texts that are neither the area nor the key.

    Of records only those that a condition names or that list what they hold, because one pass keeps no others.
    """
    named = {
        name for one in series.values() if one.where for name in read_condition(one.where, source.every_column).columns
    }
    return [
        name for name, column in source.columns.items()
        if column.type is ColumnType.TEXT and name not in {source.area, source.month} and (name,) != source.keys
        and (source.shape is not Shape.RECORDS or name in named or 0 < len(column.values) <= _FEW_VALUES)
    ]  # fmt: skip


@dataclass
class Categories:
    """The texts that conditions name and that a source's files hold, and the series that count something.

    Files of one source share it: a category that one month lacks may be in another.
    """

    there: dict[str, set[str]] = field(default_factory=dict)
    counting: set[str] = field(default_factory=set)
    by_month: dict[str, dict[str, Category]] = field(default_factory=dict)

    def restore(self, before: "Categories") -> None:
        """Forget what was noted since `before` was copied."""
        self.there, self.counting, self.by_month = before.there, before.counting, before.by_month

    def add(self, staging: Staging, reader: ExtractReader, series: Mapping[str, SeriesSpec]) -> None:
        """Note what a file holds."""
        columns = {column for one in series.values() for listed in (False, True)
                   for column, _ in _texts_named(one, reader, listed=listed)}  # fmt: skip
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
        self._add_by_month(staging, reader, series)

    def _add_by_month(self, staging: Staging, reader: ExtractReader, series: Mapping[str, SeriesSpec]) -> None:
        """Note the figures of each category in each month, of columns that have few."""
        source = reader.source
        conditions = [read_condition(one.where, source.every_column) if one.where else None for one in series.values()]
        columns = categories_of(source, series)
        if not columns or not series:
            return
        query = ", ".join(f"approx_count_distinct({sql_name(name)})" for name in columns)
        [many] = staging.rows("SELECT {different} FROM weighed", different=query)
        counted_by = ", ".join(
            f"coalesce(bool_or({one.sql('duckdb') if one else 'TRUE'}), FALSE)" for one in conditions
        )
        query = (
            "SELECT {name}, _month, coalesce({figure}, 0), {counted} FROM weighed"
            " WHERE {name} IS NOT NULL AND _month IS NOT NULL GROUP BY 1, 2"
        )
        for name, number in zip(columns, many, strict=True):
            if number > _LISTED:
                continue
            parts = {"name": sql_name(name), "figure": figure_of_rows(source), "counted": counted_by}
            for text, month, figure, *counted_in in staging.rows(query, **parts):
                one = self.by_month.setdefault(name, {}).setdefault(text, Category())
                one.figures[month_of(month)] = one.figures.get(month_of(month), 0) + figure
                one.series |= {key for key, counts in zip(series, counted_in, strict=True) if counts}

    def check_vanished(
        self, reader: ExtractReader, series: Mapping[str, SeriesSpec], until: Month | None, known: Month | None,
        findings: Findings,
    ) -> None:  # fmt: skip
        """Categories that were there before and are missing now (D3): after `known`, else in the last twelve months."""
        titles = {name: one.title for name, one in series.items()}
        for column, categories in self.by_month.items():
            months = {month for one in categories.values() for month in one.figures if until is None or month <= until}
            if not months:
                continue
            last = max(months)
            new = {month for month in months if month > (last - 12 if known is None else known)} or {last}
            within = {
                text: Category({month: figure for month, figure in one.figures.items() if month in months}, one.series)
                for text, one in categories.items()
            }
            check_vanished(reader.layout.heading(column), within, new, titles, findings)
            if known is None and len(months) >= _MONTHS:
                self._say_what_never_was(reader, series, column, findings)

    def _say_what_never_was(
        self, reader: ExtractReader, series: Mapping[str, SeriesSpec], column: str, findings: Findings
    ) -> None:
        """A note on listed categories that conditions name and no row of a year or more holds (D3)."""
        never: dict[str, list[str]] = {}
        for one in series.values():
            for name, text in set(_texts_named(one, reader, listed=True)):
                if name == column and text not in self.there[column]:
                    never.setdefault(text, []).append(one.title)
        for text, titles in sorted(never.items()):
            titled = all_or_few(titles, FEWEST)
            message = f"no row holds '{text}', which {titled} count{'s' if len(titles) == 1 else ''}: there may be none"
            findings.add("D3", message, level=Level.NOTE, column=reader.layout.heading(column), was=text)

    def lacking(self, reader: ExtractReader, series: Mapping[str, SeriesSpec]) -> dict[str, tuple[str, ...]]:
        """By series, the texts that its condition names and no row holds, of those that the column lists."""
        found = {}
        for name, one in series.items():
            named = set(_texts_named(one, reader, listed=True))
            texts = sorted(text for column, text in named if text not in self.there[column])
            if texts:
                found[name] = tuple(texts)
        return found

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


def _texts_named(series: SeriesSpec, reader: ExtractReader, *, listed: bool = False) -> Iterator[tuple[str, str]]:
    """Each text column and the text that the condition compares it with; `listed`: of the column's `values`."""
    if series.where is None:
        return
    columns = reader.source.columns
    for name, text in texts_compared(read_condition(series.where, columns)):
        if columns[name].type is ColumnType.TEXT and text and (text in columns[name].values) is listed:
            yield name, text


def _likely(text: str, there: list[str]) -> str:
    """The remedy for a missing text: the similar one that it may be now, or the texts to choose from."""
    spellings = {folded(value): value for value in there}
    if close := difflib.get_close_matches(folded(text), spellings, n=1, cutoff=0.75):
        return f"Is it '{spellings[close[0]]}' now? Then correct the condition in measures.yaml."
    held = first_few([f"'{value}'" for value in there], TO_CHOOSE_FROM)
    return f"The column holds {held}. Correct the condition in measures.yaml."
