"""Checks of the configuration beyond single fields: series, measures with figures and targets, tables of workbooks.

Each function yields the faults of one entry, in the words of the file: the field, what is wrong, and what would do.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import (
    ROWS,
    SNIPPETS,
    Cadence,
    Catalogue,
    FigureKind,
    FigureSpec,
    Measure,
    PrintStyles,
    SeriesSpec,
    Shape,
    Source,
    StatedTarget,
    TableRows,
    TableSpec,
)
from cpa_xl.config.sources import kinds_of
from cpa_xl.errors import CellError, CpaXlError
from cpa_xl.measures.figures import Style, as_fraction
from cpa_xl.measures.periods import Basis
from cpa_xl.measures.targets import Rule, Unit
from cpa_xl.wording import several

# What each kind of figure needs beside its numerator.
_OPERANDS: Mapping[FigureKind, tuple[str, ...]] = {
    FigureKind.RATE: ("denominator",),
    FigureKind.RATE_MOVEMENT: ("denominator",),
    FigureKind.REQUIRED_RATE: ("denominator",),
    FigureKind.FEASIBLE: ("denominator",),
    FigureKind.GAP: ("denominator", "other_numerator", "other_denominator"),
    FigureKind.RATIO: ("denominator",),
    FigureKind.MEAN: ("denominator",),
    FigureKind.RATE_PER: ("denominator", "per"),
}

# Figures that are numbers, and the unit of a measure with such a figure.
_UNITS: Mapping[FigureKind, Unit] = {
    FigureKind.TOTAL: Unit.TOTAL,
    FigureKind.RATIO: Unit.RATIO,
    FigureKind.MEAN: Unit.MEAN,
    FigureKind.MEDIAN: Unit.MEDIAN,
    FigureKind.RATE_PER: Unit.RATE_PER,
}
_SHARES = (FigureKind.RATE, FigureKind.RATE_MOVEMENT, FigureKind.REQUIRED_RATE, FigureKind.FEASIBLE, FigureKind.GAP)
# Rules whose targets are fractions, or months' parts of a year: they have no meaning for such figures.
_NOT_OF_NUMBERS = (Rule.CHANGE, Rule.GAP, Rule.POINTS_ON_BASELINE, Rule.MONTHLY_AVERAGE)
_OF_NUMBERS = ", ".join(rule for rule in Rule if rule not in (*_NOT_OF_NUMBERS, Rule.MILESTONE))


def series_faults(name: str, series: SeriesSpec, catalogue: Catalogue) -> Iterator[str]:
    """The faults of a series."""
    if series.of:
        yield from _sum_faults(name, series, catalogue)
    elif (source := catalogue.sources.get(series.source or "")) is None:
        yield f"source: {series.source!r} is not in sources.yaml ({', '.join(catalogue.sources)})"
    else:
        yield from _count_faults(series, source)


def title_faults(catalogue: Catalogue) -> Iterator[str]:
    """The faults of series beside each other: titles that two have, parts that cannot be added."""
    titles = Counter(series.title.casefold() for series in catalogue.series.values())
    for name, series in catalogue.series.items():
        if titles[series.title.casefold()] > 1:
            yield f"measures.yaml: series > {name}: title {series.title!r} is another series' too; it heads one column"
        cadences = {catalogue.source_of(part).cadence.counted for part in catalogue.parts(name)}
        if len(cadences) > 1:
            listed = several(sorted(cadences))
            yield f"measures.yaml: series > {name}: of: adds {listed} series; they cannot be added"


def measure_faults(measure: Measure, catalogue: Catalogue) -> Iterator[str]:
    """The faults of a measure: figure, unit, styles, comment and targets."""
    if measure.figure is None:
        if measure.unit != "milestone":
            yield "figure: missing; every measure but a milestone has one"
    else:
        yield from (f"figure > {fault}" for fault in _figure_faults(measure.figure, catalogue))
        yield from _unit_faults(measure, measure.figure)
        yield from (f"basis: {fault}" for fault in _median_faults(measure.figure, measure.basis))
        for field in ("better", "basis", "print"):
            if getattr(measure, field) is None:
                yield f"{field}: missing; a measure with a figure needs it"
    if measure.parent is not None and measure.parent not in catalogue.measures:
        yield f"parent: {measure.parent!r} is not a measure"
    if measure.print is not None:
        yield from _style_faults(measure.print)
    yield from _comment_faults(measure, catalogue)
    for position, entry in enumerate(measure.targets, start=1):
        yield from (f"targets > {position} > {fault}" for fault in _target_faults(entry, measure))


def table_faults(spec: TableSpec, catalogue: Catalogue) -> Iterator[str]:
    """The faults of a workbook's table."""
    if not spec.rows.holds_facts:
        if spec.series or spec.key or spec.area or spec.last:
            yield f"rows: {spec.rows} takes no series, key, area or last"
        yield from _suppress_faults(spec, catalogue)
        return
    yield from _key_faults(spec)
    wanted = {TableRows.QUARTERS: Cadence.QUARTERLY, TableRows.YEARS: Cadence.YEARLY}.get(spec.rows, Cadence.MONTHLY)
    for name in spec.series:
        if name not in catalogue.series:
            yield f"series: {name!r} is not a series"
            continue
        if catalogue.source_of(name).cadence.counted is not wanted:
            yield f"series: {name} is {catalogue.source_of(name).cadence}; rows: {spec.rows} takes {wanted} series"
        without = [part for part in catalogue.parts(name) if catalogue.source_of(part).area is None]
        if spec.area is not None and without:
            yield f"series: {without[0]} has no areas; a table of areas cannot hold it"

    yield from _suppress_faults(spec, catalogue)


def _sum_faults(name: str, series: SeriesSpec, catalogue: Catalogue) -> Iterator[str]:
    if series.source or series.count or series.sum or series.median or series.where:
        yield "of: adds other series up, so source, count, sum, median and where must go"
    for part in series.of:
        if part not in catalogue.series:
            yield f"of: {part!r} is not a series"
        elif catalogue.series[part].median:
            yield f"of: {part!r} is a median, and medians cannot be added up"
    if _adds_itself(name, catalogue):
        yield "of: adds itself up, by way of the series it names"


def _count_faults(series: SeriesSpec, source: Source) -> Iterator[str]:
    if [series.count, series.sum, series.median].count(None) != 2:
        yield "give one of count: (rows, or a column), sum: and a column, or median: and a column"
    columns = [] if source.shape is Shape.WIDE else [*source.every_column]
    if series.count not in (None, ROWS, *columns):
        named = f"rows, or a column ({', '.join(columns)})" if columns else "rows"
        yield f"count: {series.count!r} is no column of {series.source}; write {named}"
    numbers = [column for column, spec in source.every_column.items() if spec.type.is_number]
    if source.shape is Shape.WIDE:
        numbers = ["count"]
    for field, column in (("sum", series.sum), ("median", series.median)):
        if column is not None and column not in numbers:
            listed = ", ".join(numbers) or "it has none"
            yield f"{field}: {column!r} is not a column of numbers in {series.source} ({listed})"
    if series.median is not None and (source.shape is not Shape.RECORDS or source.cadence is not Cadence.MONTHLY):
        yield f"median: needs single records by month, and {series.source} is {source.cadence} {source.shape}"
    if series.where is not None:
        try:
            read_condition(series.where, source.every_column, kinds_of(source))
        except CpaXlError as error:
            yield f"where: {error}"


def _adds_itself(name: str, catalogue: Catalogue) -> bool:
    waiting, seen = list(catalogue.series[name].of), set[str]()
    while waiting:
        part = waiting.pop()
        if part == name:
            return True
        if part in catalogue.series and part not in seen:
            seen.add(part)
            waiting.extend(catalogue.series[part].of)
    return False


def _unit_faults(measure: Measure, figure: FigureSpec) -> Iterator[str]:
    """Numbers that are no monthly average: the unit names the kind of figure, and the amber band is relative."""
    unit = _UNITS.get(figure.kind)
    if unit is None and Unit(measure.unit) in _UNITS.values():
        yield f"unit: {measure.unit} goes with a figure of the kind {measure.unit}, not {figure.kind}"
    elif unit is not None and measure.unit != unit:
        yield f"unit: {measure.unit} does not go with a figure of the kind {figure.kind}; write {unit}"
    if unit is not None and measure.amber_basis == "points":
        yield f"amber_basis: points are for percentages, and a figure in {unit} is none; write relative"


def _style_faults(styles: PrintStyles) -> Iterator[str]:
    for field, style in (("actual", styles.actual), ("target", styles.target)):
        try:
            Style.read(style)
        except CellError as error:
            yield f"print > {field}: {error}"


def _comment_faults(measure: Measure, catalogue: Catalogue) -> Iterator[str]:
    known = {fact.id for fact in measure.facts}
    listed = ", ".join(sorted(known)) or "it has none"
    for fact in measure.facts:
        yield from (f"facts > {fact.id} > {fault}" for fault in _figure_faults(fact, catalogue))
        basis = Basis.QUARTER if fact.quarter else fact.basis or measure.basis
        yield from (f"facts > {fact.id} > basis: {fault}" for fault in _median_faults(fact, basis))
        if fact.kind in (FigureKind.FEASIBLE, FigureKind.REQUIRED_RATE) and fact.of not in known:
            yield f"facts > {fact.id} > of: {fact.of!r} is not one of its facts ({listed})"
    for name in measure.placeholders:
        if name not in known and name not in SNIPPETS:
            yield f"comment: {{{name}}} is neither one of its facts ({listed}) nor one of {', '.join(SNIPPETS)}"
        lacking = [fact for fact in SNIPPETS.get(name, ()) if fact not in known]
        if lacking and name not in known:
            yield f"comment: {{{name}}} needs the facts {', '.join(lacking)}; it has {listed}"


def _target_faults(entry: StatedTarget, measure: Measure) -> Iterator[str]:
    rule = entry.rule
    if rule is None or entry.status != "agreed":
        return  # a proposal may leave its baseline open; an agreed target must have a value
    if measure.figure is None:
        if rule is not Rule.MILESTONE:
            yield f"rule: {rule} needs a figure to be judged; a milestone has none"
        return
    try:
        value = entry.value
    except CpaXlError as error:
        yield f"rule {rule}: {error}"
        return
    if Unit(measure.unit) in _UNITS.values() and rule in _NOT_OF_NUMBERS:
        yield f"rule: {rule} does not go with unit {measure.unit}; write one of {_OF_NUMBERS}"
    elif value is not None and not measure.number and abs(value) > 1:
        yield f"rule {rule}: {as_fraction(value)}"


def _figure_faults(figure: FigureSpec, catalogue: Catalogue) -> Iterator[str]:
    needed = _OPERANDS.get(figure.kind, ())
    for field in ("denominator", "other_numerator", "other_denominator", "per"):
        given = getattr(figure, field) is not None
        if given != (field in needed):
            yield f"{field}: {'missing' if not given else 'surplus'} for kind {figure.kind}"
    if figure.kind is FigureKind.MEAN:
        yield from _mean_faults(figure, catalogue)
    for name in figure.series:
        median = name in catalogue.series and catalogue.series[name].median is not None
        if median and figure.kind is not FigureKind.MEDIAN:
            yield f"kind: {figure.kind} will not do for {name}, which is a median; write median"
        elif figure.kind is FigureKind.MEDIAN and name in catalogue.series and not median:
            yield f"numerator: {name} is no median; give a series with median: and a column"
    yield from _limit_faults(figure, catalogue)
    unknown = [name for name in figure.series if name not in catalogue.series]
    for name in unknown:
        yield f"{name!r} is not a series"
    if not unknown:
        yield from _cadence_faults(figure, catalogue)


def _cadence_faults(figure: FigureSpec, catalogue: Catalogue) -> Iterator[str]:
    """The series of a figure report equally often; but for a population, which is by year."""
    cadences = {name: catalogue.source_of(name).cadence.counted for name in figure.series}
    if figure.kind is FigureKind.RATE_PER:
        residents = cadences.pop(figure.denominator or "", Cadence.YEARLY)
        if residents is not Cadence.YEARLY:
            yield f"denominator: {figure.denominator} is {residents}; a rate per residents needs a yearly population"
    yearly = [name for name, cadence in cadences.items() if cadence is Cadence.YEARLY]
    if yearly:
        yield f"{yearly[0]} is yearly; only the denominator of a rate_per may be"
    elif len(set(cadences.values())) > 1:
        yield "its series are partly monthly and partly quarterly"


def _limit_faults(figure: FigureSpec, catalogue: Catalogue) -> Iterator[str]:
    """A share within a limit, such as `seconds <= 10`: what has no figure is neither in the part nor in the whole."""
    pairs = (
        ("denominator", figure.numerator, figure.denominator),
        ("other_denominator", figure.other_numerator, figure.other_denominator),
    )
    for field, part, whole in pairs:
        above, below = (catalogue.series.get(name or "") for name in (part, whole))
        if figure.kind not in _SHARES or above is None or below is None or above.where is None:
            continue
        source = catalogue.sources.get(above.source or "")
        if source is None or below.source != above.source or below.count is None:
            continue
        named = read_condition(below.where or "TRUE", source.every_column).columns | {below.count}
        for column in sorted({*_may_lack(source, above.where)} - named):
            yield (
                f"{field}: {whole} counts rows without a value in {column} too, and {part} leaves them out;"
                f" write count: {column}, or say in where what a missing one is: coalesce({column}, 0)"
            )


def _may_lack(source: Source, where: str) -> Iterator[str]:
    """The columns of numbers that a condition compares although cells may be empty, and does not say what then."""
    for name in read_condition(where, source.every_column).columns:
        said = re.search(rf"\b(?:coalesce\(\s*{name}\b|{name}\s+is\b)", where, re.IGNORECASE)
        column = source.every_column[name]
        if column.type.is_number and (column.optional or column.missing) and not said:
            yield name


def _mean_faults(figure: FigureSpec, catalogue: Catalogue) -> Iterator[str]:
    """A mean divides the sum of a column by the number of rows with a value in it, and by no other number."""
    above, below = figure.numerator, figure.denominator
    if below is None or not {above, below} <= catalogue.series.keys():
        return
    sums, numbers = ([catalogue.series[part] for part in catalogue.parts(name)] for name in (above, below))
    if any(one.sum is None for one in sums):
        yield f"numerator: {above} counts rows; the mean of a column needs its sum (sum: and the column)"
        return
    if sorted((one.source, one.sum, one.where or "") for one in sums) != sorted(
        (one.source, one.count or "", one.where or "") for one in numbers
    ):
        column = sums[0].sum
        yield (
            f"denominator: {below} does not count the values that {above} adds up; "
            f"write count: {column}, with the same source and where"
        )


def _median_faults(figure: FigureSpec, basis: Basis | None) -> Iterator[str]:
    """A median is that of its month alone."""
    if figure.kind is FigureKind.MEDIAN and basis not in (None, Basis.MONTH):
        yield (
            f"{basis} will not do for a median: that of a longer period cannot be worked out from the medians of its"
            " months; write MONTH, or take a mean"
        )


def _suppress_faults(spec: TableSpec, catalogue: Catalogue) -> Iterator[str]:
    if spec.suppress and spec.rows not in (TableRows.AREAS, TableRows.QUARTERS):
        yield f"suppress: rows: {spec.rows} takes none; only tables of areas and of quarters hold small counts"
        return
    known = [name for name in spec.series if name in catalogue.series]
    for name in spec.suppress:
        if name in catalogue.series and catalogue.series[name].median:
            yield f"suppress: {name} is a median, and no count"
        elif name not in spec.series:
            yield f"suppress: {name!r} is not among the table's series ({', '.join(spec.series) or 'it has none'})"
        elif name in known and spec.rows is TableRows.QUARTERS and catalogue.answers_of(name, known) is None:
            yield (
                f"suppress: {name} is not a number of respondents: its column is not the second of any pair of at_most"
                f" in sources.yaml > {catalogue.series[name].source}"
            )


def _key_faults(spec: TableSpec) -> Iterator[str]:
    needs: tuple[tuple[str, Callable[[TableSpec], str | None], bool], ...] = (
        ("key", lambda table: table.key, True),
        ("area", lambda table: table.area, spec.rows is TableRows.AREAS),
    )
    for field, value, needed in needs:
        if field == "area" and spec.rows is TableRows.YEARS:
            continue  # residents of the force, or of each area
        if (value(spec) is not None) != needed:
            yield f"{field}: {'missing' if needed else 'surplus'} for rows: {spec.rows}"
