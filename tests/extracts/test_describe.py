"""What a file is taken for: headings, types, months, areas, categories, marks, totals, and what would stop it."""

import json
import zipfile
from pathlib import Path
from typing import Any

from tests.support.commands import run
from tests.support.opendocument import write_ods

LIST = """Incidents by borough
Run 02/05/2024
Reference,Created,Borough,Kind,Priority,Cost,Waited,Answered in time,Age
R1,23/04/2024 23:13,Camden,Burglary,1,"£1,200.50",00:10:00,Y,34
R2,24/04/2024,Barnet,Theft,2,£12.00,01:00:00,N,-1
R3,02/06/2024,Camden,Theft,2,,00:00:30,Y,..
R4,30/06/2024,Hale ward,Theft,3,-£4.00,00:00:31,N,7
Total,,,,,,,,
"""


def described(*files: Path) -> list[dict[str, Any]]:
    """What `describe --json` prints."""
    result = run("describe", *files, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def columns(one: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["heading"]: column for column in one["columns"]}


def test_a_list_of_records(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("cp1252"))
    [one] = described(path)
    assert (one["file"], one["kind"]) == ("list.csv", "text in Windows-1252, cells separated by commas")
    assert (one["title"], one["heading_row"], one["rows"]) == ("Incidents by borough; Run 02/05/2024", 3, 5)
    found = columns(one)
    kinds = {heading: column["type"] for heading, column in found.items()}
    assert kinds == {
        "Reference": "text", "Created": "date", "Borough": "area", "Kind": "text", "Priority": "count", "Cost": "money",
        "Waited": "duration", "Answered in time": "flag", "Age": "count",
    }  # fmt: skip
    assert found["Created"]["format"] == "dd/mm/yyyy"
    assert (found["Created"]["least"], found["Created"]["most"]) == ("2024-04-23", "2024-06-30")
    assert found["Kind"]["values"] == {"Theft": 3, "Burglary": 1}
    assert (found["Cost"]["filled"], found["Cost"]["blank"]) == (3, 2)
    assert found["Age"]["marks"] == {"..": 1, "-1": 1}
    assert one["months"] == {"first": "2024-04", "last": "2024-06", "number": 2, "missing": ["2024-05"]}
    assert one["areas"] == {
        "column": "Borough", "areas": "london_boroughs", "named": 2, "members": 32, "beside": {"Hale ward": 1},
    }  # fmt: skip
    assert one["totals"] == [{"row": 8, "column": "Reference", "text": "Total"}]
    assert one["taken_for"] == []


def test_cells_that_do_not_fit_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("Month,Count\n" + "".join(f"2024-{n % 12 + 1:02d},{n}\n" for n in range(60)) + "2024-01,twelve\n")
    [one] = described(path)
    assert columns(one)["Count"]["odd"] == {"twelve": 1}
    assert columns(one)["Count"]["type"] == "count"


def test_months_as_headings(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("Area,Apr-24,May-24,Jul-24\nCamden,1,2,3\n")
    [one] = described(path)
    assert one["month_headings"] == ["Apr-24", "May-24", "Jul-24"]
    assert one["months"]["missing"] == ["2024-06"]


def test_quarters_are_no_gaps(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("Quarter ending,Asked\nJun 2024,1\nSep 2024,2\nDec 2024,3\n")
    [one] = described(path)
    assert one["months"] == {"first": "2024-06", "last": "2024-12", "number": 3, "missing": []}


def test_what_would_stop_it_under_each_source_that_has_its_headings(golden: Path) -> None:
    [path] = (golden / "data/mps").iterdir()
    [one] = described(path)
    taken = {found["source"]: found for found in one["taken_for"]}
    assert taken["mps-borough-crime"] == {
        "source": "mps-borough-crime", "library": True, "name_fits": True, "stops": [], "notes": [],
    }  # fmt: skip
    assert not taken["recorded_crime"]["library"]
    assert not taken["recorded_crime"]["name_fits"]
    assert any("'London Heathrow and London City Airports' is not in the list" in stop for stop in (
        taken["recorded_crime"]["stops"]
    ))  # fmt: skip


def test_every_sheet_and_every_member_of_an_archive(tmp_path: Path) -> None:
    book = write_ods(tmp_path / "two.ods", {"One": [["A", "B"], ["x", 1]], "Two": [["C", "D"], ["y", 2]]})
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(book, "deeper/two.ods")
        archive.writestr("list.csv", "E,F\nz,3\n")
    found = described(path)
    assert [one["file"] for one in found] == [
        "packed.zip/deeper/two.ods, sheet One", "packed.zip/deeper/two.ods, sheet Two", "packed.zip/list.csv",
    ]  # fmt: skip
    assert list(columns(found[1])) == ["C", "D"]


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    [one] = described(path)
    assert one["fault"].startswith("broken.xlsx: this cannot be opened as a workbook (")
    assert "  cannot be read: broken.xlsx: this cannot be opened" in run("describe", path).stdout


def test_a_file_without_headings_is_said(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("1,2\n3,4\n")
    assert described(path)[0]["fault"] == "there is no row with two headings or more in its first rows"


def test_for_people(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("cp1252"))
    lines = run("describe", path).stdout.splitlines()
    assert lines[:3] == [
        "list.csv: text in Windows-1252, cells separated by commas",
        "  above the headings: Incidents by borough; Run 02/05/2024",
        "  headings in row 3, 5 rows below",
    ]
    assert lines[-5:] == [
        "  months: Apr-24 to Jun-24; without May-24",
        "  areas: 2 of the 32 of london_boroughs; beside them Hale ward",
        "  row 8 seems to be a total: 'Total' in Reference",
        "  read as Windows-1252",
        "  has the headings of no source and of no layout",
    ]
    assert any("may mean missing: '..' (1), '-1' (1)" in line for line in [" ".join("".join(lines).split())])
