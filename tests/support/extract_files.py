"""Small sources with few areas and months, and files for them: what the tests of extracts and facts share."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.config.model import AreaList, Catalogue, SeriesSpec, Source
from cpa_xl.extracts.facts import Facts, read_facts
from cpa_xl.extracts.faults import ExtractsRefused, Fault
from cpa_xl.measures.periods import Month

AREAS = {
    "four": AreaList(
        title="Four areas",
        members={"North": ("North & Hills",), "South": (), "East": (), "Westminster": ()},
        subtotals=("All areas",),
    )
}
CRIME: dict[str, Any] = {
    "title": "Crime", "files": "crime*.csv", "shape": "wide", "months": "yyyymm", "area": "area", "areas": "four",
    "columns": {
        "area": {"header": "Area", "aliases": ["District"], "type": "area"},
        "kind": {"header": "Kind", "type": "text"},
    },
    "keys": ["area", "kind"],
}  # fmt: skip
EVENTS: dict[str, Any] = {
    "title": "Events", "files": "events*.csv", "shape": "records", "month": "day", "area": "area", "areas": "four",
    "columns": {
        "ref": {"header": "Reference", "type": "text"},
        "day": {"header": "Day", "type": "date", "format": "dd/mm/yyyy"},
        "area": {"header": "Area", "type": "area"},
        "kind": {"header": "Kind", "type": "text", "values": ["Theft", "Robbery"]},
        "age": {"header": "Age", "type": "count", "optional": True, "max": 120},
        "armed": {"header": "Armed", "type": "flag"},
    },
    "keys": ["ref"],
}  # fmt: skip
SURVEY: dict[str, Any] = {
    "title": "Survey", "files": "survey*", "shape": "counts", "cadence": "quarterly", "month": "quarter", "lag": 3,
    "columns": {
        "quarter": {"header": "Quarter ending", "type": "month"},
        "group": {"header": "Group", "type": "text"},
        "asked": {"header": "Asked", "type": "count"},
        "pleased": {"header": "Pleased", "type": "count"},
    },
    "keys": ["quarter", "group"], "at_most": [["pleased", "asked"]],
}  # fmt: skip

EVERY = {"every": {"title": "Every event", "source": "it", "count": "rows"}}
THEFT = {"theft": {"title": "Theft", "source": "it", "sum": "count", "where": "kind = 'Theft'"}}

KINDS = ("Theft", "Robbery", "Arson")
EVENTS_HEAD = "Reference,Day,Area,Kind,Age,Armed"
SURVEY_HEAD = "Quarter ending,Group,Asked,Pleased"


def catalogue(
    sources: Mapping[str, Mapping[str, Any]], series: Mapping[str, Mapping[str, Any]] | None = None
) -> Catalogue:
    """A catalogue of such sources and series, with the four areas."""
    return Catalogue(
        areas=AREAS,
        sources={name: Source.model_validate_json(json.dumps(source)) for name, source in sources.items()},
        series={name: SeriesSpec.model_validate_json(json.dumps(one)) for name, one in (series or {}).items()},
        measures={}, workbooks={}, digest="",
    )  # fmt: skip


def months(first: str, number: int) -> list[Month]:
    return [Month.read(first) + n for n in range(number)]


def crime_rows(number: int = 3, first: str = "2008-11") -> list[list[str]]:
    """A heading row and a row for each area and kind; no two figures are equal."""
    rows = [["Area", "Kind", *(f"{month.year}{month.month:02d}" for month in months(first, number))]]
    for place, area in enumerate(AREAS["four"].members):
        for kind_place, kind in enumerate(KINDS):
            start = 100 + 37 * place + 11 * kind_place * kind_place
            rows.append([area, kind, *(str(start + (place + 1) * n) for n in range(number))])
    return rows


def event_rows(number: int = 2, each: int = 2, first: str = "2008-12") -> list[str]:
    """Lines of events: in each month and area so many, on different days."""
    lines: list[str] = []
    for month in months(first, number):
        for area in AREAS["four"].members:
            for n in range(each):
                day = f"{1 + (len(lines) * 7) % 28:02d}/{month.month:02d}/{month.year}"
                lines.append(f"E{len(lines) + 1:04d},{day},{area},{'Theft' if n else 'Robbery'},{20 + n},N")
    return lines


def survey_rows(number: int = 4) -> list[str]:
    """Lines of a survey of two groups, by quarter from March 2008 on."""
    ends = [Month.read("2008-03") + 3 * n for n in range(number)]
    return [
        f"{end},{group},{asked + n},{asked - 10}"
        for n, end in enumerate(ends)
        for group, asked in (("A", 200), ("B", 90))
    ]


def write(path: Path, lines: Iterable[str | Iterable[str]], end: str = "\n") -> Path:
    """Write lines, or rows of cells without commas, as UTF-8."""
    text = end.join(line if isinstance(line, str) else ",".join(line) for line in lines)
    path.write_bytes((text + end).encode())
    return path


def crime_with(folder: Path, changes: dict[tuple[int, int], str], number: int = 3) -> Path:
    """The small wide extract with some cells changed (row and column of the file, both from 1)."""
    rows = crime_rows(number)
    for (row, column), text in changes.items():
        rows[row - 1][column - 1] = text
    return write(folder / "crime.csv", rows)


def events_with(folder: Path, *more: str) -> Path:
    """The small extract of events with more lines at its end, from row 18 on."""
    return write(folder / "events.csv", [EVENTS_HEAD, *event_rows(), *more])


def read(folder: Path, source: Mapping[str, Any], **options: Any) -> Facts:
    """The facts of one source, without series unless `series` gives some."""
    series = options.pop("series", None)
    return read_facts(catalogue({"it": source}, series), folder, **options)


def faults(folder: Path, source: Mapping[str, Any], **options: Any) -> list[str]:
    """What a refusal says, line by line."""
    with pytest.raises(ExtractsRefused) as caught:
        read(folder, source, **options)
    return [str(fault) for fault in caught.value.faults]


def noticed(found: Iterable[Fault]) -> list[str]:
    """Faults as text."""
    return [str(fault) for fault in found]
