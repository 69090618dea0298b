"""The traps of extracts as they really come, for sources of a force's own; those of public sites: test_layouts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.extracts.facts import Facts, read_facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.measures.periods import Month
from tests.support.extract_files import catalogue, noticed

APR, MAY, JUN = Month(2024, 4), Month(2024, 5), Month(2024, 6)
WIDE: dict[str, Any] = {
    "title": "Crime", "files": "crime*", "shape": "wide", "months": "any", "area": "area", "keys": ["area", "kind"],
    "columns": {"area": {"header": "Area", "type": "text"}, "kind": {"header": "Kind", "type": "text"}},
}  # fmt: skip
COUNTS: dict[str, Any] = {
    "title": "Crime", "files": "crime*", "shape": "counts", "month": "month", "area": "area",
    "keys": ["month", "area"],
    "columns": {
        "month": {"header": "Month", "type": "month"},
        "area": {"header": "Area", "type": "text"},
        "count": {"header": "Count", "type": "count"},
    },
}  # fmt: skip
ALL = {"all": {"title": "All", "source": "it", "sum": "count"}}


def read(folder: Path, source: Mapping[str, Any], **changed: object) -> Facts:
    """The facts of one source, whose figures are added up."""
    series = changed.pop("series", ALL)
    assert isinstance(series, dict)
    return read_facts(catalogue({"it": {**source, **changed}}, series), folder)


def refused(folder: Path, source: Mapping[str, Any], **changed: object) -> list[str]:
    with pytest.raises(ExtractsRefused) as caught:
        read(folder, source, **changed)
    return noticed(caught.value.faults)


def column(source: Mapping[str, Any], **changed: Mapping[str, object]) -> dict[str, Any]:
    """The source with fields of some of its columns changed."""
    columns: dict[str, Any] = dict(source["columns"])
    for name, fields in changed.items():
        columns[name] = {**columns.get(name, {}), **fields}
    return {**source, "columns": columns}


# --- months as headings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Apr-24", "May-24"), ("2024-04", "2024-05"), ("202404", "202405"), ("April 2024", "MAY 2024"),
        ("2024/04", "05/2024"), ("01/04/2024", "01/05/2024"), ("4/1/2024", "5/1/2024"), ("30/04/2024", "31/05/2024"),
        ("2024-04-01", "2024-05-01 00:00:00"), ("Apr-24", "202405"),
    ],
)  # fmt: skip
def test_trap_months_are_headed_in_any_writing_with_one_meaning(tmp_path: Path, first: str, second: str) -> None:
    """Of days such as 01/04/2024 only one reading makes all of them first days."""
    (tmp_path / "crime.csv").write_text(f"Kind,{second},Area,{first}\nA,6,N,5\nA,8,S,7\n", encoding="utf-8")
    found = read(tmp_path, WIDE)
    assert found.monthly("all") == {APR: 12, MAY: 14}
    assert found.areas("all") == {"N": {APR: 5, MAY: 6}, "S": {APR: 7, MAY: 8}}


def test_trap_one_heading_that_is_a_day_has_two_meanings(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,01/02/2024\nN,A,5\n", encoding="utf-8")
    [fault] = refused(tmp_path, WIDE)
    assert fault.startswith("crime.csv, row 1: no column is headed with a month; ")


def test_trap_integers_as_12_0(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,Apr-24\nN,A,12.0\nS,A,7\n", encoding="utf-8")
    assert read(tmp_path, WIDE).monthly("all") == {APR: 19}


@pytest.mark.parametrize(
    ("blank", "monthly", "said"),
    [
        ("zero", {APR: 12, MAY: 8}, "counted as none"),
        ("unknown", {APR: 12}, "unknown, and not counted as 0"),
    ],
)
def test_trap_blank_cells_in_a_wide_file(tmp_path: Path, blank: str, monthly: dict[Month, int], said: str) -> None:
    (tmp_path / "crime.csv").write_text("Area,Kind,Apr-24,May-24\nN,A,5,\nS,A,7,8\n", encoding="utf-8")
    found = read(tmp_path, WIDE, figure={"blank": blank})
    assert found.monthly("all") == monthly
    assert noticed(found.faults) == [f"crime.csv: 1 empty cell among the figures: {said} (U1)."]
    assert refused(tmp_path, WIDE) == [
        "crime.csv, row 2, column May-24: the cell is empty (V1). Write the number: a blank is missing, never zero."
    ]


# --- formats ----------------------------------------------------------------------------------------------------------

LINES = ("Month,Area,Count", "2024-04,N,5", "2024-04,S,7", "2024-05,N,6", "2024-05,S,8")


@pytest.mark.parametrize(
    ("name", "delimiter"), [("crime.csv", ","), ("crime.tsv", "\t"), ("crime.txt", "|"), ("crime.csv", ";")]
)
def test_trap_text_with_any_delimiter(tmp_path: Path, name: str, delimiter: str) -> None:
    text = "\r\n".join(line.replace(",", delimiter) for line in LINES)
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(tmp_path, COUNTS).monthly("all") == {APR: 12, MAY: 14}


def test_trap_json_lines(tmp_path: Path) -> None:
    """Keys in any order, a record a line, null and a missing key are empty cells."""
    records = [
        {"Month": "2024-04", "Area": "N", "Count": 5}, {"Count": 7, "Area": "S", "Month": "2024-04"},
        {"Month": "2024-05", "Area": None, "Count": 6.0}, {"Month": "2024-05", "Count": 8},
    ]  # fmt: skip
    text = "\n".join(json.dumps(record) for record in records) + "\n\n"
    (tmp_path / "crime.jsonl").write_text(text, encoding="utf-8")
    found = read(tmp_path, column(COUNTS, area={"optional": True}), absent="zero", repeated="count")
    assert found.monthly("all") == {APR: 12, MAY: 14}
    assert found.areas("all") == {"N": {APR: 5, MAY: 0}, "S": {APR: 7, MAY: 0}}
