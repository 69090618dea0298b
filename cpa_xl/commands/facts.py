"""Facts: the monthly counts of a folder of extracts, without any workbook.

With a source, its rows are counted as they are (or its figures added up), by month, area and one more column. Without
one, every series of the configuration is counted, as a refresh would.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.config.model import Catalogue, ColumnType, Shape, Source
from cpa_xl.errors import Refusal
from cpa_xl.extracts.columns import normal
from cpa_xl.extracts.facts import Facts, read_facts
from cpa_xl.extracts.readers import Staging, month_of, quoted
from cpa_xl.measures.periods import Month
from cpa_xl.wording import TO_CHOOSE_FROM, first_few

Value = str | int | None


@dataclass(frozen=True)
class FactTable:
    """Monthly facts as rows under headings: month (yyyy-mm), area (None: no area), what was asked for, value."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    facts: Facts

    def plain(self) -> Iterator[Mapping[str, Value]]:
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
    return FactTable(("month", "area", "series", "value"), tuple(sorted(rows, key=_in_order)), facts)


def facts_of_source(catalogue: Catalogue, folder: Path, name: str, by: str | None = None) -> FactTable:
    """One source, by month and area and, where it is asked for, by a column: its heading, or its name.

    Rows of records are counted; figures of other shapes are added up. Groups without a row are not listed. Raises
    Refusal where there is no such source or column, ExtractsRefused with every fault that stops.
    """
    if name not in catalogue.sources:
        raise Refusal(f"--source {name}: there is no such source; there is {', '.join(catalogue.sources)}")
    source = catalogue.sources[name]
    column = None if by is None else _column(source, name, by)
    counted: Counter[tuple[Month, str | None, Value]] = Counter()
    query = "SELECT _month, _area, {by}, {value} FROM typed WHERE _month IS NOT NULL GROUP BY ALL"
    value = "count(*)" if source.shape is Shape.RECORDS else f"sum({quoted(_figure(source, name))})::BIGINT"

    def look(_source: Source, staging: Staging) -> None:
        asked = "NULL" if column is None else f"{quoted(column)}::VARCHAR"
        for number, area, group, found in staging.rows(query, by=asked, value=value):
            if found is not None:
                counted[month_of(number), None if area in source.elsewhere else area, group] += found

    facts = read_facts(catalogue, folder, sources=[name], look=look)
    headings = ("month", "area", *([source.columns[column].header] if column else []), "value")
    rows = [
        (str(month), area, *([group] if column else []), number) for (month, area, group), number in counted.items()
    ]
    return FactTable(headings, tuple(sorted(rows, key=_in_order)), facts)


def _in_order(row: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in row[:-1])


def _column(source: Source, name: str, by: str) -> str:
    """The column that a heading or a name means."""
    for key, column in source.columns.items():
        if normal(by) in {normal(key), normal(column.header), *map(normal, column.aliases)}:
            return key
    there = first_few([f"'{column.header}'" for column in source.columns.values()], TO_CHOOSE_FROM)
    raise Refusal(f"--by {by}: {name} has no such column; it has {there}")


def _figure(source: Source, name: str) -> str:
    """The column of figures to add up."""
    if source.shape is Shape.WIDE:
        return "count"
    figures = [key for key, column in source.columns.items() if column.type is ColumnType.COUNT]
    if len(figures) != 1:
        raise Refusal(f"--source {name}: it has {len(figures)} columns of counts, and facts adds up one")
    return figures[0]
