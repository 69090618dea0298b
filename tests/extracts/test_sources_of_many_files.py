"""Extracts as public sites leave them: many files, places without a row, places that are no area, parts of a text."""

import csv
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.config.load import layouts, load
from cpa_xl.config.model import Source
from cpa_xl.errors import Refusal
from cpa_xl.extracts.facts import Facts, facts_of_source, read_facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.measures.periods import Month
from tests.support.commands import run
from tests.support.extract_files import catalogue
from tests.support.golden import golden_rows

AUG_21 = Month(2021, 8)
STREET = "2024-0{}-city-of-london-street.csv"


def facts(*arguments: object) -> list[dict[str, object]]:
    """What `facts --json` prints."""
    result = run("facts", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def street_rows(golden: Path) -> list[dict[str, str]]:
    """The rows of the two street files, read by Python's csv."""
    rows = []
    for path in sorted((golden / "data/police-uk").rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows


def area_of(row: Mapping[str, str]) -> str | None:
    """The local authority: the name of the small area without its last word; blank for a crime without a place."""
    return row["LSOA name"].rpartition(" ")[0] or None


# --- one file a month, in folders of their own ------------------------------------------------------------------------


def test_street_files_in_folders_count_by_month_area_and_crime_type(golden: Path) -> None:
    """Ids repeat and are blank: each row is a crime. A crime without a place counts in no area."""
    found = {
        (row["month"], row["area"], row["Crime type"]): row["value"]
        for row in facts(golden / "data/police-uk", "--source", "police-uk-street", "--by", "Crime type")
    }
    rows = street_rows(golden)
    assert found == Counter((row["Month"], area_of(row), row["Crime type"]) for row in rows)
    assert {area for _, area, _ in found} > {None, "City of London"}
    assert sum(Counter(row["Crime ID"] for row in rows).values()) == len(rows) == 120


def test_a_month_that_two_files_bring_is_refused_with_both_names(golden: Path, tmp_path: Path) -> None:
    shutil.copytree(golden / "data/police-uk", tmp_path / "street")
    again = tmp_path / "street/again"
    again.mkdir()
    text = (golden / "data/police-uk/2024-01" / STREET.format(1)).read_text(encoding="utf-8")
    (again / "2024-01-again-street.csv").write_text(text.replace("Burglary", "Robbery"), encoding="utf-8")
    result = run("facts", tmp_path / "street", "--source", "police-uk-street")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1].strip() == (
        "again/2024-01-again-street.csv: it brings Jan-24, and so does 2024-01/2024-01-city-of-london-street.csv (F3)."
        " Leave the one that is right in the folder, or let the later one count: `overlap: later` in sources.yaml."
    )


def test_a_month_without_a_file_is_unknown_and_said_to_be(golden: Path, tmp_path: Path) -> None:
    for month, name in ((1, "2024-01"), (2, "2024-04")):
        text = (golden / f"data/police-uk/2024-0{month}" / STREET.format(month)).read_text(encoding="utf-8")
        (tmp_path / f"{name}-x-street.csv").write_text(text.replace(f",2024-0{month},", f",{name},"), encoding="utf-8")
    result = run("facts", tmp_path, "--source", "police-uk-street")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "note: 2 files of police-uk-street: Street-level crime: no file brings Feb-24 and Mar-24, so these months are"
        " unknown (P2)."
    )


def test_a_place_that_does_not_fit_its_pattern_is_named(golden: Path, tmp_path: Path) -> None:
    text = (golden / "data/police-uk/2024-01" / STREET.format(1)).read_text(encoding="utf-8")
    (tmp_path / STREET.format(1)).write_text(text.replace("City of London 001F", "City of London", 1), encoding="utf-8")
    result = run("facts", tmp_path, "--source", "police-uk-street")
    assert result.exit_code == 1
    assert "column LSOA name: 'City of London' does not fit the pattern (.+) [0-9]{3}[A-Z]" in result.stderr
    assert "Correct the cell, or the column's pattern in sources.yaml." in result.stderr


# --- places and categories without a row ------------------------------------------------------------------------------


def test_boroughs_without_a_row_have_none_and_the_airports_count_in_the_force(golden: Path) -> None:
    """Against figures that were added up outside this project; the airports are no borough."""
    found = facts(golden / "data/mps", "--source", "mps-borough-crime", "--by", "MajorText")
    robbery = Counter[tuple[str, object]]()
    for row in found:
        if row["MajorText"] == "Robbery":
            robbery[str(row["month"]).replace("-", ""), row["area"]] += int(str(row["value"]))
    wanted = {
        (row["month"], None if row["what"].startswith("London Heathrow") else row["what"]): int(row["offences"])
        for row in golden_rows(golden, "mps_24_months_robbery.csv")
    }
    assert len(wanted) == 33 * 24
    assert robbery == wanted


SOURCE = {
    "title": "Crime", "files": "crime*.csv", "shape": "wide", "months": "yyyymm",
    "columns": {"minor": {"header": "Minor", "type": "text"}, "area": {"header": "Area", "type": "area"}},
    "keys": ["minor", "area"], "area": "area", "areas": "four", "absent": "zero", "elsewhere": ["Airport"],
}  # fmt: skip
SERIES: dict[str, dict[str, Any]] = {
    "rare": {"title": "Rare", "source": "it", "sum": "count", "where": "minor = 'Rare'"},
    "common": {"title": "Common", "source": "it", "sum": "count", "where": "minor = 'Common'"},
    "both": {"title": "Both", "of": ["rare", "common"]},
}
CRIME = """Minor,Area,200901,200902
Common,North,5,6
Common,South,7,8
Common,East,3,3
Common,Westminster,2,2
Common,Airport,1,2
Rare,South,1,0
"""


def read(folder: Path, **changed: object) -> Facts:
    (folder / "crime.csv").write_text(CRIME, encoding="utf-8")
    return read_facts(catalogue({"it": {**SOURCE, **changed}}, SERIES), folder)


def test_absent_rows_are_zero_and_sums_hold_what_is_elsewhere(tmp_path: Path) -> None:
    found = read(tmp_path)
    jan, feb = Month(2009, 1), Month(2009, 2)
    none = {jan: 0, feb: 0}
    assert found.areas("rare") == {"East": none, "North": none, "South": {jan: 1, feb: 0}, "Westminster": none}
    assert found.monthly("common") == {jan: 18, feb: 21}
    assert found.areas("both")["South"] == {jan: 8, feb: 8}
    assert found.monthly("both") == {jan: 19, feb: 21}


def test_where_every_place_must_report_an_absent_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractsRefused) as refused:
        read(tmp_path, absent="refuse")
    assert {fault.code for fault in refused.value.faults} == {"F2"}
    assert str(refused.value.faults[0]).startswith("crime.csv: Airport lacks 1 row that others have: Rare (F2).")


# --- the commands -----------------------------------------------------------------------------------------------------


def test_the_library_lists_and_shows_its_layouts(root: Path) -> None:
    listed = run("sources").stdout.splitlines()
    assert (
        listed[0] == "mps-borough-crime: MPS borough level crime ('MPS*Borough*Level*Crime*' or 'MPS*Borough*Crime*')"
    )
    shown = run("sources", "show", "police-uk-street").stdout
    assert shown.startswith("# data.police.uk")
    assert "\n# * One file a month and force. A month without a file is unknown, not zero.\n" in shown
    text = (root / "config/sources.yaml").read_text(encoding="utf-8")
    entry = "".join(f"  {line}\n" for line in shown.splitlines())
    assert "police-uk-street" not in text
    assert load_with(root, text + entry).many


def load_with(root: Path, text: str) -> Source:
    """What the printed entry is as a source of a configuration."""
    import tempfile  # noqa: PLC0415  # this test alone

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(root / "config", Path(folder) / "config")
        written = text.replace("police-uk-street:", "police_uk_street:")
        (Path(folder) / "config/sources.yaml").write_text(written, encoding="utf-8")
        return load(Path(folder) / "config").sources["police_uk_street"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--by", "Crime type"), "--by needs --source: a column belongs to one source"),
        (("--json", "--csv"), "give --json or --csv, not both"),
        (("--source", "nonsense"), "--source nonsense: there is no such source; sources.yaml has "),
    ],
)
def test_what_facts_cannot_do_is_said(golden: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run("facts", golden / "data/police-uk", *arguments)
    assert (result.exit_code, result.stderr.startswith(message)) == (1, True), result.stderr


def test_a_column_that_no_file_has_is_said(golden: Path) -> None:
    result = run("facts", golden / "data/police-uk", "--source", "police-uk-street", "--by", "Colour")
    assert result.exit_code == 1
    assert (
        "2024-01-city-of-london-street.csv, row 1: no column is headed 'Colour'; there is 'Crime ID', " in result.stderr
    )
    assert result.stderr.splitlines()[1].endswith("(F5). Ask for one of them.")


def test_facts_by_a_column_that_the_layout_does_not_name(golden: Path) -> None:
    """Any column of the file may be asked for; its heading is the file's."""
    found = facts(golden / "data/police-uk", "--source", "police-uk-street", "--by", "location")
    rows = street_rows(golden)
    assert {row["Location"] for row in found} == {row["Location"] for row in rows}
    assert sum(int(str(row["value"])) for row in found) == len(rows)


def test_an_unknown_layout_is_refused_with_the_list() -> None:
    result = run("sources", "show", "x")
    assert (result.exit_code, result.stderr.strip()) == (
        1, f"x: the library has no such layout; it has {', '.join(layouts())}",
    )  # fmt: skip


def test_facts_as_csv(golden: Path) -> None:
    lines = run("facts", golden / "data/mps", "--source", "mps-borough-crime", "--csv").stdout.splitlines()
    assert lines[0] == "month,area,value"
    assert lines[1].startswith("2021-08,,")
    assert len(lines) == 1 + 33 * 24


def test_a_source_with_two_columns_of_counts_needs_a_choice(tmp_path: Path) -> None:
    columns = {name: {"header": name.title(), "type": "count"} for name in ("one", "two")}
    source = {
        "title": "T", "files": "t.csv", "shape": "counts", "month": "month", "keys": ["month"],
        "columns": {"month": {"header": "Month", "type": "month"}, **columns},
    }  # fmt: skip
    with pytest.raises(Refusal, match=r"^--source it: it has 2 columns of counts, and facts adds up one$"):
        facts_of_source(catalogue({"it": source}), tmp_path, "it")


def test_every_other_place_may_count_in_the_total_alone(tmp_path: Path) -> None:
    """Crimes of a force lie in other forces' areas; the note names them. A sum of areas is still refused."""
    found = read(tmp_path, elsewhere=["*"])
    assert found.areas("common")["North"] == {Month(2009, 1): 5, Month(2009, 2): 6}
    assert "Airport" not in found.areas("common")
    assert found.monthly("common") == {Month(2009, 1): 18, Month(2009, 2): 21}
    assert [str(fault) for fault in found.faults] == [
        "crime.csv: 1 row of places that four does not list count in the total alone: Airport (1) (K4)."
    ]
    (tmp_path / "crime.csv").write_text(CRIME.replace("Airport", "All areas"), encoding="utf-8")
    with pytest.raises(ExtractsRefused, match="adds up areas that have rows of their own"):
        read_facts(catalogue({"it": {**SOURCE, "elsewhere": ["*"]}}, SERIES), tmp_path)


# --- the same record in two files -------------------------------------------------------------------------------------

LIST: dict[str, Any] = {
    "title": "Records", "files": "list*.csv", "shape": "records", "month": "day", "many": True, "keys": ["ref"],
    "columns": {
        "ref": {"header": "Ref", "type": "text"},
        "day": {"header": "Day", "type": "date", "format": "dd/mm/yyyy"},
        "kind": {"header": "Kind", "type": "text"},
    },
}  # fmt: skip
APRIL = "Ref,Day,Kind\nR1,01/04/2024,Theft\nR2,02/04/2024,Theft\n"
MAY = "Ref,Day,Kind\nR2,02/05/2024,Robbery\nR3,03/05/2024,Theft\n"
THEFTS = {"thefts": {"title": "Thefts", "source": "it", "count": "rows", "where": "kind = 'Theft'"}}


def read_lists(folder: Path, may: str = MAY, **changed: object) -> Facts:
    (folder / "list_04.csv").write_text(APRIL, encoding="utf-8")
    (folder / "list_05.csv").write_text(may, encoding="utf-8")
    return read_facts(catalogue({"it": {**LIST, **changed}}, THEFTS), folder)


def test_a_record_that_two_files_have_is_refused_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(ExtractsRefused) as refused:
        read_lists(tmp_path)
    assert [str(fault) for fault in refused.value.faults] == [
        "list_05.csv, row 2, column Ref: 'R2' is already in row 3 of list_04.csv (K1)."
        " Each row must differ in it; leave one."
    ]


@pytest.mark.parametrize(
    ("repeated", "thefts", "noted"),
    [
        ("last", [1, 1], "list_04.csv: 1 row left out, as later files have them"),
        ("first", [2, 1], "list_05.csv: 1 row left out, as earlier files have them"),
        ("count", [2, 1], None),
    ],
)
def test_a_record_that_comes_again_counts_by_rule(
    tmp_path: Path, repeated: str, thefts: list[int], noted: str | None
) -> None:
    found = read_lists(tmp_path, repeated=repeated)
    assert list(found.monthly("thefts").values()) == thefts
    assert [f"{one.file}: {one.note}" for one in found.extracts if one.note] == ([noted] if noted else [])


def test_a_month_that_two_files_bring_can_be_added(tmp_path: Path) -> None:
    """A later file may hold changed records of a month before."""
    may = MAY.replace("R2", "R4") + "R1,05/04/2024,Robbery\nR9,30/04/2024,Theft\n"
    with pytest.raises(ExtractsRefused, match=r"it brings Apr-24, and so does list_05\.csv"):
        read_lists(tmp_path, may, repeated="last")
    found = read_lists(tmp_path, may, repeated="last", overlap="add")
    assert list(found.monthly("thefts").values()) == [2, 1]  # R2 and R9; R1 is a robbery now


@pytest.mark.parametrize("later", ["list_05.csv", "list_04.csv"])
def test_the_file_whose_last_month_is_later_counts(tmp_path: Path, later: str) -> None:
    """Whatever the names of the files are."""
    earlier = "list_04.csv" if later == "list_05.csv" else "list_05.csv"
    (tmp_path / earlier).write_text("Ref,Day,Kind\nA,01/03/2024,Theft\nB,01/04/2024,Theft\n", encoding="utf-8")
    (tmp_path / later).write_text(
        "Ref,Day,Kind\nB,01/04/2024,Theft\nC,02/04/2024,Theft\nD,01/05/2024,Theft\n", encoding="utf-8"
    )
    found = read_facts(catalogue({"it": {**LIST, "overlap": "later"}}, THEFTS), tmp_path)
    assert list(found.monthly("thefts").values()) == [1, 2, 1]
    assert [str(fault) for fault in found.faults] == [
        f"{earlier}: Apr-24 comes from {later}, the later file, which brings it too (F3)."
    ]


def test_files_that_end_in_the_same_month_are_not_told_apart(tmp_path: Path) -> None:
    (tmp_path / "list_06.csv").write_text(APRIL.replace("R1", "X1"), encoding="utf-8")
    (tmp_path / "list_04.csv").write_text(APRIL, encoding="utf-8")
    asked = catalogue({"it": {**LIST, "overlap": "later"}}, THEFTS)
    with pytest.raises(ExtractsRefused, match="it brings Apr-24, and so does"):
        read_facts(asked, tmp_path)


# --- files, archives and names that do not fit ------------------------------------------------------------------------


def write_archive(path: Path, members: Mapping[str, str | bytes]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_trap_an_archive_in_a_folder_with_folders_in_it(tmp_path: Path) -> None:
    """The name of an archive may fit the source's too."""
    write_archive(tmp_path / "2024/list_download.zip", {"deep/er/list_04.csv": APRIL, "readme.txt": "x"})
    (tmp_path / "list_05.csv").write_text(MAY.replace("R2", "R4"), encoding="utf-8")
    found = read_facts(catalogue({"it": LIST}, THEFTS), tmp_path)
    assert list(found.monthly("thefts").values()) == [2, 1]
    assert not found.faults


def test_an_archive_in_an_archive_is_not_read_and_said(tmp_path: Path) -> None:
    inner = write_archive(tmp_path / "inner/x.zip", {"list_06.csv": APRIL}).read_bytes()
    shutil.rmtree(tmp_path / "inner")
    write_archive(tmp_path / "all.zip", {"2024/x.zip": inner, "list_04.csv": APRIL})
    found = read_facts(catalogue({"it": LIST}, THEFTS), tmp_path)
    assert [str(fault) for fault in found.faults] == [
        "all.zip: it holds the archive 2024/x.zip, which is not read (F3)."
        " Unpack it into the folder if its files count."
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty (F2). Ask for the extract again."),
        ("Ref,Day,Kind\n", "there is no row below the headings (F2). Ask for the extract again."),
        ("a,b\n1,2\n", "no heading row in the first 21 rows; the first row holds 'a', 'b' (F5)."
                       " It must hold 'Ref', 'Day', 'Kind'; or other headings that sources.yaml names."),
    ],
)  # fmt: skip
def test_one_broken_file_stops_them_all(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "list_04.csv").write_text(APRIL, encoding="utf-8")
    (tmp_path / "list_05.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ExtractsRefused) as refused:
        read_facts(catalogue({"it": LIST}, THEFTS), tmp_path)
    [fault] = refused.value.faults
    assert str(fault).replace(", row 1", "") == f"list_05.csv: {message}"


def test_the_rows_of_a_month_that_no_file_has_whole(tmp_path: Path) -> None:
    """`split` tells files of one month apart by a column; the later one counts where it has all of an earlier one."""
    (tmp_path / "list_04.csv").write_text(APRIL + "R3,03/04/2024,Robbery\n", encoding="utf-8")
    (tmp_path / "list_05.csv").write_text(
        "Ref,Day,Kind\nR8,02/04/2024,Robbery\nR9,03/05/2024,Theft\n", encoding="utf-8"
    )
    asked = {**LIST, "split": "kind", "overlap": "later"}
    with pytest.raises(ExtractsRefused) as refused:
        read_facts(catalogue({"it": asked}, THEFTS), tmp_path)
    assert [str(fault) for fault in refused.value.faults] == [
        "list_04.csv: it brings Apr-24, and so does list_05.csv, the later file, but not for every kind (F3)."
        " Ask for files that each hold whole months, or leave the one that is right in the folder."
    ]
    (tmp_path / "list_04.csv").write_text(APRIL, encoding="utf-8")
    assert list(read_facts(catalogue({"it": asked}, THEFTS), tmp_path).monthly("thefts").values()) == [2, 1]


def test_two_files_that_end_in_one_month_have_no_later_one(tmp_path: Path) -> None:
    (tmp_path / "list_06.csv").write_text(APRIL.replace("\nR", "\nX"), encoding="utf-8")
    (tmp_path / "list_04.csv").write_text(APRIL, encoding="utf-8")
    with pytest.raises(ExtractsRefused) as refused:
        read_facts(catalogue({"it": {**LIST, "overlap": "later", "month_in_name": False}}, THEFTS), tmp_path)
    assert [str(fault) for fault in refused.value.faults] == [
        "list_06.csv: it brings Apr-24, and so does list_04.csv; both end in the same month, so neither is the later"
        " one (F3). Leave the one that is right in the folder."
    ]


def test_trap_a_copy_whose_name_lacks_the_force(tmp_path: Path) -> None:
    """It would count as one more force."""
    (tmp_path / "list_kent.csv").write_text(APRIL, encoding="utf-8")
    (tmp_path / "list_kent (copy).csv").write_text(APRIL.replace("Theft", "Robbery"), encoding="utf-8")
    asked = {**LIST, "split_name": "list_([a-z]+).csv", "repeated": "count"}
    with pytest.raises(ExtractsRefused) as refused:
        read_facts(catalogue({"it": asked}, THEFTS), tmp_path)
    assert [str(fault) for fault in refused.value.faults] == [
        "list_kent (copy).csv: its name does not fit `split_name` (list_([a-z]+).csv), which tells files of one month"
        " apart (F3). Is it a copy? Then take it out. Else rename it."
    ]


@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n"])
def test_the_end_mark_of_old_systems_is_no_row(tmp_path: Path, end: str) -> None:
    (tmp_path / "list_04.csv").write_text(APRIL + end, encoding="utf-8")
    found = read_facts(catalogue({"it": LIST}, THEFTS), tmp_path)
    assert (list(found.monthly("thefts").values()), found.extracts[0].note) == ([2], "")


def test_the_line_that_tells_excel_the_delimiter_is_no_title(tmp_path: Path) -> None:
    (tmp_path / "list_04.csv").write_text("sep=;\n" + APRIL.replace(",", ";"), encoding="utf-8")
    found = read_facts(catalogue({"it": LIST}, THEFTS), tmp_path)
    assert (list(found.monthly("thefts").values()), found.extracts[0].note) == ([2], "")


def test_the_rows_of_a_period_lack_none_for_a_place_that_is_unknown(tmp_path: Path) -> None:
    """A row whose area is marked as missing is no row that every month must have."""
    source = {**SOURCE, "shape": "counts", "month": "month", "months": None, "keys": ["month", "area"], "elsewhere": [],
              "absent": "refuse", "areas": None, "columns": {
                  "month": {"header": "Month", "type": "month"},
                  "area": {"header": "Area", "type": "text", "missing": ["*"]},
                  "n": {"header": "N", "type": "count"}}}  # fmt: skip
    (tmp_path / "crime.csv").write_text("Month,Area,N\n2024-04,A,1\n2024-05,A,2\n2024-05,*,3\n", encoding="utf-8")
    series = {"all": {"title": "All", "source": "it", "sum": "n"}}
    found = read_facts(catalogue({"it": source}, series), tmp_path)
    assert list(found.monthly("all").values()) == [1, 5]


def test_texts_that_differ_in_capital_letters_only_are_told(tmp_path: Path) -> None:
    """They count nowhere, or as an area of their own."""
    source = {**LIST, "area": "area", "columns": {**LIST["columns"], "area": {"header": "Area", "type": "text"}}}
    (tmp_path / "list_04.csv").write_text(
        "Ref,Day,Kind,Area\nR1,01/04/2024,Theft,N\nR2,02/04/2024,THEFT,N\nR3,02/04/2024,Robbery,n\n", encoding="utf-8"
    )
    found = read_facts(catalogue({"it": source}, THEFTS), tmp_path)
    assert list(found.monthly("thefts").values()) == [1]
    assert sorted(str(fault) for fault in found.faults) == [
        "list_04.csv, column Area: 'N' and 'n' are counted as two areas (K4)."
        " Give the source a list of areas, or write them alike.",
        "list_04.csv, column Kind: 'THEFT' is not 'Theft', which conditions name: such rows are not counted (D1)."
        " Write it alike, or compare lower() of the column in measures.yaml.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (APRIL, "this is text under the name of a workbook (F4). Rename it to .csv."),
        (
            "<html><table>",
            "this is a web page under the name of a workbook (F4). Open it in Excel and save it as .xlsx.",
        ),
    ],
)
def test_trap_text_under_the_name_of_a_workbook(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "list_04.xls").write_text(content, encoding="utf-8")
    with pytest.raises(ExtractsRefused) as refused:
        read_facts(catalogue({"it": {**LIST, "files": "list*"}}, THEFTS), tmp_path)
    assert [str(fault) for fault in refused.value.faults] == [f"list_04.xls: {message}"]


def test_a_row_of_the_second_file_with_a_cell_too_many(tmp_path: Path) -> None:
    joined = {
        "files": "second.csv",
        "key": "Ref",
        "by": "ref",
        "columns": {"grade": {"header": "Grade", "type": "text"}},
    }
    (tmp_path / "list_04.csv").write_text(APRIL, encoding="utf-8")
    (tmp_path / "second.csv").write_text("Ref,Grade\nR1,1,2\nR2,1\n", encoding="utf-8")
    with pytest.raises(ExtractsRefused) as refused:
        read_facts(catalogue({"it": {**LIST, "joined": joined}}, THEFTS), tmp_path)
    assert [str(fault) for fault in refused.value.faults] == [
        "second.csv, row 2: the row has 3 fields where the headings are 2: there is one cell too many,"
        " and the cells after it are right of their headings (F6). Put cells that hold a comma in quotation marks."
    ]
