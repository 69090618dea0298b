"""What must hold within a source of the configuration, and files of codes beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.config.model import Source
from cpa_xl.config.sources import source_faults, with_lookups
from cpa_xl.extracts.facts import read_facts
from tests.support.extract_files import catalogue

SOURCE: dict[str, Any] = {
    "title": "Crime", "files": "crime*.csv", "shape": "counts", "month": "month", "area": "area", "keys": ["month"],
    "columns": {
        "month": {"header": "Month", "type": "month"},
        "area": {"header": "Area", "type": "text"},
        "count": {"header": "Count", "type": "count"},
    },
}  # fmt: skip
WIDE: dict[str, Any] = {
    "title": "Crime", "files": "crime*.csv", "shape": "wide", "months": "any", "keys": ["area"],
    "columns": {"area": {"header": "Area", "type": "text"}},
}  # fmt: skip


def faults(source: Mapping[str, Any]) -> list[str]:
    whole = catalogue({"it": source})
    return list(source_faults(whole.sources["it"], whole))


def with_column(name: str, **fields: object) -> dict[str, Any]:
    columns: dict[str, Any] = dict(SOURCE["columns"])
    columns[name] = {"header": name.title(), **columns.get(name, {}), **fields}
    return {**SOURCE, "columns": columns}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({**SOURCE, "rows": "nix = 'a'"},
         "rows: condition \"nix = 'a'\" names nix; the source has area, count, month"
         " (rows are chosen by the texts of their cells)"),
        ({**SOURCE, "rows": "count > 5"},
         "rows: condition 'count > 5': count is a text, and texts have no order here; use = or in"
         " (rows are chosen by the texts of their cells)"),
        ({**SOURCE, "overlap": "later"}, "overlap: goes with many: true"),
        ({**SOURCE, "split": "area"}, "split: goes with many: true"),
        ({**SOURCE, "split": "force", "many": True},
         "split: 'force' is not one of its columns (month, area, count)"),
        ({**SOURCE, "split_name": "a.csv", "many": True},
         "split_name: 'a.csv' has 0 groups; it must have one, in brackets"),
        ({**SOURCE, "split_name": "(a", "many": True},
         "split_name: '(a' is no regular expression: missing ), unterminated subpattern at position 0"),
        ({**SOURCE, "sheet": "20*"}, "sheet: '20*' may fit several sheets; that goes with many: true"),
        ({**SOURCE, "keys": [], "repeated": "last"},
         "repeated: last needs keys: the columns that are the same in repeated rows"),
        ({**SOURCE, "shape": "records", "totals": {"area": ["Total"]}},
         "totals: rows of events have no figures to add up; name the last line with trailer"),
        ({**SOURCE, "totals": {"place": ["Total"]}}, "totals: 'place' is not one of its columns (month, area, count)"),
        ({**SOURCE, "figure": {"blank": "zero"}},
         "figure: describes the figures of shape wide; columns describe their own"),
        ({**SOURCE, "quarter": "area"}, "quarter: column 'area' has type text; it must have type quarter"),
        ({**SOURCE, "quarter": "area"},
         "month: beside quarter, column 'month' must have type financial_year, not month"),
        ({**SOURCE, "quarter": "area"}, "quarter: goes with cadence: quarterly, not monthly"),
        ({**SOURCE, "joined": {"files": "b.csv", "key": "Id", "by": "id", "columns": {}}},
         "joined > by: 'id' is not one of its columns (month, area, count)"),
        ({**SOURCE, "joined": {"files": "b.csv", "key": "Id", "by": "area", "columns": {
            "area": {"header": "Area", "type": "text"}}}},
         "joined > columns > area: the source has a column of this name; give this one another"),
        (with_column("month", optional=True),
         "month: column 'month' is optional, and a row without a month counts nowhere;"
         " leave such rows out with rows: month is not null"),
        ({**WIDE, "columns": {**WIDE["columns"], "count": {"header": "Count", "type": "count"}}},
         "columns > count: the figures of shape wide have this name; give the column another"),
        (with_column("count", codes={"1": "one"}), "columns > count > codes: goes with type text or area, not count"),
        (with_column("count", lookup={"file": "a", "key": "b", "value": "c"}),
         "columns > count > lookup: goes with type text or area, not count"),
        (with_column("count", pattern="(.)"), "columns > count > pattern: goes with type text or area, not count"),
        (with_column("area", max=5), "columns > area > max: goes with numbers, not with type text"),
        (with_column("area", negative=True), "columns > area > negative: goes with numbers, not with type text"),
        (with_column("time", type="duration", negative=True),
         "columns > time > negative: a duration is never below zero"),
        (with_column("time", type="duration", format="dd/mm/yyyy"),
         "columns > time > format: dd/mm/yyyy does not go with type duration"),
        (with_column("count", format="seconds"), "columns > count > format: seconds does not go with type count"),
    ],
)  # fmt: skip
def test_faults_of_a_source(source: Mapping[str, Any], message: str) -> None:
    assert message in faults(source)


def test_a_source_without_faults() -> None:
    assert faults(SOURCE) == faults(WIDE) == []


# --- files of codes ---------------------------------------------------------------------------------------------------

LOOKED_UP = with_column("area", lookup={"file": "areas.csv", "key": "Code", "value": "Name"})
CODES = "Code,Name\n01,North\n02,South\n"
SERIES = {"all": {"title": "All", "source": "it", "sum": "count"}}


def looked_up(folder: Path, source: Mapping[str, Any], codes: str | bytes | None = CODES) -> tuple[Source, list[str]]:
    """The source with the codes of its file, and the faults of that."""
    if codes is not None:
        (folder / "areas.csv").write_bytes(codes if isinstance(codes, bytes) else codes.encode())
    found: list[str] = []
    sources = with_lookups(catalogue({"it": source}).sources, folder, lambda _: None, found)
    return sources["it"], found


def test_codes_from_a_file(tmp_path: Path) -> None:
    """Those of the definition come first."""
    columns = {**LOOKED_UP["columns"], "area": {**LOOKED_UP["columns"]["area"], "codes": {"02": "West"}}}
    source, found = looked_up(tmp_path, {**LOOKED_UP, "columns": columns}, "\ufeff" + CODES)
    assert (source.columns["area"].codes, found) == ({"01": "North", "02": "West"}, [])


def test_codes_of_a_second_files_columns(tmp_path: Path) -> None:
    joined = {
        "files": "b.csv",
        "key": "Ref",
        "by": "area",
        "columns": {
            "place": {
                "header": "Place",
                "type": "text",
                "lookup": {"file": "areas.csv", "key": "Code", "value": "Name"},
            }
        },
    }
    source, found = looked_up(tmp_path, {**SOURCE, "joined": joined})  # fmt: skip
    assert source.joined is not None
    assert (source.joined.columns["place"].codes, found) == ({"01": "North", "02": "South"}, [])


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (None, "areas.csv is not in {folder}; put it there"),
        ("Kode,Name\n1,N\n", "areas.csv has no column 'Code'; it has Kode, Name"),
        ("", "areas.csv has no column 'Code'; it has nothing"),
        ("Code,Name\n1,N\n1,S\n", "areas.csv, row 3: '1' is 'S', and 'N' before"),
        (b"Code,Name\n1,\xa3\n", "areas.csv: byte 13 is not UTF-8; save the file as CSV UTF-8"),
    ],
)
def test_a_file_of_codes_that_cannot_be_used(tmp_path: Path, codes: str | bytes | None, message: str) -> None:
    place = "sources.yaml: sources > it > columns > area > lookup"
    assert looked_up(tmp_path, LOOKED_UP, codes)[1] == [f"{place}: {message.format(folder=tmp_path)}"]


def test_areas_through_a_file_of_codes(tmp_path: Path) -> None:
    source, _ = looked_up(tmp_path, LOOKED_UP)
    (tmp_path / "crime.csv").write_text("Month,Area,Count\n2024-04,01,5\n", encoding="utf-8")
    whole = catalogue({"it": SOURCE}, SERIES)
    sources: dict[str, Source] = {"it": source}
    found = read_facts(type(whole)(**{**vars(whole), "sources": sources}), tmp_path)
    assert list(found.areas("all")) == ["North"]
