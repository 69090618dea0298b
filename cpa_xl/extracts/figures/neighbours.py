"""Checks of figures beside their neighbours: jumps, spikes, months that are incomplete, places that went silent.

In: the table `typed`, or the counts of a series. Out: faults with their code in `Findings`. Chance alone hardly ever
gives such a figure; each check says how.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p, sqrt

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import Cadence, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.files.staging import Staging, month_of, sql_name
from cpa_xl.extracts.months import listed_months
from cpa_xl.extracts.rows import ExtractReader
from cpa_xl.measures.figures import plain_number
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, all_or_few, counted, first_few

JUMP = 50  # times its neighbour: nearly always a rate among counts, or a figure times 100
JUMP_FROM = 20
FALL_FROM = 1000
SPIKE = 5  # times both neighbours, as only 4 of the 114,048 figures of the published extract of 2008 to 2016
SPIKE_FROM, DIP_FROM = 20, 100

MonthlyCounts = Mapping[tuple[Month, str | None], float]
HALF = 0.5  # a last month below this part of the same month last year is probably incomplete
MOST_AREAS = 0.8  # if more than this part of the areas show it
LEAST_BEFORE = 20  # and if the same month last year has at least this count
# Poisson: where 14 were expected, none come in 1 of 1.2 million; where 7 were, in 1 of 1,100.
CERTAIN, PROBABLE = 14, 7
NO_CHANCE = 12  # minus the logarithm of the probability that is left: areas and series are many
MANY = 60  # a place with so many a month that goes silent stops a refresh
IS_IT_REAL = "Ask whether it is real; if it counts something else now, state it under known_breaks in measures.yaml."
FEWEST_ROWS = 20  # of fewer rows, all may be empty by chance
BLANK = 0.8  # a column that is empty in more of its cells may be so for a month
MORE_EMPTY = 0.1  # of the cells, beyond those that are usual: less changes little
LEAST_LOST = 0.25  # a smaller part may be a season
_ROUND = 12  # the months before by which a usual month is judged
_SIGMAS = 6  # a few columns are looked at in each file, every month
_KINDS = (ColumnType.TEXT, ColumnType.FLAG)
_FEWEST = 3  # of fewer months before, none is usual


def count_columns(source: Source) -> list[str]:
    """The columns of `typed` with counts: sums of money and times may jump, and are no counts."""
    if source.shape is Shape.WIDE:
        return ["count"] if source.figure.type is ColumnType.COUNT else []
    return [name for name, column in source.columns.items() if column.type is ColumnType.COUNT]


def check_jumps(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Figures of 50 times the period before or more, or of a 50th or less (V3)."""
    source = reader.source
    if source.shape is Shape.RECORDS:
        return
    figures = count_columns(source)
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


def check_spikes(
    staging: Staging, reader: ExtractReader, as_of: Month | None, known: Month | None, findings: Findings
) -> None:
    """Single figures of a wide extract far above or below both neighbours (V6): perhaps a digit too many or too few.

    Those before the last `known` month were told when they were new; after `as_of`, nothing is looked at.
    """
    if not count_columns(reader.source):
        return
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
        if (known is not None and month < known) or (as_of is not None and month >= as_of):
            continue
        beside = f"{(month - 1).label} has {before:,} and {(month + 1).label} {after:,}"
        message = f"{figure:,} in {month.label}, where {beside}"
        heading = reader.layout.heading(place)
        findings.add(
            "V6", message, "Ask whether it is real.", level=Level.WARN, row=row, column=heading, was=str(figure)
        )


def check_last_month(title: str, counts: MonthlyCounts, findings: Findings) -> bool:
    """A last month that is probably incomplete (V5): a stop if its count is 0 or areas confirm it, else a warning.

    True where it is one.
    """
    if not counts:
        return False
    last = max(month for month, _ in counts)
    areas = {area: counts.get((last - 12, area), 0) for month, area in counts if month == last}
    before, now = sum(areas.values()), sum(counts[last, area] for area in areas)
    if before < LEAST_BEFORE or now >= HALF * before:
        return False
    compared = [area for area, number in areas.items() if number]
    low = [area for area in compared if counts[last, area] < HALF * areas[area]]
    if len(low) <= MOST_AREAS * len(compared):
        return False
    message = f"{title}: {last.label} has {figure_text(now)} where {(last - 12).label} had {figure_text(before)}"
    if len(compared) > 1:
        message += f", below half in {len(low)} of {len(compared)} areas"
    certain = now == 0 or len(compared) > 1
    remedy = "Is the month complete? Ask for the extract again when it is." if certain else "Is the month complete?"
    findings.add("V5", message, remedy, level=Level.STOP if certain else Level.WARN)
    return True


def check_bounds(series: SeriesSpec, counts: MonthlyCounts, findings: Findings) -> None:
    """Months of the whole force outside the bounds that the series states (V8)."""
    if series.between is None:
        return
    least, most = series.between
    outside = [(month, total) for month, total in sorted(totals_of(counts).items()) if not least <= total <= most]
    if outside:
        months = first_few([f"{month.label} {figure_text(total)}" for month, total in outside], FEWEST, "month")
        bounds = f"{figure_text(least)} to {figure_text(most)}"
        message = f"{series.title} is outside {bounds}, the bounds that it states: {months}"
        remedy = "Is it another unit, or another extract? Correct it, or `between` in measures.yaml."
        findings.add("V8", message, remedy)


def totals_of(counts: MonthlyCounts) -> Mapping[Month, float]:
    """The figures of all areas together by month."""
    totals: dict[Month, float] = {}
    for (month, _), number in counts.items():
        totals[month] = totals.get(month, 0) + number
    return totals


def figure_text(number: float) -> str:
    """A figure with its thousands apart."""
    return f"{number:,}" if isinstance(number, int) else plain_number(number)


def figure_of_rows(source: Source) -> str:
    """SQL for the size of a group of rows: the rows of events, or the sum of all figures."""
    if source.shape is Shape.COUNTS:
        columns = count_columns(source)
        return " + ".join(f"coalesce(sum(abs({sql_name(name)})), 0)" for name in columns) or "count(*)"
    return "sum(_times)" if source.shape is Shape.RECORDS else "sum(abs(count))"


def figures_by_area(staging: Staging, reader: ExtractReader) -> Mapping[str, Mapping[Month, float]]:
    """The rows of events, or the sum of all figures, of each area and month of a file."""
    value = figure_of_rows(reader.source)
    query = "SELECT _area, _month, {value} FROM weighed WHERE _month IS NOT NULL AND _area IS NOT NULL GROUP BY ALL"
    found: dict[str, dict[Month, float]] = {}
    for area, number, figure in staging.rows(query, value=value):
        found.setdefault(area, {})[month_of(number)] = figure or 0
    return found


def check_silent_places(
    found: Mapping[str, Mapping[Month, float]],
    members: Collection[str],
    as_of: Month | None,
    findings: Findings,
    known: Month | None = None,
) -> None:
    """Areas without anything from a month on, or in between, though more than chance was expected (V7).

    `found` has the figures of each area and month, `members` the areas of the list. Expected is the area's mean of the
    up to twelve months before. It stops where the area had 60 a month or more. Months in which no area has anything,
    and months after `as_of`, are left to other checks. What ended before the last `known` month was told then.
    """
    months = sorted({month for figures in found.values() for month, figure in figures.items() if figure})
    months = [month for month in months if as_of is None or month <= as_of]
    for area in sorted(area for area in found if area in members):
        for silent, before in _silent(found[area], months):
            usual = sum(before) / len(before)
            told = known is not None and silent[-1] < known
            if told or usual * len(silent) < CERTAIN or not _is_no_chance(before, len(silent)):
                continue
            message = f"{area} has nothing in {listed_months(silent)}"
            message += f", where {usual:,.0f} a month are usual"
            level = Level.STOP if usual >= MANY else Level.WARN
            findings.add("V7", message, "Is a part of the extract missing? Ask for it again.", level=level)


def _silent(figures: Mapping[Month, float], months: Sequence[Month]) -> Iterator[tuple[list[Month], list[float]]]:
    """The runs of months without anything after the first with something, each with the months before it."""
    run: list[Month] = []
    before: list[float] = []
    for month in months:
        if figures.get(month, 0):
            if run and len(before) >= _FEWEST:
                yield run, before[-_ROUND:]
            before += [*(0 for _ in run), figures[month]]
            run = []
        elif before:
            run.append(month)
    if run and len(before) >= _FEWEST:
        yield run, before[-_ROUND:]


def _is_no_chance(before: Sequence[float], silent: int) -> bool:
    """Whether so many months of nothing are no chance, given that few events say little about a usual month.

    The probability is (m / (m + n)) ^ (events + 1/2): Poisson, with a gamma distribution for the unknown mean.
    """
    return (sum(before) + 0.5) * log1p(silent / len(before)) >= NO_CHANCE


def check_places_without_anything(
    found: Mapping[str, Mapping[Month, float]], members: Collection[str], as_of: Month | None, findings: Findings
) -> None:
    """Areas that have rows and never anything in them (V7), though every other area has more than chance leaves out.

    `found`, `members` and `as_of` are as in `check_silent_places`.
    """
    totals = {
        area: [figure for month, figure in figures.items() if as_of is None or month <= as_of]
        for area, figures in found.items() if area in members
    }  # fmt: skip
    others = [figures for figures in totals.values() if any(figures)]
    least = min((sum(figures) for figures in others), default=0)
    nothing = sorted(area for area, figures in totals.items() if len(figures) >= _FEWEST and not any(figures))
    if not nothing or len(others) < _FEWEST or least < CERTAIN:
        return
    a_month = min(sum(figures) / len(figures) for figures in others)
    has = "has" if len(nothing) == 1 else "have"
    message = f"{all_or_few(nothing, FEWEST, 'area')} {has} nothing in any month, where the area with the least"
    message += f" has {a_month:,.0f} a month"
    level = Level.STOP if a_month >= MANY else Level.WARN
    findings.add("V7", message, "Is a part of the extract missing? Ask for it again.", level=level)


@dataclass
class Category:
    """What the rows of a text add up to by month, and the series that count some of them."""

    figures: dict[Month, float] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)


def check_vanished(
    heading: str, categories: Mapping[str, Category], new: Collection[Month], titles: Mapping[str, str],
    findings: Findings,
) -> None:  # fmt: skip
    """Categories that series count and that have nothing from one of the `new` months on (D3).

    Expected is the mean of the up to twelve months before; chance would hardly ever leave it out. It stops where 60 a
    month are usual, unless another category takes its place in the same series.
    """
    months = sorted({month for one in categories.values() for month, figure in one.figures.items() if figure})
    for text, one in sorted(categories.items()):
        there = [month for month in months if one.figures.get(month)]
        silent = [month for month in months if there and month > there[-1]]
        before = [month for month in months if there and month <= there[-1]][-_ROUND:]
        if not silent or silent[0] not in new or len(before) < _FEWEST or not one.series:
            continue
        usual = sum(one.figures.get(month, 0) for month in before) / len(before)
        if usual * len(silent) < CERTAIN:
            continue
        instead = _instead(categories, silent, before, usual)
        counted_by = all_or_few(sorted(titles[name] for name in one.series), FEWEST)
        each = " in each" if len(silent) > 1 else ""
        message = f"'{text}' has nothing in {listed_months(silent)}, where {usual:,.0f} are usual{each}"
        message += f"; {counted_by} count{'s' if len(one.series) == 1 else ''} it"
        remedy, level = "Is a part of the extract missing? Ask for it again.", Level.WARN
        if instead is not None:
            remedy = f"Is it '{instead}' now? That has more from {silent[0].label} on."
        if instead is not None and one.series <= categories[instead].series:
            level = Level.NOTE
        elif usual >= MANY:
            level = Level.STOP
        findings.add("D3", message, remedy, level=level, column=heading)


def _instead(
    categories: Mapping[str, Category], silent: Sequence[Month], before: Sequence[Month], usual: float
) -> str | None:
    """The category that has at least twice as many as before, and half of what another had more, when that one ends."""
    for text, one in sorted(categories.items()):
        now, then = (sum(one.figures.get(month, 0) for month in months) / len(months) for months in (silent, before))
        if now >= 2 * then and now - then >= usual / 2:
            return text
    return None


def check_missing(
    title: str, texts: Sequence[str], before: Sequence[float], now: Sequence[float], findings: Findings, *, most: Level
) -> None:
    """Listed categories that no row holds (D3), if the series has far fewer a month than it had known before."""
    before = before[-_ROUND:]
    if not before or not now:
        return
    usual, mean = sum(before) / len(before), sum(now) / len(now)
    least = max(CERTAIN, 4 * sqrt(usual * len(now))) / len(now)
    if usual - mean < max(LEAST_LOST * usual, least):
        return
    named = all_or_few([f"'{text}'" for text in texts], FEWEST)
    message = f"no row holds {named}, which {title} counts: it has some {mean:,.0f} now, where {usual:,.0f}"
    message += " are known of each month"
    level = most if usual - mean >= MANY else Level.WARN
    findings.add("D3", message, "Is a part of the extract missing? Ask for it again.", level=level)


def check_blanks(staging: Staging, reader: ExtractReader, series: Mapping[str, SeriesSpec], findings: Findings) -> None:
    """Optional columns that a condition needs, and that are empty: all, or far more often in the last month (D2).

    Rows are compared with those that are alike in the other texts and flags of the condition.
    """
    for name, column in reader.source.every_column.items():
        conditions = {
            one.title: read_condition(one.where, reader.source.every_column).columns
            for one in series.values() if one.where
        }  # fmt: skip
        needing = [title for title, columns in conditions.items() if name in columns]
        if not column.optional or not needing:
            continue
        beside = {other for title in needing for other in conditions[title]} - {name}
        kinds = sorted(one for one in beside if reader.source.every_column[one].type in _KINDS)
        found = _blanks(staging, name, kinds).told()
        if found is not None:
            message, level = found
            told = all_or_few(needing, FEWEST)
            remedy = "Ask for the extract with this column filled."
            if level is Level.STOP:
                message += f", and {told} depends on it"
            else:
                remedy = f"Ask why; {told} depends on it."
            findings.add("D2", message, remedy, level=level, column=reader.layout.heading(name))


@dataclass(frozen=True)
class _Blanks:
    """Cells of a column: by kind of row, how many are there and empty, before the last month and in it."""

    last: Month
    kinds: Sequence[tuple[int, int, int, int]]

    def told(self) -> tuple[str, Level] | None:
        """What to say of them, and how loud."""
        before, empty_before, now, empty = (sum(kind[n] for kind in self.kinds) for n in range(4))
        rows = before + now
        if rows < FEWEST_ROWS:
            return None
        if empty + empty_before == rows:
            return f"all {rows:,} cells are empty", Level.STOP
        if empty == now >= FEWEST_ROWS and empty + empty_before < BLANK * rows:
            return f"all {now:,} cells of {self.last.label} are empty", Level.STOP
        more = [kind for kind in self.kinds if _more_empty(*kind)]
        if not more:
            return None
        before, empty_before, now, empty = (sum(kind[n] for kind in more) for n in range(4))
        usual = empty_before / before
        message = f"{empty / now:.0%} of the cells of {self.last.label} are empty, where {usual:.0%} are usual"
        return message, Level.WARN


def _more_empty(before: int, empty_before: int, now: int, empty: int) -> bool:
    """Whether far more cells are empty than chance and the usual part explain."""
    if before < FEWEST_ROWS or now < FEWEST_ROWS:
        return False
    usual = (empty_before + 1) / (before + 2)
    return empty / now - usual >= MORE_EMPTY and empty - usual * now > _SIGMAS * sqrt(now * usual * (1 - usual))


def _blanks(staging: Staging, name: str, kinds: Sequence[str]) -> _Blanks:
    query = (
        "SELECT max(last), coalesce(sum(_times) FILTER (WHERE _month < last), 0),"
        " coalesce(sum(_times) FILTER (WHERE _month < last AND {name} IS NULL), 0),"
        " coalesce(sum(_times) FILTER (WHERE _month = last), 0),"
        " coalesce(sum(_times) FILTER (WHERE _month = last AND {name} IS NULL), 0)"
        " FROM (SELECT *, max(_month) OVER () AS last FROM weighed) WHERE _month IS NOT NULL GROUP BY {kinds}"
    )
    rows = staging.rows(query, name=sql_name(name), kinds=", ".join(map(sql_name, kinds)) or "()")
    return _Blanks(month_of(rows[0][0]) if rows else Month(1, 1), [row[1:] for row in rows])


def check_tail(staging: Staging, reader: ExtractReader, as_of: Month | None, findings: Findings) -> None:
    """Days without any record at the end of the last month, though more than chance was expected (V5).

    Expected is the mean of a day of the months before. The file was made before the month ended, or late records have
    not come in. Months before that ended as early say that it is usual.
    """
    name = reader.source.month or ""
    if reader.source.shape is not Shape.RECORDS or reader.column(name).type is not ColumnType.DATE:
        return
    query = "SELECT _month, max({day}), sum(_times) FROM weighed WHERE _month IS NOT NULL GROUP BY 1 ORDER BY 1"
    *before, (number, last, _) = staging.rows(query, day=sql_name(name)) or [(0, None, 0)]
    before = before[-_ROUND:]
    month = month_of(number)
    if last is None or len(before) < _FEWEST or (as_of is not None and month > as_of):
        return
    missing = (month.last_day - last).days
    usually = max((month_of(earlier).last_day - day).days for earlier, day, _ in before)
    usual = sum(rows for *_, rows in before) / sum(month_of(earlier).last_day.day for earlier, *_ in before)
    expected = usual * (missing - usually)
    if expected < PROBABLE:
        return
    message = f"the last record is of {last:%d/%m/%Y}; the {counted(missing, 'day')} after it have none, where"
    message += f" {usual:,.1f} a day are usual"
    certain = expected >= CERTAIN
    remedy = "The month is not complete: ask for the extract again when it is." if certain else "Is the month complete?"
    level = Level.STOP if certain else Level.WARN
    findings.add("V5", message, remedy, level=level, column=reader.layout.heading(name))
