"""How rows count: the SQL of each series, and the area in which a row counts."""

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.model import ROWS, Absent, Catalogue, ColumnType, SeriesSpec, Shape, Source
from cpa_xl.extracts.files.staging import sql_name
from cpa_xl.extracts.values import OTHERS, folded
from cpa_xl.measures.periods import WeekRule


def area_of(catalogue: Catalogue, source: Source, area: str | None) -> str | None:
    """The area in which a row counts; None for a place that is no area."""
    if area is None or folded(area) in {folded(place) for place in source.elsewhere}:
        return None
    if OTHERS in source.elsewhere and source.areas is not None:
        return area if area in catalogue.areas[source.areas].members else None
    return area


def absent_is_none(source: Source) -> bool:
    """Whether a place without a row counts 0 in a month that the source brings."""
    return source.shape is Shape.RECORDS or source.absent is Absent.ZERO


def counting(source: Source, series: SeriesSpec, values_counted: bool = False) -> str:
    """The SQL expressions that count a series, and whether its sum is unknown.

    A figure that is missing makes the sum of its place unknown. Where the values are counted too (`values_counted`), a
    record without one is left out of both, and only a place without any is unknown.
    """
    condition = read_condition(series.where, source.every_column).sql("duckdb") if series.where else "TRUE"
    if series.median is not None:
        return f"median(CASE WHEN {condition} THEN {sql_name(series.median)} END), FALSE"
    if series.sum is None:
        one = "1" if series.count == ROWS else sql_name(series.count or "")
        days = "_days * _times" if source.weeks is WeekRule.BY_DAYS else "_times"
        counts = f"sum(CASE WHEN ({condition}) AND {one} IS NOT NULL THEN {days} ELSE 0 END)"
        return f"{counts} / 7, FALSE" if source.weeks is WeekRule.BY_DAYS else f"{counts}::BIGINT, FALSE"
    figure = sql_name(series.sum)
    some = "bool_and" if values_counted else "bool_or"
    unknown = f"coalesce({some}(CASE WHEN {condition} THEN {figure} IS NULL END), FALSE)"
    return f"{sum_of(source, series.sum, f'CASE WHEN {condition} THEN {figure} END')}, {unknown}"


def sum_of(source: Source, name: str, figure: str) -> str:
    """SQL for the sum of a column: whole for counts, without the noise of binary fractions for other figures."""
    column = source.every_column.get(name)
    kind = source.figure.type if column is None else column.type
    if source.weeks is WeekRule.BY_DAYS:
        return f"sum({figure} * _days * _times) / 7"
    return f"sum({figure} * _times)::BIGINT" if kind is ColumnType.COUNT else f"round(sum({figure} * _times), 6)"
