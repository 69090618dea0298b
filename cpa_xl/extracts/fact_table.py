"""Monthly facts as a table, without a workbook: of every series, or of one source by a column of its files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cpa_xl.config.model import Catalogue, ColumnType, Shape, Source, SourceColumn
from cpa_xl.errors import Refusal
from cpa_xl.extracts.columns import ASKED, Layout, normal
from cpa_xl.extracts.facts import Asked, Facts, FactValue, Place, area_of, read_and_look, read_facts, sum_of
from cpa_xl.extracts.readers import Staging, month_of, sql_name


@dataclass(frozen=True)
class FactTable:
    """Monthly facts as rows under headings: month (yyyy-mm), area (None: no area), what was asked for, value."""

    headings: tuple[str, ...]
    rows: tuple[tuple[FactValue, ...], ...]
    facts: Facts

    def plain(self) -> Iterator[Mapping[str, FactValue]]:
        """The rows by heading, for JSON."""
        return (dict(zip(self.headings, row, strict=True)) for row in self.rows)


def facts_by_series(catalogue: Catalogue, folder: Path) -> FactTable:
    """Every series of the configuration. Raises ExtractsRefused with every fault that stops."""
    facts = read_facts(catalogue, folder)
    rows = [
        (str(month), area, catalogue.series[name].title, number)
        for name, counts in facts.counts.items()
        for (month, area), number in counts.items()
    ]
    return FactTable(("month", "area", "series", "value"), tuple(sorted(rows, key=_row_order)), facts)


def facts_of_source(
    catalogue: Catalogue, folder: Path, name: str, by: str | None = None, *, by_headings: bool = False
) -> FactTable:
    """One source, by month and area and, where it is asked for, by a column: its heading, or its name.

    Rows of records are counted; figures of other shapes are added up, and None where one of them is unknown. Groups
    without a row are not listed. Any column of the file may be asked for. `by_headings` takes files by their headings
    where none has the source's name. Raises Refusal where there is no such source, ExtractsRefused with every fault
    that stops.
    """
    if name not in catalogue.sources:
        raise Refusal(f"--source {name}: there is no such source; there is {', '.join(catalogue.sources)}")
    source = catalogue.sources[name]
    value = "count(*), 0"
    if source.shape is not Shape.RECORDS:
        figure = _figure(source, name)
        value = f"{sum_of(source, figure, sql_name(figure))}, count(*) - count({sql_name(figure)})"
    column = None if by is None else _column(source, by)
    if by is not None and column == ASKED:
        asked = SourceColumn(header=by, type=ColumnType.TEXT, optional=True)
        source = source.model_copy(update={"columns": {**source.columns, ASKED: asked}})
        catalogue = replace(catalogue, sources={**catalogue.sources, name: source})
    query = "SELECT _month, _area, {by}, {value} FROM typed WHERE _month IS NOT NULL GROUP BY ALL"

    own: dict[str, str] = {}  # the heading of the column in the files

    def look(source: Source, layout: Layout, staging: Staging) -> Mapping[Place, float | None]:
        if column is not None:
            own.setdefault(normal(layout.heading(column)), layout.heading(column))
        counted: dict[Place, float | None] = {}
        asked = "NULL" if column is None else _as_text(source, column)
        for number, area, group, found, unknown in staging.rows(query, by=asked, value=value):
            place = month_of(number), area_of(source, area), group
            before = counted.get(place, 0)
            counted[place] = None if unknown or found is None or before is None else before + found
        return counted

    facts, counted = read_and_look(Asked(catalogue, look=look), folder, [name], by_headings=by_headings)
    headings = ("month", "area", *([own.get(normal(by), by)] if by else []), "value")
    rows = [(str(month), area, *([group] if by else []), number) for (month, area, group), number in counted.items()]
    return FactTable(headings, tuple(sorted(rows, key=_row_order)), facts)


def _as_text(source: Source, column: str) -> str:
    """SQL for the text of a value: a month as its first day, a flag as true or false."""
    return (
        f"{sql_name(column)}::{'DATE' if source.every_column[column].type is ColumnType.DATE else 'VARCHAR'}::VARCHAR"
    )


def _row_order(row: tuple[FactValue, ...]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in row[:-1])


def _column(source: Source, by: str) -> str:
    """The column that a heading or a name means; `ASKED` for one that the source does not name."""
    for key, column in source.every_column.items():
        if normal(by) in {normal(key), normal(column.header), *map(normal, column.aliases)}:
            return key
    return ASKED


def _figure(source: Source, name: str) -> str:
    """The column of figures to add up."""
    if source.shape is Shape.WIDE:
        return "count"
    figures = [key for key, column in source.every_column.items() if column.type.is_number]
    if len(figures) != 1:
        raise Refusal(f"--source {name}: it has {len(figures)} columns of counts, and facts adds up one")
    return figures[0]
