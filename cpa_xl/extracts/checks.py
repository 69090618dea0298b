"""Checks between the rows of an extract: keys, months, areas, sums, jumps, and categories that conditions name.

In: the table `typed` (see `cpa_xl.extracts.rows`), or the counts of a series. Out: faults with their code in
`Findings`. Each check looks for one mistake of the system or person that made the file: a month that is incomplete, a
total among the rows, a percentage in place of a count, a renamed category that no condition counts any more.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Blank, Cadence, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.files.columns import Layout
from cpa_xl.extracts.files.readers import Staging, month_of, sql_name
from cpa_xl.extracts.rows import ExtractReader
from cpa_xl.extracts.values import OTHERS, folded
from cpa_xl.measures.figures import plain_number
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, TO_CHOOSE_FROM, all_or_few, counted, first_few

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


def check_other_places(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """A note on places beside the list of areas (K4), where they count in the total alone."""
    if reader.areas is None or OTHERS not in reader.source.elsewhere:
        return
    query = "SELECT _area, count(DISTINCT _row) FROM typed WHERE _area IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    members = reader.areas.areas.members
    places = {area: rows for area, rows in staging.rows(query) if area not in members}
    if places:
        named = first_few([f"{area} ({rows:,})" for area, rows in places.items()])
        rows = counted(sum(places.values()), "row")
        message = f"{rows} of places that {reader.areas.name} does not list count in the total alone: {named}"
        findings.add("K4", message, level=Level.NOTE)


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
    order = sql_name(source.month) if source.month and source.cadence is Cadence.WEEKLY else "_month"
    query = (
        "SELECT _row, {place}, {figure}, before, _month FROM (SELECT *, lag({figure}) OVER months AS before,"
        " least(before, coalesce(lead({figure}) OVER months, before)) AS beside"
        " FROM typed WINDOW months AS (PARTITION BY {part} ORDER BY {order}))"
        " WHERE before IS NOT NULL AND ((before >= {from} AND {figure} >= {jump} * before)"
        " OR (beside >= {fall} AND {figure} > 0 AND {figure} * {jump} <= beside)) ORDER BY _row, _month"
    )
    for figure in figures:
        parts = {"from": str(JUMP_FROM), "fall": str(FALL_FROM), "jump": str(JUMP)}
        for row, month_place, now, before, number in staging.rows(
            query, part=part, order=order, place=place, figure=sql_name(figure), **parts
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
    message = f"{title}: {last.label} has {_figure(now)} where {(last - 12).label} had {_figure(before)}"
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
            unusual.append(f"{month.label} {_figure(totals[month])} after {_figure(before)} ({change:+.0%})")
    if unusual:
        months = first_few(unusual, FEWEST, "month")
        message = f"{title} differs by more than {UNUSUAL:.0%} from the same month a year before: {months}"
        findings.add("V6", message, "Ask whether it is real.", level=Level.WARN)


def _figure(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else plain_number(number)


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
