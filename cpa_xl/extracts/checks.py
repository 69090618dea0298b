"""What must hold between the rows of an extract: keys, months, areas, sums, and figures beside their neighbours.

Months of a series that are not like the same month a year before: not there yet, or worth a look.

Categories that conditions count and an extract no longer has: renamed ones would be lost without a word (D1).
"""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Cadence, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.columns import Layout
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.find import month_in_name
from cpa_xl.extracts.readers import Staging, month_of, number_of, quoted
from cpa_xl.extracts.rows import DATE, Reader, plain
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, TO_CHOOSE_FROM, all_or_few, counted, first_few

FEW = 0.1  # the part of a usual month's rows below which months that stand apart are mistyped dates, not data
DAYS_SEEN = 200  # rows with a date from which on days above 12 must have come up
JUMP = 50  # times its neighbour: nearly always a rate beside counts, or a figure times 100
JUMP_FROM = 20
FALL_FROM = 1000
SHARE_TIMES, SHARE_FROM = 10, 200
SPIKE = 5  # times both its neighbours: 4 of the 114,048 figures of the published extract of 2008 to 2016 are
SPIKE_FROM, DIP_FROM = 20, 100
SUM_FROM = 100  # figures that add up to less may equal the sum of others by chance

_LISTED = 200


@dataclass(frozen=True)
class Span:
    """The months of an extract, in order; every `step` one should be there."""

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
    keys = ", ".join(map(quoted, source.keys))
    known = " AND ".join(f"{quoted(key)} IS NOT NULL" for key in source.keys)
    rows = "typed"
    if source.shape is Shape.WIDE:  # there each row stands once for each month
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
        message = f"'{value}' stands here as in row {first}"
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


def _check_share(staging: Staging, layout: Layout, part: str, whole: str, findings: Findings) -> None:
    """A part that is less than a tenth of what it is elsewhere: a percentage stands where a count should."""
    query = (
        "SELECT _row, {part}, {whole}, usual FROM (SELECT *, median({part} / {whole}) OVER () AS usual FROM typed"
        " WHERE {whole} >= {least}) WHERE {part} > 0 AND {times} * {part} / {whole} < usual ORDER BY _row"
    )
    parts = {"part": quoted(part), "whole": quoted(whole), "least": str(SHARE_FROM), "times": str(SHARE_TIMES)}
    for row, number, total, usual in staging.rows(query, **parts):
        message = (
            f"{number:,} is {number / total:.1%} of {total:,} ({layout.heading(whole)}), where {usual:.0%} is usual"
        )
        remedy = "Is it a percentage? Write the number."
        findings.add("V3", message, remedy, row=row, column=layout.heading(part), was=str(number))


def _shown(value: object) -> str:
    return Month(value.year, value.month).label if isinstance(value, date) else str(value)


def check_pairs(staging: Staging, source: Source, layout: Layout, findings: Findings) -> None:
    """The first of two columns never exceeds the second (V4), nor is it far below its usual part of it (V3)."""
    for part, whole in source.at_most:
        _check_share(staging, layout, part, whole, findings)
        query = "SELECT _row, {part}, {whole} FROM typed WHERE {part} > {whole} ORDER BY _row LIMIT {most}"
        found = staging.rows(query, part=quoted(part), whole=quoted(whole), most=str(_LISTED))
        names = layout.heading(part), layout.heading(whole)
        for row, more, less in found:
            message = f"{names[0]} is {more:,}, above {names[1]}, which is {less:,}"
            findings.add("V4", message, "Correct one of them.", row=row, column=names[0], was=str(more))


def span_of(staging: Staging, reader: Reader, findings: Findings) -> Span | None:
    """The months that the rows speak of; None where there are none. Dates far from all others are named (V2)."""
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
    return Span(months, step)


def _check_days(staging: Staging, reader: Reader, findings: Findings) -> None:
    """Days that never exceed 12 over many rows are months: day and month were swapped on the way."""
    name = reader.source.month or ""
    if reader.column(name).type is not ColumnType.DATE:
        return
    [(rows, highest)] = staging.rows("SELECT count({day}), max(day({day})) FROM typed", day=quoted(name))
    if rows >= DAYS_SEEN and highest <= 12:
        message = f"in {rows:,} dates the day is never above 12: day and month seem to have been swapped"
        remedy = f"Ask for the extract with dates {reader.column(name).format}."
        findings.add("V2", message, remedy, column=reader.layout.heading(name))


def _without_stray_dates(
    staging: Staging, reader: Reader, counted: Mapping[Month, int], findings: Findings
) -> list[Month]:
    """The months without those that stand apart with hardly any row: mistyped dates (V2)."""
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
    template = DATE[reader.column(name).format][1] if reader.column(name).type is ColumnType.DATE else "%Y-%m"
    query = "SELECT _row, strftime({day}, ?) FROM typed WHERE list_contains(?::BIGINT[], _month) ORDER BY _row"
    for row, text in staging.rows(query, [template, [number_of(month) for month in stray]], day=quoted(name)):
        message = f"'{text}' stands apart: nearly all other dates lie in {kept[0].label} to {kept[-1].label}"
        heading = reader.layout.heading(name)
        findings.add("V2", message, "Correct the date, or leave the row out.", row=row, column=heading, was=text)
    return kept


def check_months(source: Source, span: Span, as_of: Month | None, findings: Findings) -> None:
    """Every month from the first to the as-of month less the lag is there (K2); old ones are noted (P2)."""
    check_gaps(source, span, findings)
    check_end(source, span, as_of, findings)


def check_gaps(source: Source, span: Span, findings: Findings) -> None:
    """Every month between the first and the last is there (K2)."""
    every = {span.first + n for n in range(0, span.last - span.first + 1, span.step)}
    for month in sorted(set(span.months) - every):
        message = f"{month.label} does not lie whole quarters after {span.first.label}, where the rows begin"
        findings.add("V2", message, "Give the month that each quarter ends in.")
    if missing := sorted(every - set(span.months)):
        what = "column" if source.shape is Shape.WIDE else "row"
        message = f"there is no {what} for {_listed(missing)}, though there are some before and after"
        every_one = "quarter" if span.step == 3 else "month"
        findings.add("K2", message, f"Ask for the extract again, with every {every_one}.")


def check_end(source: Source, span: Span, as_of: Month | None, findings: Findings) -> None:
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


def check_name(source: Source, span: Span, known: Month | None, findings: Findings) -> None:
    """The file is the one that its name says, and not older than what the workbook holds (F3)."""
    named = month_in_name(findings.file)
    if named is not None and not span.last <= named <= span.last + source.lag:
        message = f"the file's name says {named}, but its last month is {span.last}"
        findings.add("F3", message, "Give the right file, or rename it.")
    if known is not None and span.last < known:
        message = f"the file ends in {span.last.label}, but the workbook already holds {known.label}"
        findings.add("F3", message, "Give the latest extract.")


def check_brought(brought: dict[Month, str], months: Sequence[Month], findings: Findings) -> None:
    """No two files of a source bring the same month (F3); `brought` gets the months of this one."""
    again: dict[str, list[Month]] = {}
    for month in months:
        if month in brought:
            again.setdefault(brought[month], []).append(month)
        brought.setdefault(month, findings.file)
    for other, shared in again.items():
        message = f"it brings {_listed(shared)}, and so does {other}"
        findings.add("F3", message, "Leave the one that is right in the folder.")


def check_files(source: Source, span: Span, as_of: Month | None, known: Month | None, findings: Findings) -> None:
    """The months of all files of a source: what no file brings is unknown and named (P2); where they end (K2, F3)."""
    every = {span.first + n for n in range(0, span.last - span.first + 1, span.step)}
    if missing := sorted(every - set(span.months)):
        message = f"{source.title}: no file brings {_listed(missing)}, so these months are unknown"
        findings.add("P2", message, level=Level.NOTE)
    check_end(source, span, as_of, findings)
    if known is not None and span.last < known:
        message = f"the files end in {span.last.label}, but the workbook already holds {known.label}"
        findings.add("F3", message, "Give the latest extract too.")


def check_provisional(source: Source, span: Span, findings: Findings) -> None:
    """Months that may still change (P1)."""
    if source.provisional_from is None or source.provisional_from > span.last:
        return
    why = f": {source.provisional_note}" if source.provisional_note else ""
    first = max(source.provisional_from, span.first).label
    findings.add("P1", f"{source.title}: months from {first} are provisional{why}", level=Level.NOTE)


def check_areas(staging: Staging, reader: Reader, findings: Findings) -> None:
    """Every area of the list has rows (K2)."""
    if reader.areas is None:
        return
    there = {area for (area,) in staging.rows("SELECT DISTINCT _area FROM typed")}
    if missing := [area for area in reader.areas.areas.members if area not in there]:
        message = f"there is no row for {first_few(missing)}, of {len(reader.areas.areas.members)} areas"
        findings.add("K2", message, "Ask for the extract again, with every area.")


def check_grid(staging: Staging, source: Source, findings: Findings) -> None:
    """Every area, or period, has the same set of rows (F2)."""
    across = source.area if source.shape is Shape.WIDE else source.month
    others = [key for key in source.keys if key != across]
    if across is None or across not in source.keys or not others:
        return
    name, keys = quoted(across), ", ".join(map(quoted, others))
    query = (
        "WITH there AS (SELECT DISTINCT {across}, {keys} FROM typed)"
        " SELECT a.{across}, {named} FROM (SELECT DISTINCT {across} FROM there) AS a"
        " CROSS JOIN (SELECT DISTINCT {keys} FROM there) AS k ANTI JOIN there USING ({across}, {keys}) ORDER BY ALL"
    )
    named = ", ".join(f"k.{quoted(key)}" for key in others)
    lacking: dict[str, list[str]] = {}
    for value, *missing in staging.rows(query, across=name, keys=keys, named=named):
        lacking.setdefault(_shown(value), []).append(", ".join(map(_shown, missing)))
    for one, rows in lacking.items():
        message = f"{one} lacks {counted(len(rows), 'row')} that others have: {first_few(rows, between='; ')}"
        findings.add("F2", message, "Ask for the extract again: a part of it is missing.")


def check_sums(staging: Staging, reader: Reader, findings: Findings) -> None:
    """No rows are the sum of the others, in every month and area (K3)."""
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
                message = f"the figures of '{value}' are the sum of the others', which would be counted twice"
                remedy = "Leave these rows out, or check that they are no total."
                findings.add("K3", message, remedy, row=row, column=reader.layout.heading(key), was=value)


def _count_columns(source: Source) -> list[str]:
    return [name for name, column in source.columns.items() if column.type is ColumnType.COUNT]


def _sums(staging: Staging, key: str, within: Sequence[str], figure: str) -> list[tuple[str, int]]:
    """The values of a key whose figures are always half of all figures, and the first row of each."""
    query = (
        "WITH each AS (SELECT {key} AS key, {within} AS place, _month, sum({figure}) AS figure, min(_row) AS row"
        " FROM typed GROUP BY ALL), beside AS (SELECT *, sum(figure) OVER part AS total, count(*) OVER part AS parts"
        " FROM each WINDOW part AS (PARTITION BY place, _month))"
        " SELECT key, min(row) FROM beside GROUP BY key"
        " HAVING min(parts) >= 3 AND bool_and(2 * figure = total) AND sum(figure) >= {least} AND count(*) >= 2"
    )
    place = f"row({', '.join(map(quoted, within))})" if within else "0"
    rows = staging.rows(query, key=quoted(key), within=place, figure=quoted(figure), least=str(SUM_FROM))
    return [(value, row) for value, row in rows]


def check_jumps(staging: Staging, reader: Reader, findings: Findings) -> None:
    """Figures about a hundred times their neighbours, or a hundredth (V3)."""
    source = reader.source
    if source.shape is Shape.RECORDS:
        return
    figures = ["count"] if source.shape is Shape.WIDE else _count_columns(source)
    part = ", ".join(quoted(key) for key in source.keys if key != source.month) or "0"
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
            query, part=part, place=place, figure=quoted(figure), **parts
        ):
            times = f"{now / before:,.0f} times" if now > before else f"one part in {before / now:,.0f} of"
            message = f"{now:,} in {month_of(number).label} is {times} the {before:,} of the period before"
            remedy = "Is it a rate or percentage, or a figure times 100? Correct it where the file was made."
            heading = reader.layout.heading(month_place or figure)
            findings.add("V3", message, remedy, row=row, column=heading, was=str(now))


def check_spikes(staging: Staging, reader: Reader, findings: Findings) -> None:
    """Single figures of a wide extract far above or below the months beside them (V6): a digit too many or too few."""
    query = (
        "SELECT _row, _place, _month, before, count, after FROM (SELECT *, lag(count) OVER months AS before,"
        " lead(count) OVER months AS after FROM typed WINDOW months AS (PARTITION BY {keys} ORDER BY _month))"
        " WHERE before IS NOT NULL AND after IS NOT NULL"
        " AND ((greatest(before, after) >= {high} AND count >= {times} * greatest(before, after))"
        " OR (least(before, after) >= {low} AND {times} * count <= least(before, after))) ORDER BY _row, _month"
    )
    keys = ", ".join(map(quoted, reader.source.keys))
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
    """Jul-08; Jul-08 and Aug-08; Jul-08, Aug-08 and 3 more months; Nov-08 to Jan-09 where they follow each other."""
    if len(months) > 2 and all(later - month == 1 for month, later in pairwise(months)):
        return f"{months[0].label} to {months[-1].label}"
    named = [month.label for month in months]
    return all_or_few(named, what="month")


MonthlyCounts = Mapping[tuple[Month, str | None], int]

HALF = 0.5  # a last month below this part of the same month last year is hardly complete
MOST_AREAS = 0.8  # where it is so in more than this part of the areas
LEAST_BEFORE = 20  # and the same month last year had at least so many
UNUSUAL = 0.4  # a change on last year above which a month is worth a look
UNUSUAL_FROM = 100


def check_last_month(title: str, counts: MonthlyCounts, findings: Findings) -> None:
    """A last month that has hardly come in (V5): it stops where nearly every area shows it, else it is a warning."""
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
    """Months of the last year that differ much from the same month a year before (V6)."""
    totals: Counter[Month] = Counter()
    for (month, _), number in counts.items():
        totals[month] += number
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
        message = f"{title} differs much from the same month a year before: {first_few(unusual, FEWEST, 'month')}"
        findings.add("V6", message, "Ask whether it is real.", level=Level.WARN)


def check_categories(staging: Staging, reader: Reader, series: Mapping[str, SeriesSpec], findings: Findings) -> None:
    """Every text that a condition names is there, and every series counts something.

    A text that the column may hold (`values`) can be missing for want of such an event; any other one stops the file.
    """
    lost: dict[tuple[str, str], list[str]] = {}
    there: dict[str, list[str]] = {}
    for one in series.values():
        for column, text in set(_texts_named(one, reader)):
            if column not in there:
                query = "SELECT DISTINCT {name} FROM typed WHERE {name} IS NOT NULL ORDER BY 1"
                there[column] = [value for (value,) in staging.rows(query, name=quoted(column))]
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


def _texts_named(series: SeriesSpec, reader: Reader) -> Iterator[tuple[str, str]]:
    """Each text column and the text that the condition compares it with."""
    if series.where is None:
        return
    import sqlglot  # noqa: PLC0415  # as in `conditions`
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
    """The column that is compared, as it is or with something in place of an empty cell."""
    from sqlglot import exp  # noqa: PLC0415  # as in `conditions`

    if isinstance(node, exp.Coalesce):
        node = node.this
    return node.name if isinstance(node, exp.Column) else None


def _likely(text: str, there: list[str]) -> str:
    """What would do for a text that is not there: the one that it has become, or what there is to choose from."""
    spellings = {plain(value): value for value in there}
    if close := difflib.get_close_matches(plain(text), spellings, n=1, cutoff=0.75):
        return f"Is it '{spellings[close[0]]}' now? Then correct the condition in measures.yaml."
    held = first_few([f"'{value}'" for value in there], TO_CHOOSE_FROM)
    return f"The column holds {held}. Correct the condition in measures.yaml."


def _check_counts_something(
    staging: Staging, reader: Reader, name: str, series: SeriesSpec, findings: Findings
) -> None:
    """A series to which no row belongs; where rows are events, there may have been none."""
    if series.where is None:
        return
    condition = read_condition(series.where, reader.source.columns).sql("duckdb")
    if staging.rows("SELECT 1 FROM typed WHERE {condition} LIMIT 1", condition=condition):
        return
    level = Level.WARN if reader.source.shape is Shape.RECORDS else Level.STOP
    message = f"no row belongs to {series.title} ({name}): {series.where}"
    findings.add("D1", message, "Check the condition in measures.yaml against the file.", level=level)
