"""Checks between the rows of an extract: keys, months, areas, sums, jumps, and categories that conditions name.

In: the table `typed` (see `cpa_xl.extracts.rows`), or the counts of a series. Out: faults with their code in
`Findings`. Each check looks for one mistake of the system or person that made the file: a month that is incomplete, a
total among the rows, a percentage in place of a count, a renamed category that no condition counts any more.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Blank, Cadence, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.columns import Layout
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.find import month_in_name
from cpa_xl.extracts.readers import Staging, month_number, month_of, sql_name
from cpa_xl.extracts.rows import ExtractReader
from cpa_xl.extracts.values import DATE, folded
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, TO_CHOOSE_FROM, all_or_few, counted, first_few

FEW = 0.1  # isolated months with less than this part of a usual month's rows are mistyped dates, not data
DAYS_SEEN = 200  # this many dates must include a day above 12
JUMP = 50  # times its neighbour: nearly always a rate among counts, or a figure times 100
JUMP_FROM = 20
FALL_FROM = 1000
SHARE_TIMES, SHARE_FROM = 10, 200
SPIKE = 5  # times both neighbours, as only 4 of the 114,048 figures of the published extract of 2008 to 2016
SPIKE_FROM, DIP_FROM = 20, 100
SUM_FROM = 100  # figures with a smaller sum may equal the sum of others by chance
_LISTED = 200

MonthlyCounts = Mapping[tuple[Month, str | None], float]
HALF = 0.5  # a last month below this part of the same month last year is probably incomplete
MOST_AREAS = 0.8  # if more than this part of the areas show it
LEAST_BEFORE = 20  # and if the same month last year has at least this count
UNUSUAL = 0.4  # a larger change on the same month last year deserves a check
UNUSUAL_FROM = 100


@dataclass(frozen=True)
class MonthSpan:
    """The months of an extract, in order; `step` is the number of months between two of them (1, or 3 for quarters)."""

    months: Sequence[Month]
    step: int

    @property
    def first(self) -> Month:
        return self.months[0]

    @property
    def last(self) -> Month:
        return self.months[-1]


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


def span_of(staging: Staging, reader: ExtractReader, findings: Findings) -> MonthSpan | None:
    """The months of the rows; None if there are none. Dates far from all others are faults (V2)."""
    source = reader.source
    counted = {month_of(number): rows for number, rows in staging.rows(
        "SELECT _month, count(*) FROM typed WHERE _month IS NOT NULL GROUP BY _month ORDER BY _month"
    )}  # fmt: skip
    if not counted:
        return None
    step = 3 if source.cadence is Cadence.QUARTERLY else 1
    months = list(counted)
    if source.shape is Shape.RECORDS:
        _check_days(staging, reader, findings)
        months = _without_stray_dates(staging, reader, counted, findings)
    return MonthSpan(months, step)


def _check_days(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Days that never exceed 12 in many rows (V2): the file probably swaps day and month."""
    name = reader.source.month or ""
    if reader.column(name).type is not ColumnType.DATE:
        return
    [(rows, highest)] = staging.rows("SELECT count({day}), max(day({day})) FROM typed", day=sql_name(name))
    if rows >= DAYS_SEEN and highest <= 12:
        message = f"in {rows:,} dates the day is never above 12: day and month seem to have been swapped"
        remedy = f"Ask for the extract with dates {reader.column(name).format}."
        findings.add("V2", message, remedy, column=reader.layout.heading(name))


def _without_stray_dates(
    staging: Staging, reader: ExtractReader, counted: Mapping[Month, int], findings: Findings
) -> list[Month]:
    """The months without isolated ones with very few rows, which are mistyped dates (V2)."""
    runs: list[list[Month]] = []
    for month in counted:
        if runs and month - runs[-1][-1] == 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    few = FEW * median(counted.values())
    stray = [month for run in runs if sum(counted[month] for month in run) < few * len(run) for month in run]
    kept = [month for month in counted if month not in stray]
    if not stray or not kept:
        return list(counted)
    name = reader.source.month or ""
    form = reader.column(name).format
    template = DATE[form][1] if reader.column(name).type is ColumnType.DATE and form in DATE else "%Y-%m"
    query = "SELECT _row, strftime({day}, ?) FROM typed WHERE list_contains(?::BIGINT[], _month) ORDER BY _row"
    for row, text in staging.rows(query, [template, [month_number(month) for month in stray]], day=sql_name(name)):
        message = (
            f"'{text}' is far from the other dates, nearly all of which are in {kept[0].label} to {kept[-1].label}"
        )
        heading = reader.layout.heading(name)
        findings.add("V2", message, "Correct the date, or leave the row out.", row=row, column=heading, was=text)
    return kept


def check_months(source: Source, span: MonthSpan, as_of: Month | None, findings: Findings) -> None:
    """Every month from the first to the as-of month minus the lag has rows (K2); a late quarter gives a note (P2)."""
    check_gaps(source, span, findings)
    check_end(source, span, as_of, findings)


def check_gaps(source: Source, span: MonthSpan, findings: Findings) -> None:
    """Every month between the first and the last has rows (K2)."""
    every = {span.first + n for n in range(0, span.last - span.first + 1, span.step)}
    for month in sorted(set(span.months) - every):
        message = f"{month.label} does not lie whole quarters after {span.first.label}, where the rows begin"
        findings.add("V2", message, "Give the month that each quarter ends in.")
    if missing := sorted(every - set(span.months)):
        what = "column" if source.shape is Shape.WIDE else "row"
        message = f"there is no {what} for {_listed(missing)}, though there are some before and after"
        every_one = "quarter" if span.step == 3 else "month"
        findings.add("K2", message, f"Ask for the extract again, with every {every_one}.")


def check_end(source: Source, span: MonthSpan, as_of: Month | None, findings: Findings) -> None:
    """The months reach the as-of month less the lag (K2); old ones are noted (P2)."""
    if as_of is None:
        return
    if span.first > as_of:
        message = f"the rows begin in {span.first.label}, after the as-of month {as_of.label}"
        findings.add("K2", message, "Ask for an extract that begins earlier.")
    elif span.last < as_of - source.lag and source.cadence is Cadence.MONTHLY:
        wanted = [span.last + n for n in range(1, as_of - source.lag - span.last + 1)]
        message = f"there is nothing for {_listed(wanted)}; the last month is {span.last.label}"
        findings.add("K2", message, f"Ask for an extract up to {(as_of - source.lag).label}.")
    elif span.last < as_of:
        behind = as_of - span.last
        allowed = "as allowed" if behind <= source.lag else f"more than the {source.lag} allowed: no letter is given"
        months = counted(behind, "month")
        message = f"{source.title} ends in {span.last.label}, {months} before {as_of.label}, {allowed}"
        findings.add("P2", message, level=Level.NOTE)


def check_name(source: Source, span: MonthSpan, known: Month | None, findings: Findings) -> None:
    """The file ends in the month of its name, and is not older than the figures in the workbook (F3)."""
    named = month_in_name(findings.file.rpartition("/")[2]) if source.month_in_name else None
    if ", sheet " in findings.file:  # the name is that of all sheets together
        named = None
    if named is not None and not span.last <= named <= span.last + source.lag:
        message = f"the file's name says {named}, but its last month is {span.last}"
        findings.add("F3", message, "Give the right file, or rename it.")
    if known is not None and span.last < known:
        message = f"the file ends in {span.last.label}, but the workbook already holds {known.label}"
        findings.add("F3", message, "Give the latest extract.")


def note_overlap(other: str, shared: Sequence[Month], findings: Findings, *, taken_from_there: bool) -> None:
    """Two files of a source bring the same months (F3): a stop, or a note where the later one counts."""
    if taken_from_there:
        message = f"{_listed(shared)} count from {other}, which is the later file and brings them too"
        findings.add("F3", message, level=Level.NOTE)
        return
    message = f"it brings {_listed(shared)}, and so does {other}"
    remedy = "Leave the one that is right in the folder, or let the later one count: `overlap: later` in sources.yaml."
    findings.add("F3", message, remedy)


def months_brought(staging: Staging, source: Source, name: str, span: MonthSpan) -> Iterator[tuple[Month, str | None]]:
    """The months of a file, each with the values of the column (or the part of its name) by which its files differ."""
    other = sql_name(source.split) if source.split else "NULL"
    part = re.fullmatch(source.split_name, name.rpartition("/")[2]) if source.split_name else None
    query = "SELECT DISTINCT _month, {other} FROM typed WHERE _month IS NOT NULL ORDER BY ALL"
    months = set(span.months)
    for number, value in staging.rows(query, other=other):
        if (month := month_of(number)) in months:
            yield month, part[1] if part else value


def check_unknown(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """A note on cells that are marked as missing (U1): they are unknown, and nothing counts them."""
    wide = reader.source.shape is Shape.WIDE
    columns = {name: column for name, column in reader.source.every_column.items() if column.missing}
    for name in [*columns, *(["count"] if wide and reader.figure.missing else [])]:
        query = "SELECT count(*), min(_row), any_value({text}) FROM typed WHERE {mark}"
        parts = {"text": sql_name(f"_raw_{name}"), "mark": sql_name(f"_mark_{name}")}
        [(many, row, text)] = staging.rows(query, **parts)
        if many:
            heading = None if name == "count" else reader.layout.heading(name)
            message = f"{counted(many, 'cell')} marked as missing ('{text}'): unknown, and not counted as 0"
            findings.add("U1", message, level=Level.NOTE, row=row, column=heading)
    blank = reader.source.figure.blank
    if wide and blank is not Blank.REFUSE:
        [(many,)] = staging.rows("SELECT count(*) FROM typed WHERE _blank")
        if many:
            what = "counted as none" if blank is Blank.ZERO else "unknown, and not counted as 0"
            findings.add("U1", f"{counted(many, 'empty cell')} among the figures: {what}", level=Level.NOTE)


def check_files(source: Source, span: MonthSpan, as_of: Month | None, known: Month | None, findings: Findings) -> None:
    """The months of all files of a source: what no file brings is unknown and named (P2); where they end (K2, F3)."""
    every = {span.first + n for n in range(0, span.last - span.first + 1, span.step)}
    if missing := sorted(every - set(span.months)):
        message = f"{source.title}: no file brings {_listed(missing)}, so these months are unknown"
        findings.add("P2", message, level=Level.NOTE)
    check_end(source, span, as_of, findings)
    if known is not None and span.last < known:
        message = f"the files end in {span.last.label}, but the workbook already holds {known.label}"
        findings.add("F3", message, "Give the latest extract too.")


def check_provisional(source: Source, span: MonthSpan, findings: Findings) -> None:
    """A note on months that may still change (P1)."""
    if source.provisional_from is None or source.provisional_from > span.last:
        return
    why = f": {source.provisional_note}" if source.provisional_note else ""
    first = max(source.provisional_from, span.first).label
    findings.add("P1", f"{source.title}: months from {first} are provisional{why}", level=Level.NOTE)


def check_areas(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Every area of the list has rows (K2)."""
    if reader.areas is None:
        return
    areas_found = {area for (area,) in staging.rows("SELECT DISTINCT _area FROM typed")}
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
        "WITH there AS (SELECT DISTINCT {across}, {keys} FROM typed)"
        " SELECT a.{across}, {named} FROM (SELECT DISTINCT {across} FROM there) AS a"
        " CROSS JOIN (SELECT DISTINCT {keys} FROM there) AS k ANTI JOIN there USING ({across}, {keys}) ORDER BY ALL"
    )
    named = ", ".join(f"k.{sql_name(key)}" for key in others)
    lacking: dict[str, list[str]] = {}
    for value, *missing in staging.rows(query, across=name, keys=keys, named=named):
        lacking.setdefault(_shown(value), []).append(", ".join(map(_shown, missing)))
    for one, rows in lacking.items():
        message = f"{one} lacks {counted(len(rows), 'row')} that others have: {first_few(rows, between='; ')}"
        findings.add("F2", message, "Ask for the extract again: a part of it is missing.")


def check_sums(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """No row is the sum of the others in every month and area (K3)."""
    source = reader.source
    figures = ["count"] if source.shape is Shape.WIDE else _count_columns(source)
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


def _count_columns(source: Source) -> list[str]:
    return [name for name, column in source.columns.items() if column.type is ColumnType.COUNT]


def _sums(staging: Staging, key: str, within: Sequence[str], figure: str) -> list[tuple[str, int]]:
    """The values of a key whose figures are always half of the total, each with its first row."""
    query = (
        "WITH each AS (SELECT {key} AS key, {within} AS place, _month, sum({figure}) AS figure, min(_row) AS row"
        " FROM typed GROUP BY ALL), beside AS (SELECT *, sum(figure) OVER part AS total, count(*) OVER part AS parts"
        " FROM each WINDOW part AS (PARTITION BY place, _month))"
        " SELECT key, min(row) FROM beside GROUP BY key"
        " HAVING min(parts) >= 3 AND bool_and(2 * figure = total) AND sum(figure) >= {least} AND count(*) >= 2"
    )
    place = f"row({', '.join(map(sql_name, within))})" if within else "0"
    rows = staging.rows(query, key=sql_name(key), within=place, figure=sql_name(figure), least=str(SUM_FROM))
    return [(value, row) for value, row in rows]


def check_jumps(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Figures of 50 times the period before or more, or of a 50th or less (V3)."""
    source = reader.source
    if source.shape is Shape.RECORDS:
        return
    figures = ["count"] if source.shape is Shape.WIDE else _count_columns(source)
    part = ", ".join(sql_name(key) for key in source.keys if key != source.month) or "0"
    place = "_place" if source.shape is Shape.WIDE else "NULL"
    query = (
        "SELECT _row, {place}, {figure}, before, _month FROM (SELECT *, lag({figure}) OVER months AS before,"
        " least(before, coalesce(lead({figure}) OVER months, before)) AS beside"
        " FROM typed WINDOW months AS (PARTITION BY {part} ORDER BY _month))"
        " WHERE before IS NOT NULL AND ((before >= {from} AND {figure} >= {jump} * before)"
        " OR (beside >= {fall} AND {figure} > 0 AND {figure} * {jump} <= beside)) ORDER BY _row, _month"
    )
    for figure in figures:
        parts = {"from": str(JUMP_FROM), "fall": str(FALL_FROM), "jump": str(JUMP)}
        for row, month_place, now, before, number in staging.rows(
            query, part=part, place=place, figure=sql_name(figure), **parts
        ):
            times = f"{now / before:,.0f} times" if now > before else f"one part in {before / now:,.0f} of"
            message = f"{now:,} in {month_of(number).label} is {times} the {before:,} of the period before"
            remedy = "Is it a rate or percentage, or a figure times 100? Correct it where the file was made."
            heading = reader.layout.heading(month_place or figure)
            findings.add("V3", message, remedy, row=row, column=heading, was=str(now))


def check_spikes(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Single figures of a wide extract far above or below both neighbours (V6): perhaps a digit too many or too few."""
    query = (
        "SELECT _row, _place, _month, before, count, after FROM (SELECT *, lag(count) OVER months AS before,"
        " lead(count) OVER months AS after FROM typed WINDOW months AS (PARTITION BY {keys} ORDER BY _month))"
        " WHERE before IS NOT NULL AND after IS NOT NULL"
        " AND ((greatest(before, after) >= {high} AND count >= {times} * greatest(before, after))"
        " OR (least(before, after) >= {low} AND {times} * count <= least(before, after))) ORDER BY _row, _month"
    )
    keys = ", ".join(map(sql_name, reader.source.keys))
    parts = {"keys": keys, "high": str(SPIKE_FROM), "low": str(DIP_FROM), "times": str(SPIKE)}
    for row, place, number, before, figure, after in staging.rows(query, **parts):
        month = month_of(number)
        beside = f"{(month - 1).label} has {before:,} and {(month + 1).label} {after:,}"
        message = f"{figure:,} in {month.label}, where {beside}"
        heading = reader.layout.heading(place)
        findings.add(
            "V6", message, "Ask whether it is real.", level=Level.WARN, row=row, column=heading, was=str(figure)
        )


def _listed(months: Sequence[Month]) -> str:
    """Months as a list, "Jul-08, Aug-08 and 3 more months"; as a range if they are consecutive, "Nov-08 to Jan-09"."""
    if len(months) > 2 and all(later - month == 1 for month, later in pairwise(months)):
        return f"{months[0].label} to {months[-1].label}"
    named = [month.label for month in months]
    return all_or_few(named, what="month")


def check_last_month(title: str, counts: MonthlyCounts, findings: Findings) -> None:
    """A last month that is probably incomplete (V5): a stop if its count is 0 or areas confirm it, else a warning."""
    if not counts:
        return
    last = max(month for month, _ in counts)
    areas = {area: counts.get((last - 12, area), 0) for month, area in counts if month == last}
    before, now = sum(areas.values()), sum(counts[last, area] for area in areas)
    if before < LEAST_BEFORE or now >= HALF * before:
        return
    compared = [area for area, number in areas.items() if number]
    low = [area for area in compared if counts[last, area] < HALF * areas[area]]
    if len(low) <= MOST_AREAS * len(compared):
        return
    message = f"{title}: {last.label} has {now:,} where {(last - 12).label} had {before:,}"
    if len(compared) > 1:
        message += f", below half in {len(low)} of {len(compared)} areas"
    certain = now == 0 or len(compared) > 1
    remedy = "Is the month complete? Ask for the extract again when it is." if certain else "Is the month complete?"
    findings.add("V5", message, remedy, level=Level.STOP if certain else Level.WARN)


def check_unusual_months(title: str, counts: MonthlyCounts, findings: Findings) -> None:
    """Months of the last twelve that differ by more than 40 % from the same month a year before (V6)."""
    totals: dict[Month, float] = {}
    for (month, _), number in counts.items():
        totals[month] = totals.get(month, 0) + number
    if not totals:
        return
    last = max(totals)
    unusual = []
    for month in (last - back for back in range(11, -1, -1)):
        before = totals.get(month - 12, 0)
        if month in totals and before > UNUSUAL_FROM and abs(totals[month] - before) > UNUSUAL * before:
            change = (totals[month] - before) / before
            unusual.append(f"{month.label} {totals[month]:,} after {before:,} ({change:+.0%})")
    if unusual:
        months = first_few(unusual, FEWEST, "month")
        message = f"{title} differs by more than {UNUSUAL:.0%} from the same month a year before: {months}"
        findings.add("V6", message, "Ask whether it is real.", level=Level.WARN)


def check_categories(
    staging: Staging, reader: ExtractReader, series: Mapping[str, SeriesSpec], findings: Findings
) -> None:
    """Every text that a condition names occurs in the file, and every series counts something (D1).

    A text in the column's `values` may be missing, because there may be no such event. Any other missing text stops the
    file: it is probably renamed.
    """
    lost: dict[tuple[str, str], list[str]] = {}
    there: dict[str, list[str]] = {}
    for one in series.values():
        for column, text in set(_texts_named(one, reader)):
            if column not in there:
                query = "SELECT DISTINCT {name} FROM typed WHERE {name} IS NOT NULL ORDER BY 1"
                there[column] = [value for (value,) in staging.rows(query, name=sql_name(column))]
            if text not in there[column]:
                lost.setdefault((column, text), []).append(one.title)
    for (column, text), titles in sorted(lost.items()):
        heading = reader.layout.heading(column)
        counted = all_or_few(titles, FEWEST)
        message = f"no row holds '{text}', which {counted} count{'s' if len(titles) == 1 else ''}"
        findings.add("D1", message, _likely(text, there[column]), column=heading, was=text)
    named = {title for titles in lost.values() for title in titles}
    for name, one in series.items():
        if one.title not in named:
            _check_counts_something(staging, reader, name, one, findings)


def _texts_named(series: SeriesSpec, reader: ExtractReader) -> Iterator[tuple[str, str]]:
    """Each text column and the text that the condition compares it with."""
    if series.where is None:
        return
    import sqlglot  # noqa: PLC0415  # as in `cpa_xl.config.conditions`
    from sqlglot import exp  # noqa: PLC0415  # the same

    columns = reader.source.columns
    condition = sqlglot.parse_one(read_condition(series.where, columns).sql("duckdb"), read="duckdb")
    for node in condition.find_all(exp.EQ, exp.NEQ, exp.In):
        name = _column(node.this)
        others = node.expressions if isinstance(node, exp.In) else [node.expression]
        if name is None or columns[name].type is not ColumnType.TEXT:
            continue
        texts = [other.name for other in others if isinstance(other, exp.Literal) and other.is_string]
        yield from ((name, text) for text in texts if text and text not in columns[name].values)


def _column(node: object) -> str | None:
    """The column of a comparison, alone or inside coalesce(); None for anything else."""
    from sqlglot import exp  # noqa: PLC0415  # as in `cpa_xl.config.conditions`

    if isinstance(node, exp.Coalesce):
        node = node.this
    return node.name if isinstance(node, exp.Column) else None


def _likely(text: str, there: list[str]) -> str:
    """The remedy for a missing text: the similar one that it may be now, or the texts to choose from."""
    spellings = {folded(value): value for value in there}
    if close := difflib.get_close_matches(folded(text), spellings, n=1, cutoff=0.75):
        return f"Is it '{spellings[close[0]]}' now? Then correct the condition in measures.yaml."
    held = first_few([f"'{value}'" for value in there], TO_CHOOSE_FROM)
    return f"The column holds {held}. Correct the condition in measures.yaml."


def _check_counts_something(
    staging: Staging, reader: ExtractReader, name: str, series: SeriesSpec, findings: Findings
) -> None:
    """A series without rows (D1); only a warning if rows are events, because there may be none."""
    if series.where is None:
        return
    condition = read_condition(series.where, reader.source.columns).sql("duckdb")
    if staging.rows("SELECT 1 FROM typed WHERE {condition} LIMIT 1", condition=condition):
        return
    level = Level.WARN if reader.source.shape is Shape.RECORDS else Level.STOP
    message = f"no row belongs to {series.title} ({name}): {series.where}"
    findings.add("D1", message, "Check the condition in measures.yaml against the file.", level=level)
