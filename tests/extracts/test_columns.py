"""Headings of extracts, and cells that stand under the wrong one."""

from pathlib import Path

from tests.support.extract_files import CRIME, EVENTS, EVENTS_HEAD, crime_rows, event_rows, faults, write

# F5: headings


def test_a_renamed_heading_is_refused_with_what_there_is(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD.replace("Reference", "Referense"), *event_rows()])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 1: no column is headed 'Reference'; there is 'Referense', 'Day', 'Area', 'Kind',"
        " 'Age', 'Armed'"
        " (F5). Is it 'Referense'? Head the column 'Reference', or add its heading to the aliases of ref in"
        " sources.yaml."
    ]


def test_headings_on_two_rows_are_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    upper = ["Area", "Kind", "", "", ""]
    lower = ["", "", *rows[0][2:]]
    source = {**CRIME, "columns": {**CRIME["columns"], "note": {"header": "Note", "type": "text", "optional": True}}}
    write(tmp_path / "crime.csv", [[*upper, ""], [*lower, "Note"], *([*row, ""] for row in rows[1:])])
    assert faults(tmp_path, source) == [
        "crime.csv, row 1: the headings are on two rows (1 and 2) (F5)."
        " Put every heading on one row, without merged cells."
    ]


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [[*row, row[1]] for row in crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1, column Kind: 2 columns are headed 'Kind' (columns 2 and 6) (F5). Leave one of them."
    ]


def test_headings_that_stand_again_below_are_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    write(tmp_path / "crime.csv", [*rows[:7], rows[0], *rows[7:]])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 8: this row repeats the headings of row 1 (F5)."
        " Leave one extract in the file, with one heading row."
    ]


def test_months_that_are_not_headed_as_they_should_be_are_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    rows[0][2:4] = ["Nov-08", "200813"]
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1, column Nov-08: 'Nov-08' is not written as the other months are (V2)."
        " Head each month's column yyyymm: 200901.",
        "crime.csv, row 1, column 200813: '200813' is not a month (V2). Head each month's column yyyymm: 200901.",
    ]


def test_a_wide_file_without_months_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [[*row[:2], "1"] for row in crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: no column is headed with a month; beside its other columns there is '1' (F5)."
        " Head each month's column yyyymm: 200901."
    ]


def test_a_month_with_two_columns_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", [[*row, row[4]] for row in crime_rows()])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: two columns are headed 200901 (columns 5 and 6) (K1). Leave one of them."
    ]


# F6: cells that stand under the wrong heading


def test_a_row_with_a_field_too_few_or_too_many_is_refused(tmp_path: Path) -> None:
    rows = crime_rows()
    del rows[3][1]
    rows[5].insert(1, "extra")
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 4: the row has 4 fields where the headings are 5: a cell is missing, and the cells after it"
        " are left of their headings (F6). Put the missing cell back, empty or not.",
        "crime.csv, row 6: the row has 6 fields where the headings are 5: there is one cell too many, and the cells"
        " after it are right of their headings (F6). Put cells that hold a comma in quotation marks.",
    ]


def test_a_shift_is_one_fault_and_not_one_for_each_cell(tmp_path: Path) -> None:
    """As many fields as there are headings: only what the cells hold shows that they were moved."""
    rows = crime_rows()
    for row in rows[4:9]:
        del row[0]
        row.append("")
    write(tmp_path / "crime.csv", rows)
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 5: the cells are 1 column left of their headings ('Theft' is under Area);"
        " 5 rows have the same fault: 5, 6, 7 and 2 more (F6)."
        " Put the cells back under their headings, or ask for the extract again."
    ]


def test_a_shift_to_the_right_is_seen(tmp_path: Path) -> None:
    events = event_rows(each=3)
    rows = [line.split(",") for line in events]
    rows[4] = ["", *rows[4]][:6]
    write(tmp_path / "events.csv", [EVENTS_HEAD, *rows])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 6: the cells are 1 column right of their headings (the cell under Reference is empty) (F6)."
        " Put the cells back under their headings, or ask for the extract again."
    ]


def test_a_whole_file_moved_left_of_its_headings_is_refused(tmp_path: Path) -> None:
    """As in the published table of rates of 1999 to 2017: cells deleted from the heading row's left part."""
    rows = crime_rows()
    head = [*rows[0][:2], "", "", *rows[0][2:]]
    write(tmp_path / "crime.csv", [head, *([*row, "", ""] for row in rows[1:])])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: the cells are 2 columns left of their headings: the last 2 columns are empty below their"
        " headings, and columns 3 to 4 hold figures without a heading (F6)."
        " Ask for the extract again: cells were deleted in it."
    ]
