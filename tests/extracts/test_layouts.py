"""The layouts of the library on files shaped as their publishers leave them. What the files say is added up here."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from tests.support.commands import run
from tests.support.opendocument import write_ods

Row = Sequence[object]


def facts(folder: Path, source: str, by: str | None = None) -> list[dict[str, object]]:
    """What `facts --json` prints."""
    result = run("facts", folder, "--source", source, *(["--by", by] if by else []), "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def by_place(found: Iterable[Mapping[str, object]], by: str | None = None) -> dict[tuple[object, ...], object]:
    """The values by month, area and what was asked for."""
    return {(row["month"], row["area"], *([row[by]] if by else [])): row["value"] for row in found}


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def write_xlsx(path: Path, sheets: Mapping[str, Iterable[Iterable[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


# --- the crime dashboard ----------------------------------------------------------------------------------------------

TEAMS = "Safer Neighbourhood Teams"
# Month, kind of area, borough or team, area, group, subgroup, measure, count. Wards hold the boroughs' crimes again.
DASHBOARD: tuple[tuple[str, str, str, str, str, str, str, int], ...] = (
    ("2021-02-01", "Borough", "Barnet", "Barnet", "BURGLARY", "BURGLARY - RESIDENTIAL", "Offences", 120),
    ("2021-02-01", "Borough", "Barnet", "Barnet", "BURGLARY", "BURGLARY - RESIDENTIAL", "Positive Outcomes", 7),
    ("2021-02-01", TEAMS, "Barnet", "Hale", "BURGLARY", "BURGLARY - RESIDENTIAL", "Offences", 70),
    ("2021-02-01", TEAMS, "Barnet", "Coppetts", "BURGLARY", "BURGLARY - RESIDENTIAL", "Offences", 50),
    ("2021-02-01", "Borough", "Camden", "Camden", "THEFT", "SHOPLIFTING", "Offences", 90),
    ("2021-03-01", "Borough", "Barnet", "Barnet", "BURGLARY", "BURGLARY - RESIDENTIAL", "Offences", 111),
    ("2021-03-01", "Borough", "Barnet", "Barnet", "THEFT", "SHOPLIFTING", "Offences", 33),
    ("2021-03-01", "Borough", "Unknown", "Unknown", "THEFT", "SHOPLIFTING", "Offences", 5),
)  # fmt: skip


def dashboard_rows(form: str, headings: Sequence[str], places: Sequence[int]) -> list[list[object]]:
    """The dashboard with months in a form, and the columns (by position above) under their headings."""
    rows: list[list[object]] = [list(headings)]
    for row in DASHBOARD:
        year, month, day = row[0].split("-")
        dated = (form.format(year=year, month=month, day=day), *row[1:])
        rows.append([dated[place] for place in places])
    return rows


VINTAGES = {
    "2024": dashboard_rows(
        "{year}-{month}-{day}",
        (
            "Month_Year",
            "Area Type",
            "Borough_SNT",
            "Area name",
            "Offence Group",
            "Offence Subgroup",
            "Measure",
            "Count",
        ),
        (0, 1, 2, 3, 4, 5, 6, 7),
    ),
    "2021": dashboard_rows(
        "{day}/{month}/{year}",
        ("Area Type", "Area Name", "Crime Type", "Crime Subtype", "Month_Year", "Measure", "Count"),
        (1, 3, 4, 5, 0, 6, 7),
    ),
}


@pytest.mark.parametrize("vintage", VINTAGES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_trap_wards_and_boroughs_hold_the_same_crimes(tmp_path: Path, vintage: str, kind: str) -> None:
    rows = VINTAGES[vintage]
    if kind == "csv":
        (tmp_path / "M1045_MonthlyCrimeDashboard_TNOCrimeData_202406.csv").write_text(csv_text(rows), encoding="utf-8")
    else:
        write_xlsx(
            tmp_path / "M1045_MonthlyCrimeDashboard_TNOCrimeData_202406.xlsx",
            {"Notes": [["Monthly crime dashboard"]], "MPS_MonthlyCrimeDashboard_TNOCr": rows},
        )
    found = by_place(facts(tmp_path, "mps-crime-dashboard"))
    assert {place: value for place, value in found.items() if value} == {
        ("2021-02", "Barnet"): 120, ("2021-02", "Camden"): 90, ("2021-03", "Barnet"): 144, ("2021-03", None): 5,
    }  # fmt: skip


def test_trap_offences_and_positive_outcomes_are_rows_of_one_file(tmp_path: Path) -> None:
    (tmp_path / "M1045.csv").write_text(csv_text(VINTAGES["2024"]), encoding="utf-8")
    found = by_place(facts(tmp_path, "mps-crime-dashboard", "Offence Group"), "Offence Group")
    assert found["2021-02", "Barnet", "BURGLARY"] == 120
    assert {group for _, _, group in found} == {"BURGLARY", "THEFT"}


def test_trap_rows_with_a_count_of_0_are_left_out(tmp_path: Path) -> None:
    """What is asked for lists no group without a row; a series counts none there (see test_sources_of_many_files)."""
    (tmp_path / "M1045.csv").write_text(csv_text(VINTAGES["2024"]), encoding="utf-8")
    assert ("2021-03", "Camden") not in by_place(facts(tmp_path, "mps-crime-dashboard"))


def test_a_column_under_another_vintages_heading(tmp_path: Path) -> None:
    """The heading is the file's where it is asked for, and the asked one where the layout knows both."""
    (tmp_path / "M1045.csv").write_text(csv_text(VINTAGES["2021"]), encoding="utf-8")
    own = by_place(facts(tmp_path, "mps-crime-dashboard", "crime type"), "Crime Type")
    assert own == by_place(facts(tmp_path, "mps-crime-dashboard", "Offence Group"), "Offence Group")


def test_no_row_that_is_chosen_is_said_with_what_is_there(tmp_path: Path) -> None:
    rows = [[cell if cell != "Borough" else "Ward" for cell in row] for row in VINTAGES["2024"]]
    (tmp_path / "M1045.csv").write_text(csv_text(rows), encoding="utf-8")
    result = run("facts", tmp_path, "--source", "mps-crime-dashboard")
    assert result.exit_code == 1
    assert "M1045.csv: no row fits the source's `rows` (lower(kind) = 'borough' and " in result.stderr
    holds = "Area Type holds 'Safer Neighbourhood Teams', 'Ward'; Measure holds 'Offences', 'Positive Outcomes' (D1)"
    assert holds in result.stderr
    assert "(D1). Correct `rows` in sources.yaml, or ask for the extract again." in result.stderr


# --- the Home Office's open data tables -------------------------------------------------------------------------------

CSP_HEADINGS = (
    "Financial Year", "Financial Quarter", "Police Force", "CSP Name", "Offence Description", "Offence Group",
    "Offence Subgroup", "Offence Code", "Offence Count",
)  # fmt: skip


def csp_rows(year: str, quarter: str = "{}") -> list[list[object]]:
    """Two forces' partnerships in four quarters: one count is below zero, one place is no partnership."""
    rows: list[list[object]] = [list(CSP_HEADINGS)]
    for number in range(1, 5):
        period: list[object] = [year, number if quarter == "{}" else quarter.format(number)]
        for area, code, count in (
            ("Camden", "30A", 100 * number), ("Camden", "8N", -number), ("London, City of", "30A", 7),
            ("Unassigned", "30A", 2),
        ):  # fmt: skip
            offence = "Burglary" if code == "30A" else "Assault"
            force = "London, City of" if area == "London, City of" else "Metropolitan Police"
            rows.append([*period, force, area, offence, offence, offence, code, count])
    return rows


CSP_SHEETS: Mapping[str, list[list[object]]] = {
    "Notes": [["Police recorded crime"], ["Published 2026"]],
    "2022_23": csp_rows("2022/23"),
    "2023_24": csp_rows("2023/24"),
}
ENDS = {1: "06", 2: "09", 3: "12", 4: "03"}


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_trap_the_period_is_two_columns_and_a_sheet_a_year(tmp_path: Path, kind: str) -> None:
    """Quarter 4 of 2023/24 is January to March 2024. The month in the file's name is that of its publication."""
    path = tmp_path / f"prc-csp-mar2021-mar2026-tables-230726.{kind}"
    (write_ods if kind == "ods" else write_xlsx)(path, CSP_SHEETS)
    found = by_place(facts(tmp_path, "home-office-csp", "Offence Code"), "Offence Code")
    assert len(found) == 2 * 4 * 4
    for start in (2022, 2023):
        for number, end in ENDS.items():
            month = f"{start + (number == 4)}-{end}"
            assert found[month, "Camden", "30A"] == 100 * number
            assert found[month, "London, City of", "30A"] == 7


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_trap_counts_can_be_negative_and_unassigned_is_no_partnership(tmp_path: Path, kind: str) -> None:
    (write_ods if kind == "ods" else write_xlsx)(tmp_path / f"prc-csp.{kind}", CSP_SHEETS)
    found = by_place(facts(tmp_path, "home-office-csp"))
    assert found["2024-03", "Camden"] == 400 - 4
    assert found["2024-03", None] == 2


def test_trap_quarters_written_q1(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "prc-csp.xlsx", {"2023_24": csp_rows("2023/24", "Q{}")})
    assert by_place(facts(tmp_path, "home-office-csp"))["2023-06", "Camden"] == 99


@pytest.mark.parametrize("year", ["2023-24", "2023/2024", "FY 2023/24", "fy23-24"])
def test_financial_years_in_other_writings(tmp_path: Path, year: str) -> None:
    write_xlsx(tmp_path / "prc-csp.xlsx", {"2023_24": csp_rows(year)})
    assert by_place(facts(tmp_path, "home-office-csp"))["2023-06", "Camden"] == 99


def test_what_is_no_quarter_is_said(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "prc-csp.xlsx", {"2023_24": csp_rows("2023/25", "Q{}/4")})
    result = run("facts", tmp_path, "--source", "home-office-csp")
    assert (
        "column Financial Year: '2023/25' is not a financial year; 16 rows have it (V2). Write it as 2023/24."
        in result.stderr
    )
    assert "column Financial Quarter: 'Q1/4' is not a quarter (V2). Write it as 1 to 4, or Q1 to Q4." in result.stderr


def test_recorded_crime_by_force(tmp_path: Path) -> None:
    headings: list[object] = [*CSP_HEADINGS[:2], "Force Name", *CSP_HEADINGS[4:8], "Number of Offences"]
    rows: list[list[object]] = [headings, ["2023/24", 1, "Kent", "Burglary", "Burglary", "Burglary", "28E", 40]]
    write_ods(tmp_path / "prc-pfa-mar2013-onwards-tables.ods", {"Cover": [["x"]], "2023-24": rows})
    assert by_place(facts(tmp_path, "home-office-pfa")) == {("2023-06", "Kent"): 40}


# --- data.police.uk ---------------------------------------------------------------------------------------------------

STREET_HEADINGS = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name",
    "Crime type", "Last outcome category", "Context",
)  # fmt: skip


def street(month: str, force: str, rows: Iterable[tuple[str, str, str]]) -> str:
    """A street file: rows of id, small area, crime type."""
    lines: list[Row] = [STREET_HEADINGS]
    lines += [
        (one, month, force, force, "-0.1", "51.5", "On or near x", "E01", area, crime, "", "")
        for one, area, crime in rows
    ]
    return csv_text(lines)


def street_zip(folder: Path, months: int) -> Path:
    """Months of two forces as they are downloaded: a folder a month, a file a month and force."""
    path = folder / "0b5f7c8ed1c1f3b6.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(months):
            month = f"{2022 + number // 12}-{number % 12 + 1:02d}"
            for force, areas in (("kent", ("Ashford 001A", "")), ("surrey", ("Woking 002B", "Ashford 003C"))):
                rows = [("", areas[0], "Anti-social behaviour")] * (number + 1) + [("ab", areas[1], "Burglary")] * 2
                name = f"{month}/{month}-{force}-street.csv"
                archive.writestr(name, street(month, f"{force.title()} Police", rows))
        archive.writestr("__MACOSX/2022-01/._2022-01-kent-street.csv", b"\x00\x05")
    return path


@pytest.mark.slow
def test_trap_36_months_are_36_files_in_a_zip(tmp_path: Path) -> None:
    street_zip(tmp_path, 36)
    found = by_place(facts(tmp_path, "police-uk-street"))
    wanted = Counter[tuple[object, ...]]()
    for number in range(36):
        month = f"{2022 + number // 12}-{number % 12 + 1:02d}"
        wanted.update({(month, "Ashford"): number + 1 + 2, (month, None): 2, (month, "Woking"): number + 1})
    assert found == wanted


def test_trap_two_forces_of_one_month_are_added(tmp_path: Path) -> None:
    for force in ("kent", "surrey"):
        text = street("2024-01", force, [("", "Ashford 001A", "Burglary")])
        (tmp_path / f"2024-01-{force}-street.csv").write_text(text, encoding="utf-8")
    assert by_place(facts(tmp_path, "police-uk-street")) == {("2024-01", "Ashford"): 2}


def test_trap_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    """A download and the folder that was unpacked from it lie side by side."""
    with zipfile.ZipFile(street_zip(tmp_path, 2)) as archive:
        archive.extractall(tmp_path / "unpacked")
    found = run("facts", tmp_path, "--source", "police-uk-street")
    assert "it is unpacked/2022-01/2022-01-kent-street.csv once more, byte for byte; it counts once (F3)" in (
        " ".join(found.stdout.split())
    )
    assert by_place(facts(tmp_path, "police-uk-street"))["2022-01", "Woking"] == 1


def test_a_broken_archive_is_said(tmp_path: Path) -> None:
    path = street_zip(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:-200])
    result = run("facts", tmp_path, "--source", "police-uk-street")
    assert f"{path.name}: the archive cannot be read (" in result.stderr
    assert "(F4). Download it again." in result.stderr


def test_outcomes_count_in_the_month_of_the_outcome(tmp_path: Path) -> None:
    rows = [
        (*STREET_HEADINGS[:9], "Outcome type"),
        ("a", "2024-02", "Kent Police", "Kent Police", "", "", "", "", "Ashford 001A", "Local resolution"),
        ("a", "2024-02", "Kent Police", "Kent Police", "", "", "", "", "", "Suspect charged"),
    ]  # fmt: skip
    (tmp_path / "2024-02-kent-outcomes.csv").write_text(csv_text(rows), encoding="utf-8")
    found = by_place(facts(tmp_path, "police-uk-outcomes", "Outcome type"), "Outcome type")
    assert found == {("2024-02", "Ashford", "Local resolution"): 1, ("2024-02", None, "Suspect charged"): 1}


def test_trap_stop_and_search_has_the_force_in_its_name_alone(tmp_path: Path) -> None:
    headings = ("Type", "Date", "Gender", "Legislation", "Object of search", "Outcome")
    for force, count in (("kent", 3), ("surrey", 2)):
        rows: list[Row] = [headings]
        rows += [("Person search", "2024-03-01T09:58:14+00:00", "Male", "", "Controlled drugs", "")] * count
        (tmp_path / f"2024-03-{force}-stop-and-search.csv").write_text(csv_text(rows), encoding="utf-8")
    found = by_place(facts(tmp_path, "police-uk-stop-and-search", "Object of search"), "Object of search")
    assert found == {("2024-03", None, "Controlled drugs"): 5}


# --- road casualties --------------------------------------------------------------------------------------------------

COLLISIONS = (
    ("collision_index", "police_force", "collision_severity", "date", "local_authority_district"),
    ("A1", "1", "2", "31/01/2023", "2"),
    ("A2", "1", "3", "01/02/2023", "-1"),
    ("A3", "48", "1", "02/02/2023", "570"),
    ("A4", "20", "1", "02/02/2023", "300"),
)
CASUALTIES = (
    ("collision_index", "casualty_reference", "casualty_severity"),
    ("A1", "1", "2"), ("A1", "2", "3"), ("A2", "1", "3"), ("A3", "1", "1"), ("A4", "1", "1"),
)  # fmt: skip


def test_trap_severity_and_district_are_codes_and_minus_1_is_missing(tmp_path: Path) -> None:
    """-1 is an unknown district: the collision counts in the force. Other forces' codes are never looked at."""
    (tmp_path / "dft-road-casualty-statistics-collision-2023.csv").write_text(csv_text(COLLISIONS), encoding="utf-8")
    found = by_place(facts(tmp_path, "stats19-collisions", "collision_severity"), "collision_severity")
    assert found == {
        ("2023-01", "Camden", "Serious"): 1, ("2023-02", None, "Slight"): 1, ("2023-02", "City of London", "Fatal"): 1,
    }  # fmt: skip


def test_trap_severity_lies_in_the_casualty_file_and_the_date_in_the_collision_file(tmp_path: Path) -> None:
    (tmp_path / "dft-road-casualty-statistics-collision-2023.csv").write_text(csv_text(COLLISIONS), encoding="utf-8")
    (tmp_path / "dft-road-casualty-statistics-casualty-2023.csv").write_text(csv_text(CASUALTIES), encoding="utf-8")
    found = by_place(facts(tmp_path, "stats19-casualties", "casualty_severity"), "casualty_severity")
    assert found == {
        ("2023-01", "Camden", "Serious"): 1, ("2023-01", "Camden", "Slight"): 1, ("2023-02", None, "Slight"): 1,
        ("2023-02", "City of London", "Fatal"): 1,
    }  # fmt: skip


def test_a_casualty_without_its_collision_is_said(tmp_path: Path) -> None:
    (tmp_path / "dft-road-casualty-statistics-casualty-2023.csv").write_text(csv_text(CASUALTIES), encoding="utf-8")
    result = run("facts", tmp_path, "--source", "stats19-casualties")
    assert "no file fits '*collisions*.csv' or " in result.stderr
    (tmp_path / "dft-road-casualty-statistics-collision-2023.csv").write_text(
        csv_text(COLLISIONS[:3]), encoding="utf-8"
    )
    result = run("facts", tmp_path, "--source", "stats19-casualties")
    assert (
        "dft-road-casualty-statistics-casualty-2023.csv, row 5, column collision_index: 2 keys of this file without a"
        " row in the second file: 'A3', 'A4' (K5). Put both files of the same period in the folder."
    ) in result.stderr
    twice = [*COLLISIONS, COLLISIONS[1]]
    (tmp_path / "dft-road-casualty-statistics-collision-2023.csv").write_text(csv_text(twice), encoding="utf-8")
    result = run("facts", tmp_path, "--source", "stats19-casualties")
    assert "1 key twice in the second file ('*collisions*.csv' or " in result.stderr


def test_an_unknown_code_is_said(tmp_path: Path) -> None:
    rows = [COLLISIONS[0], ("A1", "1", "9", "31/01/2023", "2")]
    (tmp_path / "dft-collisions.csv").write_text(csv_text(rows), encoding="utf-8")
    result = run("facts", tmp_path, "--source", "stats19-collisions")
    assert (
        "dft-collisions.csv, row 2, column collision_severity: '9' is not one of the codes 1, 2, 3 (D1)."
        " Correct it, or add the code in sources.yaml."
    ) in result.stderr


# --- a force's own systems --------------------------------------------------------------------------------------------


def test_trap_windows_1252_with_times_and_last_months_file_in_the_folder(tmp_path: Path) -> None:
    """This month only in each file; a record that comes again counts once."""
    head = "Reference,Recorded Date,Area,Offence\r\n"
    april = (
        head + "R1,23/04/2024 23:13,North,Caf\u00e9 burglary\r\nR2,24/04/2024 00:01,South,Theft\r\nEnd of report\r\n"
    )
    may = head + "R3,01/05/2024 08:00,North,Theft\r\nR3,01/05/2024 08:00,South,Theft\r\n"
    (tmp_path / "records_2024-04.csv").write_bytes(april.encode("cp1252"))
    (tmp_path / "records_2024-05.csv").write_bytes(may.encode("cp1252"))
    assert by_place(facts(tmp_path, "record-list")) == {
        ("2024-04", "North"): 1, ("2024-04", "South"): 1, ("2024-05", "South"): 1,
    }  # fmt: skip
    shown = " ".join(run("facts", tmp_path, "--source", "record-list").stdout.split())
    assert "End of report; read as Windows-1252" in shown
    assert "1 repeated row left out, the last kept" in shown


def test_an_incident_log_with_its_times(tmp_path: Path) -> None:
    text = (
        "Incident No,Created,Division,Type,Priority,Answer Time,Response Time\r\n"
        "I1,23/04/2024 23:13,North,Burglary,1,8.5,00:12:30\r\nI2,24/04/2024 01:00,North,Caf\u00e9,2,-1,\r\n"
    )
    (tmp_path / "storm_2024-04.csv").write_bytes(text.encode("cp1252"))
    assert by_place(facts(tmp_path, "incident-log")) == {("2024-04", "North"): 2}


def test_a_survey_by_quarter_needs_one_figure(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Quarter ending", "Group", "Respondents", "Satisfied"], ["Jun 2024", "All", 100, 80]]
    write_xlsx(tmp_path / "survey.xlsx", {"Results": rows})
    result = run("facts", tmp_path, "--source", "quarterly-survey")
    assert "--source quarterly-survey: it has 2 columns of counts, and facts adds up one" in result.stderr


# --- the London Datastore's borough files -----------------------------------------------------------------------------

MODERN = (("MajorText", "MinorText", "LookUp_BoroughName", "202203", "202204"),
          ("ROBBERY", "Personal Property", "Camden", "5", "6"), ("THEFT", "Bigamy", "Barnet", "1", ""))  # fmt: skip
OLDER = (("202202", "Borough", "Minor Category", "Major Category", "202203"),
         ("7", "Camden", "Personal Property", "ROBBERY", "4"), ("2", "Heathrow", "Other", "THEFT", "3"))  # fmt: skip


def test_trap_two_files_of_boroughs_overlap_and_revise_each_other(tmp_path: Path) -> None:
    """The months of the later file count: March 2022 is its 5, not the 4 of before; an empty cell means none."""
    (tmp_path / "MPS Borough Level Crime (most recent 24 months).csv").write_text(csv_text(MODERN), encoding="utf-8")
    (tmp_path / "MPS Borough Level Crime (Historical).csv").write_text(csv_text(OLDER), encoding="utf-8")
    found = by_place(facts(tmp_path, "mps-borough-crime"))
    assert {place: value for place, value in found.items() if value} == {
        ("2022-02", "Camden"): 7, ("2022-02", None): 2, ("2022-03", "Camden"): 5, ("2022-04", "Camden"): 6,
        ("2022-03", "Barnet"): 1,
    }  # fmt: skip
    shown = " ".join(run("facts", tmp_path, "--source", "mps-borough-crime").stdout.split())
    assert "Mar-22 comes from MPS Borough Level Crime (most recent 24 months).csv, the later file" in shown


def test_trap_the_older_vintage_has_other_headings_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "MPS_Borough_Level_Crime_Historic.csv").write_text(csv_text(OLDER), encoding="utf-8")
    found = by_place(facts(tmp_path, "mps-borough-crime", "MajorText"), "MajorText")
    assert found["2022-03", "Camden", "ROBBERY"] == 4
    assert found["2022-03", None, "THEFT"] == 3


def test_trap_a_force_without_a_month_is_unknown(tmp_path: Path) -> None:
    """As Greater Manchester since July 2019: no file is no zero."""
    for month in ("2019-05", "2019-08"):
        text = street(month, "kent", [("", "Ashford 001A", "Burglary")])
        (tmp_path / f"{month}-kent-street.csv").write_text(text, encoding="utf-8")
    assert set(by_place(facts(tmp_path, "police-uk-street"))) == {("2019-05", "Ashford"), ("2019-08", "Ashford")}
    shown = run("facts", tmp_path, "--source", "police-uk-street").stdout
    assert "no file brings Jun-19 and Jul-19, so these months are unknown (P2)." in " ".join(shown.split())


def test_trap_wards_are_renamed(tmp_path: Path) -> None:
    """A ward that has another name from May on is one more area: both are there, each 0 where it has no row."""
    head = "Reference,Recorded Date,Area,Offence\r\n"
    (tmp_path / "records_2024-04.csv").write_text(head + "R1,23/04/2024,Old Ward,Theft\r\n", encoding="utf-8")
    (tmp_path / "records_2024-05.csv").write_text(head + "R2,23/05/2024,New Ward,Theft\r\n", encoding="utf-8")
    assert by_place(facts(tmp_path, "record-list")) == {("2024-04", "Old Ward"): 1, ("2024-05", "New Ward"): 1}
